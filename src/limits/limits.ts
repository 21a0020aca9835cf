import type { TenantId } from '../model/tenant.ts';
import type { LabelSetLimit, QueryAttribute, RuleGroupName } from './limit-records.ts';
import type { RelabelConfig } from './relabel.ts';

/**
 * What one tenant may do: those of Cortex's limits that are enforced, by Cortex's names, with units. A 0 switches a limit
 * off unless its line says otherwise.
 */
export interface TenantLimits {
  /** Samples, exemplars and metadata a second; `Infinity` is no limit, 0 lets nothing through. */
  readonly ingestionRate: number;
  /** Native histograms a second, beside the rate for all samples; `Infinity` and the largest number are no limit, 0 lets nothing through. */
  readonly nativeHistogramIngestionRate: number;
  /** How many samples, exemplars and metadata one moment may bring. */
  readonly ingestionBurstSize: number;
  readonly nativeHistogramIngestionBurstSize: number;
  /** Of samples that replicas of one Prometheus send, whether those of one replica only are kept. */
  readonly acceptHaSamples: boolean;
  /** With the above: the first series of a request does not speak for all of them, each is looked at. */
  readonly acceptMixedHaSamples: boolean;
  readonly haClusterLabel: string;
  readonly haReplicaLabel: string;
  /** Clusters whose replicas are tracked. */
  readonly haMaxClusters: number;
  /** How long the elected replica may be silent before another one takes its place. */
  readonly haTrackerFailoverTimeoutMs: number;
  /** Labels removed from every series before it is looked at. */
  readonly dropLabels: readonly string[];
  /** In force at 0 too, as is each of the next two. Bytes of UTF-8. */
  readonly maxLabelNameLength: number;
  readonly maxLabelValueLength: number;
  readonly maxLabelNamesPerSeries: number;
  readonly maxLabelsSizeBytes: number;
  readonly maxNativeHistogramSampleSizeBytes: number;
  /** Bytes of a metadata's metric name, help or unit; in force at 0 too. */
  readonly maxMetadataLength: number;
  readonly rejectOldSamples: boolean;
  readonly rejectOldSamplesMaxAgeMs: number;
  /** How far in the future a sample may lie; in force at 0 too. */
  readonly creationGracePeriodMs: number;
  readonly enforceMetadataMetricName: boolean;
  readonly enforceMetricName: boolean;
  /** Applied to every series before anything else looks at its labels. */
  readonly metricRelabelConfigs: readonly RelabelConfig[];
  /** Positive and negative buckets; one that has more is made coarser until it fits. */
  readonly maxNativeHistogramBuckets: number;
  /** Attributes of an OTLP resource that become labels of its metrics. */
  readonly promoteResourceAttributes: readonly string[];
  /** Whether remote write 2.0 and OTLP give series the labels `__type__` and `__unit__`. */
  readonly enableTypeAndUnitLabels: boolean;
  /** Whether the start times of remote write 2.0 are looked at. */
  readonly enableStartTimestamp: boolean;

  readonly maxSeriesPerUser: number;
  readonly maxSeriesPerMetric: number;
  readonly maxNativeHistogramSeriesPerUser: number;
  readonly maxGlobalSeriesPerUser: number;
  readonly maxGlobalSeriesPerMetric: number;
  readonly maxGlobalNativeHistogramSeriesPerUser: number;
  readonly limitsPerLabelSet: readonly LabelSetLimit[];
  /** Whether native histograms are kept; while they are not, they are checked, dropped and no error. */
  readonly enableNativeHistograms: boolean;

  /** Bytes of a regular expression that no index can answer; this and the next two need `-ingester.enable-regex-matcher-limits`. */
  readonly maxRegexPatternLength: number;
  /** Values of a label that such an expression may be tried on. */
  readonly maxLabelCardinalityForUnoptimizedRegex: number;
  /** Bytes of all of them together. */
  readonly maxTotalLabelValueLengthForUnoptimizedRegex: number;

