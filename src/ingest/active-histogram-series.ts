import type { TenantId } from '../model/tenant.ts';
import type { SeriesRef } from '../storage/types.ts';

/** Cortex's default for how long a series without samples counts as active. */
const IDLE_TIMEOUT_MS = 10 * 60_000;

/** Which series have had native histograms of late, for tenants who have a limit on them. */
export class ActiveHistogramSeries {
  readonly #seenAtMs = new Map<TenantId, Map<SeriesRef, number>>();

  note(tenant: TenantId, seriesRef: SeriesRef, nowMs: number): void {
    const series = this.#seenAtMs.get(tenant) ?? new Map<SeriesRef, number>();
    this.#seenAtMs.set(tenant, series.set(seriesRef, nowMs));
  }

  count(tenant: TenantId, nowMs: number): number {
    const series = this.#seenAtMs.get(tenant);
    if (!series) return 0;
    for (const [seriesRef, seenAtMs] of series) {
      if (seenAtMs <= nowMs - IDLE_TIMEOUT_MS) series.delete(seriesRef);
    }
    return series.size;
  }
}
