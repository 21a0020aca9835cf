import { Counter, Gauge, type Registry } from 'prom-client';
import type { TenantId } from '../model/tenant.ts';
import type { Store } from '../storage/types.ts';

/** What a push brought, or what was left of it. */
export interface PushCounts {
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
  readonly metadata: number;
}

type Kind = 'samples' | 'exemplars' | 'metadata';

/** Cortex's metrics of the write path, by Cortex's names. Label names stand in the order of the alphabet, as Go prints them. */
export class IngestMetrics {
  readonly #in: Readonly<Record<Kind, Counter>>;
  readonly #received: Readonly<Record<Kind, Counter>>;
  readonly #discarded: Readonly<Record<Kind, Counter>>;
  readonly #ingested: Readonly<Record<Kind, Counter>>;
  readonly #failed: Readonly<Record<Kind, Counter>>;
  readonly #ingestedHistograms: Counter;
  readonly #failedHistograms: Counter;
  readonly #latestSample: Gauge;
  readonly #deduplicated: Counter;
  readonly #withoutReplica: Counter;

  constructor(registry: Registry, store: Store) {
    const counter = (name: string, help: string, labelNames: string[]) =>
      new Counter({ name, help, labelNames, registers: [registry] });
    const counters = (
      name: (kind: Kind) => string,
      help: (kind: Kind) => string,
      labels: (kind: Kind) => string[],
    ) => ({
      samples: counter(name('samples'), help('samples'), labels('samples')),
      exemplars: counter(name('exemplars'), help('exemplars'), labels('exemplars')),
      metadata: counter(name('metadata'), help('metadata'), labels('metadata')),
    });
    const typed = (kind: Kind) => (kind === 'samples' ? ['type', 'user'] : ['user']);
    this.#in = counters(
      (kind) => `cortex_distributor_${kind}_in_total`,
      (kind) => `The total number of ${kind} that have come in, including rejected ones.`,
      typed,
    );
    this.#received = counters(
      (kind) => `cortex_distributor_received_${kind}_total`,
      (kind) => `The total number of received ${kind}, excluding rejected ones.`,
      typed,
    );
    this.#discarded = counters(
      (kind) => `cortex_discarded_${kind}_total`,
      (kind) => `The total number of ${kind} that were discarded.`,
      () => ['reason', 'user'],
    );
    this.#ingested = counters(
      (kind) => `cortex_ingester_ingested_${kind}_total`,
      (kind) => `The total number of ${kind} ingested.`,
      () => [],
    );
    this.#failed = counters(
      (kind) => `cortex_ingester_ingested_${kind}_failures_total`,
      (kind) => `The total number of ${kind} that errored on ingestion.`,
      () => [],
    );
    this.#ingestedHistograms = counter(
      'cortex_ingester_ingested_native_histograms_total',
      'The total number of native histograms ingested.',
      [],
    );
    this.#failedHistograms = counter(
      'cortex_ingester_ingested_native_histograms_failures_total',
      'The total number of native histograms that errored on ingestion.',
      [],
    );
    this.#deduplicated = counter(
      'cortex_distributor_deduped_samples_total',
      'The total number of deduplicated samples.',
      ['cluster', 'user'],
    );
    this.#withoutReplica = counter(
      'cortex_distributor_non_ha_samples_received_total',
      'The total number of received samples for a user that has HA tracking turned on, but the sample did not contain both HA labels.',
      ['user'],
    );
    this.#latestSample = new Gauge({
      name: 'cortex_distributor_latest_seen_sample_timestamp_seconds',
      help: 'Unix timestamp of the latest received sample of each tenant.',
      labelNames: ['user'],
      registers: [registry],
    });
    registerStoreGauges(registry, store);
  }

  /** What came in, valid or not. */
  arrived(tenant: TenantId, counts: PushCounts): void {
    count(this.#in, tenant, counts);
  }

  /** What passed validation. */
  received(tenant: TenantId, counts: PushCounts): void {
    count(this.#received, tenant, counts);
  }

  sawSample(tenant: TenantId, timestampMs: number): void {
    this.#latestSample.set({ user: tenant }, timestampMs / 1000);
  }

  /** Samples of a replica that is not elected. */
  deduplicated(tenant: TenantId, cluster: string, count: number): void {
    this.#deduplicated.inc({ cluster, user: tenant }, count);
  }

  /** Samples of a tenant that has replicas, which name none. */
  withoutReplica(tenant: TenantId, count: number): void {
    this.#withoutReplica.inc({ user: tenant }, count);
  }

  discarded(tenant: TenantId, kind: Kind, reason: string, count: number): void {
    if (count > 0) this.#discarded[kind].inc({ reason, user: tenant }, count);
  }

  ingested(kind: Kind, ingestedCount: number, failedCount: number): void {
    this.#ingested[kind].inc(ingestedCount);
    this.#failed[kind].inc(failedCount);
  }

  ingestedHistograms(ingestedCount: number, failedCount: number): void {
    this.#ingestedHistograms.inc(ingestedCount);
    this.#failedHistograms.inc(failedCount);
  }
}

function count(counters: Readonly<Record<Kind, Counter>>, tenant: TenantId, counts: PushCounts): void {
  counters.samples.inc({ type: 'float', user: tenant }, counts.samples);
  counters.samples.inc({ type: 'histogram', user: tenant }, counts.histograms);
  counters.exemplars.inc({ user: tenant }, counts.exemplars);
  counters.metadata.inc({ user: tenant }, counts.metadata);
}

/** What the store holds is asked when somebody looks. */
function registerStoreGauges(registry: Registry, store: Store): void {
  const seriesCounts = () => store.tenants().map((tenant) => [tenant, store.seriesCount(tenant)] as const);
  new Gauge({
    name: 'cortex_ingester_memory_series',
    help: 'The current number of series in memory.',
    registers: [registry],
    collect() {
      this.set(seriesCounts().reduce((sum, [, seriesCount]) => sum + seriesCount, 0));
    },
  });
  new Gauge({
    name: 'cortex_ingester_memory_users',
    help: 'The current number of users in memory.',
    registers: [registry],
    collect() {
      this.set(store.tenants().length);
    },
  });
  new Gauge({
    name: 'cortex_ingester_active_series',
    help: 'Number of series per user.',
    labelNames: ['user'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [tenant, seriesCount] of seriesCounts()) this.set({ user: tenant }, seriesCount);
    },
  });
}
