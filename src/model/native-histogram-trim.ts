import type { BucketCounts, NativeHistogram } from './native-histogram.ts';
import { type BoundedBucket, negativeBucket, positiveBucket } from './native-histogram-bounds.ts';
import { compact, isPopulated } from './native-histogram-buckets.ts';
import { fractionBelow } from './native-histogram-fraction.ts';

/** What is kept of a bucket: how many observations, and about where they are. */
interface Kept {
  readonly count: number;
  readonly middle: number;
}

/**
 * Without the observations above `limit` (`</`), or with `keeps` 'above' without those below it (`>/`). Buckets that hold
 * the limit are split by interpolation. The count and the sum are estimated anew, unless nothing was cut off.
 */
export function trimHistogram(histogram: NativeHistogram, limit: number, keeps: 'below' | 'above'): NativeHistogram {
  const isLinear = histogram.usesCustomBuckets;
  const totals = { count: 0, sum: 0, isCut: false };
  const keep = (before: number, { count, middle }: Kept): number => {
    totals.count += count;
    totals.sum += middle * count;
    if (count !== before) totals.isCut = true;
    return count;
  };
  const trimSide = (buckets: BucketCounts, bucketAt: typeof positiveBucket, isPositive: boolean): BucketCounts => {
    const counts = buckets.counts.slice();
    for (let at = 0; at < counts.length; at++) {
      if (counts[at] === 0) continue;
      const bucket = bucketAt(histogram, at);
      if (isWholeBucketCut(bucket, limit, keeps)) {
        totals.isCut = true;
        counts[at] = 0;
      } else {
        counts[at] = keep(bucket.count, keptOf(bucket, limit, keeps, { isPositive, isLinear }));
      }
    }
    return { indexes: buckets.indexes, counts };
  };
  const positive = trimSide(histogram.positive, positiveBucket, true);
  const negative = trimSide(histogram.negative, negativeBucket, false);
  const zeroCount =
    histogram.zeroCount > 0
      ? keep(histogram.zeroCount, keptOfZeroBucket(histogram, limit, keeps))
      : histogram.zeroCount;
  if (!totals.isCut) return histogram;
  const { count, sum } = totals;
  return compact(histogram.with({ zeroCount, count, sum, positive, negative, isInteger: false }));
}

/** Nothing is left with a limit of NaN. */
function isWholeBucketCut({ lower, upper }: BoundedBucket, limit: number, keeps: 'below' | 'above'): boolean {
  return keeps === 'below' ? !(upper <= limit || lower < limit) : !(lower >= limit || upper > limit);
}

interface Shape {
  readonly isPositive: boolean;
  readonly isLinear: boolean;
}

function keptOf(bucket: BoundedBucket, limit: number, keeps: 'below' | 'above', shape: Shape): Kept {
  const { lower, upper, count } = bucket;
  const isWhole = keeps === 'below' ? upper <= limit : lower >= limit;
  if (isWhole) return { count, middle: middleOf(lower, upper, shape) };
  if (lower === -Infinity) return keptOfLowest(bucket, limit, keeps);
  if (upper === Infinity) return keptOfHighest(bucket, limit, keeps);
  const below = count * fractionBelow(bucket, limit, shape.isLinear);
  return keeps === 'below'
    ? { count: below, middle: middleOf(lower, limit, shape) }
    : { count: count - below, middle: middleOf(limit, upper, shape) };
}

/** Of a bucket that begins at -Inf. With a positive upper bound (only custom buckets have that) it is taken to begin at 0. */
function keptOfLowest({ upper, count }: BoundedBucket, limit: number, keeps: 'below' | 'above'): Kept {
  const beginsAtZero = upper > 0 && upper !== Infinity;
  if (keeps === 'below') {
    if (beginsAtZero && limit > 0) return { count: (count * limit) / upper, middle: limit / 2 };
    // Nobody knows where in it they are: all that may be below the limit stay, and are taken to be at it.
    return upper <= 0 ? { count, middle: limit } : { count: 0, middle: 0 };
  }
  if (limit === -Infinity) return { count, middle: 0 };
  if (beginsAtZero && limit >= 0) return { count: count * (1 - limit / upper), middle: (limit + upper) / 2 };
  return { count: 0, middle: 0 };
}

/** Of a bucket that ends at +Inf. */
function keptOfHighest({ lower, count }: BoundedBucket, limit: number, keeps: 'below' | 'above'): Kept {
  return keeps === 'above' && limit >= lower ? { count, middle: limit } : { count: 0, middle: 0 };
}

function keptOfZeroBucket(histogram: NativeHistogram, limit: number, keeps: 'below' | 'above'): Kept {
  const { zeroThreshold, zeroCount: count } = histogram;
  const hasPositive = isPopulated(histogram.positive);
  const hasNegative = isPopulated(histogram.negative);
  const lower = hasPositive && !hasNegative ? 0 : -zeroThreshold;
  const upper = hasNegative && !hasPositive ? 0 : zeroThreshold;
  const all = { count, middle: (lower + upper) / 2 };
  // Without any width it is above the limit, not below it.
  if (keeps === 'above' && limit <= lower) return all;
  if (keeps === 'below' ? limit <= lower : limit >= upper) return { count: 0, middle: 0 };
  if (keeps === 'below' && limit >= upper) return all;
  return keeps === 'below'
    ? { count: count * ((limit - lower) / (upper - lower)), middle: (lower + limit) / 2 }
    : { count: count * ((upper - limit) / (upper - lower)), middle: (limit + upper) / 2 };
}

function middleOf(lower: number, upper: number, { isPositive, isLinear }: Shape): number {
  if (lower === -Infinity) {
    if (upper === Infinity) return 0;
    return upper > 0 ? upper / 2 : upper;
  }
  if (upper === Infinity) return lower;
  if (isLinear) return (lower + upper) / 2;
  const middle = Math.sqrt(Math.abs(lower * upper));
  return isPositive ? middle : -middle;
}
