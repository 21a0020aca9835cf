import { goExp2, goLog2 } from './go-math.ts';
import type { NativeHistogram } from './native-histogram.ts';
import { type BoundedBucket, bucketsAscending } from './native-histogram-bounds.ts';
import { isPopulated } from './native-histogram-buckets.ts';

/**
 * What observations of NaN did to a quantile: it is NaN, or higher than it should be. They are in the count, but in no
 * bucket, and so rank above all others.
 */
export type NanEffect = 'none' | 'result' | 'skew';

/**
 * The `q`-quantile of a histogram's observations, interpolated within a bucket: on a logarithmic scale, or linearly in the
 * zero bucket and in custom ones. NaN without observations; -Inf and +Inf for a `q` below 0 and above 1.
 */
export function histogramQuantile(q: number, histogram: NativeHistogram): { value: number; nanEffect: NanEffect } {
  const { count, sum, usesCustomBuckets } = histogram;
  if (q < 0) return { value: -Infinity, nanEffect: 'none' };
  if (q > 1) return { value: Infinity, nanEffect: 'none' };
  if (count === 0 || Number.isNaN(q)) return { value: NaN, nanEffect: 'none' };
  const buckets = bucketsAscending(histogram);
  const hasNanSum = Number.isNaN(sum);
  // From the nearer end, for the smaller rounding error. NaN are above the upper end: with them only from below.
  const isFromBelow = hasNanSum || q < 0.5;
  const rank = (isFromBelow ? q : 1 - q) * count;
  const found = findBucket(buckets, rank, isFromBelow);
  const { lower, upper } = withinSigns(found.bucket, histogram);
  if (usesCustomBuckets) {
    if (found.bucket.lower === -Infinity && upper <= 0) return { value: upper, nanEffect: 'none' };
    if (found.bucket.lower !== -Infinity && upper === Infinity) return { value: lower, nanEffect: 'none' };
  }
  const cumulated = Math.min(found.cumulated, count);
  if (cumulated < rank) return hasNanSum ? { value: NaN, nanEffect: 'result' } : { value: upper, nanEffect: 'none' };
  const within = isFromBelow ? rank - (cumulated - found.bucket.count) : cumulated - rank;
  const value = interpolate({ lower, upper }, within / found.bucket.count, usesCustomBuckets);
  return { value, nanEffect: hasNanSum && totalOf(buckets, found.cumulated, found.at) < count ? 'skew' : 'none' };
}

/** The bucket at which the cumulated count reaches `rank`; the last bucket when none does. */
function findBucket(
  buckets: readonly BoundedBucket[],
  rank: number,
  isFromBelow: boolean,
): { bucket: BoundedBucket; cumulated: number; at: number } {
  let bucket: BoundedBucket = { lower: 0, upper: 0, count: 0 };
  let cumulated = 0;
  for (let i = 0; i < buckets.length; i++) {
    const at = isFromBelow ? i : buckets.length - 1 - i;
    bucket = buckets[at]!;
    cumulated += bucket.count;
    if (cumulated >= rank) return { bucket, cumulated, at };
  }
  return { bucket, cumulated, at: buckets.length };
}

function totalOf(buckets: readonly BoundedBucket[], cumulated: number, at: number): number {
  let total = cumulated;
  for (let i = at + 1; i < buckets.length; i++) total += buckets[i]!.count;
  return total;
}

/**
 * The zero bucket ends at 0 where the histogram has buckets of one sign only, and a first custom bucket begins there when
 * it can.
 */
function withinSigns(
  { lower, upper }: BoundedBucket,
  { positive, negative, usesCustomBuckets }: NativeHistogram,
): { lower: number; upper: number } {
  if (usesCustomBuckets) return { lower: lower === -Infinity && upper > 0 ? 0 : lower, upper };
  if (!(lower < 0 && upper > 0)) return { lower, upper };
  const hasPositive = isPopulated(positive);
  const hasNegative = isPopulated(negative);
  return { lower: hasPositive && !hasNegative ? 0 : lower, upper: hasNegative && !hasPositive ? 0 : upper };
}

function interpolate({ lower, upper }: { lower: number; upper: number }, fraction: number, isLinear: boolean): number {
  if (isLinear || (lower <= 0 && upper >= 0)) return lower + (upper - lower) * fraction;
  const logLower = goLog2(Math.abs(lower));
  const logUpper = goLog2(Math.abs(upper));
  return lower > 0
    ? goExp2(logLower + (logUpper - logLower) * fraction)
    : -goExp2(logUpper + (logLower - logUpper) * (1 - fraction));
}
