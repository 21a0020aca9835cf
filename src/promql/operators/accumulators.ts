import { ABSENT, FLOAT, type StepColumn } from '../../model/columns.ts';
import type { Accumulator, AccumulatorSize } from './accumulator.ts';
import {
  type FloatAccumulator,
  FloatsOnlyAccumulator,
  type HistogramTreatment,
  MixedAccumulator,
} from './histogram-accumulator.ts';

type CreateAccumulator = (size: AccumulatorSize, treatment: HistogramTreatment) => Accumulator;

/** The aggregations that need no more of a group than a few numbers a step, or a native histogram. */
export const accumulators = {
  sum: (size, treatment) => new MixedAccumulator('sum', new SumAccumulator(size), treatment),
  avg: (size, treatment) => new MixedAccumulator('avg', new AvgAccumulator(size), treatment),
  min: (size, treatment) => new FloatsOnlyAccumulator('min', new ExtremeAccumulator(size, -1), treatment),
  max: (size, treatment) => new FloatsOnlyAccumulator('max', new ExtremeAccumulator(size, 1), treatment),
  count: (size) => new CountAccumulator(size),
  group: (size) => new GroupAccumulator(size),
  stddev: (size, treatment) => new FloatsOnlyAccumulator('stddev', new VarianceAccumulator(size, Math.sqrt), treatment),
  stdvar: (size, treatment) =>
    new FloatsOnlyAccumulator('stdvar', new VarianceAccumulator(size, (variance) => variance), treatment),
} satisfies Record<string, CreateAccumulator>;

/** Neumaier's variant of Kahan's sum: `lost` collects what rounding took, and comes back at the end. */
class SumAccumulator implements FloatAccumulator {
  readonly #sums: Float64Array;
  readonly #lost: Float64Array;
  readonly #seen: Uint8Array;
  readonly #stepCount: number;

  constructor({ groupCount, stepCount }: AccumulatorSize) {
    this.#stepCount = stepCount;
    this.#sums = new Float64Array(groupCount * stepCount);
    this.#lost = new Float64Array(groupCount * stepCount);
    this.#seen = new Uint8Array(groupCount * stepCount);
  }

  add(group: number, { values, present }: StepColumn): void {
    const sums = this.#sums;
    const lost = this.#lost;
    const seen = this.#seen;
    const stepCount = values.length;
    let at = group * stepCount;
    for (let step = 0; step < stepCount; step++, at++) {
      if (present[step] !== FLOAT) continue;
      const value = values[step]!;
      if (seen[at] === 0) {
        seen[at] = FLOAT;
        sums[at] = value;
        continue;
      }
      const sum = sums[at]!;
      const next = sum + value;
      if (next === Infinity || next === -Infinity) lost[at] = 0;
      else if (Math.abs(sum) >= Math.abs(value)) lost[at]! += sum - next + value;
      else lost[at]! += value - next + sum;
      sums[at] = next;
    }
  }

  has(group: number, step: number): boolean {
    return this.#seen[group * this.#stepCount + step] !== ABSENT;
  }

  finish(group: number, { values, present }: StepColumn): void {
    const first = group * values.length;
    for (let step = 0; step < values.length; step++) {
      values[step] = this.#sums[first + step]! + this.#lost[first + step]!;
      present[step] = this.#seen[first + step]!;
    }
  }
}

/**
 * The sum by the count as long as the sum can be held; from where it would overflow, the mean kept up to date value by
 * value. Both with Neumaier's compensation. `state` tells which of the two `sums` and `lost` are at.
 */
class AvgAccumulator implements FloatAccumulator {
  readonly #sums: Float64Array;
  readonly #lost: Float64Array;
  readonly #counts: Float64Array;
  readonly #isMean: Uint8Array;
  readonly #stepCount: number;

  constructor({ groupCount, stepCount }: AccumulatorSize) {
    this.#stepCount = stepCount;
    this.#sums = new Float64Array(groupCount * stepCount);
    this.#lost = new Float64Array(groupCount * stepCount);
    this.#counts = new Float64Array(groupCount * stepCount);
    this.#isMean = new Uint8Array(groupCount * stepCount);
  }

  add(group: number, { values, present }: StepColumn): void {
    const sums = this.#sums;
    const counts = this.#counts;
    const stepCount = values.length;
    let at = group * stepCount;
    for (let step = 0; step < stepCount; step++, at++) {
      if (present[step] !== FLOAT) continue;
      const value = values[step]!;
      counts[at]! += 1;
      const sum = sums[at]!;
      const next = sum + value;
      if (counts[at] === 1) {
        sums[at] = value;
      } else if (this.#isMean[at] === 1 || next === Infinity || next === -Infinity) {
        this.#addToMean(at, value);
      } else {
        this.#lost[at]! += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
        sums[at] = next;
      }
    }
  }

