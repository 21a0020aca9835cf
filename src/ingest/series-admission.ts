import type { TenantLimits } from '../limits/limits.ts';
import type { Labels } from '../model/labels.ts';
import type { TenantId } from '../model/tenant.ts';
import { NO_SERIES, type SeriesRef, type Store } from '../storage/types.ts';
import { effectiveLimit, seriesPerMetricText, seriesPerUserText } from './ingester-errors.ts';
import type { Refusal } from './validate-series.ts';

/** Prometheus's head takes samples that are this much older than its newest one, and no older. */
const HEAD_SPAN_MS = 60 * 60_000;

export type CreationResult =
  | { readonly kind: 'series'; readonly seriesRef: SeriesRef }
  | { readonly kind: 'over-limit'; readonly refusal: Refusal }
  /** All of its samples are too old for the head: Prometheus makes no series for them. */
  | { readonly kind: 'out-of-bounds' };

/** Creates the series of one request, as long as the tenant's limits on their number allow. */
export class SeriesAdmission {
  readonly #store: Store;
  readonly #tenant: TenantId;
  readonly #limits: TenantLimits;
  readonly newestMs: number;
  #seriesCount: number;

  constructor(store: Store, tenant: TenantId, limits: TenantLimits) {
    const { seriesCount, newestSampleMs } = store.statistics(tenant);
    this.#store = store;
    this.#tenant = tenant;
    this.#limits = limits;
    this.#seriesCount = seriesCount;
    this.newestMs = newestSampleMs;
  }

  /** The series with `labels`: the one there is or, when `newestSampleMs` may go into it, a new one. */
  findOrCreate(labels: Labels, newestSampleMs: number): CreationResult {
    const known = this.#store.findSeries(this.#tenant, labels);
    if (known !== NO_SERIES) return { kind: 'series', seriesRef: known };
    if (this.#limits.outOfOrderTimeWindowMs === 0 && newestSampleMs < this.newestMs - HEAD_SPAN_MS) {
      return { kind: 'out-of-bounds' };
    }
    const refusal = this.#overLimit(labels);
    if (refusal) return { kind: 'over-limit', refusal };
    this.#seriesCount += 1;
    return { kind: 'series', seriesRef: this.#store.createSeries(this.#tenant, labels) };
  }

  #overLimit(labels: Labels): Refusal | undefined {
    const limits = this.#limits;
    const perUser = effectiveLimit(limits.maxSeriesPerUser, limits.maxGlobalSeriesPerUser);
    if (perUser > 0 && this.#seriesCount >= perUser) {
      return { reason: 'per_user_series_limit', message: seriesPerUserText(limits) };
    }
    const perMetric = effectiveLimit(limits.maxSeriesPerMetric, limits.maxGlobalSeriesPerMetric);
    if (perMetric > 0 && this.#store.seriesCountOfMetric(this.#tenant, labels.metricName) >= perMetric) {
      return { reason: 'per_metric_series_limit', message: seriesPerMetricText(limits, labels) };
    }
    return undefined;
  }
}
