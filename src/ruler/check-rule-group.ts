import { quoteGo } from '../model/go-quote.ts';
import { isLegacyLabelName, isLegacyMetricName, METRIC_NAME } from '../model/labels.ts';
import type { UncheckedGroup, UncheckedRule } from './read-rule-group.ts';
import type { Rule, RuleGroup } from './rule-group.ts';
import { checkTemplate } from './template/expand.ts';

export type CheckedGroup =
  | { readonly ok: true; readonly group: RuleGroup }
  | {
      readonly ok: false;
      /** Cortex's texts, in its order. A broken expression has an empty one: Cortex loses it. */
      readonly errors: readonly string[];
    };

/** Checks what a group means, as Cortex does before it stores it. `isExpression` says whether a text is PromQL. */
export function checkRuleGroup(group: UncheckedGroup, isExpression: (text: string) => boolean): CheckedGroup {
  if (group.name === '') {
    return { ok: false, errors: ['invalid rules config: rule group name must not be empty'] };
  }
  if (group.rules.length === 0) {
    return { ok: false, errors: [`invalid rules config: rule group '${group.name}' has no rules`] };
  }
  const errors = group.rules.flatMap((rule, index) => {
    const place = `group ${quoteGo(group.name)}, rule ${index}, ${quoteGo(rule.alert || rule.record)}: `;
    const lost = rule.expr !== '' && !isExpression(rule.expr) ? [''] : [];
    return [...lost, ...faultsOf(rule).map(({ positions, text }) => positions + place + text)];
  });
  if (errors.length > 0) return { ok: false, errors };
  return { ok: true, group: { ...group, rules: group.rules.map(checkedRule) } };
}

/** `positions` is what Cortex prints for the line and column of each YAML node concerned; it does not know them. */
interface Fault {
  readonly positions: '' | '0:0: ' | '0:0: 0:0: ';
  readonly text: string;
}

function faultsOf(rule: UncheckedRule): Fault[] {
  const faults: Fault[] = [];
  const add = (positions: Fault['positions'], text: string): number => faults.push({ positions, text });
  if (rule.record !== '' && rule.alert !== '') {
    add('0:0: 0:0: ', "only one of 'record' and 'alert' must be set");
  }
  if (rule.record === '' && rule.alert === '') {
    add('0:0: 0:0: ', "one of 'record' or 'alert' must be set");
  }
  if (rule.expr === '') add('0:0: ', "field 'expr' must be set in rule");
  if (rule.record !== '') {
    if (Object.keys(rule.annotations).length > 0) add('0:0: ', "invalid field 'annotations' in recording rule");
    if (rule.forMs !== 0) add('0:0: ', "invalid field 'for' in recording rule");
    if (rule.keepFiringForMs !== 0) add('0:0: ', "invalid field 'keep_firing_for' in recording rule");
    if (!isLegacyMetricName(rule.record)) add('0:0: ', `invalid recording rule name: ${rule.record}`);
    if (/[{}]/.test(rule.record)) {
      add('0:0: ', `braces present in the recording rule name; should it be in expr?: ${rule.record}`);
    }
  }
  for (const name of Object.keys(rule.labels)) {
    if (!isLegacyLabelName(name) || name === METRIC_NAME) add('', `invalid label name: ${name}`);
  }
  for (const name of Object.keys(rule.annotations)) {
    if (!isLegacyLabelName(name)) add('', `invalid annotation name: ${name}`);
  }
  if (rule.alert !== '') {
    for (const text of templateFaults(rule, 'label', rule.labels)) add('', text);
    for (const text of templateFaults(rule, 'annotation', rule.annotations)) add('', text);
  }
  return faults;
}

function* templateFaults(
  rule: UncheckedRule,
  what: string,
  texts: Readonly<Record<string, string>>,
): IterableIterator<string> {
  for (const [name, text] of Object.entries(texts)) {
    const fault = checkTemplate(text, `__alert_${rule.alert}`);
    if (fault !== undefined) yield `${what} ${quoteGo(name)}: ${fault}`;
  }
}

function checkedRule(rule: UncheckedRule): Rule {
  const { expr, labels } = rule;
  if (rule.record !== '') return { kind: 'recording', name: rule.record, expr, labels };
  const { forMs, keepFiringForMs, annotations } = rule;
  return { kind: 'alerting', name: rule.alert, expr, forMs, keepFiringForMs, labels, annotations };
}
