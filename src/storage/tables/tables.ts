import type Database from 'better-sqlite3';
import { AlertmanagerConfigsTable } from './alertmanager-configs-table.ts';
import { ChunksTable } from './chunks-table.ts';
import { DeletedTenantsTable } from './deleted-tenants-table.ts';
import { ExemplarsTable } from './exemplars-table.ts';
import { LabelPairsTable } from './label-pairs-table.ts';
import { LogTable } from './log-table.ts';
import { MetadataTable } from './metadata-table.ts';
import { RuleGroupsTable } from './rule-groups-table.ts';
import { RuleProgressTable } from './rule-progress-table.ts';
import { SeriesTable } from './series-table.ts';
import { TenantOriginsTable } from './tenant-origins-table.ts';
import { TenantsTable } from './tenants-table.ts';

/** All tables of one database, their statements prepared once. */
export interface Tables {
  readonly tenants: TenantsTable;
  readonly deletedTenants: DeletedTenantsTable;
  readonly tenantOrigins: TenantOriginsTable;
  readonly labelPairs: LabelPairsTable;
  readonly series: SeriesTable;
  readonly log: LogTable;
  readonly chunks: ChunksTable;
  readonly exemplars: ExemplarsTable;
  readonly metadata: MetadataTable;
  readonly ruleGroups: RuleGroupsTable;
  readonly ruleProgress: RuleProgressTable;
  readonly alertmanagerConfigs: AlertmanagerConfigsTable;
}

export function prepareTables(database: Database.Database): Tables {
  return {
    tenants: new TenantsTable(database),
    deletedTenants: new DeletedTenantsTable(database),
    tenantOrigins: new TenantOriginsTable(database),
    labelPairs: new LabelPairsTable(database),
    series: new SeriesTable(database),
    log: new LogTable(database),
    chunks: new ChunksTable(database),
    exemplars: new ExemplarsTable(database),
    metadata: new MetadataTable(database),
    ruleGroups: new RuleGroupsTable(database),
    ruleProgress: new RuleProgressTable(database),
    alertmanagerConfigs: new AlertmanagerConfigsTable(database),
  };
}
