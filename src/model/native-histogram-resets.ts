import type { BucketCounts, CounterResetHint, NativeHistogram } from './native-histogram.ts';
import { bucketsOutside, coarserBuckets } from './native-histogram-buckets.ts';
import { bucketsWithBounds, commonBounds, haveSameBounds } from './native-histogram-custom.ts';
import { widenZeroBucket } from './native-histogram-zero.ts';

/**
 * Whether the counter was reset between `previous` and `current`: as the hint says, else when some count fell or a
 * populated bucket is gone. A finer schema, a smaller zero bucket, other kinds of buckets: only a reset brings those.
 */
export function detectReset(current: NativeHistogram, previous: NativeHistogram): boolean {
  if (current.counterResetHint === 'reset') return true;
  if (current.counterResetHint === 'not-reset') return false;
  if (current.count < previous.count) return true;
  if (current.usesCustomBuckets) return !previous.usesCustomBuckets || hasCustomReset(current, previous);
  if (current.schema > previous.schema || previous.usesCustomBuckets) return true;
  if (current.zeroThreshold < previous.zeroThreshold) return true;
  if (current.zeroThreshold === previous.zeroThreshold) {
    if (current.zeroCount < previous.zeroCount) return true;
    if (haveSharedBuckets(current, previous)) {
      return hasFallen(current.positive, previous.positive) || hasFallen(current.negative, previous.negative);
    }
  } else {
    const zero = widenZeroBucket(previous, current.zeroThreshold);
    if (zero.threshold !== current.zeroThreshold || current.zeroCount < zero.count) return true;
  }
  return (
    hasFallen(outside(current, current, 'positive'), outside(previous, current, 'positive')) ||
    hasFallen(outside(current, current, 'negative'), outside(previous, current, 'negative'))
  );
}

/**
 * The hint that Prometheus's storage gives out for `current` when it comes after `previous` (undefined: after a float,
 * a staleness marker or nothing): its chunks hold histograms of one shape without a reset, so those behind a chunk's first
 * are known not to be one, and of the first nobody knows.
 */
export function storedHint(current: NativeHistogram, previous: NativeHistogram | undefined): CounterResetHint {
  if (current.counterResetHint === 'gauge') return 'gauge';
  if (previous === undefined || previous.isStale || previous.counterResetHint === 'gauge') return 'unknown';
  const isSameShape =
    current.schema === previous.schema &&
    current.zeroThreshold === previous.zeroThreshold &&
    haveSameBounds(current.customBounds, previous.customBounds);
  if (!isSameShape || current.counterResetHint === 'reset') return 'unknown';
  return detectReset(current.with({ counterResetHint: 'unknown' }), previous) ? 'unknown' : 'not-reset';
}

/** Whether both are of one schema with the very same layout, and all of their buckets lie outside of the zero bucket. */
function haveSharedBuckets(
  { schema, zeroThreshold, positive, negative }: NativeHistogram,
  other: NativeHistogram,
): boolean {
  return (
    schema === other.schema &&
    positive.indexes === other.positive.indexes &&
    negative.indexes === other.negative.indexes &&
    bucketsOutside(positive, schema, zeroThreshold) === positive &&
    bucketsOutside(negative, schema, zeroThreshold) === negative
  );
}

/** A side at the schema of `like`, and what of it lies outside of the zero bucket of `like`. */
function outside(histogram: NativeHistogram, like: NativeHistogram, side: 'positive' | 'negative'): BucketCounts {
  const coarser = coarserBuckets(histogram[side], histogram.schema, like.schema);
  return bucketsOutside(coarser, like.schema, like.zeroThreshold);
}

function hasCustomReset(current: NativeHistogram, previous: NativeHistogram): boolean {
  if (haveSameBounds(current.customBounds, previous.customBounds)) {
    return current.zeroCount < previous.zeroCount || hasFallen(current.positive, previous.positive);
  }
  const common = commonBounds(current.customBounds, previous.customBounds);
  return hasFallen(
    bucketsWithBounds(current.positive, current.customBounds, common),
    bucketsWithBounds(previous.positive, previous.customBounds, common),
  );
}

function hasFallen(current: BucketCounts, previous: BucketCounts): boolean {
  if (current.indexes === previous.indexes) {
    const { counts } = current;
    for (let i = 0; i < counts.length; i++) if (counts[i]! < previous.counts[i]!) return true;
    return false;
  }
  let at = 0;
  for (let i = 0; i < previous.indexes.length; i++) {
    const index = previous.indexes[i]!;
    const count = previous.counts[i]!;
    while (at < current.indexes.length && current.indexes[at]! < index) at += 1;
    const isThere = at < current.indexes.length && current.indexes[at] === index;
    if (isThere ? current.counts[at]! < count : count !== 0) return true;
  }
  return false;
}
