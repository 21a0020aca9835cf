import type Database from 'better-sqlite3';
import { runInSlices, type Work } from '../model/work.ts';
import { inTransaction } from './database.ts';
import type { SamplePool } from './sample-pool.ts';
import type { Tables } from './tables/tables.ts';
import type { TenantData } from './tenant-data.ts';
import type { TenantOrigins } from './tenant-origins.ts';

export interface TenantPurgeOptions {
  readonly database: Database.Database;
  readonly tables: Tables;
  /** Rows that forks read stay until they do so no more. */
  readonly origins: TenantOrigins;
  readonly pool: SamplePool;
  readonly logger?: { error(fields: object, message: string): void } | undefined;
}

/**
 * Takes away what deleted tenants left: their samples in memory, then their rows. Deleting a tenant only moves its
 * number from one table to another, which hides all of it at once and for good; the rows go in slices, a transaction
 * each, so that nobody waits for them. What a process leaves is taken up by the next one: a number is never used twice.
 */
export class TenantPurge {
  readonly #options: TenantPurgeOptions;
  /** What memory holds of deleted tenants. */
  readonly #forgotten: TenantData[] = [];
  #work: Work<void> | undefined;
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: TenantPurgeOptions) {
    this.#options = options;
  }

  /** The tenant was deleted: nobody asks for `data` any more. */
  forget(data: TenantData): void {
    this.#forgotten.push(data);
  }

  /**
   * Resolves when nothing is left, when the disk did not take it (then the next run tries again), or when it was
   * stopped. Never rejects.
   */
  run(): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    this.#running ??= this.#run();
    return this.#running;
  }

  /** Leaves the rest for the next process. The database may be closed when it returns. */
  stop(): void {
    this.#isStopped = true;
    this.#work?.return();
  }

  async #run(): Promise<void> {
    const work = this.#purge();
    this.#work = work;
    try {
      // Neither the caller nor the start of the process waits for the first slice.
      await new Promise((resolve) => setImmediate(resolve));
      await runInSlices(work);
    } catch (error) {
      this.#options.logger?.error({ err: error }, 'removing the data of a deleted tenant failed');
    } finally {
      this.#work = undefined;
      this.#running = undefined;
    }
  }

  *#purge(): Work<void> {
    const { database, tables, origins, pool } = this.#options;
    for (;;) {
      for (let data = this.#forgotten.pop(); data !== undefined; data = this.#forgotten.pop()) {
        for (const series of data.seriesByRef) {
          series?.forgetSamples(pool);
          yield;
        }
      }
      const tenantNumber = tables.deletedTenants.all().find((number) => !origins.isOrigin(number));
      if (tenantNumber === undefined) return;
      let isLeft = true;
      while (isLeft) {
        inTransaction(database, () => {
          isLeft = deletePage(tables, tenantNumber);
          if (!isLeft) tables.deletedTenants.delete(tenantNumber);
        });
        if (!isLeft) origins.cut(tenantNumber);
        yield;
      }
    }
  }
}

/** Whether there was a row to delete. */
function deletePage(
  { tenants: _tenants, deletedTenants: _deleted, ...tablesOfTenants }: Tables,
  tenant: number,
): boolean {
  return Object.values(tablesOfTenants).some((table) => table.deletePage(tenant) > 0);
}
