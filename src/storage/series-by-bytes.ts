import { ByteIndex } from '../model/byte-index.ts';
import type { SeriesBytesForm, SeriesFinder } from '../model/series-finder.ts';
import type { TenantId } from '../model/tenant.ts';
import type { TenantData } from './tenant-data.ts';
import { NO_SERIES, type SeriesRef } from './types.ts';

/** Spaces that are remembered; there is one for each tenant, form and table of symbols. */
const SPACES_LIMIT = 1 << 14;

/** Series of all tenants by the bytes that named them in requests. */
export class SeriesByBytes {
  readonly #index: ByteIndex;
  /** The same bytes mean something else for each tenant and form, so each has a space of its own; no space is used twice. */
  readonly #spaces = new Map<string, number>();
  #lastSpace = 0;
  readonly #loadedTenant: (tenant: TenantId) => TenantData | undefined;
  /** How often all was forgotten. */
  #epoch = 0;

  /** `limitBytes` bounds the memory; `loadedTenant` reads nothing from the disk. */
  constructor(limitBytes: number, loadedTenant: (tenant: TenantId) => TenantData | undefined) {
    this.#index = new ByteIndex(limitBytes);
    this.#loadedTenant = loadedTenant;
  }

  get usedBytes(): number {
    return this.#index.usedBytes;
  }

  forget(): void {
    this.#index.clear();
    this.#epoch += 1;
  }

  finder(tenant: TenantId, form: SeriesBytesForm): SeriesFinder {
    return new TenantFinder(this.#index, {
      data: () => this.#loadedTenant(tenant),
      epoch: () => this.#epoch,
      space: (tenantNumber) => this.#spaceOf(`${tenantNumber} ${form}`),
    });
  }

  #spaceOf(key: string): number {
    const known = this.#spaces.get(key);
    if (known !== undefined) return known;
    // What is in spaces that nobody finds any more leaves the index in time.
    if (this.#spaces.size === SPACES_LIMIT) this.#spaces.clear();
    this.#lastSpace += 1;
    this.#spaces.set(key, this.#lastSpace);
    return this.#lastSpace;
  }
}

interface Surroundings {
  readonly data: () => TenantData | undefined;
  readonly epoch: () => number;
  readonly space: (tenantNumber: number) => number;
}

class TenantFinder implements SeriesFinder {
  readonly #index: ByteIndex;
  readonly #surroundings: Surroundings;
  readonly #epoch: number;
  #data: TenantData | undefined;
  #space = 0;

  constructor(index: ByteIndex, surroundings: Surroundings) {
    this.#index = index;
    this.#surroundings = surroundings;
    this.#epoch = surroundings.epoch();
    this.#current();
  }

  get lastFound(): SeriesRef {
    return this.#existing(this.#data, this.#index.lastNumber);
  }

  find(view: DataView, start: number, end: number): SeriesRef {
    const data = this.#current();
    return data === undefined ? NO_SERIES : this.#existing(data, this.#index.find(this.#space, view, start, end));
  }

  matchNext(view: DataView, start: number, limit: number): number {
    return this.#data === undefined ? 0 : this.#index.matchNext(this.#space, view, start, limit);
  }

  recheck(found: SeriesRef): SeriesRef {
    return this.#epoch === this.#surroundings.epoch() ? this.#existing(this.#data, found) : NO_SERIES;
  }

  remember(view: DataView, start: number, end: number, seriesRef: SeriesRef): void {
    if (this.#current() !== undefined) this.#index.set(this.#space, view, start, end, seriesRef);
  }

  /** Retention may have taken the series since, or somebody the tenant. */
  #existing(data: TenantData | undefined, seriesRef: SeriesRef): SeriesRef {
    return data === undefined || data.isDeleted || data.seriesByRef[seriesRef] === undefined ? NO_SERIES : seriesRef;
  }

  #current(): TenantData | undefined {
    if (this.#data === undefined || this.#data.isDeleted) {
      const data = this.#surroundings.data();
      this.#data = data;
      if (data !== undefined) this.#space = this.#surroundings.space(data.number);
    }
    return this.#data;
  }
}
