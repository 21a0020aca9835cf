import type { BucketCounts, NativeHistogram } from './native-histogram.ts';
import { compactBuckets, haveSameLayout } from './native-histogram-buckets.ts';
import { haveSameBounds } from './native-histogram-custom.ts';

/**
 * Whether both have the same numbers, bit by bit, in the same buckets; a bucket that is missing is an empty one. The
 * counter reset hint is no part of it.
 */
export function areHistogramsEqual(a: NativeHistogram, b: NativeHistogram): boolean {
  return (
    a === b ||
    (a.schema === b.schema &&
      Object.is(a.count, b.count) &&
      Object.is(a.sum, b.sum) &&
      a.zeroThreshold === b.zeroThreshold &&
      Object.is(a.zeroCount, b.zeroCount) &&
      haveSameBounds(a.customBounds, b.customBounds) &&
      areBucketsEqual(a.negative, b.negative) &&
      areBucketsEqual(a.positive, b.positive))
  );
}

function areBucketsEqual(a: BucketCounts, b: BucketCounts): boolean {
  if (!haveSameLayout(a, b)) {
    const compactA = compactBuckets(a);
    const compactB = compactBuckets(b);
    const isCompact = compactA === a && compactB === b;
    return !isCompact && haveSameLayout(compactA, compactB) && areBucketsEqual(compactA, compactB);
  }
  for (let i = 0; i < a.counts.length; i++) if (!Object.is(a.counts[i], b.counts[i])) return false;
  return true;
}
