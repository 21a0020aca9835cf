import { type DurationResult, formatDuration, formatGoDuration, parseDuration } from '../model/duration.ts';
import { compileRegex } from '../model/regex.ts';
import { type Plain, readShape, type Shape, writeShape } from './shape.ts';

/**
 * How a setting is written. Cortex has two kinds of durations: Go's (`1h0m0s`, `1.5s`; no days), and Prometheus's (`1d`,
 * `1h30m`; no fractions) for limits. A `list` flag may be repeated; with `separator` one flag may carry several.
 */
export type SettingKind = 'bool' | 'int' | 'float' | 'string' | 'list' | 'go-duration' | 'duration' | 'structure';

/** Records, or lists of them. */
export type Structure = readonly object[] | Readonly<Record<string, string | number>>;

export type SettingValue = boolean | number | string | readonly string[] | Structure;

/** The type of a value in the program; durations are in milliseconds. */
export type ValueOf<Kind extends SettingKind> = Kind extends 'bool'
  ? boolean
  : Kind extends 'string'
    ? string
    : Kind extends 'list'
      ? readonly string[]
      : Kind extends 'structure'
        ? Structure
        : number;

interface SettingOf<Kind extends SettingKind> {
  /** Without the dash, as Cortex names it; undefined for what only YAML can say. */
  readonly flag: string | undefined;
  /** Where it stands in Cortex's YAML: `server.http_listen_port`. */
  readonly yaml: string;
  readonly kind: Kind;
  readonly default: ValueOf<Kind>;
  /** One or two sentences for `--help`. */
  readonly about: string;
  /** The only values there are. */
  readonly choices?: readonly string[];
  readonly separator?: ',';
  /** Is never shown. */
  readonly isSecret?: true;
  /** Cortex's default, where ours is another. */
  readonly cortexDefault?: ValueOf<Kind>;
  /** What a text has to be: a path without a slash at its end, an RE2 expression, or anything but empty. */
  readonly form?: 'path' | 'regex' | 'filled';
  /** Of numbers, and of durations in milliseconds; inclusive. */
  readonly min?: number;
  readonly max?: number;
  /** Of a structure. */
  readonly shape?: Shape;
  /** What else is asked of a structure: what is wrong with it, in Cortex's words. */
  readonly fault?: (value: Structure) => string | undefined;
}

/** One setting: a flag, a place in the YAML, an environment variable, a default. */
export type Setting = { [Kind in SettingKind]: SettingOf<Kind> }[SettingKind];

export type SettingTable = Readonly<Record<string, Setting>>;

/** The values of a table, under the table's keys. */
export type ValuesOf<Table extends SettingTable> = { readonly [Key in keyof Table]: ValueOf<Table[Key]['kind']> };

export type SettingResult =
  | { readonly ok: true; readonly value: SettingValue }
  | { readonly ok: false; readonly reason: string };

/** Reads the text of a flag or an environment variable. `reason` ends the sentence `invalid value "x" for flag -y: …`. */
export function parseSetting(setting: Setting, text: string): SettingResult {
  switch (setting.kind) {
    case 'bool':
      if (/^(1|t|T|TRUE|true|True)$/.test(text)) return { ok: true, value: true };
      if (/^(0|f|F|FALSE|false|False)$/.test(text)) return { ok: true, value: false };
      return { ok: false, reason: 'expected true or false' };
    case 'int':
      return /^[+-]?\d+$/.test(text) ? checkNumber(setting, Number(text)) : wrong('expected a whole number');
    case 'float':
      return isFloatText(text) ? checkNumber(setting, Number(text)) : wrong('expected a number');
    case 'string':
      return checkText(setting, text);
    case 'list':
      return { ok: true, value: setting.separator ? splitList(text, setting.separator) : [text] };
    case 'go-duration':
      return checkDuration(setting, parseGoDuration(text), 'expected a duration such as 90s, 5m or 1h30m');
    case 'duration':
      return checkDuration(setting, parseDuration(text), 'expected a duration such as 90s, 5m, 1h30m or 2w');
    case 'structure':
      return structureFromText(setting, text);
  }
}

