import { goExp2 } from './go-math.ts';
import { CUSTOM_BUCKETS_SCHEMA, MAX_EXPONENTIAL_SCHEMA, type NativeHistogram } from './native-histogram.ts';

/** One bucket with its bounds. The zero bucket and negative buckets include their lower bound, others the upper one. */
export interface BoundedBucket {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
}

/**
 * For every schema from 0 on, the bounds in [0.5, 1). Each schema takes every other bound from the one before and
 * multiplies it by its own factor for the one between, so that the digits are those of Prometheus's table.
 */
const boundsBelowOne: readonly Float64Array[] = createBoundsBelowOne();

function createBoundsBelowOne(): Float64Array[] {
  const tables = [Float64Array.of(0.5)];
  for (let schema = 1; schema <= MAX_EXPONENTIAL_SCHEMA; schema++) {
    const coarser = tables[schema - 1]!;
    const bounds = new Float64Array(2 ** schema);
    const factor = goExp2(goExp2(-schema));
    for (let i = 0; i < bounds.length; i += 2) {
      bounds[i] = coarser[i / 2]!;
      bounds[i + 1] = bounds[i]! * factor;
    }
    tables.push(bounds);
  }
  return tables;
}

/** The upper bound of positive bucket `index`. The largest finite number stands before the bucket of infinities. */
export function exponentialBound(index: number, schema: number): number {
  if (schema < 0) {
    const exponent = index * 2 ** -schema;
    return exponent === 1024 ? Number.MAX_VALUE : timesPowerOfTwo(1, exponent);
  }
  const fraction = boundsBelowOne[schema]![index & (2 ** schema - 1)]!;
  const exponent = (index >> schema) + 1;
  return fraction === 0.5 && exponent === 1025 ? Number.MAX_VALUE : timesPowerOfTwo(fraction, exponent);
}

/** The upper bound of positive bucket `index` of custom buckets; the one of index -1 is where the first begins. */
function customBound(index: number, bounds: Float64Array): number {
  if (index < 0) return -Infinity;
  return index < bounds.length ? bounds[index]! : Infinity;
}

function timesPowerOfTwo(value: number, exponent: number): number {
  // In two steps: the power alone may be too large, or too small, for a float where the product is not.
  if (exponent > 1000) return value * 2 ** 1000 * 2 ** (exponent - 1000);
  if (exponent < -1000) return value * 2 ** -1000 * 2 ** (exponent + 1000);
  return value * 2 ** exponent;
}

/** The upper bound of positive bucket `index` of a histogram. */
export function upperBound(histogram: NativeHistogram, index: number): number {
  return histogram.schema === CUSTOM_BUCKETS_SCHEMA
    ? customBound(index, histogram.customBounds)
    : exponentialBound(index, histogram.schema);
}

/** Bucket number `at` (not index) of the positive side. */
export function positiveBucket(histogram: NativeHistogram, at: number): BoundedBucket {
  const index = histogram.positive.indexes[at]!;
  return {
    lower: upperBound(histogram, index - 1),
    upper: upperBound(histogram, index),
    count: histogram.positive.counts[at]!,
  };
}

/** Bucket number `at` (not index) of the negative side. */
export function negativeBucket(histogram: NativeHistogram, at: number): BoundedBucket {
  const index = histogram.negative.indexes[at]!;
  return {
    lower: -upperBound(histogram, index),
    upper: -upperBound(histogram, index - 1),
    count: histogram.negative.counts[at]!,
  };
}

/**
 * All populated buckets, ascending; none reaches into the zero bucket. An empty one is as good as none: in a chunk a
 * histogram gets those of its neighbours, and what is computed of it must not depend on that.
 */
export function bucketsAscending(histogram: NativeHistogram): BoundedBucket[] {
  const { positive, negative, zeroCount, zeroThreshold } = histogram;
  const buckets: BoundedBucket[] = [];
  for (let at = negative.indexes.length - 1; at >= 0; at--) {
    if (negative.counts[at] === 0) continue;
    const { lower, upper, count } = negativeBucket(histogram, at);
    buckets.push({ lower, upper: upper < 0 && upper > -zeroThreshold ? -zeroThreshold : upper, count });
  }
  if (zeroCount > 0) buckets.push({ lower: -zeroThreshold, upper: zeroThreshold, count: zeroCount });
  for (let at = 0; at < positive.indexes.length; at++) {
    if (positive.counts[at] === 0) continue;
    const { lower, upper, count } = positiveBucket(histogram, at);
    buckets.push({ lower: lower > 0 && lower < zeroThreshold ? zeroThreshold : lower, upper, count });
  }
  return buckets;
}