  readonly maxMetadataPerUser: number;
  readonly maxMetadataPerMetric: number;
  readonly maxGlobalMetadataPerUser: number;
  readonly maxGlobalMetadataPerMetric: number;
  /** How far behind the tenant's newest sample an out-of-order one may lie; 0 refuses them all. */
  readonly outOfOrderTimeWindowMs: number;
  /** How many exemplars are kept; 0 or less keeps none. */
  readonly maxExemplars: number;

  /** What one query may read: chunks of 120 samples, series, and an estimate of their bytes as Prometheus stores them. */
  readonly maxFetchedChunksPerQuery: number;
  readonly maxFetchedSeriesPerQuery: number;
  readonly maxFetchedChunkBytesPerQuery: number;
  readonly maxFetchedDataBytesPerQuery: number;
  /** How far back queries see. */
  readonly maxQueryLookbackMs: number;
  /** From start to end of a range query, and what its selectors read. */
  readonly maxQueryLengthMs: number;
  /** Bytes of the answer of `query` and `query_range`. */
  readonly maxQueryResponseSize: number;
  /** How many queries may wait for their turn; in force at 0 too. */
  readonly maxOutstandingPerTenant: number;
  readonly queryRejectionEnabled: boolean;
  /** A query that is like any of these is refused. */
  readonly queryRejectionAttributes: readonly QueryAttribute[];

  /** Cortex's older name for `rulerQueryOffsetMs`. */
  readonly rulerEvaluationDelayDurationMs: number;
  readonly rulerMaxRulesPerRuleGroup: number;
  readonly rulerMaxRuleGroupsPerTenant: number;
  readonly rulerQueryOffsetMs: number;
  /** Labels that alerts get besides their own. */
  readonly rulerExternalLabels: Readonly<Record<string, string>>;
  /** Where alerts link to; empty: what is set for all tenants. */
  readonly rulerExternalUrl: string;
  /** The links of alerts as a Go template; empty: as Prometheus has them. */
  readonly rulerAlertGeneratorUrlTemplate: string;
  /** Data older than this may be removed; 0 keeps it for ever. */
  readonly compactorBlocksRetentionPeriodMs: number;

