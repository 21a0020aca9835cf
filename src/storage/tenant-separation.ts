import type Database from 'better-sqlite3';
import { assert } from '../model/assert.ts';
import type { Work } from '../model/work.ts';
import type { ChunkStore } from './chunk-store.ts';
import { inTransaction } from './database.ts';
import type { MemorySeries } from './memory-series.ts';
import type { SamplePool } from './sample-pool.ts';
import { PAGE_RECORDS } from './tables/log-table.ts';
import { type NumberRange, PAGE_ROWS } from './tables/paged-rows.ts';
import type { Tables } from './tables/tables.ts';
import type { TenantData } from './tenant-data.ts';
import type { TenantDirectory } from './tenant-directory.ts';

/** Series whose chunks are copied in one transaction: well under a slice. */
const SERIES_PER_TRANSACTION = 32;

export interface SeparationContext {
  readonly database: Database.Database;
  readonly tables: Tables;
  readonly chunks: ChunkStore;
  readonly pool: SamplePool;
  readonly tenants: TenantDirectory;
  /** Then rows other than those of chunks are read by nobody. */
  readonly isInMemory: boolean;
}

/** How far a fork has got chunks of its own. */
interface ChunkCopy {
  readonly idOffset: number;
  readonly highestId: number;
  nextRef: number;
}

/**
 * Gives forks rows of their own: the other half of copying on write. It is done to a fork, and to those that read a
 * tenant's rows, right before chunks are written, the log is trimmed or anything is deleted. Where a process ends in
 * the middle, the fork still reads its origin, and what was copied is passed over and copied again.
 */
export class TenantSeparation {
  readonly #context: SeparationContext;
  /** Of forks where it began, and could not end because the disk took no more. */
  readonly #chunkCopies = new WeakMap<TenantData, ChunkCopy>();

  constructor(context: SeparationContext) {
    this.#context = context;
  }

  /**
   * When it ends the tenant reads nobody's rows, and nobody reads the tenant's. Appends may come at every pause, forks
   * may not.
   * @throws {PocketCortexError} `internal` when the disk does not take it: the next try goes on from there
   */
  *separate(data: TenantData): Work<void> {
    const { tenants } = this.#context;
    const { origins } = tenants;
    for (const { name, tenant } of origins.readersOf(data.number)) {
      const reader = name === undefined ? undefined : tenants.find(name);
      // It may have been deleted at a pause, and the name given to another.
      if (reader?.number === tenant) yield* this.#separate(reader);
      if (data.isDeleted) return;
    }
    if (origins.of(data.number) !== undefined) yield* this.#separate(data);
  }

  /** Whether some of its chunks are its own and others not. */
  isUnfinished(data: TenantData): boolean {
    return this.#chunkCopies.has(data);
  }

  *#separate(data: TenantData): Work<void> {
    const { database, tenants, isInMemory } = this.#context;
    const { number } = data;
    yield* this.#copyChunks(data);
    if (!isInMemory && !data.isDeleted) yield* this.#copyRows(data);
    if (data.isDeleted) return;
    inTransaction(database, () => tenants.origins.delete(number));
    tenants.origins.cut(number);
    this.#chunkCopies.delete(data);
  }

  /** Memory names chunks by the new numbers as soon as their rows are there. */
  *#copyChunks(data: TenantData): Work<void> {
    const { database, tables, tenants, pool } = this.#context;
    const { number } = data;
    const from = tenants.origins.chunksOf(number);
    const copy = this.#chunkCopies.get(data) ?? (yield* this.#beginChunkCopy(data));
    if (copy === undefined) return;
    const { idOffset, highestId } = copy;
    while (copy.nextRef < data.seriesByRef.length) {
      const end = copy.nextRef + SERIES_PER_TRANSACTION;
      const group: MemorySeries[] = [];
      for (const series of data.seriesByRef.slice(copy.nextRef, end)) if (series?.hasChunks) group.push(series);
      inTransaction(database, () => {
        for (const { ref } of group) tables.chunks.copySeries(from, number, ref, idOffset);
      });
      for (const { ref } of group) data.ownSeries(ref, pool).moveChunkIds(highestId, idOffset);
      copy.nextRef = end;
      yield;
      if (data.isDeleted) return;
    }
  }

  /** Undefined without chunks. */
  *#beginChunkCopy(data: TenantData): Work<ChunkCopy | undefined> {
    const { database, tables, chunks } = this.#context;
    // What a process before this one copied has other numbers.
    let isLeft = true;
    while (isLeft) {
      inTransaction(database, () => {
        isLeft = tables.chunks.deletePage(data.number) > 0;
      });
      yield;
      if (data.isDeleted) return undefined;
    }
    let lowestId = Infinity;
    let highestId = -Infinity;
    for (const series of data.seriesByRef) {
      if (series === undefined) continue;
      for (let index = 0; index < series.chunks.count; index++) {
        lowestId = Math.min(lowestId, series.chunks.idAt(index));
        highestId = Math.max(highestId, series.chunks.idAt(index));
      }
    }
    if (lowestId === Infinity) return undefined;
    const idOffset = chunks.nextId() - lowestId;
    chunks.reserveIds(highestId + idOffset);
    const copy: ChunkCopy = { idOffset, highestId, nextRef: 1 };
    this.#chunkCopies.set(data, copy);
    return copy;
  }

  *#copyRows(data: TenantData): Work<void> {
    const { tables, tenants } = this.#context;
    const { number } = data;
    const stretches = tenants.origins.stretches(number);
    assert(stretches.at(-1)?.number === number, 'what a tenant has itself comes last');
    for (const { number: from, pairs, series, log } of stretches.slice(0, -1)) {
      yield* this.#inPages(data, pairs, PAGE_ROWS, (page) => tables.labelPairs.copy(from, number, page));
      yield* this.#inPages(data, series, PAGE_ROWS, (page) => tables.series.copy(from, number, page));
      yield* this.#inPages(data, log, PAGE_RECORDS, (page) => tables.log.copy(from, number, page));
    }
  }

  *#inPages(data: TenantData, { from, end }: NumberRange, size: number, copy: (page: NumberRange) => void): Work<void> {
    for (let start = from; start < end; start += size) {
      if (data.isDeleted) return;
      inTransaction(this.#context.database, () => copy({ from: start, end: Math.min(end, start + size) }));
      yield;
    }
  }
}
