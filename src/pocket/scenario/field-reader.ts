import { parseDuration } from '../../model/duration.ts';
import type { YamlFile, YamlNode } from '../../ruler/rule-file/yaml-file.ts';

/** A map of a scenario file, read field by field; what has not the right form is noted in the file's findings. */
export class FieldReader {
  readonly yaml: YamlFile;
  readonly node: YamlNode;
  readonly #values: ReadonlyMap<string, YamlNode>;

  constructor(yaml: YamlFile, node: YamlNode, known: readonly string[]) {
    this.yaml = yaml;
    this.node = node;
    this.#values = yaml.fields(node, known).values;
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  at(key: string): YamlNode {
    return this.#values.get(key);
  }

  fail(key: string, message: string): void {
    this.yaml.fail(this.#values.get(key) ?? this.node, message);
  }

  text(key: string, otherwise = ''): string {
    return this.has(key) ? this.yaml.text(this.at(key)) : otherwise;
  }

  /** A text that has to be there. */
  name(key: string): string {
    const text = this.text(key);
    if (text === '') this.fail(key, `expected a ${key}`);
    return text;
  }

  choice<Choice extends string>(key: string, choices: readonly Choice[], otherwise: Choice): Choice {
    const text = this.text(key, otherwise);
    const found = choices.find((choice) => choice === text);
    if (found === undefined) this.fail(key, `expected one of ${choices.join(', ')}`);
    return found ?? otherwise;
  }

  boolean(key: string): boolean {
    return this.yaml.boolean(this.at(key));
  }

  /** A list of texts; one text stands for a list of it. */
  texts(key: string): readonly string[] {
    return textsOf(this.yaml, this.at(key));
  }

  durationMs(key: string, otherwise: number): number {
    return this.yaml.durationMs(this.at(key)) ?? otherwise;
  }

  number(key: string, otherwise: number): number {
    return this.#number(key, otherwise, /^([-+]?[\d.]+(?:e[-+]?\d+)?)$/i, 'a number');
  }

  /** `12` or `12/s`. */
  perSecond(key: string, otherwise: number): number {
    return this.#number(key, otherwise, /^([\d.]+)(?:\/s)?$/, 'a number for each second, as 12 or 12/s');
  }

  count(key: string, otherwise: number): number {
    const number = this.number(key, otherwise);
    if (Number.isSafeInteger(number) && number >= 0) return number;
    this.fail(key, 'expected a whole number');
    return otherwise;
  }

  /** `0.2%` or `0.002`, from 0 to `most`. */
  share<Otherwise extends number | undefined>(key: string, otherwise: Otherwise, most = 1): number | Otherwise {
    if (!this.has(key)) return otherwise;
    const share = shareOf(this.text(key));
    if (share !== undefined && share <= most) return share;
    this.fail(key, `expected a share, as 2% or 0.02, of at most ${most * 100}%`);
    return otherwise;
  }

  /** `x3` or `3`: what something is multiplied by. */
  factor(key: string, otherwise: number): number {
    return this.#number(key, otherwise, /^x?([\d.]+)$/, 'a factor, as x3 or x0.5');
  }

  /** `300Mi`, `2Gi`, or a plain number. */
  bytes(key: string, otherwise: number): number {
    if (!this.has(key)) return otherwise;
    const [, digits, unit = ''] = /^([\d.]+)(Ki|Mi|Gi|)$/.exec(this.text(key)) ?? [];
    const bytes = Number(digits) * { '': 1, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 }[unit]!;
    if (Number.isFinite(bytes)) return bytes;
    this.fail(key, 'expected a size, as 300Mi or 2Gi');
    return otherwise;
  }

  /** `14:30`, from midnight. */
  timeOfDayMs(key: string, otherwise: number): number {
    if (!this.has(key)) return otherwise;
    const timeMs = readTimeOfDay(this.text(key));
    if (timeMs !== undefined) return timeMs;
    this.fail(key, 'expected a time of day, as 14:30');
    return otherwise;
  }

  /** `2026-01-05T12:00:00Z`. */
  dateMs(key: string): number | undefined {
    if (!this.has(key)) return undefined;
    const timeMs = readDate(this.text(key));
    if (timeMs === undefined) this.fail(key, 'expected a time, as 2026-01-05T12:00:00Z');
    return timeMs;
  }

  #number(key: string, otherwise: number, form: RegExp, expected: string): number {
    if (!this.has(key)) return otherwise;
    const number = Number(form.exec(this.text(key))?.[1]);
    if (Number.isFinite(number)) return number;
    this.fail(key, `expected ${expected}`);
    return otherwise;
  }
}

/** A list of texts; one text stands for a list of it. */
export function textsOf(yaml: YamlFile, node: YamlNode): readonly string[] {
  if (node === undefined) return [];
  return yaml.isList(node) ? yaml.list(node).map((item) => yaml.text(item)) : [yaml.text(node)];
}

/** `70%` or `0.7`. */
export function shareOf(text: string): number | undefined {
  const [, digits, percent] = /^([\d.]+)(%?)$/.exec(text) ?? [];
  const share = Number(digits) / (percent === '%' ? 100 : 1);
  return Number.isFinite(share) ? share : undefined;
}

export function readDate(text: string): number | undefined {
  const timeMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(\.\d+)?Z$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

export function readTimeOfDay(text: string): number | undefined {
  const [, hours, minutes] = /^(\d\d?):(\d\d)$/.exec(text) ?? [];
  const inRange = Number(hours) < 24 && Number(minutes) < 60;
  return inRange ? (Number(hours) * 60 + Number(minutes)) * 60_000 : undefined;
}

/** `+90s`, `-2d3h`, `+0s`. */
export function readOffset(text: string): number | undefined {
  const parsed = /^[-+]/.test(text) ? parseDuration(text.slice(1)) : undefined;
  if (!parsed?.ok) return undefined;
  return text.startsWith('-') ? -parsed.ms : parsed.ms;
}
