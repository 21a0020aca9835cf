import type Database from 'better-sqlite3';
import type { SeriesRef } from '../types.ts';

/** `labels` lists the numbers of label pairs, as varints, in the order of the label names. */
export const SERIES_SCHEMA = `
  CREATE TABLE series (
    tenant INTEGER NOT NULL,
    series INTEGER NOT NULL,
    labels BLOB NOT NULL,
    PRIMARY KEY (tenant, series)
  ) STRICT, WITHOUT ROWID;
`;

type SeriesRow = [series: SeriesRef, labels: Buffer];

export class SeriesTable {
  readonly #insert: Database.Statement<[number, number, Uint8Array]>;
  readonly #delete: Database.Statement<[number, number]>;
  readonly #deleteTenant: Database.Statement<[number]>;
  readonly #ofTenant: Database.Statement<[number], SeriesRow>;
  readonly #count: Database.Statement<[number], number>;

  constructor(database: Database.Database) {
    this.#insert = database.prepare('INSERT INTO series (tenant, series, labels) VALUES (?, ?, ?)');
    this.#delete = database.prepare('DELETE FROM series WHERE tenant = ? AND series = ?');
    this.#deleteTenant = database.prepare('DELETE FROM series WHERE tenant = ?');
    this.#ofTenant = database
      .prepare<[number], SeriesRow>('SELECT series, labels FROM series WHERE tenant = ? ORDER BY series')
      .raw();
    this.#count = database.prepare<[number], number>('SELECT count(*) FROM series WHERE tenant = ?').pluck();
  }

  count(tenantNumber: number): number {
    return this.#count.get(tenantNumber) ?? 0;
  }

  /** Ascending. */
  ofTenant(tenantNumber: number): IterableIterator<SeriesRow> {
    return this.#ofTenant.iterate(tenantNumber);
  }

  insert(tenantNumber: number, seriesRef: SeriesRef, labels: Uint8Array): void {
    this.#insert.run(tenantNumber, seriesRef, labels);
  }

  delete(tenantNumber: number, seriesRef: SeriesRef): void {
    this.#delete.run(tenantNumber, seriesRef);
  }

  deleteTenant(tenantNumber: number): void {
    this.#deleteTenant.run(tenantNumber);
  }
}
