import type Database from 'better-sqlite3';
import { type NumberRange, pagedRows } from './paged-rows.ts';

/** What was appended and stands in no chunk yet: one record a batch, encoded by log-record.ts, replayed in order. */
export const LOG_SCHEMA = `
  CREATE TABLE log (
    tenant INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    record BLOB NOT NULL,
    PRIMARY KEY (tenant, sequence)
  ) STRICT, WITHOUT ROWID;
`;

/** Records have the size of requests: thousands of samples, mostly. */
export const PAGE_RECORDS = 16;

export type LogRow = [sequence: number, record: Buffer];

export class LogTable {
  readonly #insert: Database.Statement<[number, number, Uint8Array]>;
  readonly #deleteRange: Database.Statement<[number, number, number]>;
  readonly #deletePage: Database.Statement<[number]>;
  readonly #ofTenant: Database.Statement<[number, number, number], LogRow>;
  readonly #copy: Database.Statement<[number, number, number, number]>;

  constructor(database: Database.Database) {
    this.#insert = database.prepare('INSERT INTO log (tenant, sequence, record) VALUES (?, ?, ?)');
    this.#deleteRange = database.prepare('DELETE FROM log WHERE tenant = ? AND sequence >= ? AND sequence < ?');
    this.#deletePage = database.prepare(`DELETE FROM log WHERE tenant = ? ORDER BY sequence LIMIT ${PAGE_RECORDS}`);
    this.#ofTenant = database
      .prepare<[number, number, number], LogRow>(
        `SELECT sequence, record FROM log
         WHERE tenant = ? AND sequence >= ? AND sequence < ? ORDER BY sequence LIMIT ${PAGE_RECORDS}`,
      )
      .raw();
    this.#copy = database.prepare(
      `INSERT OR IGNORE INTO log (tenant, sequence, record)
       SELECT ?, sequence, record FROM log WHERE tenant = ? AND sequence >= ? AND sequence < ?`,
    );
  }

  /** In the order they were appended. Whoever takes them may pause. */
  ofTenant(tenantNumber: number, { from, end }: NumberRange): Iterable<LogRow> {
    return pagedRows<LogRow>((last) => this.#ofTenant.all(tenantNumber, last ? last[0] + 1 : from, end));
  }

  /** Copies records of one tenant to another, unless they are there. */
  copy(fromTenant: number, toTenant: number, { from, end }: NumberRange): void {
    this.#copy.run(toTenant, fromTenant, from, end);
  }

  insert(tenantNumber: number, sequence: number, record: Uint8Array): void {
    this.#insert.run(tenantNumber, sequence, record);
  }

  /** Deletes the records `[fromSequence, toSequence)`. */
  deleteRange(tenantNumber: number, fromSequence: number, toSequence: number): void {
    this.#deleteRange.run(tenantNumber, fromSequence, toSequence);
  }

  /** Deletes the first rows of the tenant; how many. */
  deletePage(tenantNumber: number): number {
    return this.#deletePage.run(tenantNumber).changes;
  }
}
