import { ABSENT, FLOAT, type StepColumn } from '../../model/columns.ts';
import type { Accumulator, AccumulatorSize } from './accumulator.ts';
import { FloatsOnlyAccumulator, type HistogramTreatment, MixedAccumulator } from './histogram-accumulator.ts';
import { StepCounts } from './step-counts.ts';
import { AvgAccumulator, SumAccumulator } from './sum-accumulators.ts';

type CreateAccumulator = (size: AccumulatorSize, treatment: HistogramTreatment) => Accumulator;

/** The aggregations that need no more of a group than a few numbers a step, or a native histogram. */
export const accumulators = {
  sum: (size, treatment) => new MixedAccumulator('sum', new SumAccumulator(size), treatment),
  avg: (size, treatment) => new MixedAccumulator('avg', new AvgAccumulator(size), treatment),
  min: (size, treatment) => new FloatsOnlyAccumulator('min', new ExtremeAccumulator(size, -1), treatment),
  max: (size, treatment) => new FloatsOnlyAccumulator('max', new ExtremeAccumulator(size, 1), treatment),
  count: (size) => new CountAccumulator(size, { isGroup: false }),
  group: (size) => new CountAccumulator(size, { isGroup: true }),
  stddev: (size, treatment) => new FloatsOnlyAccumulator('stddev', new VarianceAccumulator(size, Math.sqrt), treatment),
  stdvar: (size, treatment) =>
    new FloatsOnlyAccumulator('stdvar', new VarianceAccumulator(size, (variance) => variance), treatment),
} satisfies Record<string, CreateAccumulator>;

class ExtremeAccumulator implements Accumulator {
  /** NaN loses to every number, so it is what stands there first. */
  readonly #best: Float64Array;
  readonly #counts: StepCounts;
  readonly #sign: 1 | -1;

  /** `sign` 1 looks for the largest, -1 for the smallest. */
  constructor(size: AccumulatorSize, sign: 1 | -1) {
    this.#best = new Float64Array(size.groupCount * size.stepCount).fill(NaN);
    this.#counts = new StepCounts(size);
    this.#sign = sign;
  }

  add(group: number, { values, present }: StepColumn): void {
    const best = this.#best;
    const counts = this.#counts.partial;
    const sign = this.#sign;
    const stepCount = values.length;
    let at = group * stepCount;
    for (let step = 0; step < stepCount; step++, at++) {
      if (present[step] !== FLOAT) continue;
      const value = values[step]! * sign;
      if (value > best[at]! || Number.isNaN(best[at]!)) best[at] = value;
      counts[at]! += 1;
    }
  }

  addWhole(group: number, values: Float64Array): void {
    const best = this.#best;
    const sign = this.#sign;
    const stepCount = values.length;
    let at = group * stepCount;
    for (let step = 0; step < stepCount; step++, at++) {
      const value = values[step]! * sign;
      if (value > best[at]! || Number.isNaN(best[at]!)) best[at] = value;
    }
    this.#counts.whole[group]! += 1;
  }

  finish(group: number, { values, present }: StepColumn): void {
    const first = group * values.length;
    for (let step = 0; step < values.length; step++) values[step] = this.#best[first + step]! * this.#sign;
    this.#counts.writePresent(group, present);
  }
}

/** `count`; and `group`, which is 1 where there is anything. */
class CountAccumulator implements Accumulator {
  readonly #counts: StepCounts;
  readonly #isGroup: boolean;

  constructor(size: AccumulatorSize, { isGroup }: { readonly isGroup: boolean }) {
    this.#counts = new StepCounts(size);
    this.#isGroup = isGroup;
  }

  add(group: number, { present }: StepColumn): void {
    const counts = this.#counts.partial;
    let at = group * present.length;
    // Native histograms count too.
    for (let step = 0; step < present.length; step++, at++) if (present[step] !== ABSENT) counts[at]! += 1;
  }

  addWhole(group: number): void {
    this.#counts.whole[group]! += 1;
  }

  finish(group: number, { values, present }: StepColumn): void {
    for (let step = 0; step < values.length; step++) values[step] = this.#isGroup ? 1 : this.#counts.at(group, step);
    this.#counts.writePresent(group, present);
  }
}

/** Welford's running variance: `moments` is the sum of squared distances from the running mean. */
class VarianceAccumulator implements Accumulator {
  readonly #counts: StepCounts;
  readonly #means: Float64Array;
  readonly #moments: Float64Array;
  readonly #fromVariance: (variance: number) => number;

  constructor(size: AccumulatorSize, fromVariance: (variance: number) => number) {
    this.#counts = new StepCounts(size);
    this.#means = new Float64Array(size.groupCount * size.stepCount);
    this.#moments = new Float64Array(size.groupCount * size.stepCount);
    this.#fromVariance = fromVariance;
  }

  add(group: number, { values, present }: StepColumn): void {
    const counts = this.#counts.partial;
    const stepCount = values.length;
    const first = group * stepCount;
    for (let step = 0; step < stepCount; step++) {
      if (present[step] !== FLOAT) continue;
      counts[first + step]! += 1;
      this.#addOne(first + step, values[step]!, this.#counts.at(group, step));
    }
  }

  addWhole(group: number, values: Float64Array): void {
    const stepCount = values.length;
    const first = group * stepCount;
    this.#counts.whole[group]! += 1;
    for (let step = 0; step < stepCount; step++) {
      this.#addOne(first + step, values[step]!, this.#counts.at(group, step));
    }
  }

  /** `count` values with this one. */
  #addOne(at: number, value: number, count: number): void {
    const means = this.#means;
    const moments = this.#moments;
    if (count === 1) {
      means[at] = value;
      moments[at] = Number.isFinite(value) ? 0 : NaN;
      return;
    }
    const distance = value - means[at]!;
    means[at]! += distance / count;
    moments[at]! += distance * (value - means[at]!);
  }

  finish(group: number, { values, present }: StepColumn): void {
    let at = group * values.length;
    for (let step = 0; step < values.length; step++, at++) {
      values[step] = this.#fromVariance(this.#moments[at]! / this.#counts.at(group, step));
    }
    this.#counts.writePresent(group, present);
  }
}
