import { quoteGo } from '../../model/go-quote.ts';

/*
 * Names of OpenTelemetry as names of Prometheus: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
 */

const units: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  TiBy: 'tibibytes',
  KBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  TBy: 'terabytes',
  m: 'meters',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  Cel: 'celsius',
  Hz: 'hertz',
  '1': '',
  '%': 'percent',
};

const unitsAfterSlash: Readonly<Record<string, string>> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  y: 'year',
};

export interface NamedMetric {
  readonly name: string;
  readonly unit: string;
  readonly kind: 'counter' | 'gauge' | 'other';
}

export type NameResult =
  | { readonly ok: true; readonly name: string }
  | { readonly ok: false; readonly message: string };

/** The name of a metric: with `suffixes` its unit, `_total` for counters and `_ratio` for gauges of the unit 1 are in it. */
export function metricName(metric: NamedMetric, { suffixes }: { readonly suffixes: boolean }): NameResult {
  const { name } = metric;
  const built = beginningWithNoDigit(suffixes ? suffixedName(metric) : wordsOf(name, /[^a-zA-Z0-9:_]+/).join('_'));
  if (built === '') return failure(`normalization for metric ${quoteGo(name)} resulted in empty name`);
  if (built !== name && /^_*$/.test(built)) {
    return failure(`normalization for metric ${quoteGo(name)} resulted in invalid name ${quoteGo(built)}`);
  }
  return { ok: true, name: built };
}

/** The unit of a metric in Prometheus's words, as metadata have it. */
export function unitName(unit: string): string {
  const { main, per } = unitParts(unit);
  const joined = [cleaned(main), cleaned(per)].filter((part) => part !== '').join('_');
  return joined.replace(/^_/, '').replace(/_$/, '');
}

/** The name of a label for the name of an attribute. */
export function labelName(attribute: string): NameResult {
  if (attribute === '') return failure('label name is empty');
  const reserved = /^__(.*)__$/s.exec(attribute);
  const built = reserved ? `__${underscored(reserved[1]!)}__` : underscored(attribute);
  const name = /^\d/.test(built) ? `key_${built}` : built;
  if (/^_*$/.test(name)) {
    return failure(`normalization for label name ${quoteGo(attribute)} resulted in invalid name ${quoteGo(name)}`);
  }
  return { ok: true, name };
}

function suffixedName({ name, unit, kind }: NamedMetric): string {
  let words = wordsOf(name, /[^a-zA-Z0-9:]+/);
  const { main, per } = unitParts(unit);
  const [mainWord, perWord] = [cleaned(main), cleaned(per).replace(/_$/, '')];
  const hasPer = perWord !== '' && perWord !== 'per' && !words.includes(perWord);
  const mainSuffix = hasPer ? mainWord.replace(/_$/, '') : mainWord;
  if (mainSuffix !== '' && !words.includes(mainWord)) words.push(mainSuffix);
  if (hasPer) words.push(perWord);
  if (kind === 'counter') words = [...words.filter((word) => word !== 'total'), 'total'];
  if (kind === 'gauge' && unit === '1') words = [...words.filter((word) => word !== 'ratio'), 'ratio'];
  return words.join('_');
}

/** What stands before and after the first slash of a unit, in Prometheus's words. Annotations in braces are no unit. */
function unitParts(unit: string): { readonly main: string; readonly per: string } {
  const slash = unit.indexOf('/');
  const [before, after] = slash < 0 ? [unit, ''] : [unit.slice(0, slash), unit.slice(slash + 1)];
  const main = withoutAnnotation(before);
  const per = withoutAnnotation(after);
  const perWord = own(unitsAfterSlash, per) ?? per;
  return { main: own(units, main) ?? main, per: perWord === '' ? '' : `per_${perWord}` };
}

function withoutAnnotation(unit: string): string {
  const trimmed = unit.trim();
  return /[{}]/.test(trimmed) ? '' : trimmed;
}

function own(table: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** Characters that a name cannot have become one underscore, and none stands first. */
function cleaned(unit: string): string {
  return unit
    .replace(/[^a-zA-Z0-9:_]/gu, '_')
    .replace(/_+/g, '_')
    .replace(/^_/, '');
}

function underscored(text: string): string {
  return text.replace(/[^a-zA-Z0-9]+/g, '_');
}

function wordsOf(text: string, separator: RegExp): string[] {
  return text.split(separator).filter((word) => word !== '');
}

function beginningWithNoDigit(name: string): string {
  return /^\d/.test(name) ? `_${name}` : name;
}

function failure(message: string): NameResult {
  return { ok: false, message };
}
