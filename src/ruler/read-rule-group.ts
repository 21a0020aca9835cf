import { Composer, type Document, Parser, visit } from 'yaml';
import { parseDuration } from '../model/duration.ts';
import type { TextMap } from './rule-group.ts';

/** A group as it stands in YAML: right in form, its meaning not yet checked. */
export interface UncheckedGroup {
  readonly name: string;
  readonly intervalMs: number;
  readonly queryOffsetMs: number | undefined;
  readonly limit: number;
  readonly rules: readonly UncheckedRule[];
  readonly labels: TextMap;
}

export interface UncheckedRule {
  readonly record: string;
  readonly alert: string;
  readonly expr: string;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly labels: TextMap;
  readonly annotations: TextMap;
}

/**
 * Reads one rule group from YAML (or JSON), of several documents the first, as Cortex does: unknown keys are ignored, a
 * number or a bool where a text belongs is taken as it is written. Undefined when it is no rule group.
 */
export function readRuleGroup(text: string): UncheckedGroup | undefined {
  if (nestsDeeply(text)) return undefined;
  // In the failsafe schema every scalar is the text that was written. The library looks for repeated keys in a time
  // that grows with the square of their number, so that is done here.
  const composer = new Composer({ schema: 'failsafe', merge: true, uniqueKeys: false });
  const first = composer.compose(new Parser().parse(text)).next();
  if (first.done) return groupOf({});
  const document = first.value;
  if (document.errors.length > 0 || hasRepeatedKey(document)) return undefined;
  try {
    return groupOf(document.toJS());
  } catch {
    // References to nowhere, or to too much; and what has not the form of a group.
    return undefined;
  }
}

/** Far more than a group has, and few enough to be read at once. */
const NESTING_LIMIT = 1000;

/** Whether brackets nest so deeply that reading them would take long; those in texts count too. */
function nestsDeeply(text: string): boolean {
  let depth = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1;
    if (depth > NESTING_LIMIT) return true;
  }
  return false;
}

function hasRepeatedKey(document: Document): boolean {
  let isRepeated = false;
  visit(document, {
    Map(_key, map) {
      const keys = new Set(map.items.map(({ key }) => String(key)));
      isRepeated ||= keys.size < map.items.length;
    },
  });
  return isRepeated;
}

type Fields = Readonly<Record<string, unknown>>;

function groupOf(value: unknown): UncheckedGroup {
  const fields = fieldsOf(value);
  return {
    name: textOf(fields['name']),
    intervalMs: durationOf(fields['interval']) ?? 0,
    queryOffsetMs: durationOf(fields['query_offset']),
    limit: integerOf(fields['limit']),
    rules: listOf(fields['rules']).map(ruleOf),
    labels: textMapOf(fields['labels']),
  };
}

function ruleOf(value: unknown): UncheckedRule {
  const fields = fieldsOf(value);
  return {
    record: textOf(fields['record']),
    alert: textOf(fields['alert']),
    expr: textOf(fields['expr']),
    forMs: durationOf(fields['for']) ?? 0,
    keepFiringForMs: durationOf(fields['keep_firing_for']) ?? 0,
    labels: textMapOf(fields['labels']),
    annotations: textMapOf(fields['annotations']),
  };
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === '' || value === '~' || value === 'null';
}

function fieldsOf(value: unknown): Fields {
  if (isNothing(value)) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw new Error('not the form of a rule group');
  return value as Fields;
}

function listOf(value: unknown): readonly unknown[] {
  if (isNothing(value)) return [];
  if (!Array.isArray(value)) throw new Error('not the form of a rule group');
  return value;
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw new Error('not the form of a rule group');
  return value;
}

function textMapOf(value: unknown): TextMap {
  return Object.fromEntries(Object.entries(fieldsOf(value)).map(([key, item]) => [key, textOf(item)]));
}

function durationOf(value: unknown): number | undefined {
  if (isNothing(value)) return undefined;
  const duration = parseDuration(textOf(value));
  if (!duration.ok) throw new Error('not the form of a rule group');
  return duration.ms;
}

function integerOf(value: unknown): number {
  if (isNothing(value)) return 0;
  const text = textOf(value);
  if (!/^[+-]?\d+$/.test(text)) throw new Error('not the form of a rule group');
  return Number(text);
}
