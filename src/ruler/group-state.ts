import type { Labels } from '../model/labels.ts';
import type { Alert } from './active-alerts.ts';
import type { Rule, RuleGroup } from './rule-group.ts';

export type RuleHealth = 'unknown' | 'ok' | 'err';

/** How a rule did at its last evaluation. */
export interface RuleState {
  readonly rule: Rule;
  /** Its own labels and the group's. */
  readonly labels: Labels;
  /** The expression as PromQL prints it. */
  readonly query: string;
  /** The pending and firing alerts of an alerting rule. */
  readonly alerts: readonly Alert[];
  readonly health: RuleHealth;
  readonly lastError: string;
  /** Undefined before the first evaluation, as are durations 0. */
  readonly lastEvaluationMs: number | undefined;
  readonly durationMs: number;
}

/** Where a group comes from that nobody set through the configuration API. */
export interface Provision {
  /** The file it stands in. */
  readonly source: string;
  /** What is wrong with that file now; the group runs in its last good form. */
  readonly error?: string | undefined;
}

export interface GroupState {
  readonly namespace: string;
  readonly group: RuleGroup;
  /** Of a provisioned group, which can only be read. */
  readonly provision: Provision | undefined;
  readonly intervalMs: number;
  readonly lastEvaluationMs: number | undefined;
  readonly durationMs: number;
  readonly rules: readonly RuleState[];
}
