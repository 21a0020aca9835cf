import type { NativeHistogram } from './native-histogram.ts';
import { addHistograms, type Combination, divideHistogram, subtractHistograms } from './native-histogram-arithmetic.ts';
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
  return isCompensated ? new HistogramSum(first) : new PlainFold(first, (sum, addend) => addHistograms(sum, addend));
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
