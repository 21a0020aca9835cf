import type Database from 'better-sqlite3';
import { NO_SERIES, type SeriesRef } from '../types.ts';
import { PAGE_ROWS, pagedRows } from './paged-rows.ts';

/**
 * The directory of chunks, small and read as a whole when a tenant is first used, apart from their data, which is
 * written in the order of time and read a chunk at a time. `is_late` chunks hold samples that came out of order; they
 * may overlap others, which win where times are equal. A time beyond what an integer holds is cut (`toSqlMs`).
 */
export const CHUNKS_SCHEMA = `
  CREATE TABLE chunks (
    tenant INTEGER NOT NULL,
    series INTEGER NOT NULL,
    chunk INTEGER NOT NULL,
    min_ms INTEGER NOT NULL,
    max_ms INTEGER NOT NULL,
    sample_count INTEGER NOT NULL,
    is_late INTEGER NOT NULL,
    PRIMARY KEY (tenant, series, chunk)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE chunk_data (
    chunk INTEGER PRIMARY KEY,
    tenant INTEGER NOT NULL,
    data BLOB NOT NULL
  ) STRICT;
`;

/** Chunks that are deleted at a time: their data lies on a page of the file each, or on several. */
const PAGE_CHUNKS = 128;

export interface ChunkRow {
  readonly seriesRef: SeriesRef;
  readonly chunkId: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly sampleCount: number;
  readonly isLate: boolean;
}

/** As they come from the database, without names: there may be a million. */
export type RawChunkRow = [
  series: SeriesRef,
  chunk: number,
  minMs: number,
  maxMs: number,
  sampleCount: number,
  isLate: number,
];

export class ChunksTable {
  readonly #insert: Database.Statement<[number, number, number, number, number, number, number]>;
  readonly #update: Database.Statement<[number, number, number, number, number, number]>;
  readonly #delete: Database.Statement<[number, number, number]>;
  readonly #ofTenant: Database.Statement<[number, SeriesRef, number], RawChunkRow>;
  readonly #insertData: Database.Statement<[number, number, Uint8Array]>;
  readonly #updateData: Database.Statement<[Uint8Array, number, number]>;
  readonly #data: Database.Statement<[number, number], Buffer>;
  readonly #deleteData: Database.Statement<[number, number]>;
  readonly #deletePageData: Database.Statement<[number, number]>;
  readonly #deletePage: Database.Statement<[number]>;
  readonly #copyData: Database.Statement<[number, number, number, SeriesRef, number]>;
  readonly #copy: Database.Statement<[number, number, number, SeriesRef]>;
  readonly #hasOlderThan: Database.Statement<[number, number], number>;
  readonly #lastId: Database.Statement<[], number | null>;

