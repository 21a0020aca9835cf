/** A rule group as a tenant configured it. Durations are in milliseconds. */
export interface RuleGroup {
  readonly name: string;
  /** 0 stands for the server's interval. */
  readonly intervalMs: number;
  /** How far in the past the rules are evaluated; undefined for the tenant's limit. */
  readonly queryOffsetMs: number | undefined;
  /** The most series (or alerts) that one rule may yield; 0 is no limit. */
  readonly limit: number;
  readonly rules: readonly Rule[];
  /** For all results of the group, where a rule does not set the label itself. */
  readonly labels: TextMap;
}

export type TextMap = Readonly<Record<string, string>>;

export type Rule = RecordingRule | AlertingRule;

export interface RecordingRule {
  readonly kind: 'recording';
  /** The name of the series it records. */
  readonly name: string;
  /** As it was written. */
  readonly expr: string;
  readonly labels: TextMap;
}

export interface AlertingRule {
  readonly kind: 'alerting';
  readonly name: string;
  readonly expr: string;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly labels: TextMap;
  readonly annotations: TextMap;
}

/** The labels that all results of `rule` get: its own, and those of the group that it does not set. */
export function labelsOfRule(group: RuleGroup, rule: Rule): TextMap {
  return { ...group.labels, ...rule.labels };
}

/** The text that the store keeps. */
export function serializeRuleGroup(group: RuleGroup): string {
  return JSON.stringify(group);
}

/** The inverse of `serializeRuleGroup`: only for texts that came from it. */
export function deserializeRuleGroup(text: string): RuleGroup {
  const group = JSON.parse(text) as RuleGroup;
  // JSON has no undefined: the key is simply not there.
  return { ...group, queryOffsetMs: group.queryOffsetMs };
}
