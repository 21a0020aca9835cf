import type Database from 'better-sqlite3';
import type { TenantId } from '../model/tenant.ts';
import type { ChunkStore } from './chunk-store.ts';
import { inTransaction } from './database.ts';
import type { TenantData } from './tenant-data.ts';

/**
 * What has to be added to the numbers of a tenant's chunks so that nobody has them yet, for numbers of chunks are those of
 * the whole file. They are taken when it returns.
 */
export function chunkIdOffset(data: TenantData, store: ChunkStore): number {
  let lowest = Infinity;
  let highest = -Infinity;
  const include = (chunkId: number): void => {
    lowest = Math.min(lowest, chunkId);
    highest = Math.max(highest, chunkId);
  };
  for (const series of data.seriesByRef) {
    if (series === undefined) continue;
    for (let index = 0; index < series.chunks.count; index++) include(series.chunks.idAt(index));
    for (const { chunkId } of series.sealed ?? []) include(chunkId);
  }
  if (lowest === Infinity) return 0;
  const idOffset = store.nextId() - lowest;
  store.reserveIds(highest + idOffset);
  return idOffset;
}

export interface RowCopy {
  /** Numbers of tenants. */
  readonly from: number;
  readonly to: number;
  /** The new tenant. */
  readonly name: TenantId;
  readonly idOffset: number;
  /** Of what nobody will read again, memory has all that counts. */
  readonly isInMemory: boolean;
}

/** Rows with a tenant in front and nothing else to change. */
const TABLES_OF_SETTINGS = {
  rule_groups: 'namespace, name, definition',
  rule_progress: 'group_key, evaluated_ms',
  alertmanager_configs: 'configuration, templates',
};
const TABLES_OF_DATA = {
  label_pairs: 'pair, name, value',
  series: 'series, labels',
  log: 'sequence, record',
  metadata: 'metric, type, help, unit',
  exemplars: 'sequence, series, timestamp_ms, value, labels',
};

/** Copies the rows of a tenant, inside a transaction: all or nothing. */
export function copyRows(database: Database.Database, { from, to, name, idOffset, isInMemory }: RowCopy): void {
  inTransaction(database, () => {
    database.prepare('INSERT INTO tenants (tenant, name) VALUES (?, ?)').run(to, name);
    const tables = { ...TABLES_OF_SETTINGS, ...(isInMemory ? {} : TABLES_OF_DATA) };
    for (const [table, columns] of Object.entries(tables)) {
      database
        .prepare(`INSERT INTO ${table} (tenant, ${columns}) SELECT ?, ${columns} FROM ${table} WHERE tenant = ?`)
        .run(to, from);
    }
    database
      .prepare(
        `INSERT INTO chunk_data (chunk, tenant, data)
         SELECT chunk + ?, ?, data FROM chunk_data WHERE chunk IN (SELECT chunk FROM chunks WHERE tenant = ?)`,
      )
      .run(idOffset, to, from);
    database
      .prepare(
        `INSERT INTO chunks (tenant, series, chunk, min_ms, max_ms, sample_count, is_late)
         SELECT ?, series, chunk + ?, min_ms, max_ms, sample_count, is_late FROM chunks WHERE tenant = ?`,
      )
      .run(to, idOffset, from);
  });
}
