import type { Clock, Timer } from '../../model/clock.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { NotifiedAlert } from '../alert-sink.ts';
import type { AlertmanagerClient } from './alertmanager-client.ts';
import type { AlertmanagerSet } from './alertmanagers.ts';
import { alertsJson } from './alerts-json.ts';
import type { NotifierMetrics } from './notifier-metrics.ts';
import type { NotifierLogger } from './notifier-settings.ts';

export interface TenantQueueOptions {
  readonly tenant: TenantId;
  readonly sets: readonly AlertmanagerSet[];
  readonly client: AlertmanagerClient;
  readonly capacity: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly logger: NotifierLogger;
  readonly metrics: NotifierMetrics;
}

/** Prometheus's: the most alerts of one request. */
const BATCH_LIMIT = 256;

/**
 * Alerts of one tenant on their way out, one request to each Alertmanager at a time. As in Prometheus nothing is sent
 * twice from here: a request that fails is lost, and what still fires will be told again by its rule.
 */
export class TenantQueue {
  readonly #options: TenantQueueOptions;
  /** One of each request that is out. */
  readonly #requests = new Set<AbortController>();
  readonly #stopped: Promise<void>;
  #resolveStopped!: () => void;
  #isStopped = false;
  #waiting: NotifiedAlert[] = [];
  #timer: Timer | undefined;
  #sending: Promise<void> | undefined;

  constructor(options: TenantQueueOptions) {
    const { tenant, sets, metrics, capacity } = options;
    this.#options = options;
    this.#stopped = new Promise((resolve) => {
      this.#resolveStopped = resolve;
    });
    const labels = { user: tenant };
    metrics.queueCapacity.set(labels, capacity);
    metrics.queueLength.set(labels, 0);
    metrics.dropped.inc(labels, 0);
    for (const { urls } of sets) this.#begin(urls);
    this.#countServers();
  }

  /** Takes alerts over; when they are too many the oldest go. */
  add(alerts: readonly NotifiedAlert[]): void {
    if (this.#isStopped) return;
    const { tenant, capacity, metrics, logger } = this.#options;
    const droppedCount = this.#waiting.length + alerts.length - capacity;
    this.#waiting = [...this.#waiting, ...alerts].slice(Math.max(0, droppedCount));
    if (droppedCount > 0) {
      metrics.dropped.inc({ user: tenant }, droppedCount);
      logger.warn({ tenant, droppedCount }, 'too many alerts wait to be sent, the oldest were dropped');
    }
    this.#countWaiting();
    this.#wake();
  }

  /** Drops what waits and breaks off what is being sent. Resolves when nothing runs any more. Idempotent. */
  async stop(): Promise<void> {
    const { tenant, metrics, logger } = this.#options;
    this.#timer?.cancel();
    if (this.#waiting.length > 0) {
      metrics.dropped.inc({ user: tenant }, this.#waiting.length);
      logger.warn({ tenant, droppedCount: this.#waiting.length }, 'alerts were dropped that waited to be sent');
    }
    this.#waiting = [];
    this.#isStopped = true;
    this.#resolveStopped();
    for (const request of this.#requests) request.abort(new Error('the server stops'));
    await this.#sending;
  }

  /** Takes the tenant off the page of metrics. Call after `stop`. */
  forget(): void {
    const { tenant, sets, metrics } = this.#options;
    for (const metric of [
      metrics.latency,
      metrics.dropped,
      metrics.queueLength,
      metrics.queueCapacity,
      metrics.discovered,
    ]) {
      metric.remove({ user: tenant });
    }
    for (const alertmanager of sets.flatMap(({ urls }) => urls)) {
      for (const metric of [metrics.sent, metrics.errors]) metric.remove({ user: tenant, alertmanager });
    }
  }

  /** The timer stands for the sending: time that is moved by hand waits for an answer that is on its way. */
  #wake(): void {
    if (this.#sending || this.#timer || this.#waiting.length === 0) return;
    this.#timer = this.#options.clock.setTimer(
      () => {
        this.#timer = undefined;
        this.#sending = this.#sendAll().finally(() => {
          this.#sending = undefined;
          if (!this.#isStopped) this.#wake();
        });
        return this.#sending;
      },
      0,
      { leavesData: true },
    );
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#isStopped) {
      const batch = this.#waiting.slice(0, BATCH_LIMIT);
      this.#waiting = this.#waiting.slice(BATCH_LIMIT);
      this.#countWaiting();
      await this.#sendBatch(batch);
    }
  }

  /** To all servers at once. It counts as dropped when one of the sets has servers and none of them took it. */
  async #sendBatch(batch: readonly NotifiedAlert[]): Promise<void> {
    const { tenant, sets, metrics } = this.#options;
    const body = alertsJson(batch);
    const isTaken = await Promise.all(
      sets.map(async (set) => {
        const before = set.urls;
        // A resolver cannot be called off.
        await Promise.race([set.refresh(), this.#stopped]);
        if (this.#isStopped) return false;
        if (set.urls !== before) this.#begin(set.urls);
        const answers = await Promise.all(set.urls.map((url) => this.#sendTo(set, url, body, batch.length)));
        return answers.length === 0 || answers.includes(true);
      }),
    );
    this.#countServers();
    if (isTaken.includes(false)) metrics.dropped.inc({ user: tenant }, batch.length);
  }

  /** Whether the server took it. */
  async #sendTo({ address }: AlertmanagerSet, url: string, body: string, alertCount: number): Promise<boolean> {
    const { tenant, client, clock, timeoutMs, metrics, logger } = this.#options;
    const labels = { user: tenant, alertmanager: url };
    const startedMs = clock.elapsedMs();
    const request = new AbortController();
    this.#requests.add(request);
    const timer = clock.setTimer(() => request.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs, {
      leavesData: true,
    });
    let isTaken = false;
    try {
      const { status, statusText, text } = await client.post({
        url,
        body,
        headers: {
          'Content-Type': 'application/json',
          'User-Agent': 'pocket-cortex',
          'X-Scope-OrgID': tenant,
          ...(address.authorization !== undefined && { Authorization: address.authorization }),
        },
        signal: request.signal,
      });
      isTaken = status >= 200 && status < 300;
      if (!isTaken) throw new Error(`bad response status ${status} ${statusText}${text === '' ? '' : `: ${text}`}`);
    } catch (error) {
      metrics.errors.inc(labels, alertCount);
      const fields = { tenant, alertmanager: url, alertCount, err: (error as Error).message };
      logger.error(fields, 'sending alerts failed');
    }
    timer.cancel();
    this.#requests.delete(request);
    metrics.latency.observe({ user: tenant }, (clock.elapsedMs() - startedMs) / 1000);
    metrics.sent.inc(labels, alertCount);
    return isTaken;
  }

  #begin(urls: readonly string[]): void {
    const { tenant, metrics } = this.#options;
    for (const alertmanager of urls) {
      metrics.sent.inc({ user: tenant, alertmanager }, 0);
      metrics.errors.inc({ user: tenant, alertmanager }, 0);
    }
  }

  #countServers(): void {
    const { tenant, sets, metrics } = this.#options;
    metrics.discovered.set(
      { user: tenant },
      sets.reduce((count, { urls }) => count + urls.length, 0),
    );
  }

  #countWaiting(): void {
    this.#options.metrics.queueLength.set({ user: this.#options.tenant }, this.#waiting.length);
  }
}
