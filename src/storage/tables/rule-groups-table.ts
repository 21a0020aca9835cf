import type Database from 'better-sqlite3';
import type { StoredRuleGroup } from '../types.ts';
import { PAGE_ROWS } from './paged-rows.ts';

/** Rule groups that came in through the configuration API. */
export const RULE_GROUPS_SCHEMA = `
  CREATE TABLE rule_groups (
    tenant INTEGER NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    definition TEXT NOT NULL,
    PRIMARY KEY (tenant, namespace, name)
  ) STRICT, WITHOUT ROWID;
`;

export class RuleGroupsTable {
  readonly #upsert: Database.Statement<[number, string, string, string]>;
  readonly #delete: Database.Statement<[number, string, string]>;
  readonly #deleteNamespace: Database.Statement<[number, string]>;
  readonly #deletePage: Database.Statement<[number]>;
  readonly #ofTenant: Database.Statement<[number], StoredRuleGroup>;

  constructor(database: Database.Database) {
    this.#upsert = database.prepare(
      `INSERT INTO rule_groups (tenant, namespace, name, definition) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET definition = excluded.definition`,
    );
    this.#delete = database.prepare('DELETE FROM rule_groups WHERE tenant = ? AND namespace = ? AND name = ?');
    this.#deleteNamespace = database.prepare('DELETE FROM rule_groups WHERE tenant = ? AND namespace = ?');
    this.#deletePage = database.prepare(
      `DELETE FROM rule_groups WHERE tenant = ? ORDER BY namespace, name LIMIT ${PAGE_ROWS}`,
    );
    this.#ofTenant = database.prepare(
      'SELECT namespace, name AS "group", definition FROM rule_groups WHERE tenant = ? ORDER BY namespace, name',
    );
  }

  /** By namespace, then by name. */
  ofTenant(tenantNumber: number): StoredRuleGroup[] {
    return this.#ofTenant.all(tenantNumber);
  }

  set(tenantNumber: number, { namespace, group, definition }: StoredRuleGroup): void {
    this.#upsert.run(tenantNumber, namespace, group, definition);
  }

  /** Without `group` all of the namespace. How many there were. */
  delete(tenantNumber: number, namespace: string, group?: string): number {
    const result =
      group === undefined
        ? this.#deleteNamespace.run(tenantNumber, namespace)
        : this.#delete.run(tenantNumber, namespace, group);
    return result.changes;
  }

  /** Deletes the first rows of the tenant; how many. */
  deletePage(tenantNumber: number): number {
    return this.#deletePage.run(tenantNumber).changes;
  }
}
