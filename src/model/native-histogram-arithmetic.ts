import { type BucketCounts, type CounterResetHint, NativeHistogram, NO_BUCKETS } from './native-histogram.ts';
import {
  bucketsOutside,
  coarserBuckets,
  combineBuckets,
  compactBuckets,
  haveSameLayout,
} from './native-histogram-buckets.ts';
import { bucketsWithBounds, commonBounds, haveSameBounds } from './native-histogram-custom.ts';
import { commonZeroBuckets, withoutFirst } from './native-histogram-zero.ts';

/** A sum or difference, and what had to be settled for it. */
export interface Combination {
  readonly histogram: NativeHistogram;
  /** One says that the counter was reset, the other that it was not. */
  readonly hasResetCollision: boolean;
  /** Custom bounds differed: the result has those that both have. */
  readonly hasReconciledBounds: boolean;
}

/** `a + b`; undefined when one is exponential and the other has custom buckets. */
export function addHistograms(a: NativeHistogram, b: NativeHistogram): Combination | undefined {
  return combine(a, b, 1);
}

/** `a - b`, with the hint of a sum; undefined when one is exponential and the other has custom buckets. */
export function subtractHistograms(a: NativeHistogram, b: NativeHistogram): Combination | undefined {
  return combine(a, b, -1);
}

/**
 * `a - b` as a gauge without empty buckets, where both are of one shape and have the same buckets: what `subtractHistograms`
 * and `compact` make of them in more steps. Undefined where they are not so alike.
 */
export function plainDifference(a: NativeHistogram, b: NativeHistogram): NativeHistogram | undefined {
  const { schema, zeroThreshold, customBounds } = a;
  const isAlike =
    schema === b.schema &&
    zeroThreshold === b.zeroThreshold &&
    haveSameBounds(customBounds, b.customBounds) &&
    haveSameLayout(a.positive, b.positive) &&
    haveSameLayout(a.negative, b.negative);
  if (!isAlike) return undefined;
  if (!a.usesCustomBuckets) {
    const { positive, negative } = b;
    if (bucketsOutside(positive, schema, zeroThreshold) !== positive) return undefined;
    if (bucketsOutside(negative, schema, zeroThreshold) !== negative) return undefined;
  }
  return new NativeHistogram({
    schema,
    zeroThreshold,
    zeroCount: a.zeroCount - b.zeroCount,
    count: a.count - b.count,
    sum: a.sum - b.sum,
    positive: changedBuckets(a.positive, b.positive),
    negative: changedBuckets(a.negative, b.negative),
    customBounds,
    counterResetHint: 'gauge',
  });
}

/** By how much the buckets of `a` differ from those of `b`, which are the same; without those that do not. */
function changedBuckets({ indexes, counts }: BucketCounts, { counts: before }: BucketCounts): BucketCounts {
  let changed = 0;
  for (let i = 0; i < counts.length; i++) if (counts[i]! - before[i]! !== 0) changed += 1;
  if (changed === 0) return NO_BUCKETS;
  const areAll = changed === counts.length;
  const ownIndexes = areAll ? indexes : new Int32Array(changed);
  const differences = new Float64Array(changed);
  for (let i = 0, at = 0; i < counts.length; i++) {
    const difference = counts[i]! - before[i]!;
    if (difference === 0) continue;
    if (!areAll) ownIndexes[at] = indexes[i]!;
    differences[at++] = difference;
  }
  return { indexes: ownIndexes, counts: differences };
}

/** Every count and the sum multiplied. A negative factor makes a gauge of it. */
export function scaleHistogram(histogram: NativeHistogram, factor: number): NativeHistogram {
  const { schema, zeroThreshold, zeroCount, count, sum, positive, negative, customBounds, counterResetHint } =
    histogram;
  return new NativeHistogram({
    schema,
    zeroThreshold,
    zeroCount: zeroCount * factor,
    count: count * factor,
    sum: sum * factor,
    positive: scaleBuckets(positive, factor, 1),
    negative: scaleBuckets(negative, factor, 1),
    customBounds,
    counterResetHint: factor < 0 ? 'gauge' : counterResetHint,
  });
}

/** Every count and the sum divided. By 0, no bucket is left but the zero bucket; a negative divisor makes a gauge of it. */
export function divideHistogram(histogram: NativeHistogram, divisor: number): NativeHistogram {
  const { zeroCount, count, sum, positive, negative, counterResetHint } = histogram;
  return histogram.with({
    zeroCount: zeroCount / divisor,
    count: count / divisor,
    sum: sum / divisor,
    positive: divisor === 0 ? NO_BUCKETS : scaleBuckets(positive, 1, divisor),
    negative: divisor === 0 ? NO_BUCKETS : scaleBuckets(negative, 1, divisor),
    counterResetHint: divisor < 0 ? 'gauge' : counterResetHint,
    isInteger: false,
  });
}

