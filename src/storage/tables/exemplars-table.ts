import type Database from 'better-sqlite3';
import type { Exemplar } from '../../model/write-batch.ts';
import type { SeriesRef } from '../types.ts';
import { PAGE_ROWS, pagedRows } from './paged-rows.ts';

/** `sequence` counts a tenant's exemplars: the lowest go first. `value` is the 8 bytes of a double: a REAL is no NaN. */
export const EXEMPLARS_SCHEMA = `
  CREATE TABLE exemplars (
    tenant INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    series INTEGER NOT NULL,
    timestamp_ms REAL NOT NULL,
    value BLOB NOT NULL,
    labels TEXT NOT NULL,
    PRIMARY KEY (tenant, sequence)
  ) STRICT, WITHOUT ROWID;
`;

export interface ExemplarRow {
  readonly sequence: number;
  readonly seriesRef: SeriesRef;
  readonly exemplar: Exemplar;
}

type RawExemplarRow = [sequence: number, series: SeriesRef, timestampMs: number, value: Buffer, labels: string];

export class ExemplarsTable {
  readonly #insert: Database.Statement<[number, number, number, number, Uint8Array, string]>;
  readonly #deleteUpTo: Database.Statement<[number, number]>;
  readonly #deletePage: Database.Statement<[number]>;
  readonly #ofTenant: Database.Statement<[number, number], RawExemplarRow>;

  constructor(database: Database.Database) {
    this.#insert = database.prepare(
      'INSERT INTO exemplars (tenant, sequence, series, timestamp_ms, value, labels) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#deleteUpTo = database.prepare('DELETE FROM exemplars WHERE tenant = ? AND sequence <= ?');
    this.#deletePage = database.prepare(`DELETE FROM exemplars WHERE tenant = ? ORDER BY sequence LIMIT ${PAGE_ROWS}`);
    this.#ofTenant = database
      .prepare<[number, number], RawExemplarRow>(
        `SELECT sequence, series, timestamp_ms, value, labels FROM exemplars
         WHERE tenant = ? AND sequence > ? ORDER BY sequence LIMIT ${PAGE_ROWS}`,
      )
      .raw();
  }

  /** Oldest first. Whoever takes them may pause. */
  *ofTenant(tenantNumber: number): Generator<ExemplarRow> {
    const rows = pagedRows<RawExemplarRow>((last) => this.#ofTenant.all(tenantNumber, last?.[0] ?? 0));
    for (const [sequence, seriesRef, timestampMs, value, labels] of rows) {
      const pairs = JSON.parse(labels) as Exemplar['labels'];
      yield { sequence, seriesRef, exemplar: { labels: pairs, value: value.readDoubleLE(), timestampMs } };
    }
  }

  insert(tenantNumber: number, { sequence, seriesRef, exemplar }: ExemplarRow): void {
    const value = Buffer.alloc(8);
    value.writeDoubleLE(exemplar.value);
    // JSON escapes the lone surrogates of an invalid UTF-8 text, so TEXT takes it.
    const labels = JSON.stringify(exemplar.labels);
    this.#insert.run(tenantNumber, sequence, seriesRef, exemplar.timestampMs, value, labels);
  }

  /** Deletes the oldest, `sequence` included. */
  deleteUpTo(tenantNumber: number, sequence: number): void {
    this.#deleteUpTo.run(tenantNumber, sequence);
  }

  /** Deletes the first rows of the tenant; how many. */
  deletePage(tenantNumber: number): number {
    return this.#deletePage.run(tenantNumber).changes;
  }
}
