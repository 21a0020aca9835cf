import type Database from 'better-sqlite3';
import type { TenantId } from '../../model/tenant.ts';

/**
 * Forks that have not got all of their rows yet: they read those of their origin, below these numbers. See
 * tenant-origins.ts.
 */
export const TENANT_ORIGINS_SCHEMA = `
  CREATE TABLE tenant_origins (
    tenant INTEGER PRIMARY KEY,
    origin INTEGER NOT NULL,
    pairs_end INTEGER NOT NULL,
    series_end INTEGER NOT NULL,
    log_end INTEGER NOT NULL
  ) STRICT;
`;

/** What a fork found when it was made: nothing of its origin with such a number or a higher one is its own. */
export interface OriginEnds {
  readonly pairsEnd: number;
  readonly seriesEnd: number;
  readonly logEnd: number;
}

export interface OriginRow extends OriginEnds {
  /** The fork. */
  readonly tenant: number;
  /** Undefined when it was deleted, and only forks of it are left. */
  readonly name: TenantId | undefined;
  readonly origin: number;
}

export class TenantOriginsTable {
  readonly #insert: Database.Statement<[number, number, number, number, number]>;
  readonly #delete: Database.Statement<[number]>;
  readonly #all: Database.Statement<[], Omit<OriginRow, 'name'> & { readonly name: TenantId | null }>;

  constructor(database: Database.Database) {
    this.#insert = database.prepare(
      'INSERT INTO tenant_origins (tenant, origin, pairs_end, series_end, log_end) VALUES (?, ?, ?, ?, ?)',
    );
    this.#delete = database.prepare('DELETE FROM tenant_origins WHERE tenant = ?');
    this.#all = database.prepare(
      `SELECT tenant, name, origin, pairs_end AS pairsEnd, series_end AS seriesEnd, log_end AS logEnd
       FROM tenant_origins LEFT JOIN tenants USING (tenant)`,
    );
  }

  all(): OriginRow[] {
    return this.#all.all().map(({ name, ...row }) => ({ ...row, name: name ?? undefined }));
  }

  insert({ tenant, origin, pairsEnd, seriesEnd, logEnd }: OriginRow): void {
    this.#insert.run(tenant, origin, pairsEnd, seriesEnd, logEnd);
  }

  delete(tenantNumber: number): void {
    this.#delete.run(tenantNumber);
  }

  /** Deletes the row of the tenant; how many. */
  deletePage(tenantNumber: number): number {
    return this.#delete.run(tenantNumber).changes;
  }
}
