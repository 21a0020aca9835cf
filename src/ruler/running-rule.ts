import { Labels } from '../model/labels.ts';
import { ActiveAlerts } from './active-alerts.ts';
import type { RuleHealth, RuleState } from './group-state.ts';
import { labelsOfRule, type Rule, type RuleGroup } from './rule-group.ts';

/** Series by their keys. */
export type SeriesSet = Map<string, Labels>;

/** A rule at work: what it is, and what came of its last evaluation. */
export class RunningRule {
  readonly rule: Rule;
  /** Its own labels and the group's. */
  readonly labels: Labels;
  /** The expression as PromQL prints it. */
  readonly query: string;
  /** Of an alerting rule. */
  readonly alerts: ActiveAlerts | undefined;
  /** Whether `ALERTS` may be written: not before old state was looked up, or the new one would hide it. */
  isRestored: boolean;
  health: RuleHealth = 'unknown';
  lastError = '';
  lastEvaluationMs: number | undefined;
  durationMs = 0;
  /** What it yielded last, so that what vanishes can be marked stale. */
  series: SeriesSet = new Map();

  constructor(group: RuleGroup, rule: Rule, query: string, isRestored: boolean) {
    this.rule = rule;
    this.labels = Labels.fromRecord(labelsOfRule(group, rule));
    this.query = query;
    this.alerts = rule.kind === 'alerting' ? new ActiveAlerts(rule) : undefined;
    this.isRestored = isRestored;
  }

  /** Whether this rule goes on where `old` is: in Prometheus a rule is known by its name and labels. */
  continues(old: RunningRule): boolean {
    return this.rule.name === old.rule.name && this.labels.equals(old.labels);
  }

  takeOver(old: RunningRule): void {
    this.series = old.series;
    if (!this.alerts || !old.alerts) return;
    this.alerts.takeOver(old.alerts);
    this.isRestored = old.isRestored;
  }

  /** What came of the last evaluation of `old`, which is the same rule. */
  takeOutcome({ health, lastError, lastEvaluationMs, durationMs }: RunningRule): void {
    this.health = health;
    this.lastError = lastError;
    this.lastEvaluationMs = lastEvaluationMs;
    this.durationMs = durationMs;
  }

  state(): RuleState {
    const { rule, labels, query, health, lastError, lastEvaluationMs, durationMs } = this;
    const alerts = this.alerts?.active() ?? [];
    return { rule, labels, query, alerts, health, lastError, lastEvaluationMs, durationMs };
  }
}
