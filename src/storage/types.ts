import type { Label } from '../model/label.ts';
import type { Labels } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import type { NativeHistogram } from '../model/native-histogram.ts';
import type { SeriesBytesForm, SeriesFinder } from '../model/series-finder.ts';
import type { SeriesSource } from '../model/series-source.ts';
import type { TenantId } from '../model/tenant.ts';
import type { Work } from '../model/work.ts';
import type { Exemplar, MetricMetadata } from '../model/write-batch.ts';

/** A series' number within its tenant; never reused within a process. 0 is no series. */
export type SeriesRef = number;
export const NO_SERIES: SeriesRef = 0;

/** Samples to append, as columns; see `WriteBatch` for the layout. */
export interface AppendBatch {
  /** The series of each run of samples. The same series may stand there twice. */
  readonly seriesRefs: Uint32Array;
  /** `seriesRefs.length + 1` long. */
  readonly samplesStart: Uint32Array;
  readonly timestampsMs: Float64Array;
  readonly values: Float64Array;
  /**
   * Where a sample is a native histogram, that; undefined without any. Its value is 0, or the staleness marker where the
   * histogram is one. What it says of counter resets is not looked at, only whether it is a gauge.
   */
  readonly histograms?: readonly (NativeHistogram | undefined)[] | undefined;
  readonly exemplars: readonly { readonly seriesRef: SeriesRef; readonly exemplar: Exemplar }[];
  readonly metadata: readonly MetricMetadata[];
}

/**
 * Why a sample was refused, as Prometheus's head decides: older than the newest of its series; the same time with
 * another value; older than the newest of its tenant by more than an hour (no window set); older than the window.
 */
export type RejectReason = 'out-of-order' | 'duplicate-timestamp' | 'out-of-bounds' | 'too-old';

export interface Rejection {
  readonly reason: RejectReason;
  /** Index into `seriesRefs`. */
  readonly runIndex: number;
  /** Index into `timestampsMs`. */
  readonly sampleIndex: number;
  /** With `duplicate-timestamp`: the value that was there before, unless that is a native histogram. */
  readonly existingValue?: number;
}

export interface AppendOutcome {
  /** Samples that were not refused, those that were dropped silently included: Cortex counts them as ingested. */
  readonly acceptedCount: number;
  /** The newest sample of the tenant before this append, which bounds were measured from; -Infinity without one. */
  readonly newestBeforeMs: number;
  /** In the order of the batch. Samples dropped silently (as Cortex does inside one request) are not here. */
  readonly rejections: readonly Rejection[];
  /** By their index in the batch. A duplicate of the newest one of its series is no error for the sender. */
  readonly rejectedExemplars: readonly { readonly index: number; readonly reason: 'out-of-order' | 'duplicate' }[];
  /** Resolves when the transaction that holds the accepted samples has committed; rejects when it could not. */
  readonly committed: Promise<void>;
}

export interface AppendOptions {
  /**
   * How far a sample may lie behind the newest of its tenant; 0 refuses everything out of order, `Infinity` takes any time in
   * any order.
   */
  readonly outOfOrderWindowMs: number;
  /** Bounds are measured from no later than this: samples beyond were put there ahead of their time. Without it from the newest sample. */
  readonly headEndMs?: number;
  /** How many exemplars of the tenant are kept; 0 keeps none. */
  readonly maxExemplars: number;
}

export interface TenantStatistics {
  readonly seriesCount: number;
  /** The time of the newest sample, which bounds are measured from; -Infinity without one. */
  readonly newestSampleMs: number;
  /** Samples accepted since the process started. */
  readonly sampleCount: number;
  readonly ruleSampleCount?: number;
}

/** What the store holds in memory, in bytes, apart from the index of series. */
export interface StoreUsage {
  /** Label bytes of write requests that name known series. */
  readonly rawLabelsBytes: number;
  /** Decoded chunks, up to the budget given. */
  readonly decodedCacheBytes: number;
  /** Room for samples that are in no chunk yet. */
  readonly openSamplesBytes: number;
  /** The log on disk, which a start after a crash reads. */
  readonly logBytes: number;
}

/** Which labels are asked for. What the range means is told in label-queries.ts: less than one would think. */
export interface LabelRequest {
  readonly tenant: TenantId;
  /** Any of these selectors; empty means every series. */
  readonly selectors: readonly (readonly Matcher[])[];
  readonly startMs: number;
  readonly endMs: number;
}

/** A stored rule group: the store keeps its text, the ruler knows what it means. */
export interface StoredRuleGroup {
  readonly namespace: string;
  readonly group: string;
  /** The group as JSON. */
  readonly definition: string;
}

/** What a tenant's Alertmanager is configured with: the store keeps the texts, others know what they mean. */
export interface StoredAlertmanagerConfig {
  readonly configuration: string;
  /** Name to text. */
  readonly templates: Readonly<Record<string, string>>;
}

/** Told of a tenant whose samples have changed in memory; queries see them. */
export type AppendListener = (tenant: TenantId) => void;

export type TenantListener = (tenant: TenantId, change: 'appeared' | 'deleted') => void;

export interface MetadataOfMetric {
  readonly metricCount: number;
  readonly entries: readonly MetricMetadata[];
}

/** Finds and creates series of one tenant by their labels, `[from, to)` of a list, sorted by name. Good for one request. */
export interface SeriesIndex {
  find(labels: readonly Label[], from: number, to: number): SeriesRef;
  /** Creates the series that `find` has just looked for in vain; see `Store.createSeries`. */
  createMissed(labels: readonly Label[], from: number, to: number): SeriesRef;
  /** Live series of the tenant that have this metric name, when something was looked for before; for limits. */
  seriesCountOfMetric(metricName: string): number;
}

