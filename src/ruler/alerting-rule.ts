import { Labels, METRIC_NAME } from '../model/labels.ts';
import type { NativeHistogram } from '../model/native-histogram.ts';
import type { QueryResult } from '../model/query-result.ts';
import type { ActiveAlerts, Alert, FoundAlert } from './active-alerts.ts';
import type { AlertingRule, RuleGroup } from './rule-group.ts';
import { type ResultRow, withoutRemoved } from './rule-results.ts';

export const ALERT_NAME = 'alertname';
export const ALERTS_METRIC = 'ALERTS';
export const FOR_STATE_METRIC = 'ALERTS_FOR_STATE';

/** What the templates of a rule know besides the alert they are expanded for. */
export interface AlertTemplates {
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly externalUrl: string;
  /** The time the rule is evaluated for. */
  readonly timeMs: number;
  readonly query: (query: string) => Promise<QueryResult>;
  /** Told what is wrong with a template. */
  readonly onFailure: (message: string) => void;
}

/**
 * The alerts that the result of a rule's expression stands for, templates expanded.
 * @throws {Error} for a result that is no instant vector or yields an alert twice, in Prometheus's words
 */
export async function foundAlerts(
  { value: result }: Pick<QueryResult, 'value'>,
  { rule, labels }: { readonly rule: AlertingRule; readonly labels: Labels },
  templates: AlertTemplates,
): Promise<FoundAlert[]> {
  const found: FoundAlert[] = [];
  for (const { own, value } of elementsOf(result)) {
    const expand = expander(rule, own, value, templates);
    let alertLabels = withoutRemoved(own.withoutMetricName(), rule);
    for (const [name, text] of labels) alertLabels = alertLabels.with(name, await expand(text));
    alertLabels = alertLabels.with(ALERT_NAME, rule.name);
    const annotations: Record<string, string> = {};
    for (const [name, text] of Object.entries(rule.annotations)) annotations[name] = await expand(text);
    // A histogram has no value; Prometheus shows 0.
    found.push({ labels: alertLabels, annotations, value: typeof value === 'number' ? value : 0 });
  }
  checkDistinct(found);
  return found;
}

/** @throws {Error} in Prometheus's words, when two alerts have the same labels */
export function checkDistinct(found: readonly FoundAlert[]): void {
  if (new Set(found.map(({ labels }) => labels.key)).size === found.length) return;
  throw new Error('vector contains metrics with the same labelset after applying alert labels');
}

/** The labels of the alert that a series stands for, where none of the rule's has a template. */
export function labelsOfAlert(
  own: Labels,
  { rule, labels }: { readonly rule: AlertingRule; readonly labels: Labels },
): Labels {
  let alertLabels = withoutRemoved(own.withoutMetricName(), rule);
  for (const [name, text] of labels) alertLabels = alertLabels.with(name, text);
  return alertLabels.with(ALERT_NAME, rule.name);
}

/** The samples of `ALERTS` and `ALERTS_FOR_STATE` of alerts that are pending or firing. */
export function alertRows(
  alerts: readonly Alert[],
  { rule, labels }: { readonly rule: AlertingRule; readonly labels: Labels },
  timestampMs: number,
): ResultRow[] {
  return alerts.flatMap((alert) => {
    const series = alertSeries(alert, { rule, labels });
    return [
      { labels: series.alert, timestampMs, value: 1 },
      { labels: series.forState, timestampMs, value: forStateOf(alert) },
    ];
  });
}

/** The series of `ALERTS` and `ALERTS_FOR_STATE` that an alert has in its state. */
export function alertSeries(
  alert: Pick<Alert, 'labels' | 'state'>,
  { rule, labels }: { readonly rule: AlertingRule; readonly labels: Labels },
): { readonly alert: Labels; readonly forState: Labels } {
  // A label whose template came to nothing is no label of the alert; in the series it stands as it is written.
  let own = labels;
  for (const [name, value] of alert.labels) own = own.with(name, value);
  own = own.with(ALERT_NAME, rule.name);
  return {
    alert: own.with(METRIC_NAME, ALERTS_METRIC).with('alertstate', alert.state),
    forState: own.with(METRIC_NAME, FOR_STATE_METRIC),
  };
}

/** The value of `ALERTS_FOR_STATE`: since when the alert has been active, in seconds. */
export function forStateOf({ activeAtMs }: Pick<Alert, 'activeAtMs'>): number {
  return Math.floor(activeAtMs / 1000);
}

/**
 * Checks that no more than `limit` (0 is none) alerts of a rule stand; where they do, all are forgotten.
 * @throws {Error} in Prometheus's words
 */
export function checkAlerts(standingCount: number, alerts: ActiveAlerts, limit: number): void {
  if (limit === 0 || standingCount <= limit) return;
  alerts.clear();
  throw new Error(`exceeded limit of ${limit} with ${standingCount} alerts`);
}

interface Element {
  readonly own: Labels;
  readonly value: number | NativeHistogram;
}

function elementsOf(result: QueryResult['value']): Element[] {
  if (result.kind === 'scalar') return [{ own: Labels.EMPTY, value: result.value }];
  if (result.kind !== 'vector') throw new Error('rule result is not a vector or scalar');
  return result.labels.map((own, index) => ({ own, value: result.histograms?.[index] ?? result.values[index]! }));
}

/** Whether a rule of the group has a template in its labels or annotations. */
export function hasTemplates(group: RuleGroup): boolean {
  return [
    group.labels,
    ...group.rules.flatMap((rule) => (rule.kind === 'alerting' ? [rule.labels, rule.annotations] : [])),
  ]
    .flatMap((texts) => Object.values(texts))
    .some(isTemplate);
}

/** A text without an action stays as it is, and most have none: then templates are not even loaded. */
export function isTemplate(text: string): boolean {
  return text.includes('{{');
}

/** Expands the texts of one alert. */
function expander(
  rule: AlertingRule,
  own: Labels,
  value: number | NativeHistogram,
  templates: AlertTemplates,
): (text: string) => Promise<string> | string {
  return (text) => (isTemplate(text) ? expanded(text) : text);

  async function expanded(text: string): Promise<string> {
    const { expandTemplate } = await import('./template/expand.ts');
    return expandTemplate(text, { ...templates, name: `__alert_${rule.name}`, labels: own.toRecord(), value });
  }
}
