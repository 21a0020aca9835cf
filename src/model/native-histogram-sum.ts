import { CompensatedNumber, lostBy } from './compensated-sum.ts';
import {
  type BucketCounts,
  type CounterResetHint,
  CUSTOM_BUCKETS_SCHEMA,
  NativeHistogram,
} from './native-histogram.ts';
import { combinedHint, divideHistogram } from './native-histogram-arithmetic.ts';
import {
  bucketsOutside,
  coarserBuckets,
  coarserIndex,
  compactBuckets,
  spreadOver,
  unionOfIndexes,
} from './native-histogram-buckets.ts';
import { bucketsWithBounds, commonBounds, customTarget, haveSameBounds } from './native-histogram-custom.ts';
import { commonZeroBuckets } from './native-histogram-zero.ts';

/**
 * A sum of histograms that grows by one at a time, compensated in every number. Knows what Prometheus warns of: whether
 * hints collided, in any two of its addends, and whether custom bounds had to be reconciled.
 */
export class HistogramSum {
  #schema: number;
  #zeroThreshold: number;
  #customBounds: Float64Array;
  #hint: CounterResetHint;
  readonly #zeroCount: CompensatedNumber;
  readonly #count: CompensatedNumber;
  readonly #sum: CompensatedNumber;
  readonly #positive: CompensatedBuckets;
  readonly #negative: CompensatedBuckets;
  #sawReset: boolean;
  #sawNoReset: boolean;
  #hasReconciledBounds = false;

  constructor(first: NativeHistogram) {
    this.#schema = first.schema;
    this.#zeroThreshold = first.zeroThreshold;
    this.#customBounds = first.customBounds;
    this.#hint = first.counterResetHint;
    this.#zeroCount = new CompensatedNumber(first.zeroCount);
    this.#count = new CompensatedNumber(first.count);
    this.#sum = new CompensatedNumber(first.sum);
    this.#positive = new CompensatedBuckets(first.positive);
    this.#negative = new CompensatedBuckets(first.negative);
    this.#sawReset = first.counterResetHint === 'reset';
    this.#sawNoReset = first.counterResetHint === 'not-reset';
  }

  get hasResetCollision(): boolean {
    return this.#sawReset && this.#sawNoReset;
  }

  get hasReconciledBounds(): boolean {
    return this.#hasReconciledBounds;
  }

