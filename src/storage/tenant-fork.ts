import type Database from 'better-sqlite3';
import type { TenantId } from '../model/tenant.ts';
import { inTransaction } from './database.ts';
import type { OriginRow } from './tables/tenant-origins-table.ts';
import type { TenantData } from './tenant-data.ts';
import type { TenantOrigins } from './tenant-origins.ts';

/** Rows with a tenant in front and nothing else to change, few enough to be copied at once. */
const TABLES_OF_SETTINGS = {
  rule_groups: 'namespace, name, definition',
  rule_progress: 'group_key, evaluated_ms',
  alertmanager_configs: 'configuration, templates',
};
const TABLES_OF_DATA = {
  metadata: 'metric, type, help, unit',
  exemplars: 'sequence, series, timestamp_ms, value, labels',
};

export interface ForkContext {
  readonly database: Database.Database;
  readonly origins: TenantOrigins;
  /** Of what nobody will read again, memory has all that counts. */
  readonly isInMemory: boolean;
}

/**
 * Writes the rows of a fork, durable when it returns: its name, its settings, and whose other rows it reads. All series
 * of `source` have to be on disk.
 */
export function insertFork(
  { database, origins, isInMemory }: ForkContext,
  source: TenantData,
  name: TenantId,
  number: number,
): void {
  const row = originOf(source, name, number, origins, isInMemory);
  inTransaction(database, () => {
    database.prepare('INSERT INTO tenants (tenant, name) VALUES (?, ?)').run(number, name);
    const tables = { ...TABLES_OF_SETTINGS, ...(isInMemory ? {} : TABLES_OF_DATA) };
    for (const [table, columns] of Object.entries(tables)) {
      database
        .prepare(`INSERT INTO ${table} (tenant, ${columns}) SELECT ?, ${columns} FROM ${table} WHERE tenant = ?`)
        .run(number, source.number);
    }
    origins.insert(row);
  });
  origins.added(row);
}

function originOf(
  source: TenantData,
  name: TenantId,
  tenant: number,
  origins: TenantOrigins,
  isInMemory: boolean,
): OriginRow {
  const ends = {
    pairsEnd: source.labels.nextPair,
    seriesEnd: source.seriesByRef.length,
    logEnd: source.nextSequence,
  };
  const ofSource = origins.of(source.number);
  // A fork that has added nothing is passed over. In memory only chunks are read, and those are of the first origin.
  const isAsItsOrigin =
    ofSource !== undefined &&
    (isInMemory ||
      (ofSource.pairsEnd === ends.pairsEnd &&
        ofSource.seriesEnd === ends.seriesEnd &&
        ofSource.logEnd === ends.logEnd));
  return { tenant, name, origin: isAsItsOrigin ? ofSource.origin : source.number, ...ends };
}
