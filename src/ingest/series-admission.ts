import type { TenantLimits } from '../limits/limits.ts';
import type { Labels } from '../model/labels.ts';
import type { TenantId } from '../model/tenant.ts';
import { NO_SERIES, type SeriesRef, type Store } from '../storage/types.ts';
import type { IngestSettings } from './ingest-settings.ts';
import {
  effectiveLimit,
  histogramSeriesText,
  labelSetSeriesText,
  seriesPerMetricText,
  seriesPerUserText,
} from './ingester-errors.ts';
import { LabelSetCounts, labelSetText } from './label-set-limits.ts';
import type { Refusal } from './validate-series.ts';

/** Prometheus's head takes samples that are this much older than its newest one, and no older. */
const HEAD_SPAN_MS = 60 * 60_000;

export type CreationResult =
  | { readonly kind: 'series'; readonly seriesRef: SeriesRef }
  | { readonly kind: 'over-limit'; readonly refusal: Refusal }
  /** All of its samples are too old for the head: Prometheus makes no series for them. */
  | { readonly kind: 'out-of-bounds' }
  /** A series without a metric name: Cortex gives up the whole request. */
  | { readonly kind: 'nameless' };

export interface SeriesAdmissionOptions {
  readonly store: Store;
  readonly tenant: TenantId;
  readonly limits: TenantLimits;
  readonly settings: IngestSettings;
  /** Asked only when there is a limit on them. */
  readonly activeHistogramSeries: () => number;
  /** As `AppendOptions`. */
  readonly headEndMs?: number;
}

/** Creates the series of one request, as long as the tenant's limits on their number allow. */
export class SeriesAdmission {
  readonly #options: SeriesAdmissionOptions;
  readonly #labelSets: LabelSetCounts;
  readonly newestMs: number;
  #seriesCount: number;

  constructor(options: SeriesAdmissionOptions) {
    const { store, tenant, limits, headEndMs = Infinity } = options;
    const { seriesCount, newestSampleMs } = store.statistics(tenant);
    this.#options = options;
    this.#labelSets = new LabelSetCounts(store, tenant, limits.limitsPerLabelSet);
    this.#seriesCount = seriesCount;
    this.newestMs = Math.min(newestSampleMs, headEndMs);
  }

  /** The series with `labels`: the one there is or, when `newestSampleMs` may go into it, a new one. */
  findOrCreate(labels: Labels, newestSampleMs: number): CreationResult {
    const { store, tenant, limits } = this.#options;
    const known = store.findSeries(tenant, labels);
    if (known !== NO_SERIES) return { kind: 'series', seriesRef: known };
    if (limits.outOfOrderTimeWindowMs === 0 && newestSampleMs < this.newestMs - HEAD_SPAN_MS) {
      return { kind: 'out-of-bounds' };
    }
    const refusal = this.#overTenantLimit();
    if (refusal) return { kind: 'over-limit', refusal };
    if (labels.metricName === '') return { kind: 'nameless' };
    const finerRefusal = this.#overFinerLimit(labels);
    if (finerRefusal) return { kind: 'over-limit', refusal: finerRefusal };
    this.#seriesCount += 1;
    this.#labelSets.add(labels);
    return { kind: 'series', seriesRef: store.createSeries(tenant, labels) };
  }

  #overTenantLimit(): Refusal | undefined {
    const { limits, settings, activeHistogramSeries } = this.#options;
    const perUser = effectiveLimit(limits.maxSeriesPerUser, limits.maxGlobalSeriesPerUser);
    if (perUser > 0 && this.#seriesCount >= perUser) {
      return { reason: 'per_user_series_limit', message: seriesPerUserText(limits, settings) };
    }
    const { maxNativeHistogramSeriesPerUser, maxGlobalNativeHistogramSeriesPerUser } = limits;
    const histograms = effectiveLimit(maxNativeHistogramSeriesPerUser, maxGlobalNativeHistogramSeriesPerUser);
    // As in Cortex it keeps out any new series, of floats too.
    if (histograms > 0 && activeHistogramSeries() >= histograms) {
      return { reason: 'per_user_native_histogram_series_limit', message: histogramSeriesText(limits, settings) };
    }
    return undefined;
  }

  #overFinerLimit(labels: Labels): Refusal | undefined {
    const { store, tenant, limits, settings } = this.#options;
    const { metricName } = labels;
    const perMetric = effectiveLimit(limits.maxSeriesPerMetric, limits.maxGlobalSeriesPerMetric);
    if (
      perMetric > 0 &&
      !settings.unlimitedMetrics.has(metricName) &&
      store.seriesCountOfMetric(tenant, metricName) >= perMetric
    ) {
      return { reason: 'per_metric_series_limit', message: seriesPerMetricText(limits, settings, labels) };
    }
    const labelSet = this.#labelSets.broken(labels);
    if (!labelSet) return undefined;
    const message = labelSetSeriesText(labelSetText(labelSet), labelSet.limits.maxSeries, labels);
    return { reason: 'per_labelset_series_limit', message };
  }
}