  /** Adds it, unless one is exponential and the other has custom buckets: then nothing changes, and the answer is false. */
  add(addend: NativeHistogram): boolean {
    if (addend.usesCustomBuckets !== (this.#schema === CUSTOM_BUCKETS_SCHEMA)) return false;
    if (addend.counterResetHint === 'reset') this.#sawReset = true;
    if (addend.counterResetHint === 'not-reset') this.#sawNoReset = true;
    this.#hint = combinedHint(this.#hint, addend.counterResetHint);
    this.#count.add(addend.count);
    this.#sum.add(addend.sum);
    if (addend.usesCustomBuckets) this.#addCustom(addend);
    else this.#addExponential(addend);
    return true;
  }

  #addCustom({ positive, customBounds }: NativeHistogram): void {
    const own = this.#customBounds;
    if (haveSameBounds(own, customBounds)) {
      this.#positive.add(positive);
      return;
    }
    const common = commonBounds(own, customBounds);
    this.#positive.merge(customTarget(own, common));
    this.#positive.add(bucketsWithBounds(positive, customBounds, common));
    this.#customBounds = common;
    this.#hasReconciledBounds = true;
  }

  #addExponential(addend: NativeHistogram): void {
    let { zeroCount } = addend;
    if (addend.zeroThreshold !== this.#zeroThreshold) {
      const own = {
        schema: this.#schema,
        zeroThreshold: this.#zeroThreshold,
        zeroCount: 0,
        positive: this.#positive.rounded,
        negative: this.#negative.rounded,
      };
      const zero = commonZeroBuckets(own, addend);
      this.#positive.moveFirst(zero.a.positiveTaken, this.#zeroCount);
      this.#negative.moveFirst(zero.a.negativeTaken, this.#zeroCount);
      this.#zeroThreshold = zero.a.threshold;
      zeroCount = zero.b.count;
    }
    this.#zeroCount.add(zeroCount);
    const schema = Math.min(this.#schema, addend.schema);
    if (schema < this.#schema) {
      const from = this.#schema;
      this.#positive.merge((index) => coarserIndex(index, from, schema));
      this.#negative.merge((index) => coarserIndex(index, from, schema));
      this.#schema = schema;
    }
    const outside = (buckets: BucketCounts): BucketCounts =>
      bucketsOutside(coarserBuckets(buckets, addend.schema, schema), schema, this.#zeroThreshold);
    this.#positive.add(outside(addend.positive));
    this.#negative.add(outside(addend.negative));
  }

  /** Every number times `factor`, by `divisor`. */
  scale(factor: number, divisor = 1): void {
    for (const number of [this.#zeroCount, this.#count, this.#sum, this.#positive, this.#negative]) {
      number.scale(factor, divisor);
    }
  }

  /** Whether some number might become infinite with `addend` added. */
  overflowsWith(addend: NativeHistogram): boolean {
    return (
      isInfinite(this.#count.value + addend.count) ||
      isInfinite(this.#sum.value + addend.sum) ||
      isInfinite(this.#zeroCount.value + addend.zeroCount) ||
      isInfinite(largest(this.#positive.rounded) + largest(addend.positive)) ||
      isInfinite(largest(this.#negative.rounded) + largest(addend.negative))
    );
  }

  result(): NativeHistogram {
    const positive = this.#positive.total();
    return new NativeHistogram({
      schema: this.#schema,
      zeroThreshold: this.#zeroThreshold,
      zeroCount: this.#zeroCount.total,
      count: this.#count.total,
      sum: this.#sum.total,
      positive: this.#hasReconciledBounds ? compactBuckets(positive) : positive,
      negative: this.#negative.total(),
      customBounds: this.#customBounds,
      counterResetHint: this.#hint,
    });
  }
}

/** The mean of histograms: their sum by their number, or where the sum would overflow, a mean carried along. */
export class HistogramMean {
  readonly #sum: HistogramSum;
  #count = 1;
  #isIncremental = false;

  constructor(first: NativeHistogram) {
    this.#sum = new HistogramSum(first);
  }

  get hasResetCollision(): boolean {
    return this.#sum.hasResetCollision;
  }

  get hasReconciledBounds(): boolean {
    return this.#sum.hasReconciledBounds;
  }

  /** As `HistogramSum.add`. */
  add(addend: NativeHistogram): boolean {
    const count = this.#count + 1;
    if (!this.#isIncremental && this.#sum.overflowsWith(addend)) {
      this.#isIncremental = true;
      this.#sum.scale(1, this.#count);
    }
    if (this.#isIncremental) {
      this.#sum.scale((count - 1) / count);
      if (!this.#sum.add(divideHistogram(addend, count))) return false;
    } else if (!this.#sum.add(addend)) {
      return false;
    }
    this.#count = count;
    return true;
  }

  /** To be called once. */
  result(): NativeHistogram {
    if (!this.#isIncremental) this.#sum.scale(1, this.#count);
    return this.#sum.result();
  }
}

/** One side of a histogram with what roundings lost. */
class CompensatedBuckets {
  #indexes: Int32Array;
  #values: Float64Array;
  #lost: Float64Array;

  constructor({ indexes, counts }: BucketCounts) {
    this.#indexes = indexes;
    this.#values = counts.slice();
    this.#lost = new Float64Array(counts.length);
  }

  /** Without what was lost. Borrowed until the next change. */
  get rounded(): BucketCounts {
    return { indexes: this.#indexes, counts: this.#values };
  }

  total(): BucketCounts {
    const counts = new Float64Array(this.#values.length);
    for (let i = 0; i < counts.length; i++) counts[i] = this.#values[i]! + this.#lost[i]!;
    return { indexes: this.#indexes, counts };
  }

  add(addend: BucketCounts): void {
    const own = this.rounded;
    const indexes = unionOfIndexes(own, addend);
    this.#values = spreadOver(indexes, own, this.#values);
    this.#lost = spreadOver(indexes, own, this.#lost);
    this.#indexes = indexes;
    const addends = spreadOver(indexes, addend, addend.counts);
    for (let i = 0; i < addends.length; i++) this.#addAt(i, addends[i]!);
  }

  #addAt(at: number, addend: number): void {
    const value = this.#values[at]!;
    const next = value + addend;
    this.#lost[at] = lostBy(value, addend, next, this.#lost[at]!);
    this.#values[at] = next;
  }

  /** Puts buckets together by `target`, which never falls as the index rises. */
  merge(target: (index: number) => number): void {
    const indexes = this.#indexes;
    const merged = new Int32Array(indexes.length);
    let last = -1;
    for (let i = 0; i < indexes.length; i++) {
      const index = target(indexes[i]!);
      const value = this.#values[i]!;
      const lost = this.#lost[i]!;
      if (last < 0 || merged[last] !== index) {
        merged[++last] = index;
        this.#values[last] = value;
        this.#lost[last] = lost;
      } else {
        this.#addAt(last, value);
        this.#addAt(last, lost);
      }
    }
    this.#indexes = merged.subarray(0, last + 1);
    this.#values = this.#values.subarray(0, last + 1);
    this.#lost = this.#lost.subarray(0, last + 1);
  }

  /** Moves the first `count` buckets into `to`. */
  moveFirst(count: number, to: CompensatedNumber): void {
    for (let i = 0; i < count; i++) {
      to.add(this.#values[i]!);
      to.add(this.#lost[i]!);
    }
    this.#indexes = this.#indexes.subarray(count);
    this.#values = this.#values.subarray(count);
    this.#lost = this.#lost.subarray(count);
  }

  scale(factor: number, divisor: number): void {
    for (let i = 0; i < this.#values.length; i++) {
      this.#values[i] = (this.#values[i]! * factor) / divisor;
      this.#lost[i] = (this.#lost[i]! * factor) / divisor;
    }
  }
}

function isInfinite(value: number): boolean {
  return value === Infinity || value === -Infinity;
}

function largest({ counts }: BucketCounts): number {
  let largest = 0;
  for (let i = 0; i < counts.length; i++) largest = Math.max(largest, Math.abs(counts[i]!));
  return largest;
}
