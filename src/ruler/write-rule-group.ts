import { formatDuration } from '../model/duration.ts';
import { sortedKeys, writeYaml, type YamlValue } from './go-yaml.ts';
import type { Rule, RuleGroup, TextMap } from './rule-group.ts';

/** Namespaces with their groups. */
export type RuleNamespaces = ReadonlyMap<string, readonly RuleGroup[]>;

/** One group as Cortex's API prints it. */
export function ruleGroupYaml(group: RuleGroup): string {
  return writeYaml(groupValue(group));
}

/** All namespaces of a tenant, as Cortex's API prints them. */
export function namespacesYaml(namespaces: RuleNamespaces): string {
  return writeYaml(namespacesValue(namespaces));
}

/** One tenant's part of the list of all tenants. */
export function tenantYaml(tenant: string, namespaces: RuleNamespaces): string {
  return writeYaml({ [tenant]: namespacesValue(namespaces) });
}

function namespacesValue(namespaces: RuleNamespaces): Record<string, YamlValue> {
  return sortedKeys(Object.fromEntries([...namespaces].map(([name, groups]) => [name, groups.map(groupValue)])));
}

function groupValue(group: RuleGroup): YamlValue {
  return {
    name: group.name,
    interval: durationValue(group.intervalMs),
    query_offset: group.queryOffsetMs === undefined ? undefined : formatDuration(group.queryOffsetMs),
    limit: group.limit === 0 ? undefined : group.limit,
    rules: group.rules.map(ruleValue),
    labels: mapValue(group.labels),
  };
}

function ruleValue(rule: Rule): YamlValue {
  if (rule.kind === 'recording') return { record: rule.name, expr: rule.expr, labels: mapValue(rule.labels) };
  return {
    alert: rule.name,
    expr: rule.expr,
    for: durationValue(rule.forMs),
    keep_firing_for: durationValue(rule.keepFiringForMs),
    labels: mapValue(rule.labels),
    annotations: mapValue(rule.annotations),
  };
}

function durationValue(durationMs: number): string | undefined {
  return durationMs === 0 ? undefined : formatDuration(durationMs);
}

function mapValue(map: TextMap): YamlValue | undefined {
  return Object.keys(map).length === 0 ? undefined : sortedKeys(map);
}
