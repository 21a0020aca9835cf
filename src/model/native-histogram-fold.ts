import { type BucketCounts, NativeHistogram } from './native-histogram.ts';
import { addHistograms, type Combination, divideHistogram, subtractHistograms } from './native-histogram-arithmetic.ts';
import { bucketsOutside } from './native-histogram-buckets.ts';
import { HistogramMean, HistogramSum } from './native-histogram-sum.ts';

/** A fold over histograms: what a sum and a mean have in common. */
export interface HistogramFold {
  /** Takes it in, unless one is exponential and the other has custom buckets: then the answer is false. */
  add(addend: NativeHistogram): boolean;
  /** Of two histograms taken in, one says that the counter was reset, the other that it was not. */
  readonly hasResetCollision: boolean;
  readonly hasReconciledBounds: boolean;
  /** To be called once. */
  result(): NativeHistogram;
}

/** A sum: compensated as Prometheus does it since 3.10, or plain as before. */
export function sumOfHistograms(first: NativeHistogram, isCompensated: boolean): HistogramFold {
  return isCompensated ? new HistogramSum(first) : new PlainSum(first);
}

/** A mean: compensated as Prometheus does it since 3.10, or carried along as before. */
export function meanOfHistograms(first: NativeHistogram, isCompensated: boolean): HistogramFold {
  return isCompensated ? new HistogramMean(first) : new PlainFold(first, nextMean);
}

function nextMean(mean: NativeHistogram, addend: NativeHistogram, count: number): Combination | undefined {
  const change = subtractHistograms(divideHistogram(addend, count), divideHistogram(mean, count));
  const next = change && addHistograms(mean, change.histogram);
  return next && { ...next, hasReconciledBounds: next.hasReconciledBounds || change.hasReconciledBounds };
}

/** Adds in place as long as addends are like the sum, and the buckets of a side are not scattered too far. */
class PlainSum implements HistogramFold {
  /** What came before the sums below; they are empty as long as this is all. */
  #held: NativeHistogram;
  #isEmpty = true;
  #zeroCount = 0;
  #count = 0;
  #sum = 0;
  readonly #positive = new DenseBuckets();
  readonly #negative = new DenseBuckets();
  #sawReset: boolean;
  #sawNoReset: boolean;
  #hasReconciledBounds = false;

  constructor(first: NativeHistogram) {
    this.#held = first;
    this.#sawReset = first.counterResetHint === 'reset';
    this.#sawNoReset = first.counterResetHint === 'not-reset';
  }

  add(addend: NativeHistogram): boolean {
    if (!this.#addInPlace(addend)) {
      const combined = addHistograms(this.result(), addend);
      if (!combined) return false;
      this.#held = combined.histogram;
      if (combined.hasReconciledBounds) this.#hasReconciledBounds = true;
    }
    if (addend.counterResetHint === 'reset') this.#sawReset = true;
    if (addend.counterResetHint === 'not-reset') this.#sawNoReset = true;
    return true;
  }

  #addInPlace(addend: NativeHistogram): boolean {
    const held = this.#held;
    const { schema, zeroThreshold, counterResetHint } = held;
    if (
      addend.usesCustomBuckets ||
      addend.schema !== schema ||
      addend.zeroThreshold !== zeroThreshold ||
      addend.counterResetHint !== counterResetHint
    ) {
      return false;
    }
    if (this.#isEmpty) {
      if (!this.#positive.take(held.positive) || !this.#negative.take(held.negative)) return false;
      this.#zeroCount = held.zeroCount;
      this.#count = held.count;
      this.#sum = held.sum;
      this.#isEmpty = false;
    }
    const positive = bucketsOutside(addend.positive, schema, zeroThreshold);
    const negative = bucketsOutside(addend.negative, schema, zeroThreshold);
    if (!this.#positive.reach(positive) || !this.#negative.reach(negative)) return false;
    this.#positive.add(positive);
    this.#negative.add(negative);
    this.#zeroCount += addend.zeroCount;
    this.#count += addend.count;
    this.#sum += addend.sum;
    return true;
  }

  get hasResetCollision(): boolean {
    return this.#sawReset && this.#sawNoReset;
  }

  get hasReconciledBounds(): boolean {
    return this.#hasReconciledBounds;
  }

  result(): NativeHistogram {
    if (this.#isEmpty) return this.#held;
    const { schema, zeroThreshold, counterResetHint } = this.#held;
    this.#held = new NativeHistogram({
      schema,
      zeroThreshold,
      zeroCount: this.#zeroCount,
      count: this.#count,
      sum: this.#sum,
      positive: this.#positive.buckets(),
      negative: this.#negative.buckets(),
      counterResetHint,
    });
    this.#isEmpty = true;
    return this.#held;
  }
}

