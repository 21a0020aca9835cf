import { ABSENT, copyPresent, FLOAT, isStaleMarker, type SampleColumns, type StepColumn } from '../../model/columns.ts';
import type { TimePlan } from './by-times.ts';
import type { Moments } from './windows.ts';

/** When the newest sample is looked for, and how far back. */
export interface SelectedMoments extends Moments {
  readonly lookbackMs: number;
}

/** For every step the newest sample that is not older than the lookback, staleness markers among them. */
export class NewestSamples implements TimePlan {
  readonly #moments: SelectedMoments;
  /** Any index where there is none. */
  readonly #index: Int32Array;
  readonly #present: Uint8Array;
  #presentCount = 0;

  constructor(moments: SelectedMoments, stepCount: number) {
    this.#moments = moments;
    this.#index = new Int32Array(stepCount);
    this.#present = new Uint8Array(stepCount);
  }

  /** One pass over steps and samples together. */
  make({ timestampsMs, count }: SampleColumns): void {
    const index = this.#index;
    const present = this.#present;
    const { startMs, stepMs, lookbackMs } = this.#moments;
    let following = 0;
    let momentMs = startMs;
    let presentCount = 0;
    for (let step = 0; step < index.length; step++) {
      while (following < count && timestampsMs[following]! <= momentMs) following += 1;
      const isPresent = following > 0 && timestampsMs[following - 1]! > momentMs - lookbackMs;
      index[step] = isPresent ? following - 1 : 0;
      present[step] = isPresent ? FLOAT : ABSENT;
      if (isPresent) presentCount += 1;
      momentMs += stepMs;
    }
    this.#presentCount = presentCount;
  }

  /**
   * Overwrites `out` with the values of `taken`, a column of `samples`, at the steps whose sample is no staleness marker. Returns how
   * many steps have a value.
   */
  take({ values, bits, count }: SampleColumns, taken: Float64Array, out: StepColumn): number {
    const index = this.#index;
    const { values: outValues, present } = out;
    const stepCount = present.length;
    if (this.#presentCount === 0 || count === 0) {
      present.fill(ABSENT);
      return 0;
    }
    copyPresent(this.#present, present);
    let nanCount = 0;
    for (let step = 0; step < stepCount; step++) {
      const sample = index[step]!;
      outValues[step] = taken[sample]!;
      if (Number.isNaN(values[sample]!)) nanCount += 1;
    }
    if (nanCount === 0) return this.#presentCount;
    let presentCount = this.#presentCount;
    for (let step = 0; step < stepCount; step++) {
      const sample = index[step]!;
      if (present[step] === ABSENT || !Number.isNaN(values[sample]!) || !isStaleMarker(bits, sample)) continue;
      present[step] = ABSENT;
      presentCount -= 1;
    }
    return presentCount;
  }
}