  /** Of the Alertmanager configuration that a tenant may store. */
  readonly alertmanagerMaxConfigSizeBytes: number;
  readonly alertmanagerMaxTemplatesCount: number;
  readonly alertmanagerMaxTemplateSizeBytes: number;
  readonly disabledRuleGroups: readonly RuleGroupName[];
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Cortex's defaults. */
export const defaultLimits: TenantLimits = {
  ingestionRate: 25_000,
  // Go's rate without a limit, which Cortex shows as this number.
  nativeHistogramIngestionRate: Number.MAX_VALUE,
  ingestionBurstSize: 50_000,
  nativeHistogramIngestionBurstSize: 0,
  acceptHaSamples: false,
  acceptMixedHaSamples: false,
  haClusterLabel: 'cluster',
  haReplicaLabel: '__replica__',
  haMaxClusters: 0,
  haTrackerFailoverTimeoutMs: 30 * SECOND_MS,
  dropLabels: [],
  maxLabelNameLength: 1024,
  maxLabelValueLength: 2048,
  maxLabelNamesPerSeries: 30,
  maxLabelsSizeBytes: 0,
  maxNativeHistogramSampleSizeBytes: 0,
  maxMetadataLength: 1024,
  rejectOldSamples: false,
  rejectOldSamplesMaxAgeMs: 14 * DAY_MS,
  creationGracePeriodMs: 10 * MINUTE_MS,
  enforceMetadataMetricName: true,
  enforceMetricName: true,
  metricRelabelConfigs: [],
  maxNativeHistogramBuckets: 0,
  promoteResourceAttributes: [],
  enableTypeAndUnitLabels: false,
  enableStartTimestamp: false,

  maxSeriesPerUser: 5_000_000,
  maxSeriesPerMetric: 50_000,
  maxNativeHistogramSeriesPerUser: 0,
  maxGlobalSeriesPerUser: 0,
  maxGlobalSeriesPerMetric: 0,
  maxGlobalNativeHistogramSeriesPerUser: 0,
  limitsPerLabelSet: [],
  enableNativeHistograms: false,

  maxRegexPatternLength: 0,
  maxLabelCardinalityForUnoptimizedRegex: 0,
  maxTotalLabelValueLengthForUnoptimizedRegex: 0,

  maxMetadataPerUser: 8000,
  maxMetadataPerMetric: 10,
  maxGlobalMetadataPerUser: 0,
  maxGlobalMetadataPerMetric: 0,
  outOfOrderTimeWindowMs: 0,
  maxExemplars: 0,

  maxFetchedChunksPerQuery: 2_000_000,
  maxFetchedSeriesPerQuery: 0,
  maxFetchedChunkBytesPerQuery: 0,
  maxFetchedDataBytesPerQuery: 0,
  maxQueryLookbackMs: 0,
  maxQueryLengthMs: 0,
  maxQueryResponseSize: 0,
  maxOutstandingPerTenant: 100,
  queryRejectionEnabled: false,
  queryRejectionAttributes: [],

  rulerEvaluationDelayDurationMs: 0,
  rulerMaxRulesPerRuleGroup: 0,
  rulerMaxRuleGroupsPerTenant: 0,
  rulerQueryOffsetMs: 0,
  rulerExternalLabels: {},
  rulerExternalUrl: '',
  rulerAlertGeneratorUrlTemplate: '',
  compactorBlocksRetentionPeriodMs: 0,

  alertmanagerMaxConfigSizeBytes: 0,
  alertmanagerMaxTemplatesCount: 0,
  alertmanagerMaxTemplateSizeBytes: 0,
  disabledRuleGroups: [],
};

/** The limits of every tenant: defaults, and what single tenants have instead. */
export class Limits {
  readonly #defaults: TenantLimits;
  readonly #listeners: ((tenants: readonly TenantId[]) => void)[] = [];
  #overrides: ReadonlyMap<TenantId, TenantLimits> = new Map();

  constructor(defaults: Partial<TenantLimits> = {}) {
    this.#defaults = { ...defaultLimits, ...defaults };
  }

  /** The same object until the tenant's limits change, so whoever derived something from it can tell. */
  forTenant(tenant: TenantId): TenantLimits {
    return this.#overrides.get(tenant) ?? this.#defaults;
  }

  /** Has `listener` told from now on whose limits have just changed. It must return soon and not throw. */
  watch(listener: (tenants: readonly TenantId[]) => void): void {
    this.#listeners.push(listener);
  }

  /** Replaces what `tenant` has instead of the defaults. */
  override(tenant: TenantId, limits: Partial<TenantLimits>): void {
    this.#replace(new Map(this.#overrides).set(tenant, { ...this.#defaults, ...limits }));
  }

  /** Replaces what all tenants have instead of the defaults. A tenant for whom nothing changed keeps its object. */
  overrideAll(limits: ReadonlyMap<TenantId, Partial<TenantLimits>>): void {
    const overrides = new Map<TenantId, TenantLimits>();
    for (const [tenant, own] of limits) {
      const before = this.#overrides.get(tenant);
      const now = { ...this.#defaults, ...own };
      overrides.set(tenant, before && JSON.stringify(before) === JSON.stringify(now) ? before : now);
    }
    this.#replace(overrides);
  }

  #replace(overrides: ReadonlyMap<TenantId, TenantLimits>): void {
    const before = this.#overrides;
    this.#overrides = overrides;
    const tenants = new Set([...before.keys(), ...overrides.keys()]);
    const changed = [...tenants].filter((tenant) => before.get(tenant) !== overrides.get(tenant));
    if (changed.length > 0) for (const listener of this.#listeners) listener(changed);
  }
}
