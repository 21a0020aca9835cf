import type { Labels } from '../model/labels.ts';
import type { Rule, RuleGroup } from './rule-group.ts';

export type RuleHealth = 'unknown' | 'ok' | 'err';

/** How a rule did at its last evaluation. */
export interface RuleState {
  readonly rule: Rule;
  /** Its own labels and the group's. */
  readonly labels: Labels;
  /** The expression as PromQL prints it. */
  readonly query: string;
  readonly health: RuleHealth;
  readonly lastError: string;
  /** Undefined before the first evaluation, as are durations 0. */
  readonly lastEvaluationMs: number | undefined;
  readonly durationMs: number;
}

export interface GroupState {
  readonly namespace: string;
  readonly group: RuleGroup;
  readonly intervalMs: number;
  readonly lastEvaluationMs: number | undefined;
  readonly durationMs: number;
  readonly rules: readonly RuleState[];
}
