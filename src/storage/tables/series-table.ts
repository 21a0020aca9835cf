import type Database from 'better-sqlite3';
import { withoutSeries } from '../series-runs.ts';
import type { SeriesRef } from '../types.ts';
import { type NumberRange, pagedRows } from './paged-rows.ts';

/** Series of the first versions: `labels` lists the numbers of label pairs, as varints, in the order of the label names. */
export const SERIES_SCHEMA = `
  CREATE TABLE series (
    tenant INTEGER NOT NULL,
    series INTEGER NOT NULL,
    labels BLOB NOT NULL,
    PRIMARY KEY (tenant, series)
  ) STRICT, WITHOUT ROWID;
`;

/** Since then a row is a run of series that begins with `series` (see series-runs.ts), of which `count` are there still. */
export const SERIES_RUNS_SCHEMA = 'ALTER TABLE series ADD COLUMN count INTEGER NOT NULL DEFAULT 1';

/** Runs of some hundred series each. */
const PAGE_RUNS = 16;

type SeriesRow = [firstRef: SeriesRef, run: Uint8Array];

export class SeriesTable {
  readonly #insert: Database.Statement<[number, SeriesRef, number, Uint8Array]>;
  readonly #update: Database.Statement<[number, Uint8Array, number, SeriesRef]>;
  readonly #delete: Database.Statement<[number, SeriesRef]>;
  readonly #deletePage: Database.Statement<[number]>;
  readonly #runOf: Database.Statement<[number, SeriesRef], SeriesRow>;
  readonly #pageOfTenant: Database.Statement<[number, SeriesRef, SeriesRef], SeriesRow>;
  readonly #copy: Database.Statement<[number, number, SeriesRef, SeriesRef]>;
  readonly #count: Database.Statement<[number], number>;

  constructor(database: Database.Database) {
    this.#insert = database.prepare('INSERT INTO series (tenant, series, count, labels) VALUES (?, ?, ?, ?)');
    this.#update = database.prepare('UPDATE series SET count = ?, labels = ? WHERE tenant = ? AND series = ?');
    this.#delete = database.prepare('DELETE FROM series WHERE tenant = ? AND series = ?');
    this.#deletePage = database.prepare(`DELETE FROM series WHERE tenant = ? ORDER BY series LIMIT ${PAGE_RUNS}`);
    this.#runOf = database
      .prepare<[number, SeriesRef], SeriesRow>(
        'SELECT series, labels FROM series WHERE tenant = ? AND series <= ? ORDER BY series DESC LIMIT 1',
      )
      .raw();
    this.#pageOfTenant = database
      .prepare<[number, SeriesRef, SeriesRef], SeriesRow>(
        `SELECT series, labels FROM series
         WHERE tenant = ? AND series >= ? AND series < ? ORDER BY series LIMIT ${PAGE_RUNS}`,
      )
      .raw();
    this.#copy = database.prepare(
      `INSERT OR IGNORE INTO series (tenant, series, count, labels)
       SELECT ?, series, count, labels FROM series WHERE tenant = ? AND series >= ? AND series < ?`,
    );
    this.#count = database.prepare<[number], number>('SELECT total(count) FROM series WHERE tenant = ?').pluck();
  }

  count(tenantNumber: number): number {
    return this.#count.get(tenantNumber) ?? 0;
  }

  /** Ascending. Whoever takes them may pause. */
  *ofTenant(tenantNumber: number, { from, end }: NumberRange): Generator<SeriesRow, void, undefined> {
    const rows = pagedRows<SeriesRow>((last) => this.#pageOfTenant.all(tenantNumber, last ? last[0] + 1 : from, end));
    yield* rows;
  }

  /** Copies runs that begin in the range from one tenant to another, unless they are there. */
  copy(fromTenant: number, toTenant: number, { from, end }: NumberRange): void {
    this.#copy.run(toTenant, fromTenant, from, end);
  }

  insert(tenantNumber: number, firstRef: SeriesRef, count: number, run: Uint8Array): void {
    this.#insert.run(tenantNumber, firstRef, count, run);
  }

  delete(tenantNumber: number, gone: ReadonlySet<SeriesRef>): void {
    let doneEnd = 0;
    for (const seriesRef of [...gone].sort((a, b) => a - b)) {
      if (seriesRef < doneEnd) continue;
      const row = this.#runOf.get(tenantNumber, seriesRef);
      // One that never got a sample has no row.
      if (row === undefined) continue;
      const [firstRef, run] = row;
      const left = withoutSeries(firstRef, run, gone);
      doneEnd = left.end;
      if (left.count === 0) this.#delete.run(tenantNumber, firstRef);
      else this.#update.run(left.count, left.run, tenantNumber, firstRef);
    }
  }

  /** Deletes the first rows of the tenant; how many. */
  deletePage(tenantNumber: number): number {
    return this.#deletePage.run(tenantNumber).changes;
  }
}
