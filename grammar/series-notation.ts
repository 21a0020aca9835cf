import { PocketCortexError } from '../src/model/errors.ts';
import { quoteGo } from '../src/model/go-quote.ts';
import { Labels, METRIC_NAME } from '../src/model/labels.ts';
import { parseNumber, unquote } from './literals.ts';
import { formatPosition, ParseFailure } from './position.ts';
import { type HistogramNotation, parseHistogram } from './series-histogram.ts';
import { scanRawString, scanString } from './string-scan.ts';

export interface SeriesNotation {
  readonly labels: Labels;
  /** One a step, in order. */
  readonly points: readonly SeriesPoint[];
}

export type SeriesPoint =
  | { readonly kind: 'absent' }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'stale' }
  | HistogramPoint;

/** A native histogram: `base`, or `base + times × addend` in a series that grows (shrinks, with negative `times`). */
export interface HistogramPoint {
  readonly kind: 'histogram';
  readonly base: HistogramNotation;
  readonly growth: { readonly addend: HistogramNotation; readonly times: number } | undefined;
}

/** The most points one line may expand to. */
export const POINT_LIMIT = 1_000_000;

/**
 * Reads a series of Prometheus's test scripts and rule tests: labels, then points, which expand.
 *
 *     up{job="a"} 1 2x3 0+10x2 _ _x2 stale NaN {{schema:0 count:2 buckets:[1 1]}}+{{count:1 buckets:[1]}}x3
 *                 1 2 2 2 2    0 10 20
 *
 * `ax3` is `a` and three times more, `a+bx3` grows by `b`, `_x3` are three absent ones.
 * @throws {PocketCortexError} `parse-error`, with line and column
 */
export function parseSeriesNotation(text: string): SeriesNotation {
  try {
    return new SeriesParser(text).parse();
  } catch (error) {
    if (!(error instanceof ParseFailure)) throw error;
    const message = `${formatPosition(text, error.offset)}: parse error: ${error.message}`;
    throw new PocketCortexError('parse-error', message, { cause: error });
  }
}

