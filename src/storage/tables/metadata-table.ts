import type Database from 'better-sqlite3';
import type { MetricMetadata } from '../../model/write-batch.ts';
import { PAGE_ROWS } from './paged-rows.ts';

/** A metric may have several entries: its targets may say different things. */
export const METADATA_SCHEMA = `
  CREATE TABLE metadata (
    tenant INTEGER NOT NULL,
    metric TEXT NOT NULL,
    type TEXT NOT NULL,
    help TEXT NOT NULL,
    unit TEXT NOT NULL,
    PRIMARY KEY (tenant, metric, type, help, unit)
  ) STRICT, WITHOUT ROWID;
`;

export class MetadataTable {
  readonly #insert: Database.Statement<[number, string, string, string, string]>;
  readonly #deletePage: Database.Statement<[number]>;
  readonly #ofTenant: Database.Statement<[number], MetricMetadata>;

  constructor(database: Database.Database) {
    this.#insert = database.prepare(
      'INSERT OR IGNORE INTO metadata (tenant, metric, type, help, unit) VALUES (?, ?, ?, ?, ?)',
    );
    this.#deletePage = database.prepare(`DELETE FROM metadata WHERE tenant = ? ORDER BY metric LIMIT ${PAGE_ROWS}`);
    this.#ofTenant = database.prepare('SELECT metric, type, help, unit FROM metadata WHERE tenant = ?');
  }

  ofTenant(tenantNumber: number): MetricMetadata[] {
    return this.#ofTenant.all(tenantNumber);
  }

  insert(tenantNumber: number, { metric, type, help, unit }: MetricMetadata): void {
    this.#insert.run(tenantNumber, metric, type, help, unit);
  }

  /** Deletes the first rows of the tenant; how many. */
  deletePage(tenantNumber: number): number {
    return this.#deletePage.run(tenantNumber).changes;
  }
}