/** Farther apart than this, the buckets of a side are not worth a place each. */
const DENSE_LIMIT = 2048;

/** Counts of all buckets between the lowest and the highest one, to be added to. */
class DenseBuckets {
  #lowest = 0;
  #counts = new Float64Array(0);
  /** Which of them there are: a count of 0 is a bucket too. */
  #isThere = new Uint8Array(0);

  /** Forgets what was there; false when the buckets lie too far apart. */
  take(buckets: BucketCounts): boolean {
    this.#lowest = 0;
    this.#counts = new Float64Array(0);
    this.#isThere = new Uint8Array(0);
    if (!this.reach(buckets)) return false;
    this.add(buckets);
    return true;
  }

  /** Makes room for buckets; false when they lie too far apart. */
  reach({ indexes }: BucketCounts): boolean {
    if (indexes.length === 0) return true;
    const isFirst = this.#counts.length === 0;
    const lowest = isFirst ? indexes[0]! : Math.min(this.#lowest, indexes[0]!);
    const ownEnd = isFirst ? lowest : this.#lowest + this.#counts.length;
    const length = Math.max(ownEnd, indexes[indexes.length - 1]! + 1) - lowest;
    if (length > DENSE_LIMIT) return false;
    if (lowest === this.#lowest && length === this.#counts.length) return true;
    const counts = new Float64Array(length);
    const isThere = new Uint8Array(length);
    counts.set(this.#counts, isFirst ? 0 : this.#lowest - lowest);
    isThere.set(this.#isThere, isFirst ? 0 : this.#lowest - lowest);
    this.#lowest = lowest;
    this.#counts = counts;
    this.#isThere = isThere;
    return true;
  }

  /** They are within reach. */
  add({ indexes, counts }: BucketCounts): void {
    const lowest = this.#lowest;
    for (let i = 0; i < indexes.length; i++) {
      const at = indexes[i]! - lowest;
      this.#counts[at]! += counts[i]!;
      this.#isThere[at] = 1;
    }
  }

  buckets(): BucketCounts {
    let count = 0;
    for (let at = 0; at < this.#isThere.length; at++) count += this.#isThere[at]!;
    const indexes = new Int32Array(count);
    const counts = new Float64Array(count);
    for (let at = 0, i = 0; at < this.#isThere.length; at++) {
      if (this.#isThere[at] === 0) continue;
      indexes[i] = this.#lowest + at;
      counts[i++] = this.#counts[at]!;
    }
    return { indexes, counts };
  }
}

type Combine = (held: NativeHistogram, addend: NativeHistogram, count: number) => Combination | undefined;

class PlainFold implements HistogramFold {
  readonly #combine: Combine;
  #held: NativeHistogram;
  #count = 1;
  #sawReset: boolean;
  #sawNoReset: boolean;
  #hasReconciledBounds = false;

  constructor(first: NativeHistogram, combine: Combine) {
    this.#combine = combine;
    this.#held = first;
    this.#sawReset = first.counterResetHint === 'reset';
    this.#sawNoReset = first.counterResetHint === 'not-reset';
  }

  add(addend: NativeHistogram): boolean {
    const combined = this.#combine(this.#held, addend, this.#count + 1);
    if (!combined) return false;
    this.#held = combined.histogram;
    this.#count += 1;
    if (addend.counterResetHint === 'reset') this.#sawReset = true;
    if (addend.counterResetHint === 'not-reset') this.#sawNoReset = true;
    if (combined.hasReconciledBounds) this.#hasReconciledBounds = true;
    return true;
  }

  get hasResetCollision(): boolean {
    return this.#sawReset && this.#sawNoReset;
  }

  get hasReconciledBounds(): boolean {
    return this.#hasReconciledBounds;
  }

  result(): NativeHistogram {
    return this.#held;
  }
}