const NUMBER = String.raw`(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?`;
const FLOAT = new RegExp(`([+-]?)(${NUMBER})(?:(?:([+-])(${NUMBER}))?x(\\d+))?(?=\\s|$)`, 'iy');
const NAMED_FLOAT = /([+-]?)(inf|nan)(?=\s|$)/iy;
const STALE = /stale(?=\s|$)/y;
const ABSENT = /_(?:x(\d+))?(?=\s|$)/y;
const HISTOGRAM = /\{\{([^{}]*)\}\}/y;
const GROWING = /([+-])(?=\{\{)/y;
const REPEATED = /x(\d+)/y;
const SPACE = /\s*/y;

class SeriesParser {
  readonly #text: string;
  #at = 0;
  readonly #points: SeriesPoint[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  parse(): SeriesNotation {
    this.#match(SPACE);
    const labels = this.#labels();
    while (this.#at < this.#text.length) {
      const before = this.#at;
      this.#match(SPACE);
      if (this.#at === this.#text.length) break;
      if (this.#at === before) throw this.#unexpected('series values');
      this.#point();
    }
    return { labels, points: this.#points };
  }

  #labels(): Labels {
    const pairs: [string, string][] = [];
    const name = this.#match(/[a-zA-Z_:][a-zA-Z0-9_:]*/y);
    this.#match(/\s*(?=\{(?!\{))/y);
    if (this.#match(/\{/y)) this.#braces(pairs);
    else if (!name) throw this.#unexpected('', '');
    if (name) pairs.push([METRIC_NAME, name[0]]);
    return Labels.of(pairs);
  }

  #braces(pairs: [string, string][]): void {
    for (;;) {
      this.#match(SPACE);
      if (this.#match(/\}/y)) return;
      pairs.push(this.#label());
      this.#match(SPACE);
      if (this.#match(/\}/y)) return;
      if (!this.#match(/,/y)) throw this.#unexpected('label set', '"," or "}"');
    }
  }

  #label(): [name: string, value: string] {
    const identifier = this.#match(/[a-zA-Z_][a-zA-Z0-9_]*/y)?.[0];
    const name = identifier ?? this.#string();
    if (name === undefined) throw this.#unexpected('label set', 'identifier or "}"');
    this.#match(SPACE);
    if (!this.#match(/=/y)) {
      if (identifier !== undefined) throw this.#unexpected('label set', '"="');
      return [METRIC_NAME, name];
    }
    this.#match(SPACE);
    const value = this.#string();
    if (value === undefined) throw this.#unexpected('label set', 'string');
    return [name, value];
  }

  #string(): string | undefined {
    const quote = this.#text[this.#at];
    if (quote !== '"' && quote !== "'" && quote !== '`') return undefined;
    const scan = quote === '`' ? scanRawString(this.#text, this.#at) : scanString(this.#text, this.#at);
    if (scan.problem !== undefined) throw new ParseFailure(this.#at, scan.problem);
    const literal = this.#text.slice(this.#at, scan.end);
    this.#at = scan.end;
    return unquote(literal);
  }

  #point(): void {
    const isPoint = this.#floats() || this.#namedFloat() || this.#stale() || this.#absent() || this.#histograms();
    if (!isPoint) throw this.#unexpected('series values', 'number or "stale"');
  }

  #floats(): boolean {
    const start = this.#at;
    const match = this.#match(FLOAT);
    if (!match) return false;
    const [, sign, first, deltaSign, deltaText, times] = match;
    let value = signed(sign, parseNumber(first!, start));
    const delta = deltaText === undefined ? 0 : signed(deltaSign, parseNumber(deltaText, start));
    // Added up one by one, as Prometheus does: expected values carry its rounding.
    return this.#repeat(Number(times ?? 0) + 1, () => {
      const point = { kind: 'float', value } as const;
      if (deltaText !== undefined) value += delta;
      return point;
    });
  }

  #namedFloat(): boolean {
    const start = this.#at;
    const match = this.#match(NAMED_FLOAT);
    if (!match) return false;
    const value = signed(match[1], parseNumber(match[2]!, start));
    return this.#repeat(1, () => ({ kind: 'float', value }));
  }

  #stale(): boolean {
    return this.#match(STALE) !== null && this.#repeat(1, () => ({ kind: 'stale' }));
  }

  #absent(): boolean {
    const match = this.#match(ABSENT);
    return match !== null && this.#repeat(Number(match[1] ?? 1), () => ({ kind: 'absent' }));
  }

  #histograms(): boolean {
    const base = this.#histogram();
    if (!base) return false;
    const sign = this.#match(GROWING)?.[1];
    const addend = sign === undefined ? undefined : this.#histogram();
    const times = this.#match(REPEATED)?.[1];
    const isWhole = sign === undefined || (addend !== undefined && times !== undefined);
    if (!isWhole) throw this.#unexpected('series values');
    let index = 0;
    return this.#repeat(Number(times ?? 0) + 1, () => {
      const growth = addend && { addend, times: sign === '-' ? -index : index };
      index += 1;
      return { kind: 'histogram', base, growth };
    });
  }

  #histogram(): HistogramNotation | undefined {
    const start = this.#at;
    const literal = this.#match(HISTOGRAM);
    return literal ? parseHistogram(literal[1]!, start + 2) : undefined;
  }

  #repeat(count: number, next: () => SeriesPoint): true {
    if (this.#points.length + count > POINT_LIMIT) {
      throw new ParseFailure(this.#at, `series has too many points (limit: ${POINT_LIMIT})`);
    }
    for (let i = 0; i < count; i++) this.#points.push(next());
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match) this.#at = pattern.lastIndex;
    return match;
  }

  #unexpected(within: string, expected = ''): ParseFailure {
    const rest = /\S+/y;
    rest.lastIndex = this.#at;
    const shown = rest.exec(this.#text)?.[0];
    const what = shown === undefined ? 'end of input' : quoteGo(shown.slice(0, 20));
    const where = `${within && ` in ${within}`}${expected && `, expected ${expected}`}`;
    return new ParseFailure(this.#at, `unexpected ${what}${where}`);
  }
}

function signed(sign: string | undefined, value: number): number {
  return sign === '-' ? -value : value;
}
