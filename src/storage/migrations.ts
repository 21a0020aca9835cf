import type Database from 'better-sqlite3';
import { ALERTMANAGER_CONFIGS_SCHEMA } from './tables/alertmanager-configs-table.ts';
import { CHUNKS_SCHEMA } from './tables/chunks-table.ts';
import { DELETED_TENANTS_SCHEMA } from './tables/deleted-tenants-table.ts';
import { EXEMPLARS_SCHEMA } from './tables/exemplars-table.ts';
import { LABEL_PAIRS_SCHEMA } from './tables/label-pairs-table.ts';
import { LOG_SCHEMA } from './tables/log-table.ts';
import { METADATA_SCHEMA } from './tables/metadata-table.ts';
import { RULE_GROUPS_SCHEMA } from './tables/rule-groups-table.ts';
import { RULE_PROGRESS_SCHEMA } from './tables/rule-progress-table.ts';
import { SERIES_RUNS_SCHEMA, SERIES_SCHEMA } from './tables/series-table.ts';
import { TENANT_ORIGINS_SCHEMA } from './tables/tenant-origins-table.ts';
import { TENANTS_SCHEMA } from './tables/tenants-table.ts';

/**
 * What brings a file from one version to the next, oldest first: entry `n` makes version `n + 1`. An entry that was
 * released never changes. A table's schema constant is that of the version that brought it; a later change of a table is an entry here.
 */
const migrations: readonly ((database: Database.Database) => void)[] = [
  (database) => {
    for (const schema of [
      TENANTS_SCHEMA,
      LABEL_PAIRS_SCHEMA,
      SERIES_SCHEMA,
      LOG_SCHEMA,
      CHUNKS_SCHEMA,
      EXEMPLARS_SCHEMA,
      METADATA_SCHEMA,
      RULE_GROUPS_SCHEMA,
    ]) {
      database.exec(schema);
    }
  },
  (database) => {
    database.exec(ALERTMANAGER_CONFIGS_SCHEMA);
  },
  (database) => {
    database.exec(RULE_PROGRESS_SCHEMA);
  },
  (database) => {
    database.exec(DELETED_TENANTS_SCHEMA);
  },
  (database) => {
    database.exec(TENANT_ORIGINS_SCHEMA);
  },
  (database) => {
    database.exec(SERIES_RUNS_SCHEMA);
  },
];

/** The version that this program writes. */
export const SCHEMA_VERSION = migrations.length;

/** Brings the schema from `version` up to date, inside the caller's transaction. */
export function migrate(database: Database.Database, version: number): void {
  if (version === SCHEMA_VERSION) return;
  for (const migration of migrations.slice(version)) migration(database);
  database.pragma(`user_version = ${SCHEMA_VERSION}`);
}