/** Takes a scalar or list from YAML. `reason` ends the sentence `server.http_listen_port: …`. */
export function settingFromYaml(setting: Setting, value: unknown): SettingResult {
  if (setting.kind === 'structure') return structureFromPlain(setting, value);
  if (setting.kind === 'list') {
    if (value === null) return { ok: true, value: [] };
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return { ok: true, value };
    if (setting.separator && typeof value === 'string') return parseSetting(setting, value);
    return wrong('expected a list of texts');
  }
  if (setting.kind === 'bool') {
    return typeof value === 'boolean' ? { ok: true, value } : wrong('expected true or false');
  }
  // A text may look like a number (`http_prefix: 1`), and a duration of 0 is written without a unit.
  if (typeof value === 'string' || typeof value === 'number') return parseSetting(setting, String(value));
  return wrong(`expected a ${setting.kind === 'string' ? 'text' : 'number'}`);
}

/** The value as YAML holds it: durations as their texts, structures under Cortex's names, all else as it is. */
export function settingToYaml(setting: Setting, value: SettingValue): Plain {
  if (setting.kind === 'go-duration') return formatGoDuration(value as number);
  if (setting.kind === 'duration') return formatDuration(value as number);
  if (setting.kind === 'structure') return writeShape(setting.shape!, value);
  return value as Plain;
}

/** The value as one would write it behind the flag. */
export function printSetting(setting: Setting, value: SettingValue): string {
  const written = settingToYaml(setting, value);
  if (setting.kind === 'structure') return JSON.stringify(written);
  return Array.isArray(written) ? written.join(',') : String(written);
}

/** Go's `time.ParseDuration`: decimal numbers with units, `0` alone without. */
function parseGoDuration(text: string): DurationResult {
  if (/^[+-]?0$/.test(text)) return { ok: true, ms: 0 };
  const match = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(text);
  if (!match) return { ok: false, reason: `invalid duration ${JSON.stringify(text)}` };
  let ms = 0;
  for (const [, amount, unit] of match[2]!.matchAll(/([\d.]+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    ms += Number(amount) * goUnitsMs[unit!]!;
  }
  return { ok: true, ms: match[1] === '-' ? -ms : ms };
}

const goUnitsMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** On the command line a structure is JSON. */
function structureFromText(setting: Setting, text: string): SettingResult {
  let plain: unknown;
  try {
    plain = JSON.parse(text);
  } catch {
    return wrong('expected JSON');
  }
  return structureFromPlain(setting, plain);
}

function structureFromPlain(setting: Setting, plain: unknown): SettingResult {
  const result = readShape(setting.shape!, plain);
  if (!result.ok) return result;
  const value = result.value as Structure;
  const fault = setting.fault?.(value);
  return fault === undefined ? { ok: true, value } : wrong(fault);
}

function checkDuration(setting: Setting, result: DurationResult, expected: string): SettingResult {
  if (!result.ok) return wrong(expected);
  if (result.ms < (setting.min ?? -Infinity)) return wrong(`must be at least ${formatGoDuration(setting.min!)}`);
  return { ok: true, value: result.ms };
}

function isFloatText(text: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text);
}

function checkNumber(setting: Setting, value: number): SettingResult {
  const { min = -Infinity, max = Infinity } = setting;
  if (value >= min && value <= max) return { ok: true, value };
  return wrong(max === Infinity ? `must be at least ${min}` : `must be from ${min} to ${max}`);
}

function checkText(setting: Setting, text: string): SettingResult {
  const { choices, form } = setting;
  if (choices && !choices.includes(text)) return wrong(`expected one of ${choices.join(', ')}`);
  if (form === 'filled' && text === '') return wrong('must not be empty');
  if (form === 'path' && !/^(\/[^\s/]+)+$/.test(text)) return wrong('expected a path such as /api/prom');
  if (form === 'regex') {
    try {
      compileRegex(text);
    } catch (error) {
      return wrong((error as Error).message);
    }
  }
  return { ok: true, value: text };
}

function splitList(text: string, separator: string): string[] {
  return text === '' ? [] : text.split(separator).map((item) => item.trim());
}

function wrong(reason: string): SettingResult {
  return { ok: false, reason };
}
