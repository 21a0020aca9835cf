import type Database from 'better-sqlite3';
import { decodeUtf8, encodeUtf8 } from '../../model/utf8.ts';

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

export class LabelPairsTable {
  readonly #insert: Database.Statement<[number, number, Uint8Array, Uint8Array]>;
  readonly #delete: Database.Statement<[number, number]>;
  readonly #deleteTenant: Database.Statement<[number]>;
  readonly #ofTenant: Database.Statement<[number], [pair: number, name: Buffer, value: Buffer]>;

  constructor(database: Database.Database) {
    this.#insert = database.prepare('INSERT INTO label_pairs (tenant, pair, name, value) VALUES (?, ?, ?, ?)');
    this.#delete = database.prepare('DELETE FROM label_pairs WHERE tenant = ? AND pair = ?');
    this.#deleteTenant = database.prepare('DELETE FROM label_pairs WHERE tenant = ?');
    this.#ofTenant = database
      .prepare<[number], [number, Buffer, Buffer]>('SELECT pair, name, value FROM label_pairs WHERE tenant = ?')
      .raw();
  }

  *ofTenant(tenantNumber: number): Generator<LabelPairRow> {
    for (const [pair, name, value] of this.#ofTenant.iterate(tenantNumber)) {
      yield { pair, name: decodeUtf8(name), value: decodeUtf8(value) };
    }
  }

  insert(tenantNumber: number, { pair, name, value }: LabelPairRow): void {
    this.#insert.run(tenantNumber, pair, encodeUtf8(name), encodeUtf8(value));
  }

  delete(tenantNumber: number, pair: number): void {
    this.#delete.run(tenantNumber, pair);
  }

  deleteTenant(tenantNumber: number): void {
    this.#deleteTenant.run(tenantNumber);
  }
}
