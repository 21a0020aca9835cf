import type Database from 'better-sqlite3';
import type { TenantId } from '../../model/tenant.ts';

/** Every other table names a tenant by its number, first in its key. A number is never used twice in a file. */
export const TENANTS_SCHEMA = `
  CREATE TABLE tenants (
    tenant INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
  ) STRICT;
`;

interface TenantRow {
  readonly tenant: number;
  readonly name: TenantId;
}

export class TenantsTable {
  readonly #insert: Database.Statement<[number, string]>;
  readonly #delete: Database.Statement<[number]>;
  readonly #all: Database.Statement<[], TenantRow>;
  readonly #lastNumber: Database.Statement<[], number>;

  constructor(database: Database.Database) {
    this.#insert = database.prepare('INSERT INTO tenants (tenant, name) VALUES (?, ?)');
    this.#delete = database.prepare('DELETE FROM tenants WHERE tenant = ?');
    this.#all = database.prepare('SELECT tenant, name FROM tenants');
    this.#lastNumber = database.prepare<[], number>("SELECT seq FROM sqlite_sequence WHERE name = 'tenants'").pluck();
  }

  all(): TenantRow[] {
    return this.#all.all();
  }

  /** The highest number that any tenant ever had. */
  lastNumber(): number {
    return this.#lastNumber.get() ?? 0;
  }

  insert(tenantNumber: number, tenant: TenantId): void {
    this.#insert.run(tenantNumber, tenant);
  }

  /** Whether it was there. */
  delete(tenantNumber: number): boolean {
    return this.#delete.run(tenantNumber).changes > 0;
  }
}
