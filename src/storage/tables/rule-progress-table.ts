import type Database from 'better-sqlite3';
import { PAGE_ROWS } from './paged-rows.ts';

/** How far rule groups were evaluated, so that a process goes on where the one before it ended. */
export const RULE_PROGRESS_SCHEMA = `
  CREATE TABLE rule_progress (
    tenant INTEGER NOT NULL,
    group_key TEXT NOT NULL,
    evaluated_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant, group_key)
  ) STRICT, WITHOUT ROWID;
`;

interface ProgressRow {
  readonly groupKey: string;
  readonly evaluatedMs: number;
}

export class RuleProgressTable {
  readonly #upsert: Database.Statement<[number, string, number]>;
  readonly #delete: Database.Statement<[number, string]>;
  readonly #deletePage: Database.Statement<[number]>;
  readonly #ofTenant: Database.Statement<[number], ProgressRow>;

  constructor(database: Database.Database) {
    this.#upsert = database.prepare(
      `INSERT INTO rule_progress (tenant, group_key, evaluated_ms) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET evaluated_ms = excluded.evaluated_ms`,
    );
    this.#delete = database.prepare('DELETE FROM rule_progress WHERE tenant = ? AND group_key = ?');
    this.#deletePage = database.prepare(
      `DELETE FROM rule_progress WHERE tenant = ? ORDER BY group_key LIMIT ${PAGE_ROWS}`,
    );
    this.#ofTenant = database.prepare(
      'SELECT group_key AS groupKey, evaluated_ms AS evaluatedMs FROM rule_progress WHERE tenant = ?',
    );
  }

  ofTenant(tenantNumber: number): Map<string, number> {
    return new Map(this.#ofTenant.all(tenantNumber).map(({ groupKey, evaluatedMs }) => [groupKey, evaluatedMs]));
  }

  set(tenantNumber: number, groupKey: string, evaluatedMs: number): void {
    this.#upsert.run(tenantNumber, groupKey, evaluatedMs);
  }

  delete(tenantNumber: number, groupKey: string): void {
    this.#delete.run(tenantNumber, groupKey);
  }

  /** Deletes the first rows of the tenant; how many. */
  deletePage(tenantNumber: number): number {
    return this.#deletePage.run(tenantNumber).changes;
  }
}
