import { formatDuration, parseDuration } from '../model/duration.ts';

/** What YAML and JSON can say. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };

/**
 * The form of a setting that is more than one value: a list of records, say. In the program its keys are in camel case
 * and durations are milliseconds; in YAML and JSON they are as in Cortex.
 */
export type Shape =
  | { readonly kind: 'text' | 'bool' | 'int' | 'float' | 'duration' }
  /** A text that may be written in any case. */
  | { readonly kind: 'word' }
  | { readonly kind: 'list'; readonly of: Shape }
  /** A map from any text to a text or a number. */
  | { readonly kind: 'map'; readonly of: 'text' | 'float' }
  | { readonly kind: 'record'; readonly fields: Readonly<Record<string, ShapeField>> };

export interface ShapeField {
  /** Cortex's name. */
  readonly yaml: string;
  readonly shape: Shape;
  /** In the program's form, when the key is absent. */
  readonly default: unknown;
}

export type ShapeResult =
  | { readonly ok: true; readonly value: unknown }
  /** `reason` names the place inside the setting. */
  | { readonly ok: false; readonly reason: string };

/** Takes what YAML or JSON gave. */
export function readShape(shape: Shape, plain: unknown): ShapeResult {
  switch (shape.kind) {
    case 'text':
      return ['string', 'number', 'boolean'].includes(typeof plain) ? right(String(plain)) : wrong('expected a text');
    case 'word':
      return typeof plain === 'string' ? right(plain.toLowerCase()) : wrong('expected a word');
    case 'bool':
      return typeof plain === 'boolean' ? right(plain) : wrong('expected true or false');
    case 'int':
      return Number.isInteger(plain) ? right(plain) : wrong('expected a whole number');
    case 'float':
      return typeof plain === 'number' ? right(plain) : wrong('expected a number');
    case 'duration': {
      const result = parseDuration(String(plain));
      return result.ok ? right(result.ms) : wrong(result.reason);
    }
    case 'list':
      return readList(shape.of, plain);
    case 'map':
      return readMap(shape.of, plain);
    case 'record':
      return readRecord(shape.fields, plain);
  }
}

/** The value as YAML and JSON hold it, records with all their fields. */
export function writeShape(shape: Shape, value: unknown): Plain {
  switch (shape.kind) {
    case 'duration':
      return formatDuration(value as number);
    case 'list':
      return (value as readonly unknown[]).map((item) => writeShape(shape.of, item));
    case 'record':
      return Object.fromEntries(
        Object.entries(shape.fields).map(([key, field]) => [
          field.yaml,
          writeShape(field.shape, (value as Readonly<Record<string, unknown>>)[key] ?? field.default),
        ]),
      );
    default:
      return value as Plain;
  }
}

function readList(of: Shape, plain: unknown): ShapeResult {
  if (plain === null) return right([]);
  if (!Array.isArray(plain)) return wrong('expected a list');
  const values: unknown[] = [];
  for (const [index, item] of plain.entries()) {
    const result = readShape(of, item);
    if (!result.ok) return wrong(`entry ${index + 1}: ${result.reason}`);
    values.push(result.value);
  }
  return right(values);
}

function readMap(of: 'text' | 'float', plain: unknown): ShapeResult {
  if (plain === null) return right({});
  if (typeof plain !== 'object' || Array.isArray(plain)) return wrong('expected a map');
  const values: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(plain)) {
    const result = readShape({ kind: of }, item);
    if (!result.ok) return wrong(`${key}: ${result.reason}`);
    values[key] = result.value;
  }
  return right(values);
}

function readRecord(fields: Readonly<Record<string, ShapeField>>, plain: unknown): ShapeResult {
  if (plain !== null && (typeof plain !== 'object' || Array.isArray(plain))) return wrong('expected a map');
  const given: Readonly<Record<string, unknown>> = { ...plain };
  const byYaml = new Map(Object.entries(fields).map(([key, field]) => [field.yaml, { key, field }]));
  const value: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(fields)) value[key] = field.default;
  for (const [name, item] of Object.entries(given)) {
    const known = byYaml.get(name);
    if (!known) return wrong(`field ${name} not found`);
    const result = readShape(known.field.shape, item);
    if (!result.ok) return wrong(`${name}: ${result.reason}`);
    value[known.key] = result.value;
  }
  return right(value);
}

function right(value: unknown): ShapeResult {
  return { ok: true, value };
}

function wrong(reason: string): ShapeResult {
  return { ok: false, reason };
}