/** All of a server's data: what other floors may ask of storage. Every call names its tenant. */
export interface Store extends SeriesSource {
  /** The tenants that have series, rules or other data. Sorted. */
  tenants(): readonly TenantId[];
  /**
   * Has `listener` told from now on when a tenant's first write has committed, and when a tenant was deleted. It is called
   * in the middle of that: it must return soon, not throw, and not call the store.
   */
  watchTenants(listener: TenantListener): void;
  /**
   * Has `listener` called after every append that changed something, in the middle of it: it must return soon and not throw.
   * Gives back what ends that.
   */
  watchAppends(listener: AppendListener): () => void;
  /**
   * Has the tenant's index of series in memory when it resolves, read from the disk in slices if need be. Every call
   * below works without it, but the first for a tenant since the start reads all of it at once then.
   * @throws {PocketCortexError} `storage-corrupt`
   */
  load(tenant: TenantId): Promise<void>;

  /** Finds the tenant's series by the bytes that named them before. It reads nothing from the disk: see `load`. */
  seriesFinder(tenant: TenantId, form: SeriesBytesForm): SeriesFinder;
  /** Forgets the bytes of all series, e.g. because limits changed and labels have to be validated again. */
  forgetSeriesBytes(): void;
  findSeries(tenant: TenantId, labels: Labels): SeriesRef;
  /** Both of many series. */
  seriesIndex(tenant: TenantId): SeriesIndex;
  /**
   * Finds or creates. A created series reaches the disk in the transaction of its first sample; one that never gets a
   * sample is not selected, and forgotten some time later.
   */
  createSeries(tenant: TenantId, labels: Labels): SeriesRef;
  seriesLabels(tenant: TenantId, seriesRef: SeriesRef): Labels;
  /** The time of the series' newest sample that came in order; -Infinity without one. */
  newestSampleMs(tenant: TenantId, seriesRef: SeriesRef): number;
  /** Live series of the tenant that have this metric name; for limits. */
  seriesCountOfMetric(tenant: TenantId, metricName: string): number;

  /** Appends at once in memory (visible to the next read); see `AppendOutcome.committed` for the disk. */
  append(tenant: TenantId, batch: AppendBatch, options: AppendOptions): AppendOutcome;

  /** Distinct label sets, sorted. */
  series(request: LabelRequest): Work<Labels[]>;
  /** Sorted. */
  labelNames(request: LabelRequest): Work<string[]>;
  /** Sorted. */
  labelValues(request: LabelRequest & { readonly labelName: string }): Work<string[]>;
  /** Sorted by metric; several entries for a metric whose metadata changed. */
  metadata(tenant: TenantId): readonly MetricMetadata[];
  /** What is said of `metric`, and of how many metrics something is; for limits. Frozen. */
  metadataOf(tenant: TenantId, metric: string): MetadataOfMetric;
  exemplars(
    tenant: TenantId,
    selectors: readonly (readonly Matcher[])[],
    range: { readonly startMs: number; readonly endMs: number },
  ): Work<{ readonly labels: Labels; readonly exemplars: readonly Exemplar[] }[]>;
  statistics(tenant: TenantId): TenantStatistics;
  /** As in `statistics`, but without reading the tenant from the disk when nobody has used it: for metrics of all tenants. */
  seriesCount(tenant: TenantId): number;
  /** Series that got a sample since the tenant was last flushed: what Cortex's ingester would have in memory. */
  headSeriesCount(tenant: TenantId): number;
  /** Whether a checkpoint wrote chunks of the tenant that are still there. */
  hasChunks(tenant: TenantId): boolean;
  usage(): StoreUsage;

  ruleGroups(tenant: TenantId): readonly StoredRuleGroup[];
  /** Creates or replaces. Durable when it returns. */
  setRuleGroup(tenant: TenantId, group: StoredRuleGroup): void;
  /** Without `group`: all of the namespace. Whether there was one. Durable when it returns. */
  deleteRuleGroups(tenant: TenantId, namespace: string, group?: string): boolean;

  /** The times that rule groups were evaluated for last, by keys that the ruler chose. */
  ruleProgress(tenant: TenantId): ReadonlyMap<string, number>;
  /** Durable when it returns. Of a tenant that is not there (any more) nothing is kept. */
  setRuleProgress(tenant: TenantId, groupKey: string, evaluatedMs: number): void;
  deleteRuleProgress(tenant: TenantId, groupKey: string): void;

  alertmanagerConfig(tenant: TenantId): StoredAlertmanagerConfig | undefined;
  /** Creates or replaces; undefined deletes. Durable when it returns. */
  setAlertmanagerConfig(tenant: TenantId, config: StoredAlertmanagerConfig | undefined): void;

  /**
   * Gives the tenant `to`, which has nothing, a copy of all that `from` has: series, samples, exemplars, metadata, rule
   * groups with their progress, and the Alertmanager's configuration. What either does afterwards does not touch the other.
   * Durable when it resolves. A tenant that is not there is copied as an empty one.
   */
  forkTenant(from: TenantId, to: TenantId): Promise<void>;

  /**
   * Removes all that the tenant has: when it returns nobody sees any of it, and nothing comes back. The room it took is
   * given back in slices.
   */
  deleteTenant(tenant: TenantId): void;

  /**
   * Writes full chunks, trims the log and removes what deleted tenants left, in slices. `force` writes open chunks too.
   */
  checkpoint(options?: { readonly force?: boolean }): Promise<void>;
  /** Writes all that these tenants have in memory as chunks, in slices; without `tenants` those of all. */
  flush(tenants?: readonly TenantId[]): Promise<void>;
  /** Commits what is pending, checkpoints and closes the file. Idempotent. */
  close(): Promise<void>;
}
