import type { BucketCounts, NativeHistogram } from './native-histogram.ts';
import { haveSameLayout } from './native-histogram-buckets.ts';
import { haveSameBounds } from './native-histogram-custom.ts';

/**
 * Whether both have the same buckets, empty ones too, with the same bits in every number. The counter reset hint is no
 * part of it.
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
  if (!haveSameLayout(a, b)) return false;
  for (let i = 0; i < a.counts.length; i++) if (!Object.is(a.counts[i], b.counts[i])) return false;
  return true;
}
