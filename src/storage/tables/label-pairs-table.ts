import type Database from 'better-sqlite3';
import { decodeUtf8, encodeUtf8 } from '../../model/utf8.ts';
import { type NumberRange, PAGE_ROWS, pagedRows } from './paged-rows.ts';

/**
 * Every name and value that a tenant's series use, once; a series lists its pairs by number, which takes a tenth of
 * the room of the texts. BLOB, because a label value may be no valid UTF-8.
 */
export const LABEL_PAIRS_SCHEMA = `
  CREATE TABLE label_pairs (
    tenant INTEGER NOT NULL,
    pair INTEGER NOT NULL,
    name BLOB NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (tenant, pair)
  ) STRICT, WITHOUT ROWID;
`;

interface LabelPairRow {
  readonly pair: number;
  readonly name: string;
  readonly value: string;
}

type RawLabelPairRow = [pair: number, name: Buffer, value: Buffer];

export class LabelPairsTable {
  readonly #insert: Database.Statement<[number, number, Uint8Array, Uint8Array]>;
  readonly #delete: Database.Statement<[number, number]>;
  readonly #deletePage: Database.Statement<[number]>;
  readonly #ofTenant: Database.Statement<[number, number, number], RawLabelPairRow>;
  readonly #copy: Database.Statement<[number, number, number, number]>;

  constructor(database: Database.Database) {
    this.#insert = database.prepare('INSERT INTO label_pairs (tenant, pair, name, value) VALUES (?, ?, ?, ?)');
    this.#delete = database.prepare('DELETE FROM label_pairs WHERE tenant = ? AND pair = ?');
    this.#deletePage = database.prepare(`DELETE FROM label_pairs WHERE tenant = ? ORDER BY pair LIMIT ${PAGE_ROWS}`);
    this.#ofTenant = database
      .prepare<[number, number, number], RawLabelPairRow>(
        `SELECT pair, name, value FROM label_pairs
         WHERE tenant = ? AND pair >= ? AND pair < ? ORDER BY pair LIMIT ${PAGE_ROWS}`,
      )
      .raw();
    this.#copy = database.prepare(
      `INSERT OR IGNORE INTO label_pairs (tenant, pair, name, value)
       SELECT ?, pair, name, value FROM label_pairs WHERE tenant = ? AND pair >= ? AND pair < ?`,
    );
  }

  /** Whoever takes them may pause. */
  *ofTenant(tenantNumber: number, { from, end }: NumberRange): Generator<LabelPairRow> {
    const rows = pagedRows<RawLabelPairRow>((last) => this.#ofTenant.all(tenantNumber, last ? last[0] + 1 : from, end));
    for (const [pair, name, value] of rows) {
      yield { pair, name: decodeUtf8(name), value: decodeUtf8(value) };
    }
  }

  insert(tenantNumber: number, { pair, name, value }: LabelPairRow): void {
    this.#insert.run(tenantNumber, pair, encodeUtf8(name), encodeUtf8(value));
  }

  /** Copies rows of one tenant to another, unless they are there. */
  copy(fromTenant: number, toTenant: number, { from, end }: NumberRange): void {
    this.#copy.run(toTenant, fromTenant, from, end);
  }

  delete(tenantNumber: number, pair: number): void {
    this.#delete.run(tenantNumber, pair);
  }

  /** Deletes the first rows of the tenant; how many. */
  deletePage(tenantNumber: number): number {
    return this.#deletePage.run(tenantNumber).changes;
  }
}
