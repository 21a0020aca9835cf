import { Labels, METRIC_NAME } from '../model/labels.ts';
import type { NativeHistogram } from '../model/native-histogram.ts';
import type { QueryResult } from '../model/query-result.ts';
import type { TenantId } from '../model/tenant.ts';
import type { RecordingRule, Rule } from './rule-group.ts';

/** A result on its way into the store. */
export interface ResultRow {
  readonly labels: Labels;
  readonly timestampMs: number;
  readonly value: number;
  /** The sample is this; `value` does not matter. */
  readonly histogram?: NativeHistogram | undefined;
  readonly isStale?: boolean;
}

/** Resolves to the texts of what was refused, when the rest is durable. */
export type AppendRows = (tenant: TenantId, rows: readonly ResultRow[]) => Promise<readonly string[]>;

/**
 * What a recording rule yields at `timestampMs`: under its name and with its labels.
 * @throws {Error} for a result that is no instant vector, in Cortex's words
 */
export function recordedRows(
  { value }: QueryResult,
  { rule, labels }: { readonly rule: RecordingRule; readonly labels: Labels },
  timestampMs: number,
): ResultRow[] {
  const result = { rule, labels };
  if (value.kind === 'scalar') {
    return [{ labels: recordedLabels(Labels.EMPTY, result), timestampMs, value: value.value }];
  }
  if (value.kind !== 'vector') throw new Error('rule result is not a vector or scalar');
  return value.labels.map((own, index) => ({
    labels: recordedLabels(own, result),
    timestampMs,
    value: value.values[index]!,
    histogram: value.histograms?.[index],
  }));
}

/** The labels under which a rule records a series of its expression that has the labels `own`. */
export function recordedLabels(
  own: Labels,
  { rule, labels }: { readonly rule: RecordingRule; readonly labels: Labels },
): Labels {
  let result = withoutRemoved(own, rule).with(METRIC_NAME, rule.name);
  for (const [name, text] of labels) result = result.with(name, text);
  return result;
}

/**
 * Checks that the results are different series, and not more than the group's `limit` (0 is none).
 * @throws {Error} in Prometheus's words
 */
export function checkRows(rows: readonly ResultRow[], limit: number): void {
  if (new Set(rows.map(({ labels }) => labels.key)).size < rows.length) {
    throw new Error('vector contains metrics with the same labelset after applying rule labels');
  }
  if (limit > 0 && rows.length > limit) {
    throw new Error(`exceeded limit of ${limit} with ${rows.length} series`);
  }
}

/** The labels of a result without those that the rule gives an empty value: that removes them. */
export function withoutRemoved(labels: Labels, rule: Pick<Rule, 'labels'>): Labels {
  let left = labels;
  for (const [name, value] of Object.entries(rule.labels)) if (value === '') left = left.with(name, '');
  return left;
}
