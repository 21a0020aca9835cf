import type { Registry } from 'prom-client';
import type { Limits } from '../limits/limits.ts';
import type { Clock } from '../model/clock.ts';
import type { Labels } from '../model/labels.ts';
import type { TenantId } from '../model/tenant.ts';
import type { WriteBatch } from '../model/write-batch.ts';
import type { Store } from '../storage/types.ts';

export interface DistributorOptions {
  readonly store: Store;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly metrics: Registry;
}

/** What a push is answered with: 200 and no text when all of it was kept. */
export interface PushOutcome {
  readonly status: number;
  /** Cortex's text, without a newline behind it. */
  readonly message: string;
}

/** A sample that was computed here (a rule's result). */
export interface Row {
  readonly labels: Labels;
  readonly timestampMs: number;
  readonly value: number;
  /** The sample is a staleness marker; `value` does not matter. */
  readonly isStale?: boolean;
}

/** The way into the store: validates against the tenant's limits, keeps what is good and names the first that is not. */
export class Distributor {
  readonly #options: DistributorOptions;

  constructor(options: DistributorOptions) {
    this.#options = options;
  }

  /** Resolves when what was accepted is on disk. */
  async push(tenant: TenantId, batch: WriteBatch): Promise<PushOutcome> {
    void [this.#options, tenant, batch];
    return { status: 200, message: '' };
  }

  /** Appends under the same rules as a push; the texts are those of the rows that were refused. */
  async appendRows(tenant: TenantId, rows: readonly Row[]): Promise<readonly string[]> {
    void [tenant, rows];
    return [];
  }
}
