import type Database from 'better-sqlite3';
import type { SeriesRef } from '../types.ts';
import { type NumberRange, PAGE_ROWS } from './paged-rows.ts';

/** `labels` lists the numbers of label pairs, as varints, in the order of the label names. */
export const SERIES_SCHEMA = `
  CREATE TABLE series (
    tenant INTEGER NOT NULL,
    series INTEGER NOT NULL,
    labels BLOB NOT NULL,
    PRIMARY KEY (tenant, series)
  ) STRICT, WITHOUT ROWID;
`;

export interface SeriesRow {
  readonly seriesRef: SeriesRef;
  readonly labels: Uint8Array;
}

const ROWS_AT_ONCE = 32;

/** Rows as one text, `<series> <labels in hexadecimal> <series> …`, and the last series. A buffer for each takes four times as long. */
type SeriesPage = [rows: string | null, last: SeriesRef | null];

export class SeriesTable {
  readonly #insert: Database.Statement<[number, number, Uint8Array]>;
  readonly #insertSome: Database.Statement<[readonly (number | Uint8Array)[]]>;
  readonly #delete: Database.Statement<[number, number]>;
  readonly #deletePage: Database.Statement<[number]>;
  readonly #pageOfTenant: Database.Statement<[number, SeriesRef, SeriesRef], SeriesPage>;
  readonly #copy: Database.Statement<[number, number, SeriesRef, SeriesRef]>;
  readonly #count: Database.Statement<[number], number>;

  constructor(database: Database.Database) {
    this.#insert = database.prepare('INSERT INTO series (tenant, series, labels) VALUES (?, ?, ?)');
    this.#insertSome = database.prepare(
      `INSERT INTO series (tenant, series, labels) VALUES ${new Array(ROWS_AT_ONCE).fill('(?, ?, ?)').join()}`,
    );
    this.#delete = database.prepare('DELETE FROM series WHERE tenant = ? AND series = ?');
    this.#deletePage = database.prepare(`DELETE FROM series WHERE tenant = ? ORDER BY series LIMIT ${PAGE_ROWS}`);
    this.#pageOfTenant = database
      .prepare<[number, SeriesRef, SeriesRef], SeriesPage>(
        `SELECT group_concat(series || ' ' || hex(labels), ' ' ORDER BY series), max(series) FROM
           (SELECT series, labels FROM series WHERE tenant = ? AND series >= ? AND series < ? ORDER BY series LIMIT ${PAGE_ROWS})`,
      )
      .raw();
    this.#copy = database.prepare(
      `INSERT OR IGNORE INTO series (tenant, series, labels)
       SELECT ?, series, labels FROM series WHERE tenant = ? AND series >= ? AND series < ?`,
    );
    this.#count = database.prepare<[number], number>('SELECT count(*) FROM series WHERE tenant = ?').pluck();
  }

  count(tenantNumber: number): number {
    return this.#count.get(tenantNumber) ?? 0;
  }

  /** Ascending, some rows a text (`SeriesPage`). Whoever takes them may pause. */
  *ofTenant(tenantNumber: number, { from, end }: NumberRange): Generator<string, void, undefined> {
    for (let next = from; ; ) {
      const [rows, last] = this.#pageOfTenant.get(tenantNumber, next, end)!;
      if (rows === null || last === null) return;
      yield rows;
      next = last + 1;
    }
  }

  /** Copies rows of one tenant to another, unless they are there. */
  copy(fromTenant: number, toTenant: number, { from, end }: NumberRange): void {
    this.#copy.run(toTenant, fromTenant, from, end);
  }

  insert(tenantNumber: number, rows: readonly SeriesRow[]): void {
    let at = 0;
    const parameters: (number | Uint8Array)[] = [];
    // A call for each takes longer than SQLite for its part.
    for (; at + ROWS_AT_ONCE <= rows.length; at += ROWS_AT_ONCE) {
      parameters.length = 0;
      for (let i = at; i < at + ROWS_AT_ONCE; i++) parameters.push(tenantNumber, rows[i]!.seriesRef, rows[i]!.labels);
      this.#insertSome.run(parameters);
    }
    for (; at < rows.length; at++) this.#insert.run(tenantNumber, rows[at]!.seriesRef, rows[at]!.labels);
  }

  delete(tenantNumber: number, seriesRef: SeriesRef): void {
    this.#delete.run(tenantNumber, seriesRef);
  }

  /** Deletes the first rows of the tenant; how many. */
  deletePage(tenantNumber: number): number {
    return this.#deletePage.run(tenantNumber).changes;
  }
}
