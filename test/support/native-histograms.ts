import {
  type BucketCounts,
  CUSTOM_BUCKETS_SCHEMA,
  NativeHistogram,
  type NativeHistogramFields,
} from '../../src/model/native-histogram.ts';

/** Buckets as tests write them: `{ 1: 2, 4: 1 }` is two in bucket 1 and one in bucket 4. */
export type BucketText = Readonly<Record<number, number>>;

export interface HistogramText extends Partial<Omit<NativeHistogramFields, 'positive' | 'negative' | 'customBounds'>> {
  readonly positive?: BucketText;
  readonly negative?: BucketText;
  readonly bounds?: readonly number[];
}

/** A histogram whose count is that of its buckets unless said; with bounds, one of custom buckets. */
export function histogram(text: HistogramText): NativeHistogram {
  const { positive = {}, negative = {}, bounds, ...fields } = text;
  const counts = [...Object.values(positive), ...Object.values(negative), fields.zeroCount ?? 0];
  return new NativeHistogram({
    schema: bounds ? CUSTOM_BUCKETS_SCHEMA : 0,
    count: counts.reduce((sum, count) => sum + count, 0),
    sum: 0,
    ...fields,
    positive: buckets(positive),
    negative: buckets(negative),
    ...(bounds ? { customBounds: Float64Array.from(bounds) } : {}),
  });
}

function buckets(text: BucketText): BucketCounts {
  const entries = Object.entries(text)
    .map(([index, count]) => [Number(index), count] as const)
    .sort(([a], [b]) => a - b);
  return {
    indexes: Int32Array.from(entries, ([index]) => index),
    counts: Float64Array.from(entries, ([, count]) => count),
  };
}

/** All of a histogram that is not empty, for whole-value comparisons. */
export function textOf(value: NativeHistogram | undefined): HistogramText | undefined {
  if (!value) return undefined;
  const { schema, zeroThreshold, zeroCount, count, sum, positive, negative, customBounds, counterResetHint } = value;
  return {
    schema,
    count,
    sum,
    ...(zeroThreshold === 0 ? {} : { zeroThreshold }),
    ...(zeroCount === 0 ? {} : { zeroCount }),
    ...(positive.indexes.length === 0 ? {} : { positive: bucketText(positive) }),
    ...(negative.indexes.length === 0 ? {} : { negative: bucketText(negative) }),
    ...(customBounds.length === 0 ? {} : { bounds: Array.from(customBounds) }),
    ...(counterResetHint === 'unknown' ? {} : { counterResetHint }),
  };
}

function bucketText({ indexes, counts }: BucketCounts): BucketText {
  return Object.fromEntries(Array.from(indexes, (index, at) => [index, counts[at]!]));
}
