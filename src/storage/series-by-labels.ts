import type { Label } from '../model/label.ts';
import type { TenantData } from './tenant-data.ts';
import { NO_SERIES, type SeriesIndex, type SeriesRef } from './types.ts';

/** The series of one tenant by their labels, over what memory has of it. */
export class SeriesByLabels implements SeriesIndex {
  readonly #find: () => TenantData | undefined;
  readonly #findOrCreate: () => TenantData;
  /** Where a series was just looked for. */
  #data: TenantData | undefined;

  constructor(find: () => TenantData | undefined, findOrCreate: () => TenantData) {
    this.#find = find;
    this.#findOrCreate = findOrCreate;
  }

  find(labels: readonly Label[], from: number, to: number): SeriesRef {
    if (this.#data === undefined || this.#data.isDeleted) this.#data = this.#find();
    return this.#data === undefined ? NO_SERIES : this.#data.findSeriesOf(labels, from, to);
  }

  createMissed(labels: readonly Label[], from: number, to: number): SeriesRef {
    if (this.#data === undefined) {
      this.#data = this.#findOrCreate();
      this.#data.findSeriesOf(labels, from, to);
    }
    return this.#data.createMissedSeries(labels, from).ref;
  }

  seriesCountOfMetric(metricName: string): number {
    return this.#data?.seriesCountOfMetric(metricName) ?? 0;
  }
}
