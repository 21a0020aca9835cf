import type Database from 'better-sqlite3';
import type { StoredAlertmanagerConfig } from '../types.ts';

/** Configurations of Alertmanagers, as their tenants sent them. */
export const ALERTMANAGER_CONFIGS_SCHEMA = `
  CREATE TABLE alertmanager_configs (
    tenant INTEGER PRIMARY KEY,
    configuration TEXT NOT NULL,
    templates TEXT NOT NULL
  ) STRICT;
`;

interface Row {
  readonly configuration: string;
  /** An object of texts, as JSON. */
  readonly templates: string;
}

export class AlertmanagerConfigsTable {
  readonly #upsert: Database.Statement<[number, string, string]>;
  readonly #delete: Database.Statement<[number]>;
  readonly #ofTenant: Database.Statement<[number], Row>;

  constructor(database: Database.Database) {
    this.#upsert = database.prepare(
      `INSERT INTO alertmanager_configs (tenant, configuration, templates) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET configuration = excluded.configuration, templates = excluded.templates`,
    );
    this.#delete = database.prepare('DELETE FROM alertmanager_configs WHERE tenant = ?');
    this.#ofTenant = database.prepare('SELECT configuration, templates FROM alertmanager_configs WHERE tenant = ?');
  }

  ofTenant(tenantNumber: number): StoredAlertmanagerConfig | undefined {
    const row = this.#ofTenant.get(tenantNumber);
    return row && { configuration: row.configuration, templates: JSON.parse(row.templates) as Record<string, string> };
  }

  set(tenantNumber: number, { configuration, templates }: StoredAlertmanagerConfig): void {
    this.#upsert.run(tenantNumber, configuration, JSON.stringify(templates));
  }

  delete(tenantNumber: number): void {
    this.#delete.run(tenantNumber);
  }

  /** Deletes the row of the tenant; how many there were. */
  deletePage(tenantNumber: number): number {
    return this.#delete.run(tenantNumber).changes;
  }
}
