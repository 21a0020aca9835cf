import type { Expr } from '../../grammar/ast.ts';
import { selectorsOf } from '../../grammar/children.ts';
import { METRIC_NAME } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import { ALERT_NAME, ALERTS_METRIC, FOR_STATE_METRIC } from './alerting-rule.ts';
import type { Rule } from './rule-group.ts';

/** Rules by their indexes. Those of one batch may be evaluated at the same time, batches one after the other. */
export type RuleBatches = readonly (readonly number[])[];

/** Every rule by itself. */
export function inOrder(ruleCount: number): RuleBatches {
  return Array.from({ length: ruleCount }, (_, index) => [index]);
}

/**
 * As Prometheus splits a group: first the rules that read nothing an earlier one of the group writes, together; then those
 * that others build upon, one by one; then the rest, together. One selector without a name may read anything, so then
 * every rule is by itself.
 */
export function batchesOf(rules: readonly { readonly rule: Rule; readonly expr: Expr }[]): RuleBatches {
  const hasDependencies = rules.map(() => false);
  const hasDependents = rules.map(() => false);
  for (const [reader, { expr }] of rules.entries()) {
    for (const { matchers } of selectorsOf(expr)) {
      const named = matchers.find(({ name }) => name === METRIC_NAME);
      if (!named) return inOrder(rules.length);
      for (let writer = 0; writer < reader; writer++) {
        if (!reads(named, matchers, rules[writer]!.rule)) continue;
        hasDependents[writer] = true;
        hasDependencies[reader] = true;
      }
    }
  }
  const indexes = [...rules.keys()];
  const first = indexes.filter((index) => !hasDependencies[index]);
  const between = indexes.filter((index) => hasDependencies[index] && hasDependents[index]);
  const last = indexes.filter((index) => hasDependencies[index] && !hasDependents[index]);
  return [first, ...between.map((index) => [index]), last].filter((batch) => batch.length > 0);
}

/** Whether a selector may read what `writer` writes. */
function reads(named: Matcher, matchers: readonly Matcher[], writer: Rule): boolean {
  if (named.matches(writer.name)) return true;
  if (writer.kind === 'recording') return false;
  if (!named.matches(ALERTS_METRIC) && !named.matches(FOR_STATE_METRIC)) return false;
  return matchers.find(({ name }) => name === ALERT_NAME)?.matches(writer.name) ?? true;
}