/** Every count times `factor`, by `divisor`; an empty bucket stays empty, by whatever. */
function scaleBuckets(buckets: BucketCounts, factor: number, divisor: number): BucketCounts {
  const { indexes, counts } = buckets;
  if (counts.length === 0) return buckets;
  const scaled = new Float64Array(counts.length);
  for (let i = 0; i < scaled.length; i++) if (counts[i] !== 0) scaled[i] = (counts[i]! * factor) / divisor;
  return { indexes, counts: scaled };
}

/** The hint of a sum: gauges win, then what is unknown; what collides is unknown. */
export function combinedHint(a: CounterResetHint, b: CounterResetHint): CounterResetHint {
  if (a === b) return a;
  return a === 'gauge' || b === 'gauge' ? 'gauge' : 'unknown';
}

/** Whether one says reset and the other no reset. */
function hintsCollide(a: CounterResetHint, b: CounterResetHint): boolean {
  return (a === 'reset' && b === 'not-reset') || (a === 'not-reset' && b === 'reset');
}

function combine(a: NativeHistogram, b: NativeHistogram, sign: 1 | -1): Combination | undefined {
  if (a.usesCustomBuckets !== b.usesCustomBuckets) return undefined;
  const totals = {
    count: a.count + sign * b.count,
    sum: a.sum + sign * b.sum,
    counterResetHint: combinedHint(a.counterResetHint, b.counterResetHint),
  };
  const hasResetCollision = hintsCollide(a.counterResetHint, b.counterResetHint);
  if (!a.usesCustomBuckets) {
    const histogram = new NativeHistogram({ ...totals, ...combineExponential(a, b, sign) });
    return { histogram, hasResetCollision, hasReconciledBounds: false };
  }
  const { schema } = a;
  if (haveSameBounds(a.customBounds, b.customBounds)) {
    const positive = combineBuckets(a.positive, b.positive, sign);
    const histogram = new NativeHistogram({ ...totals, schema, positive, customBounds: a.customBounds });
    return { histogram, hasResetCollision, hasReconciledBounds: false };
  }
  const customBounds = commonBounds(a.customBounds, b.customBounds);
  const ofA = bucketsWithBounds(a.positive, a.customBounds, customBounds);
  const ofB = bucketsWithBounds(b.positive, b.customBounds, customBounds);
  const positive = compactBuckets(combineBuckets(ofA, ofB, sign));
  const histogram = new NativeHistogram({ ...totals, schema, positive, customBounds });
  return { histogram, hasResetCollision, hasReconciledBounds: true };
}

function combineExponential(a: NativeHistogram, b: NativeHistogram, sign: 1 | -1) {
  const schema = Math.min(a.schema, b.schema);
  if (a.zeroThreshold === b.zeroThreshold) {
    const { zeroThreshold } = a;
    const side = (ofA: BucketCounts, ofB: BucketCounts): BucketCounts => {
      const added = bucketsOutside(coarserBuckets(ofB, b.schema, schema), schema, zeroThreshold);
      return combineBuckets(coarserBuckets(ofA, a.schema, schema), added, sign);
    };
    return {
      schema,
      zeroThreshold,
      zeroCount: a.zeroCount + sign * b.zeroCount,
      positive: side(a.positive, b.positive),
      negative: side(a.negative, b.negative),
    };
  }
  const zero = commonZeroBuckets(a, b);
  const zeroThreshold = zero.a.threshold;
  // What of `b` is within the zero bucket is told by bounds of the common schema, as Prometheus does: a coarse bucket
  // that reaches out of it is added whole.
  const side = (ofA: BucketCounts, taken: number, ofB: BucketCounts): BucketCounts => {
    const kept = coarserBuckets(withoutFirst(ofA, taken), a.schema, schema);
    return combineBuckets(kept, bucketsOutside(coarserBuckets(ofB, b.schema, schema), schema, zeroThreshold), sign);
  };
  return {
    schema,
    zeroThreshold,
    zeroCount: zero.a.count + sign * zero.b.count,
    positive: side(a.positive, zero.a.positiveTaken, b.positive),
    negative: side(a.negative, zero.a.negativeTaken, b.negative),
  };
}
