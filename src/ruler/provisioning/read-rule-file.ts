import { LineCounter, parseDocument } from 'yaml';
import { type ParseOptions, parseExpr } from '../../../grammar/promql.ts';
import { quoteGo } from '../../model/go-quote.ts';
import { checkRuleGroup } from '../check-rule-group.ts';
import type { UncheckedGroup } from '../read-rule-group.ts';
import type { RuleGroup } from '../rule-group.ts';
import { RuleFileReader } from './rule-file-reader.ts';

export type RuleFileReading =
  | { readonly ok: true; readonly groups: readonly RuleGroup[] }
  /** Each begins with line and column. */
  | { readonly ok: false; readonly errors: readonly string[] };

/**
 * Reads a rule file of Prometheus's form (`groups:`), strictly: a key that is not known is an error, as the file was
 * written by hand. A `namespace`, which files for cortextool have, is allowed and does not matter.
 */
export function readRuleFile(text: string, parse?: ParseOptions): RuleFileReading {
  const lines = new LineCounter();
  // In the failsafe schema every scalar is the text that was written.
  const document = parseDocument(text, { schema: 'failsafe', merge: true, lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    return { ok: false, errors: [`${line}:${col}: ${error.message}`] };
  }
  const reader = new RuleFileReader(document, lines);
  const unchecked = reader.groups();
  // What has not the right form would only be complained about once more.
  if (reader.errors.length > 0) return { ok: false, errors: reader.errors };
  const groups = unchecked.flatMap((group, index) => checkGroup(reader, group, index, parse));
  return reader.errors.length > 0 ? { ok: false, errors: reader.errors } : { ok: true, groups };
}

function checkGroup(reader: RuleFileReader, group: UncheckedGroup, index: number, parse?: ParseOptions): RuleGroup[] {
  const checked = checkRuleGroup(group, () => true);
  if (!checked.ok && (group.name === '' || group.rules.length === 0)) {
    for (const error of checked.errors) reader.fail(['groups', index], error);
    return [];
  }
  group.rules.forEach((rule, ruleIndex) => {
    const path = ['groups', index, 'rules', ruleIndex];
    const place = `group ${quoteGo(group.name)}, rule ${ruleIndex}, ${quoteGo(rule.alert || rule.record)}: `;
    // One at a time, so that each complaint stands at its rule.
    const alone = checkRuleGroup({ ...group, rules: [rule] }, () => true);
    for (const error of alone.ok ? [] : alone.errors) reader.fail(path, place + error.replace(OWN_PLACE, ''));
    const fault = rule.expr === '' ? undefined : exprFault(rule.expr, parse);
    if (fault !== undefined) reader.fail([...path, 'expr'], `${place}could not parse expression: ${fault}`);
  });
  return checked.ok ? [checked.group] : [];
}

/** What stands before a complaint where lines are not known. */
const OWN_PLACE = /^(0:0: )*(group "(\\.|[^"])*", rule \d+, "(\\.|[^"])*": )?/;

function exprFault(expr: string, parse?: ParseOptions): string | undefined {
  try {
    parseExpr(expr, parse);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
