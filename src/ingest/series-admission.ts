import type { TenantLimits } from '../limits/limits.ts';
import { type Label, labelsOfList } from '../model/label.ts';
import { METRIC_NAME } from '../model/labels.ts';
import type { TenantId } from '../model/tenant.ts';
import { NO_SERIES, type SeriesIndex, type SeriesRef, type Store } from '../storage/types.ts';
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
  readonly #index: SeriesIndex;
  /** Undefined where no limit asks for them. */
  readonly #labelSets: LabelSetCounts | undefined;
  readonly newestMs: number;
  #seriesCount: number;

  constructor(options: SeriesAdmissionOptions) {
    const { store, tenant, limits, headEndMs = Infinity } = options;
    const { seriesCount, newestSampleMs } = store.statistics(tenant);
    this.#options = options;
    this.#index = store.seriesIndex(tenant);
    const { limitsPerLabelSet } = limits;
    this.#labelSets = limitsPerLabelSet.length > 0 ? new LabelSetCounts(store, tenant, limitsPerLabelSet) : undefined;
    this.#seriesCount = seriesCount;
    this.newestMs = Math.min(newestSampleMs, headEndMs);
  }

  /** The series with the labels `[from, to)` of `list`, if there is one. */
  find(list: readonly Label[], from: number, to: number): SeriesRef {
    return this.#index.find(list, from, to);
  }

  /** The series with these labels: the one there is or, when `newestSampleMs` may go into it, a new one. */
  findOrCreate(list: readonly Label[], from: number, to: number, newestSampleMs: number): CreationResult {
    const { limits } = this.#options;
    const known = this.#index.find(list, from, to);
    if (known !== NO_SERIES) return { kind: 'series', seriesRef: known };
    if (limits.outOfOrderTimeWindowMs === 0 && newestSampleMs < this.newestMs - HEAD_SPAN_MS) {
      return { kind: 'out-of-bounds' };
    }
    const refusal = this.#overTenantLimit();
    if (refusal) return { kind: 'over-limit', refusal };
    const metricName = metricNameOf(list, from, to);
    if (metricName === '') return { kind: 'nameless' };
    const finerRefusal = this.#overMetricLimit(metricName, list, from, to) ?? this.#overLabelSetLimit(list, from, to);
    if (finerRefusal) return { kind: 'over-limit', refusal: finerRefusal };
    this.#seriesCount += 1;
    this.#labelSets?.add(labelsOfList(list, from, to));
    return { kind: 'series', seriesRef: this.#index.createMissed(list, from, to) };
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

  #overMetricLimit(metricName: string, list: readonly Label[], from: number, to: number): Refusal | undefined {
    const { limits, settings } = this.#options;
    const perMetric = effectiveLimit(limits.maxSeriesPerMetric, limits.maxGlobalSeriesPerMetric);
    if (perMetric === 0 || settings.unlimitedMetrics.has(metricName)) return undefined;
    if (this.#index.seriesCountOfMetric(metricName) < perMetric) return undefined;
    const message = seriesPerMetricText(limits, settings, labelsOfList(list, from, to));
    return { reason: 'per_metric_series_limit', message };
  }

  #overLabelSetLimit(list: readonly Label[], from: number, to: number): Refusal | undefined {
    if (this.#labelSets === undefined) return undefined;
    const labels = labelsOfList(list, from, to);
    const broken = this.#labelSets.broken(labels);
    if (!broken) return undefined;
    const message = labelSetSeriesText(labelSetText(broken), broken.limits.maxSeries, labels);
    return { reason: 'per_labelset_series_limit', message };
  }
}

function metricNameOf(list: readonly Label[], from: number, to: number): string {
  for (let i = from; i < to; i++) if (list[i]!.name === METRIC_NAME) return list[i]!.value;
  return '';
}
