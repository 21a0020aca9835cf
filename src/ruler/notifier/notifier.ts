import type { Registry } from 'prom-client';
import type { Clock } from '../../model/clock.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { AlertSink, NotifiedAlert } from '../alert-sink.ts';
import { AlertmanagerClient } from './alertmanager-client.ts';
import {
  type AlertmanagerSet,
  DiscoveredAlertmanagers,
  parseAlertmanagerUrls,
  type ResolveSrv,
  staticAlertmanagers,
} from './alertmanagers.ts';
import { NotifierMetrics } from './notifier-metrics.ts';
import type { NotifierLogger, NotifierSettings } from './notifier-settings.ts';
import { TenantQueue } from './tenant-queue.ts';

export interface NotifierOptions {
  readonly settings: NotifierSettings;
  readonly clock: Clock;
  readonly logger: NotifierLogger;
  readonly metrics: Registry;
  /** The system's resolver, unless given. */
  readonly resolveSrv?: ResolveSrv;
}

/** Sends alerts to Alertmanagers, each tenant's in a queue of its own: a tenant is not told of in place of another. */
export class Notifier implements AlertSink {
  readonly #options: NotifierOptions;
  readonly #metrics: NotifierMetrics;
  readonly #client: AlertmanagerClient;
  readonly #sets: readonly AlertmanagerSet[];
  readonly #queues = new Map<TenantId, TenantQueue>();
  #isStopped = false;

  /** @throws {PocketCortexError} `bad-config` for a URL or a certificate that cannot be used */
  constructor(options: NotifierOptions) {
    const { settings, clock, logger, metrics, resolveSrv = systemResolver } = options;
    const { refreshIntervalMs } = settings;
    this.#options = options;
    this.#sets = parseAlertmanagerUrls(settings).map((address) =>
      settings.isDiscovered
        ? new DiscoveredAlertmanagers({ address, clock, logger, refreshIntervalMs, resolveSrv })
        : staticAlertmanagers(address),
    );
    this.#client = new AlertmanagerClient(settings.tls);
    this.#metrics = new NotifierMetrics(metrics);
  }

  get isDeaf(): boolean {
    return this.#sets.length === 0;
  }

  send(tenant: TenantId, alerts: readonly NotifiedAlert[]): void {
    if (this.#isStopped || this.#sets.length === 0 || alerts.length === 0) return;
    this.#queueOf(tenant).add(alerts);
  }

  /** Of a tenant that is deleted nothing is told any more. */
  async forget(tenant: TenantId): Promise<void> {
    const queue = this.#queues.get(tenant);
    this.#queues.delete(tenant);
    await queue?.stop();
    queue?.forget();
  }

  /** Drops what waits, breaks off what is being sent and closes all connections. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.#queues.values()].map((queue) => queue.stop()));
    await this.#client.close();
  }

  #queueOf(tenant: TenantId): TenantQueue {
    const existing = this.#queues.get(tenant);
    if (existing) return existing;
    const { settings, clock, logger } = this.#options;
    const queue = new TenantQueue({
      tenant,
      sets: this.#sets,
      client: this.#client,
      capacity: settings.queueCapacity,
      timeoutMs: settings.timeoutMs,
      clock,
      logger,
      metrics: this.#metrics,
    });
    this.#queues.set(tenant, queue);
    return queue;
  }
}

const systemResolver: ResolveSrv = async (name) => (await import('node:dns/promises')).resolveSrv(name);
