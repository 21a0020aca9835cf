import type { TenantId } from '../model/tenant.ts';

/**
 * What one tenant may do: those of Cortex's limits that are enforced, by Cortex's names, with units. A 0 switches a limit
 * off unless its line says otherwise.
 */
export interface TenantLimits {
  /** Samples, exemplars and metadata a second; `Infinity` is no limit, 0 lets nothing through. */
  readonly ingestionRate: number;
  /** How many of them one moment may bring. */
  readonly ingestionBurstSize: number;
  /** Labels removed from every series before it is looked at. */
  readonly dropLabels: readonly string[];
  /** In force at 0 too, as is each of the next two. Bytes of UTF-8. */
  readonly maxLabelNameLength: number;
  readonly maxLabelValueLength: number;
  readonly maxLabelNamesPerSeries: number;
  readonly maxLabelsSizeBytes: number;
  /** Bytes of a metadata's metric name, help or unit; in force at 0 too. */
  readonly maxMetadataLength: number;
  readonly rejectOldSamples: boolean;
  readonly rejectOldSamplesMaxAgeMs: number;
  /** How far in the future a sample may lie; in force at 0 too. */
  readonly creationGracePeriodMs: number;
  readonly enforceMetadataMetricName: boolean;
  readonly enforceMetricName: boolean;

  readonly maxSeriesPerUser: number;
  readonly maxSeriesPerMetric: number;
  readonly maxGlobalSeriesPerUser: number;
  readonly maxGlobalSeriesPerMetric: number;
  readonly maxMetadataPerUser: number;
  readonly maxMetadataPerMetric: number;
  /** How far behind the tenant's newest sample an out-of-order one may lie; 0 refuses them all. */
  readonly outOfOrderTimeWindowMs: number;
  /** How many exemplars are kept; 0 or less keeps none. */
  readonly maxExemplars: number;

  /** Whether native histograms are kept; while they are not, they are checked, dropped and no error. */
  readonly enableNativeHistograms: boolean;
  /** Native histograms a second, beside the rate for all samples; `Infinity` and the largest number are no limit, 0 lets nothing through. */
  readonly nativeHistogramIngestionRate: number;
  readonly nativeHistogramIngestionBurstSize: number;
  /** Positive and negative buckets; one that has more is made coarser until it fits. */
  readonly maxNativeHistogramBuckets: number;
  readonly maxNativeHistogramSampleSizeBytes: number;
  /** How many queries may wait for their turn; in force at 0 too. */
  readonly maxOutstandingPerTenant: number;

  readonly rulerMaxRulesPerRuleGroup: number;
  readonly rulerMaxRuleGroupsPerTenant: number;
  readonly rulerQueryOffsetMs: number;

  /** Data older than this may be removed; 0 keeps it for ever. */
  readonly compactorBlocksRetentionPeriodMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Cortex's defaults. */
export const defaultLimits: TenantLimits = {
  ingestionRate: 25_000,
  ingestionBurstSize: 50_000,
  dropLabels: [],
  maxLabelNameLength: 1024,
  maxLabelValueLength: 2048,
  maxLabelNamesPerSeries: 30,
  maxLabelsSizeBytes: 0,
  maxMetadataLength: 1024,
  rejectOldSamples: false,
  rejectOldSamplesMaxAgeMs: 14 * DAY_MS,
  creationGracePeriodMs: 10 * MINUTE_MS,
  enforceMetadataMetricName: true,
  enforceMetricName: true,

  maxSeriesPerUser: 5_000_000,
  maxSeriesPerMetric: 50_000,
  maxGlobalSeriesPerUser: 0,
  maxGlobalSeriesPerMetric: 0,
  maxMetadataPerUser: 8000,
  maxMetadataPerMetric: 10,
  outOfOrderTimeWindowMs: 0,
  maxExemplars: 0,

  enableNativeHistograms: false,
  // Go's rate without a limit, which Cortex shows as this number.
  nativeHistogramIngestionRate: Number.MAX_VALUE,
  nativeHistogramIngestionBurstSize: 0,
  maxNativeHistogramBuckets: 0,
  maxNativeHistogramSampleSizeBytes: 0,
  maxOutstandingPerTenant: 100,

  rulerMaxRulesPerRuleGroup: 0,
  rulerMaxRuleGroupsPerTenant: 0,
  rulerQueryOffsetMs: 0,

  compactorBlocksRetentionPeriodMs: 0,
};

/** The limits of every tenant: defaults, and what single tenants have instead. */
export class Limits {
  readonly #defaults: TenantLimits;
  readonly #overrides = new Map<TenantId, TenantLimits>();

  constructor(defaults: Partial<TenantLimits> = {}) {
    this.#defaults = { ...defaultLimits, ...defaults };
  }

  /** The same object until the tenant's limits change, so whoever derived something from it can tell. */
  forTenant(tenant: TenantId): TenantLimits {
    return this.#overrides.get(tenant) ?? this.#defaults;
  }

  /** Replaces what `tenant` has instead of the defaults. */
  override(tenant: TenantId, limits: Partial<TenantLimits>): void {
    this.#overrides.set(tenant, { ...this.#defaults, ...limits });
  }
}
