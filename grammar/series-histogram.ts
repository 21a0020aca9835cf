import { quoteGo } from '../src/model/go-quote.ts';
import { parseNumber } from './literals.ts';
import { ParseFailure } from './position.ts';

/** A native histogram as a test script writes it; what is not written is 0 or empty. */
export interface HistogramNotation {
  readonly schema: number;
  readonly sum: number;
  readonly count: number;
  readonly zeroCount: number;
  readonly zeroThreshold: number;
  /** The index of the first bucket, and the buckets from there on without gaps. */
  readonly offset: number;
  readonly buckets: readonly number[];
  readonly negativeOffset: number;
  readonly negativeBuckets: readonly number[];
  /** Upper bounds of the buckets, for schema -53. */
  readonly customValues: readonly number[];
  /** Undefined when not written: a comparison then ignores it. */
  readonly counterResetHint: 'unknown' | 'reset' | 'not_reset' | 'gauge' | undefined;
}

const fields = {
  schema: { field: 'schema', kind: 'whole' },
  sum: { field: 'sum', kind: 'number' },
  count: { field: 'count', kind: 'number' },
  z_bucket: { field: 'zeroCount', kind: 'number' },
  z_bucket_w: { field: 'zeroThreshold', kind: 'number' },
  offset: { field: 'offset', kind: 'whole' },
  buckets: { field: 'buckets', kind: 'list' },
  n_offset: { field: 'negativeOffset', kind: 'whole' },
  n_buckets: { field: 'negativeBuckets', kind: 'list' },
  custom_values: { field: 'customValues', kind: 'list' },
  counter_reset_hint: { field: 'counterResetHint', kind: 'hint' },
} as const satisfies Record<string, { field: keyof HistogramNotation; kind: FieldKind }>;

type FieldKind = 'whole' | 'number' | 'list' | 'hint';

const empty: HistogramNotation = {
  schema: 0,
  sum: 0,
  count: 0,
  zeroCount: 0,
  zeroThreshold: 0,
  offset: 0,
  buckets: [],
  negativeOffset: 0,
  negativeBuckets: [],
  customValues: [],
  counterResetHint: undefined,
};

/**
 * Reads what stands between `{{` and `}}`: `schema:1 sum:3 buckets:[1 2]`; `offset` is where that begins in its line.
 * @throws {ParseFailure}
 */
export function parseHistogram(text: string, offset: number): HistogramNotation {
  const histogram: Record<string, unknown> = {};
  const item = /\s*([a-z_]+):(\[[^\]]*\]|[^\s[\]]+)(?=\s|$)/iy;
  const end = text.trimEnd().length;
  let at = 0;
  while (at < end) {
    item.lastIndex = at;
    const match = item.exec(text);
    if (!match) {
      const rest = text.slice(at, at + 20).trim();
      throw new ParseFailure(offset + at, `bad histogram descriptor found: ${quoteGo(rest)}`);
    }
    const [, key, value] = match as unknown as [string, string, string];
    const spec = new Map(Object.entries(fields)).get(key.toLowerCase());
    if (!spec) throw new ParseFailure(offset + at, `bad histogram descriptor found: ${quoteGo(key)}`);
    if (spec.field in histogram) throw new ParseFailure(offset, `duplicate key "${key}" in histogram`);
    histogram[spec.field] = parseValue(value, spec.kind, offset + item.lastIndex - value.length);
    at = item.lastIndex;
  }
  return { ...empty, ...histogram };
}

function parseValue(text: string, kind: FieldKind, offset: number): unknown {
  if (kind === 'list' && text.startsWith('[') && text.length > 2) {
    const parts = text.slice(1, -1).trim().split(/\s+/);
    return parts.map((part) => parseSigned(part, offset));
  }
  if (kind === 'number') return parseSigned(text, offset);
  if (kind === 'whole' && /^-?\d+$/.test(text)) return Number(text);
  if (kind === 'hint' && /^(?:unknown|reset|not_reset|gauge)$/i.test(text)) return text.toLowerCase();
  throw new ParseFailure(offset, `unexpected ${quoteGo(text.slice(0, 20))} in histogram description`);
}

function parseSigned(text: string, offset: number): number {
  const value = parseNumber(text.replace(/^[+-]/, ''), offset);
  return text.startsWith('-') ? -value : value;
}
