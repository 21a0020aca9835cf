import { type BucketCounts, type CounterResetHint, NativeHistogram, NO_BUCKETS } from './native-histogram.ts';
import { bucketsOutside, coarserBuckets, combineBuckets, compactBuckets } from './native-histogram-buckets.ts';
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

/** Every count and the sum multiplied. A negative factor makes a gauge of it. */
export function scaleHistogram(histogram: NativeHistogram, factor: number): NativeHistogram {
  const { zeroCount, count, sum, positive, negative, counterResetHint } = histogram;
  return histogram.with({
    zeroCount: zeroCount * factor,
    count: count * factor,
    sum: sum * factor,
    positive: scaleBuckets(positive, factor, 1),
    negative: scaleBuckets(negative, factor, 1),
    counterResetHint: factor < 0 ? 'gauge' : counterResetHint,
    isInteger: false,
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

/** Every count times `factor`, by `divisor`. */
function scaleBuckets(buckets: BucketCounts, factor: number, divisor: number): BucketCounts {
  const { indexes, counts } = buckets;
  if (counts.length === 0) return buckets;
  const scaled = new Float64Array(counts.length);
  for (let i = 0; i < scaled.length; i++) scaled[i] = (counts[i]! * factor) / divisor;
  return { indexes, counts: scaled };
}

/** The hint of a sum: gauges win, then what is unknown; what collides is unknown. */
export function combinedHint(a: CounterResetHint, b: CounterResetHint): CounterResetHint {
  if (a === b) return a;
  return a === 'gauge' || b === 'gauge' ? 'gauge' : 'unknown';
}

/** Whether one says reset and the other no reset. */
export function hintsCollide(a: CounterResetHint, b: CounterResetHint): boolean {
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
