import { compareText } from '../model/labels.ts';
import { isSetAside, type TenantId } from '../model/tenant.ts';
import { runAtOnce, runInSlices, type Work } from '../model/work.ts';
import type { AppendContext } from './appender.ts';
import type { Tables } from './tables/tables.ts';
import { TenantData } from './tenant-data.ts';
import { loadTenant } from './tenant-loader.ts';
import type { TenantOrigins } from './tenant-origins.ts';

/** A tenant that is being read from the disk: in slices, or at once by somebody who cannot wait. */
interface Loading {
  readonly work: Work<void>;
  /** Whoever asked for it first has it run in slices. */
  sliced: Promise<void> | undefined;
}

/** The tenants of a store. A tenant's data is read from the disk when it is first asked for, so that opening is fast. */
export class TenantDirectory {
  readonly #tables: Tables;
  /** Which tenants read rows of others. */
  readonly origins: TenantOrigins;
  readonly #context: Pick<AppendContext, 'pool' | 'nextChunkId'>;
  /** All tenants, read or not. */
  readonly #numbers = new Map<TenantId, number>();
  readonly #loaded = new Map<TenantId, TenantData>();
  readonly #loading = new Map<TenantId, Loading>();
  #lastNumber: number;

  constructor(tables: Tables, origins: TenantOrigins, context: Pick<AppendContext, 'pool' | 'nextChunkId'>) {
    this.#tables = tables;
    this.origins = origins;
    this.#context = context;
    for (const { tenant, name } of tables.tenants.all()) this.#numbers.set(name, tenant);
    this.#lastNumber = tables.tenants.lastNumber();
  }

  /** Sorted. A tenant that a refused request named has no data and is not here; nor are those that are set aside. */
  names(): TenantId[] {
    const names: TenantId[] = [];
    for (const tenant of this.#numbers.keys()) {
      if (!this.#loaded.get(tenant)?.pending.isUnborn && !isSetAside(tenant)) names.push(tenant);
    }
    return names.sort(compareText);
  }

  get loaded(): readonly TenantData[] {
    return [...this.#loaded.values()];
  }

  get loadedSeriesCount(): number {
    let count = 0;
    for (const { seriesCount } of this.#loaded.values()) count += seriesCount;
    return count;
  }

  /** Those whose data is on the disk only. */
  get unloaded(): readonly { readonly tenant: TenantId; readonly number: number }[] {
    const unloaded: { tenant: TenantId; number: number }[] = [];
    for (const [tenant, number] of this.#numbers) if (!this.#loaded.has(tenant)) unloaded.push({ tenant, number });
    return unloaded;
  }

  seriesCount(tenant: TenantId): number {
    const loaded = this.#loaded.get(tenant);
    if (loaded) return loaded.seriesCount;
    const number = this.#numbers.get(tenant);
    if (number === undefined) return 0;
    // A fork has not all of its rows itself. There are few, and only after a start.
    return this.origins.of(number) ? (this.find(tenant)?.seriesCount ?? 0) : this.#tables.series.count(number);
  }

  numberOf(tenant: TenantId): number | undefined {
    return this.#numbers.get(tenant);
  }

  /**
   * Reads the tenant in slices, unless it is there. What is under way is shared; it ends early when the tenant is
   * deleted, or when `find` cannot wait for it.
   * @throws {PocketCortexError} `storage-corrupt`
   */
  async load(tenant: TenantId): Promise<void> {
    const loading = this.#beginLoading(tenant);
    if (loading === undefined) return;
    loading.sliced ??= runInSlices(loading.work);
    await loading.sliced;
  }

  /** Reads a tenant that is not there yet at once. @throws {PocketCortexError} `storage-corrupt` */
  find(tenant: TenantId): TenantData | undefined {
    const loading = this.#beginLoading(tenant);
    if (loading) runAtOnce(loading.work);
    return this.#loaded.get(tenant);
  }

  /** As `find`, but a tenant that is not there yet stays on the disk. */
  findLoaded(tenant: TenantId): TenantData | undefined {
    return this.#loaded.get(tenant);
  }

  findOrCreate(tenant: TenantId): TenantData {
    return this.find(tenant) ?? this.#create(tenant);
  }

  /** A number for a tenant that `adopt` brings. */
  nextNumber(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }

  /** Takes in a tenant whose rows are on the disk. */
  adopt(data: TenantData): void {
    this.#numbers.set(data.tenant, data.number);
    this.#loaded.set(data.tenant, data);
  }

  remove(tenant: TenantId): TenantData | undefined {
    this.#loading.get(tenant)?.work.return();
    const data = this.#loaded.get(tenant);
    if (data) data.isDeleted = true;
    this.#loaded.delete(tenant);
    this.#numbers.delete(tenant);
    return data;
  }

  /** Gives up what is being read. */
  stopLoading(): void {
    for (const { work } of this.#loading.values()) work.return();
  }

  /** Undefined when there is nothing to read. */
  #beginLoading(tenant: TenantId): Loading | undefined {
    const number = this.#numbers.get(tenant);
    if (number === undefined || this.#loaded.has(tenant)) return undefined;
    let loading = this.#loading.get(tenant);
    if (loading === undefined) {
      loading = { work: this.#load(tenant, number), sliced: undefined };
      this.#loading.set(tenant, loading);
    }
    return loading;
  }

  *#load(tenant: TenantId, number: number): Work<void> {
    try {
      const rows = {
        number,
        stretches: this.origins.stretches(number),
        chunksOf: this.origins.chunksOf(number),
        next: this.origins.nextOf(number),
      };
      this.#loaded.set(tenant, yield* loadTenant(tenant, rows, this.#tables, this.#context));
    } finally {
      this.#loading.delete(tenant);
    }
  }

  #create(tenant: TenantId): TenantData {
    const data = new TenantData(tenant, this.nextNumber(), true);
    this.#numbers.set(tenant, data.number);
    this.#loaded.set(tenant, data);
    return data;
  }
}
