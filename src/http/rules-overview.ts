import type { GroupState, RuleHealth } from '../ruler/group-state.ts';
import type { ProvisioningState } from '../ruler/provisioning/provisioner.ts';
import { alertState } from '../ruler/rules-filter.ts';
import { escapeHtml, page, table } from './pages.ts';

/** How the groups of all tenants are doing. Times are ISO 8601, null for what has not been yet. */
export interface RulesOverview {
  /** Where provisioned rules come from; null without such a folder. */
  readonly provisioning: {
    readonly folder: string;
    readonly error: string;
    readonly files: readonly {
      readonly path: string;
      readonly groups: readonly string[];
      readonly error: string;
      readonly loadedAt: string | null;
    }[];
  } | null;
  /** By tenant, namespace and name. */
  readonly groups: readonly GroupLine[];
}

export interface GroupLine {
  readonly tenant: string;
  readonly namespace: string;
  readonly group: string;
  readonly isProvisioned: boolean;
  /** Of its worst rule. */
  readonly health: RuleHealth;
  readonly ruleCount: number;
  readonly firingCount: number;
  readonly pendingCount: number;
  readonly lastEvaluation: string | null;
  readonly evaluationSeconds: number;
  readonly intervalSeconds: number;
  /** What is wrong with single rules, and with the file that the group comes from. */
  readonly errors: readonly string[];
}

export function provisioningOf({
  folder,
  error,
  files,
}: ProvisioningState): NonNullable<RulesOverview['provisioning']> {
  return {
    folder,
    error,
    files: files.map(({ path, groupNames, error, loadedAtMs }) => ({
      path,
      groups: groupNames,
      error,
      loadedAt: isoTime(loadedAtMs),
    })),
  };
}

export function groupLine(tenant: string, state: GroupState): GroupLine {
  const { namespace, group, provision, rules, intervalMs, lastEvaluationMs, durationMs } = state;
  const healths = rules.map(({ health }) => health);
  const alerts = rules.filter(({ rule }) => rule.kind === 'alerting').map(alertState);
  const count = (wanted: string): number => alerts.filter((one) => one === wanted).length;
  return {
    tenant,
    namespace,
    group: group.name,
    isProvisioned: provision !== undefined,
    health: healths.includes('err') ? 'err' : healths.includes('unknown') ? 'unknown' : 'ok',
    ruleCount: rules.length,
    firingCount: count('firing'),
    pendingCount: count('pending'),
    lastEvaluation: isoTime(lastEvaluationMs),
    evaluationSeconds: Math.round(durationMs * 1000) / 1e6,
    intervalSeconds: intervalMs / 1000,
    errors: [
      ...(provision?.error === undefined ? [] : [`${provision.source}: ${provision.error}`]),
      ...rules.filter(({ lastError }) => lastError !== '').map(({ rule, lastError }) => `${rule.name}: ${lastError}`),
    ],
  };
}

/** The overview as a page that needs nothing else. */
export function rulesOverviewPage({ provisioning, groups }: RulesOverview): string {
  const failing = groups.filter(({ health }) => health === 'err').length;
  const tenantCount = new Set(groups.map(({ tenant }) => tenant)).size;
  const summary = `${groups.length} groups of ${tenantCount} tenants, ${failing} of them with errors`;
  const parts = ['<h1>Rules</h1>', `<p>${escapeHtml(summary)}</p>`, table(groupColumns, groups.map(groupCells))];
  if (provisioning) {
    const { folder, error, files } = provisioning;
    parts.push('<h2>Provisioned files</h2>', `<p>${escapeHtml(error === '' ? folder : `${folder}: ${error}`)}</p>`);
    const rows = files.map((file) => [file.path, file.groups.join(', '), file.loadedAt ?? 'never', file.error || 'ok']);
    parts.push(table(['File', 'Groups', 'In force since', 'State'], rows));
  }
  return page('Rules', parts.join('\n'));
}

const groupColumns = [
  'Tenant',
  'Namespace',
  'Group',
  'From',
  'State',
  'Rules',
  'Firing',
  'Pending',
  'Last evaluation',
  'Took',
  'Every',
];

function groupCells(line: GroupLine): (string | number)[] {
  return [
    line.tenant,
    line.namespace,
    line.group,
    line.isProvisioned ? 'folder' : 'API',
    line.errors.length > 0 ? line.errors.join('; ') : line.health,
    line.ruleCount,
    line.firingCount,
    line.pendingCount,
    line.lastEvaluation ?? 'not yet',
    `${line.evaluationSeconds.toFixed(3)} s`,
    `${line.intervalSeconds} s`,
  ];
}

function isoTime(timeMs: number | undefined): string | null {
  return timeMs === undefined ? null : new Date(timeMs).toISOString();
}
