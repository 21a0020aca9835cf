import { goLog2 } from './go-math.ts';
import type { NativeHistogram } from './native-histogram.ts';
import { type BoundedBucket, bucketsAscending } from './native-histogram-bounds.ts';
import { isPopulated } from './native-histogram-buckets.ts';

/**
 * The fraction of a bucket's observations at or below `value`, which lies inside of its finite bounds: on a logarithmic
 * scale, or linearly.
 */
export function fractionBelow(
  { lower, upper }: { readonly lower: number; readonly upper: number },
  value: number,
  isLinear: boolean,
): number {
  if (isLinear) return (value - lower) / (upper - lower);
  const logLower = goLog2(Math.abs(lower));
  const logUpper = goLog2(Math.abs(upper));
  const logValue = goLog2(Math.abs(value));
  return value > 0 ? (logValue - logLower) / (logUpper - logLower) : 1 - (logValue - logUpper) / (logLower - logUpper);
}

/**
 * The fraction of a histogram's observations between `lower` and `upper`, interpolated as for quantiles. NaN without
 * observations. `hasNan`: some observations are NaN, which are in no fraction.
 */
export function histogramFraction(
  lower: number,
  upper: number,
  histogram: NativeHistogram,
): { value: number; hasNan: boolean } {
  const { count, sum } = histogram;
  if (count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return { value: NaN, hasNan: false };
  if (lower >= upper) return { value: 0, hasNan: false };
  const buckets = bucketsAscending(histogram);
  let counted = count;
  if (Number.isNaN(sum)) {
    counted = 0;
    for (const bucket of buckets) counted += bucket.count;
  }
  const lowerRank = Math.min(rankOf(lower, buckets, histogram), counted);
  const upperRank = Math.min(rankOf(upper, buckets, histogram), counted);
  return { value: (upperRank - lowerRank) / count, hasNan: counted < count };
}

/** How many observations are at or below `value`; infinite when no bucket reaches it. */
function rankOf(value: number, buckets: readonly BoundedBucket[], histogram: NativeHistogram): number {
  const hasPositive = isPopulated(histogram.positive);
  const hasNegative = isPopulated(histogram.negative);
  let rank = 0;
  for (const bucket of buckets) {
    // A bucket around 0 is taken to end there where all others are of one sign.
    const isAroundZero = bucket.lower <= 0 && bucket.upper >= 0;
    const lower = isAroundZero && hasPositive && !hasNegative ? 0 : bucket.lower;
    const upper = isAroundZero && hasNegative && !hasPositive ? 0 : bucket.upper;
    if (lower >= value) return rank;
    if (upper > value) {
      const isLinear = histogram.usesCustomBuckets || isAroundZero;
      // Without a lower bound there is nothing to interpolate: all counts.
      if (isLinear && lower === -Infinity) return bucket.count;
      return rank + bucket.count * fractionBelow({ lower, upper }, value, isLinear);
    }
    rank += bucket.count;
  }
  return Infinity;
}
