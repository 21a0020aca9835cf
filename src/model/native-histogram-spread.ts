import { CompensatedNumber } from './compensated-sum.ts';
import type { NativeHistogram } from './native-histogram.ts';
import { bucketsAscending } from './native-histogram-bounds.ts';

/**
 * The variance of a histogram's observations, each taken to be at the middle of its bucket: the geometric one, the
 * arithmetic one of custom buckets, 0 for the zero bucket.
 */
export function histogramVariance(histogram: NativeHistogram): number {
  const { count, sum, usesCustomBuckets } = histogram;
  const mean = sum / count;
  const squares = new CompensatedNumber(0);
  for (const bucket of bucketsAscending(histogram)) {
    const distance = middleOf(bucket, usesCustomBuckets) - mean;
    squares.add(bucket.count * distance * distance);
  }
  return squares.total / count;
}

function middleOf({ lower, upper }: { lower: number; upper: number }, isLinear: boolean): number {
  if (isLinear) return (upper + lower) / 2;
  if (lower <= 0 && upper >= 0) return 0;
  return upper < 0 ? -Math.sqrt(upper * lower) : Math.sqrt(upper * lower);
}