  #addToMean(at: number, value: number): void {
    const count = this.#counts[at]!;
    if (this.#isMean[at] === 0) {
      this.#isMean[at] = 1;
      this.#sums[at]! /= count - 1;
      this.#lost[at]! /= count - 1;
    }
    const shrink = (count - 1) / count;
    const mean = shrink * this.#sums[at]!;
    const lost = shrink * this.#lost[at]!;
    const part = value / count;
    const next = mean + part;
    if (next === Infinity || next === -Infinity) this.#lost[at] = 0;
    else this.#lost[at] = lost + (Math.abs(mean) >= Math.abs(part) ? mean - next + part : part - next + mean);
    this.#sums[at] = next;
  }

  has(group: number, step: number): boolean {
    return this.#counts[group * this.#stepCount + step]! > 0;
  }

  finish(group: number, { values, present }: StepColumn): void {
    let at = group * values.length;
    for (let step = 0; step < values.length; step++, at++) {
      const count = this.#counts[at]!;
      present[step] = count > 0 ? FLOAT : ABSENT;
      values[step] =
        this.#isMean[at] === 1 ? this.#sums[at]! + this.#lost[at]! : this.#sums[at]! / count + this.#lost[at]! / count;
    }
  }
}

class ExtremeAccumulator implements Accumulator {
  readonly #best: Float64Array;
  readonly #seen: Uint8Array;
  readonly #sign: 1 | -1;

  /** `sign` 1 looks for the largest, -1 for the smallest. */
  constructor({ groupCount, stepCount }: AccumulatorSize, sign: 1 | -1) {
    this.#best = new Float64Array(groupCount * stepCount);
    this.#seen = new Uint8Array(groupCount * stepCount);
    this.#sign = sign;
  }

  add(group: number, { values, present }: StepColumn): void {
    const best = this.#best;
    const seen = this.#seen;
    const sign = this.#sign;
    const stepCount = values.length;
    let at = group * stepCount;
    for (let step = 0; step < stepCount; step++, at++) {
      if (present[step] !== FLOAT) continue;
      const value = values[step]! * sign;
      // NaN loses to every number, so the result is NaN only when all inputs are.
      if (seen[at] === 0 || value > best[at]! || Number.isNaN(best[at]!)) best[at] = value;
      seen[at] = FLOAT;
    }
  }

  finish(group: number, { values, present }: StepColumn): void {
    const first = group * values.length;
    for (let step = 0; step < values.length; step++) {
      values[step] = this.#best[first + step]! * this.#sign;
      present[step] = this.#seen[first + step]!;
    }
  }
}

class CountAccumulator implements Accumulator {
  readonly #counts: Float64Array;

  constructor({ groupCount, stepCount }: AccumulatorSize) {
    this.#counts = new Float64Array(groupCount * stepCount);
  }

  add(group: number, { present }: StepColumn): void {
    const counts = this.#counts;
    let at = group * present.length;
    // Native histograms count too.
    for (let step = 0; step < present.length; step++, at++) if (present[step] !== ABSENT) counts[at]! += 1;
  }

  finish(group: number, { values, present }: StepColumn): void {
    const first = group * values.length;
    for (let step = 0; step < values.length; step++) {
      const count = this.#counts[first + step]!;
      values[step] = count;
      present[step] = count > 0 ? FLOAT : ABSENT;
    }
  }
}

class GroupAccumulator implements Accumulator {
  readonly #seen: Uint8Array;

  constructor({ groupCount, stepCount }: AccumulatorSize) {
    this.#seen = new Uint8Array(groupCount * stepCount);
  }

  add(group: number, { present }: StepColumn): void {
    const seen = this.#seen;
    let at = group * present.length;
    for (let step = 0; step < present.length; step++, at++) if (present[step] !== ABSENT) seen[at] = FLOAT;
  }

  finish(group: number, { values, present }: StepColumn): void {
    const stepCount = values.length;
    values.fill(1);
    present.set(this.#seen.subarray(group * stepCount, (group + 1) * stepCount));
  }
}

/** Welford's running variance: `moments` is the sum of squared distances from the running mean. */
class VarianceAccumulator implements Accumulator {
  readonly #counts: Float64Array;
  readonly #means: Float64Array;
  readonly #moments: Float64Array;
  readonly #fromVariance: (variance: number) => number;

  constructor({ groupCount, stepCount }: AccumulatorSize, fromVariance: (variance: number) => number) {
    this.#counts = new Float64Array(groupCount * stepCount);
    this.#means = new Float64Array(groupCount * stepCount);
    this.#moments = new Float64Array(groupCount * stepCount);
    this.#fromVariance = fromVariance;
  }

  add(group: number, { values, present }: StepColumn): void {
    const counts = this.#counts;
    const means = this.#means;
    const moments = this.#moments;
    const stepCount = values.length;
    let at = group * stepCount;
    for (let step = 0; step < stepCount; step++, at++) {
      if (present[step] !== FLOAT) continue;
      const value = values[step]!;
      counts[at]! += 1;
      if (counts[at] === 1) {
        means[at] = value;
        moments[at] = Number.isFinite(value) ? 0 : NaN;
        continue;
      }
      const distance = value - means[at]!;
      means[at]! += distance / counts[at]!;
      moments[at]! += distance * (value - means[at]!);
    }
  }

  finish(group: number, { values, present }: StepColumn): void {
    let at = group * values.length;
    for (let step = 0; step < values.length; step++, at++) {
      const count = this.#counts[at]!;
      values[step] = this.#fromVariance(this.#moments[at]! / count);
      present[step] = count > 0 ? FLOAT : ABSENT;
    }
  }
}
