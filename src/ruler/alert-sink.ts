import type { TenantId } from '../model/tenant.ts';

/** An alert as a receiver is told of it. Times are on the server's clock. */
export interface NotifiedAlert {
  /** `alertname` among them. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** When it began to fire. */
  readonly startsAtMs: number;
  /**
   * When it was resolved, or, while it fires, when a receiver may take it for resolved if it hears no more of it; 0 when
   * neither is known.
   */
  readonly endsAtMs: number;
  /** A page that shows the alert's expression. */
  readonly generatorUrl: string;
}

/** Where alerts go that fire or were resolved. */
export interface AlertSink {
  /** Nobody is told anything, whatever is sent. */
  readonly isDeaf?: boolean;
  /**
   * Takes alerts of one evaluation over, to be sent when there is time: returns at once and never throws. Those that
   * fire are told again and again while they do, those that were resolved a few times. `timeMs` is that of the evaluation.
   */
  send(tenant: TenantId, alerts: readonly NotifiedAlert[], timeMs: number): void;
}
