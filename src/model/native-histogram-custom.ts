import type { BucketCounts } from './native-histogram.ts';
import { mergeBuckets } from './native-histogram-buckets.ts';

/** Whether both have the same bounds. */
export function haveSameBounds(a: Float64Array, b: Float64Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The bounds that both have. */
export function commonBounds(a: Float64Array, b: Float64Array): Float64Array {
  const common = new Float64Array(Math.min(a.length, b.length));
  let count = 0;
  let atA = 0;
  let atB = 0;
  while (atA < a.length && atB < b.length) {
    const boundA = a[atA]!;
    const boundB = b[atB]!;
    if (boundA === boundB) common[count++] = boundA;
    if (boundA <= boundB) atA += 1;
    if (boundB <= boundA) atB += 1;
  }
  return common.subarray(0, count);
}

/** Where a bucket of `bounds` goes when only the `common` ones of them stay; for indexes that never fall. */
export function customTarget(bounds: Float64Array, common: Float64Array): (index: number) => number {
  let target = 0;
  return (index) => {
    if (index >= bounds.length) return common.length;
    while (target < common.length && common[target]! < bounds[index]!) target += 1;
    return target;
  };
}

/** Custom buckets put together so that they end at `common` bounds, which are some of `bounds`. */
export function bucketsWithBounds(buckets: BucketCounts, bounds: Float64Array, common: Float64Array): BucketCounts {
  return mergeBuckets(buckets, customTarget(bounds, common));
}
