import { assert } from './assert.ts';
import { quoteGo } from './go-quote.ts';

/** The label that holds a series' metric name. */
export const METRIC_NAME = '__name__';

/**
 * Between the parts of a key. A text from a UTF-8 decoder holds this unit only behind a high surrogate, and never ends in
 * one (invalid bytes become other low surrogates, see `utf8.ts`), so distinct label sets have distinct keys.
 */
const SEPARATOR = '\udc00';

/**
 * An immutable label set, sorted by name, without empty values (an empty value and an absent label are the same
 * thing in Prometheus). Compare with `equals` or by `key`.
 */
export class Labels {
  static readonly EMPTY = new Labels([]);

  /** name, value, name, value …, sorted by name; never changed after construction. */
  readonly #flat: readonly string[];
  #key: string | undefined;

  private constructor(flat: readonly string[]) {
    this.#flat = flat;
  }

  /** From name/value pairs in any order; empty values are dropped, of a repeated name the last value stays. */
  static of(pairs: Iterable<readonly [string, string]>): Labels {
    const byName = new Map<string, string>();
    for (const [name, value] of pairs) byName.set(name, value);
    const sorted = [...byName].filter(([, value]) => value !== '').sort((a, b) => compareText(a[0], b[0]));
    return sorted.length === 0 ? Labels.EMPTY : new Labels(sorted.flat());
  }

  static fromRecord(record: Readonly<Record<string, string>>): Labels {
    return Labels.of(Object.entries(record));
  }

  /** Takes `flat` over as it is: the caller guarantees sorted unique names and no empty values, and lets go of it. */
  static fromSorted(flat: readonly string[]): Labels {
    assert(flat.length % 2 === 0, 'a flat label list holds whole pairs');
    return flat.length === 0 ? Labels.EMPTY : new Labels(flat);
  }

  /** The number of labels. */
  get size(): number {
    return this.#flat.length / 2;
  }

  /** The value of `__name__`, or '' for a series without one. */
  get metricName(): string {
    return this.get(METRIC_NAME);
  }

  /** The same text for equal label sets, another one for all others. For maps; not for display. */
  get key(): string {
    this.#key ??= this.#flat.join(SEPARATOR);
    return this.#key;
  }

  /** The same text for label sets whose values of `names` are the same, another one for all others. For maps. */
  keyOf(names: readonly string[]): string {
    let key = '';
    for (let i = 0; i < names.length; i++) key += i === 0 ? this.get(names[i]!) : SEPARATOR + this.get(names[i]!);
    return key;
  }

  /** The label's value, '' when it is absent. */
  get(name: string): string {
    const flat = this.#flat;
    for (let i = 0; i < flat.length; i += 2) if (flat[i] === name) return flat[i + 1]!;
    return '';
  }

  has(name: string): boolean {
    return this.get(name) !== '';
  }

  nameAt(index: number): string {
    return this.#flat[index * 2]!;
  }

  valueAt(index: number): string {
    return this.#flat[index * 2 + 1]!;
  }

  *[Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    for (let i = 0; i < this.#flat.length; i += 2) yield [this.#flat[i]!, this.#flat[i + 1]!];
  }

  /** These labels with `name` set to `value`; an empty value removes the label. */
  with(name: string, value: string): Labels {
    const own = this.#flat;
    let place = 0;
    while (place < own.length && own[place] !== name && compareText(own[place]!, name) < 0) place += 2;
    const isThere = place < own.length && own[place] === name;
    if (isThere ? own[place + 1] === value : value === '') return this;
    const flat: string[] = [];
    for (let i = 0; i < place; i++) flat.push(own[i]!);
    if (value !== '') flat.push(name, value);
    for (let i = isThere ? place + 2 : place; i < own.length; i++) flat.push(own[i]!);
    return Labels.fromSorted(flat);
  }

  /** These labels without those that `names` holds. */
  without(names: ReadonlySet<string>): Labels {
    return this.pick((name) => !names.has(name));
  }

  /** Only those labels that `names` holds. */
  only(names: ReadonlySet<string>): Labels {
    return this.pick((name) => names.has(name));
  }

  withoutMetricName(): Labels {
    // The name stands first but for names in capitals; this is done for every series of nearly every query.
    if (this.#flat[0] === METRIC_NAME) return Labels.fromSorted(this.#flat.slice(2));
    return this.has(METRIC_NAME) ? this.pick((name) => name !== METRIC_NAME) : this;
  }

  /** Not `#pick`: TypeScript compiles a class with a private method so that `EMPTY` is made before the class has its name. */
  private pick(keeps: (name: string) => boolean): Labels {
    const flat: string[] = [];
    for (let i = 0; i < this.#flat.length; i += 2) {
      if (keeps(this.#flat[i]!)) flat.push(this.#flat[i]!, this.#flat[i + 1]!);
    }
    return flat.length === this.#flat.length ? this : Labels.fromSorted(flat);
  }

  equals(other: Labels): boolean {
    return this === other || this.key === other.key;
  }

  /** Prometheus's order of series: name by name, then value by value, a prefix first. */
  compare(other: Labels): number {
    const shared = Math.min(this.#flat.length, other.#flat.length);
    for (let i = 0; i < shared; i++) {
      const order = compareText(this.#flat[i]!, other.#flat[i]!);
      if (order !== 0) return order;
    }
    return this.#flat.length - other.#flat.length;
  }

  toRecord(): Record<string, string> {
    return Object.fromEntries(this);
  }

  /** `{__name__="up", job="api"}`, as Prometheus prints a label set; names that are no identifiers in quotes. */
  toString(): string {
    const parts: string[] = [];
    for (const [name, value] of this) parts.push(`${isLegacyLabelName(name) ? name : quoteGo(name)}=${quoteGo(value)}`);
    return `{${parts.join(', ')}}`;
  }
}

/** `[a-zA-Z_][a-zA-Z0-9_]*`: a label name that needs no quotes. */
export function isLegacyLabelName(name: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);
}

/** `[a-zA-Z_:][a-zA-Z0-9_:]*`: a metric name that needs no quotes. */
export function isLegacyMetricName(name: string): boolean {
  return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name);
}

/** Go's order of strings (by UTF-8 bytes, which is by code point); JavaScript's `<` goes by UTF-16 unit. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const unitA = a.charCodeAt(i);
    const unitB = b.charCodeAt(i);
    if (unitA === unitB) continue;
    // Surrogates stand for code points above every other UTF-16 unit.
    const isPairA = unitA >= 0xd800 && unitA <= 0xdfff;
    const isPairB = unitB >= 0xd800 && unitB <= 0xdfff;
    if (isPairA !== isPairB) return isPairA ? 1 : -1;
    return unitA - unitB;
  }
  return a.length - b.length;
}
