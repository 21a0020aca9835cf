import { compareText } from '../model/labels.ts';
import type { TenantId } from '../model/tenant.ts';
import type { AppendContext } from './appender.ts';
import type { Tables } from './tables/tables.ts';
import { TenantData } from './tenant-data.ts';
import { loadTenant } from './tenant-loader.ts';

/** The tenants of a store. A tenant's data is read from the disk when it is first asked for, so that opening is fast. */
export class TenantDirectory {
  readonly #tables: Tables;
  readonly #context: Pick<AppendContext, 'pool' | 'nextChunkId'>;
  /** All tenants, read or not. */
  readonly #numbers = new Map<TenantId, number>();
  readonly #loaded = new Map<TenantId, TenantData>();
  #lastNumber: number;

  constructor(tables: Tables, context: Pick<AppendContext, 'pool' | 'nextChunkId'>) {
    this.#tables = tables;
    this.#context = context;
    for (const { tenant, name } of tables.tenants.all()) this.#numbers.set(name, tenant);
    this.#lastNumber = tables.tenants.lastNumber();
  }

  /** Sorted. A tenant that a refused request named has no data and is not here. */
  names(): TenantId[] {
    const names: TenantId[] = [];
    for (const tenant of this.#numbers.keys()) if (!this.#loaded.get(tenant)?.pending.isUnborn) names.push(tenant);
    return names.sort(compareText);
  }

  get loaded(): readonly TenantData[] {
    return [...this.#loaded.values()];
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
    return number === undefined ? 0 : this.#tables.series.count(number);
  }

  numberOf(tenant: TenantId): number | undefined {
    return this.#numbers.get(tenant);
  }

  /** @throws {PocketCortexError} `storage-corrupt` */
  find(tenant: TenantId): TenantData | undefined {
    const loaded = this.#loaded.get(tenant);
    if (loaded) return loaded;
    const number = this.#numbers.get(tenant);
    if (number === undefined) return undefined;
    const data = loadTenant(tenant, number, this.#tables, this.#context);
    this.#loaded.set(tenant, data);
    return data;
  }

  findOrCreate(tenant: TenantId): TenantData {
    return this.find(tenant) ?? this.#create(tenant);
  }

  remove(tenant: TenantId): TenantData | undefined {
    const data = this.#loaded.get(tenant);
    if (data) data.isDeleted = true;
    this.#loaded.delete(tenant);
    this.#numbers.delete(tenant);
    return data;
  }

  #create(tenant: TenantId): TenantData {
    this.#lastNumber += 1;
    const data = new TenantData(tenant, this.#lastNumber, true);
    this.#numbers.set(tenant, data.number);
    this.#loaded.set(tenant, data);
    return data;
  }
}
