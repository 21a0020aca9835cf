import type { HistogramNotation } from '../../../grammar/series-histogram.ts';
import type { HistogramPoint } from '../../../grammar/series-notation.ts';
import { PocketCortexError } from '../../model/errors.ts';
import { formatFloat } from '../../model/go-float.ts';
import {
  type BucketCounts,
  type CounterResetHint,
  CUSTOM_BUCKETS_SCHEMA,
  MAX_EXPONENTIAL_SCHEMA,
  MIN_EXPONENTIAL_SCHEMA,
  NativeHistogram,
} from '../../model/native-histogram.ts';
import { addHistograms, scaleHistogram, subtractHistograms } from '../../model/native-histogram-arithmetic.ts';

const hints = {
  unknown: 'unknown',
  reset: 'reset',
  not_reset: 'not-reset',
  gauge: 'gauge',
} as const satisfies Record<string, CounterResetHint>;

/**
 * The histogram that a point of a script stands for.
 * @throws {PocketCortexError} `bad-data` when a series grows by what cannot be added to it
 */
export function histogramOfPoint({ base, growth }: HistogramPoint): NativeHistogram {
  const start = histogramOfNotation(base);
  if (growth === undefined || growth.times === 0) return start;
  const addend = histogramOfNotation(growth.addend);
  const change = scaleHistogram(addend, Math.abs(growth.times));
  const grown = growth.times > 0 ? addHistograms(start, change) : subtractHistograms(start, change);
  if (!grown) {
    const message = 'error combining histograms: exponential and custom buckets cannot be added';
    throw new PocketCortexError('bad-data', message);
  }
  return grown.histogram;
}

function histogramOfNotation(notation: HistogramNotation): NativeHistogram {
  const { schema } = notation;
  const isExponential = schema >= MIN_EXPONENTIAL_SCHEMA && schema <= MAX_EXPONENTIAL_SCHEMA;
  if (!isExponential && schema !== CUSTOM_BUCKETS_SCHEMA) {
    throw new PocketCortexError('bad-data', `histogram schema ${schema} is neither -53 nor from -4 to 8`);
  }
  return new NativeHistogram({
    schema,
    zeroThreshold: notation.zeroThreshold,
    zeroCount: notation.zeroCount,
    count: notation.count,
    sum: notation.sum,
    positive: bucketsFrom(notation.offset, notation.buckets),
    negative: bucketsFrom(notation.negativeOffset, notation.negativeBuckets),
    customBounds: Float64Array.from(notation.customValues),
    counterResetHint: hints[notation.counterResetHint ?? 'unknown'],
  });
}

function bucketsFrom(offset: number, counts: readonly number[]): BucketCounts {
  return { indexes: Int32Array.from(counts, (_, i) => offset + i), counts: Float64Array.from(counts) };
}

/** A histogram as a script would write it: `{{schema:1 count:3 sum:2 buckets:[1 2]}}`. Empty buckets fill gaps. */
export function formatHistogram(histogram: NativeHistogram): string {
  const { schema, count, sum, zeroCount, zeroThreshold, customBounds, counterResetHint } = histogram;
  const hint = Object.entries(hints).find(([, value]) => value === counterResetHint);
  const parts = [
    ...numberPart('schema', schema),
    ...numberPart('count', count),
    ...numberPart('sum', sum),
    ...numberPart('z_bucket', zeroCount),
    ...numberPart('z_bucket_w', zeroThreshold),
    ...(customBounds.length > 0 ? [`custom_values:${formatList(customBounds)}`] : []),
    ...(hint && hint[0] !== 'unknown' ? [`counter_reset_hint:${hint[0]}`] : []),
    ...bucketParts('', histogram.positive),
    ...bucketParts('n_', histogram.negative),
  ];
  return `{{${parts.join(' ')}}}`;
}

function numberPart(name: string, value: number): string[] {
  return value === 0 ? [] : [`${name}:${formatFloat(value)}`];
}

function bucketParts(prefix: string, { indexes, counts }: BucketCounts): string[] {
  if (indexes.length === 0) return [];
  const first = indexes[0]!;
  const last = indexes[indexes.length - 1]!;
  // Buckets far apart are left as they are: nobody reads thousands of zeros.
  const texts: string[] = [];
  let next = first;
  for (let i = 0; i < indexes.length; i++) {
    const gap = indexes[i]! - next;
    texts.push(...(gap > 100 ? [`…${gap} empty…`] : new Array<string>(gap).fill('0')), formatFloat(counts[i]!));
    next = indexes[i]! + 1;
  }
  const parts = [`${prefix}buckets:[${texts.join(' ')}]`];
  return first === 0 && last >= 0 ? parts : [`${prefix}offset:${first}`, ...parts];
}

function formatList(values: Float64Array): string {
  return `[${Array.from(values, formatFloat).join(' ')}]`;
}