  constructor(database: Database.Database) {
    this.#insert = database.prepare(
      'INSERT INTO chunks (tenant, series, chunk, min_ms, max_ms, sample_count, is_late) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#update = database.prepare(
      'UPDATE chunks SET min_ms = ?, max_ms = ?, sample_count = ? WHERE tenant = ? AND series = ? AND chunk = ?',
    );
    this.#delete = database.prepare('DELETE FROM chunks WHERE tenant = ? AND series = ? AND chunk = ?');
    this.#ofTenant = database
      .prepare<[number, SeriesRef, number], RawChunkRow>(
        `SELECT series, chunk, min_ms, max_ms, sample_count, is_late FROM chunks
         WHERE tenant = ? AND (series, chunk) > (?, ?) ORDER BY series, chunk LIMIT ${PAGE_ROWS}`,
      )
      .raw();
    this.#insertData = database.prepare('INSERT INTO chunk_data (chunk, tenant, data) VALUES (?, ?, ?)');
    this.#updateData = database.prepare('UPDATE chunk_data SET data = ? WHERE chunk = ? AND tenant = ?');
    this.#data = database
      .prepare<[number, number], Buffer>('SELECT data FROM chunk_data WHERE chunk = ? AND tenant = ?')
      .pluck();
    this.#deleteData = database.prepare('DELETE FROM chunk_data WHERE chunk = ? AND tenant = ?');
    this.#deletePageData = database.prepare(
      `DELETE FROM chunk_data WHERE tenant = ? AND chunk IN
         (SELECT chunk FROM chunks WHERE tenant = ? ORDER BY series, chunk LIMIT ${PAGE_CHUNKS})`,
    );
    this.#deletePage = database.prepare(
      `DELETE FROM chunks WHERE tenant = ? ORDER BY series, chunk LIMIT ${PAGE_CHUNKS}`,
    );
    this.#copyData = database.prepare(
      `INSERT INTO chunk_data (chunk, tenant, data)
       SELECT chunk + ?, ?, data FROM chunk_data
       WHERE chunk IN (SELECT chunk FROM chunks WHERE tenant = ? AND series = ?) AND tenant = ?`,
    );
    this.#copy = database.prepare(
      `INSERT INTO chunks (tenant, series, chunk, min_ms, max_ms, sample_count, is_late)
       SELECT ?, series, chunk + ?, min_ms, max_ms, sample_count, is_late FROM chunks WHERE tenant = ? AND series = ?`,
    );
    this.#hasOlderThan = database
      .prepare<[number, number], number>('SELECT EXISTS (SELECT 1 FROM chunks WHERE tenant = ? AND max_ms < ?)')
      .pluck();
    this.#lastId = database.prepare<[], number | null>('SELECT max(chunk) FROM chunk_data').pluck();
  }

  /** By series, then in the order they were made. Whoever takes them may pause. */
  ofTenant(tenantNumber: number): Iterable<RawChunkRow> {
    return pagedRows<RawChunkRow>((last) => this.#ofTenant.all(tenantNumber, last?.[0] ?? NO_SERIES, last?.[1] ?? 0));
  }

  /** The encoded chunk, see chunk-codec.ts. */
  data(tenantNumber: number, chunkId: number): Uint8Array | undefined {
    return this.#data.get(chunkId, tenantNumber);
  }

  /** Whether the tenant has a chunk whose newest sample is older than `cutoffMs`. */
  hasOlderThan(tenantNumber: number, cutoffMs: number): boolean {
    return this.#hasOlderThan.get(tenantNumber, cutoffMs) === 1;
  }

  insert(tenantNumber: number, row: ChunkRow, data: Uint8Array): void {
    const { seriesRef, chunkId, minMs, maxMs, sampleCount, isLate } = row;
    this.#insertData.run(chunkId, tenantNumber, data);
    this.#insert.run(tenantNumber, seriesRef, chunkId, toSqlMs(minMs), toSqlMs(maxMs), sampleCount, isLate ? 1 : 0);
  }

  /** Puts more samples into a chunk. */
  update(tenantNumber: number, row: ChunkRow, data: Uint8Array): void {
    const { seriesRef, chunkId, minMs, maxMs, sampleCount } = row;
    this.#updateData.run(data, chunkId, tenantNumber);
    this.#update.run(toSqlMs(minMs), toSqlMs(maxMs), sampleCount, tenantNumber, seriesRef, chunkId);
  }

  /** Gives another tenant the chunks of a series, under numbers that are `idOffset` higher. Inside a transaction. */
  copySeries(fromTenant: number, toTenant: number, seriesRef: SeriesRef, idOffset: number): void {
    this.#copyData.run(idOffset, toTenant, fromTenant, seriesRef, fromTenant);
    this.#copy.run(toTenant, idOffset, fromTenant, seriesRef);
  }

  delete(tenantNumber: number, seriesRef: SeriesRef, chunkId: number): void {
    this.#deleteData.run(chunkId, tenantNumber);
    this.#delete.run(tenantNumber, seriesRef, chunkId);
  }

  /** Deletes the first chunks of the tenant; how many. Inside a transaction. */
  deletePage(tenantNumber: number): number {
    this.#deletePageData.run(tenantNumber, tenantNumber);
    return this.#deletePage.run(tenantNumber).changes;
  }

  /** The highest id in the file. */
  lastId(): number {
    return this.#lastId.get() ?? 0;
  }
}

/** Within 64-bit integers: STRICT refuses a value beyond, and one client could stop all writes. */
function toSqlMs(timestampMs: number): number {
  const limit = 2 ** 63 - 1024;
  return Math.min(Math.max(timestampMs, -limit), limit);
}
