import { parseAllDocuments } from 'yaml';
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
  // In the failsafe schema every scalar is the text that was written.
  const documents = parseAllDocuments(text, { schema: 'failsafe', merge: true, uniqueKeys: true });
  const document = Array.isArray(documents) ? documents[0] : undefined;
  if (!document) return groupOf({});
  if (document.errors.length > 0) return undefined;
  try {
    return groupOf(document.toJS());
  } catch (error) {
    if (error instanceof WrongForm || error instanceof ReferenceError) return undefined;
    throw error;
  }
}

/** Thrown and caught in this file. */
class WrongForm extends Error {}

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
  if (typeof value !== 'object' || Array.isArray(value)) throw new WrongForm();
  return value as Fields;
}

function listOf(value: unknown): readonly unknown[] {
  if (isNothing(value)) return [];
  if (!Array.isArray(value)) throw new WrongForm();
  return value;
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw new WrongForm();
  return value;
}

function textMapOf(value: unknown): TextMap {
  return Object.fromEntries(Object.entries(fieldsOf(value)).map(([key, item]) => [key, textOf(item)]));
}

function durationOf(value: unknown): number | undefined {
  if (isNothing(value)) return undefined;
  const duration = parseDuration(textOf(value));
  if (!duration.ok) throw new WrongForm();
  return duration.ms;
}

function integerOf(value: unknown): number {
  if (isNothing(value)) return 0;
  const text = textOf(value);
  if (!/^[+-]?\d+$/.test(text)) throw new WrongForm();
  return Number(text);
}
