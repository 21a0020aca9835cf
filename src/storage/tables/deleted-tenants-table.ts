import type Database from 'better-sqlite3';

/** Tenants that were deleted and may have rows left in other tables: nobody reads them, see tenant-purge.ts. */
export const DELETED_TENANTS_SCHEMA = `
  CREATE TABLE deleted_tenants (
    tenant INTEGER PRIMARY KEY
  ) STRICT;
`;

export class DeletedTenantsTable {
  readonly #insert: Database.Statement<[number]>;
  readonly #delete: Database.Statement<[number]>;
  readonly #all: Database.Statement<[], number>;

  constructor(database: Database.Database) {
    this.#insert = database.prepare('INSERT INTO deleted_tenants (tenant) VALUES (?)');
    this.#delete = database.prepare('DELETE FROM deleted_tenants WHERE tenant = ?');
    this.#all = database.prepare<[], number>('SELECT tenant FROM deleted_tenants ORDER BY tenant').pluck();
  }

  /** Their numbers, ascending. */
  all(): number[] {
    return this.#all.all();
  }

  insert(tenantNumber: number): void {
    this.#insert.run(tenantNumber);
  }

  delete(tenantNumber: number): void {
    this.#delete.run(tenantNumber);
  }
}
