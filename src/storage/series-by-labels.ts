import type { Label } from '../model/label.ts';
import type { TenantId } from '../model/tenant.ts';
import type { TenantData } from './tenant-data.ts';
import type { TenantDirectory } from './tenant-directory.ts';
import { NO_SERIES, type SeriesIndex, type SeriesRef } from './types.ts';

/** The series of one tenant by their labels, over what memory has of it. */
export class SeriesByLabels implements SeriesIndex {
  readonly #tenants: TenantDirectory;
  readonly #tenant: TenantId;
  /** Where a series was just looked for. */
  #data: TenantData | undefined;

  constructor(tenants: TenantDirectory, tenant: TenantId) {
    this.#tenants = tenants;
    this.#tenant = tenant;
  }

  find(labels: readonly Label[], from: number, to: number): SeriesRef {
    if (this.#data === undefined || this.#data.isDeleted) this.#data = this.#tenants.find(this.#tenant);
    return this.#data === undefined ? NO_SERIES : this.#data.findSeriesOf(labels, from, to);
  }

  createMissed(labels: readonly Label[], from: number, to: number): SeriesRef {
    if (this.#data === undefined) {
      this.#data = this.#tenants.findOrCreate(this.#tenant);
      this.#data.findSeriesOf(labels, from, to);
    }
    return this.#data.createMissedSeries(labels, from).ref;
  }

  seriesCountOfMetric(metricName: string): number {
    return this.#data?.seriesCountOfMetric(metricName) ?? 0;
  }
}
