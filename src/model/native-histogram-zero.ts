import type { BucketCounts, NativeHistogram } from './native-histogram.ts';
import { exponentialBound } from './native-histogram-bounds.ts';

/** What of an exponential histogram decides on its zero bucket. */
export type ZeroBucketed = Pick<NativeHistogram, 'schema' | 'zeroThreshold' | 'zeroCount' | 'positive' | 'negative'>;

/** A zero bucket that has taken in its neighbours. */
export interface WidenedZeroBucket {
  readonly threshold: number;
  readonly count: number;
  /** How many of the first buckets of each side went into it. */
  readonly positiveTaken: number;
  readonly negativeTaken: number;
}

/**
 * The zero bucket with a larger threshold. When that falls inside a populated bucket, it grows up to the bucket's end, so
 * that no count has to be split.
 */
export function widenZeroBucket(histogram: ZeroBucketed, largerThreshold: number): WidenedZeroBucket {
  const { schema, positive, negative, zeroCount, zeroThreshold } = histogram;
  let threshold = largerThreshold;
  if (threshold === zeroThreshold) return { threshold, count: zeroCount, positiveTaken: 0, negativeTaken: 0 };
  // Growing on the negative side can take in more of the positive side: until neither grows it.
  for (let before = NaN; before !== threshold; ) {
    before = threshold;
    threshold = grownOver(positive, schema, threshold);
    threshold = grownOver(negative, schema, threshold);
  }
  const positiveTaken = bucketsBelow(positive, schema, threshold);
  const negativeTaken = bucketsBelow(negative, schema, threshold);
  let count = zeroCount;
  for (let i = 0; i < positiveTaken; i++) count += positive.counts[i]!;
  for (let i = 0; i < negativeTaken; i++) count += negative.counts[i]!;
  return { threshold, count, positiveTaken, negativeTaken };
}

/** `threshold`, or the end of the populated bucket that it lies in. */
function grownOver(buckets: BucketCounts, schema: number, threshold: number): number {
  const last = bucketsBelow(buckets, schema, threshold) - 1;
  if (last < 0 || buckets.counts[last] === 0) return threshold;
  return Math.max(threshold, exponentialBound(buckets.indexes[last]!, schema));
}

/** How many buckets begin below `threshold`. */
function bucketsBelow({ indexes }: BucketCounts, schema: number, threshold: number): number {
  let at = 0;
  while (at < indexes.length && exponentialBound(indexes[at]! - 1, schema) < threshold) at += 1;
  return at;
}

/** The smallest zero bucket that both can have, as each of them would have it. */
export function commonZeroBuckets(a: ZeroBucketed, b: ZeroBucketed): { a: WidenedZeroBucket; b: WidenedZeroBucket } {
  let widenedA = widenZeroBucket(a, a.zeroThreshold);
  let widenedB = widenZeroBucket(b, b.zeroThreshold);
  while (widenedA.threshold !== widenedB.threshold) {
    if (widenedA.threshold > widenedB.threshold) widenedB = widenZeroBucket(b, widenedA.threshold);
    else widenedA = widenZeroBucket(a, widenedB.threshold);
  }
  return { a: widenedA, b: widenedB };
}

/** The buckets behind the first `count`. */
export function withoutFirst(buckets: BucketCounts, count: number): BucketCounts {
  if (count === 0) return buckets;
  return { indexes: buckets.indexes.subarray(count), counts: buckets.counts.subarray(count) };
}
