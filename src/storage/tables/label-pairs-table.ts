import type Database from 'better-sqlite3';
import { decodeUtf8, encodeUtf8, isValidUtf8 } from '../../model/utf8.ts';
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

const ROWS_AT_ONCE = 32;

export class LabelPairsTable {
  readonly #insert: Database.Statement<[number, number, string | Uint8Array, string | Uint8Array]>;
  readonly #insertSome: Database.Statement<[readonly (number | string | Uint8Array)[]]>;
  readonly #delete: Database.Statement<[number, number]>;
  readonly #deletePage: Database.Statement<[number]>;
  readonly #ofTenant: Database.Statement<[number, number, number], RawLabelPairRow>;
  readonly #copy: Database.Statement<[number, number, number, number]>;

  constructor(database: Database.Database) {
    const columns = 'INSERT INTO label_pairs (tenant, pair, name, value)';
    // SQLite encodes texts faster than this process does.
    const row = '(?, ?, CAST(? AS BLOB), CAST(? AS BLOB))';
    this.#insert = database.prepare(`${columns} VALUES ${row}`);
    this.#insertSome = database.prepare(`${columns} VALUES ${new Array(ROWS_AT_ONCE).fill(row).join()}`);
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

  insert(tenantNumber: number, rows: readonly LabelPairRow[]): void {
    let at = 0;
    const parameters: (number | string | Uint8Array)[] = [];
    // A call for each takes longer than SQLite for its part.
    for (; at + ROWS_AT_ONCE <= rows.length; at += ROWS_AT_ONCE) {
      parameters.length = 0;
      for (let i = at; i < at + ROWS_AT_ONCE; i++) {
        const { pair, name, value } = rows[i]!;
        parameters.push(tenantNumber, pair, bytesOf(name), bytesOf(value));
      }
      this.#insertSome.run(parameters);
    }
    for (; at < rows.length; at++) {
      const { pair, name, value } = rows[at]!;
      this.#insert.run(tenantNumber, pair, bytesOf(name), bytesOf(value));
    }
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

/** What `CAST(… AS BLOB)` makes the bytes of `text` of. SQLite knows nothing of bytes that are no UTF-8. */
function bytesOf(text: string): string | Uint8Array {
  return isValidUtf8(text) ? text : encodeUtf8(text);
}
