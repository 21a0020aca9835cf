import { FLOAT, type StepColumn } from '../../model/columns.ts';
import type { AccumulatorSize } from './accumulator.ts';
import type { FloatAccumulator } from './histogram-accumulator.ts';
import { StepCounts } from './step-counts.ts';

/**
 * Neumaier's variant of Kahan's sum: `lost` collects what rounding took, and comes back at the end. What an addition loses is found
 * without asking which of the two is larger (Knuth, "The Art of Computer Programming" 2, 4.2.2): the same number.
 *
 * From -0 on a first value, whatever it is, gives itself. A sum that has overflowed stays infinite or becomes NaN, and then nothing
 * that was lost matters.
 */
export class SumAccumulator implements FloatAccumulator {
  readonly #sums: Float64Array;
  readonly #lost: Float64Array;
  readonly #counts: StepCounts;

  constructor(size: AccumulatorSize) {
    this.#sums = new Float64Array(size.groupCount * size.stepCount).fill(-0);
    this.#lost = new Float64Array(size.groupCount * size.stepCount);
    this.#counts = new StepCounts(size);
  }

  add(group: number, { values, present }: StepColumn): void {
    const sums = this.#sums;
    const lost = this.#lost;
    const counts = this.#counts.partial;
    const stepCount = values.length;
    let at = group * stepCount;
    for (let step = 0; step < stepCount; step++, at++) {
      if (present[step] !== FLOAT) continue;
      const value = values[step]!;
      const sum = sums[at]!;
      const next = sum + value;
      const added = next - sum;
      lost[at]! += sum - (next - added) + (value - added);
      sums[at] = next;
      counts[at]! += 1;
    }
  }

  addWhole(group: number, values: Float64Array): void {
    const sums = this.#sums;
    const lost = this.#lost;
    const stepCount = values.length;
    let at = group * stepCount;
    for (let step = 0; step < stepCount; step++, at++) {
      const value = values[step]!;
      const sum = sums[at]!;
      const next = sum + value;
      const added = next - sum;
      lost[at]! += sum - (next - added) + (value - added);
      sums[at] = next;
    }
    this.#counts.whole[group]! += 1;
  }

  has(group: number, step: number): boolean {
    return this.#counts.at(group, step) > 0;
  }

  finish(group: number, { values, present }: StepColumn): void {
    const first = group * values.length;
    for (let step = 0; step < values.length; step++) {
      const sum = this.#sums[first + step]!;
      values[step] = Number.isFinite(sum) ? sum + this.#lost[first + step]! : sum;
    }
    this.#counts.writePresent(group, present);
  }
}

/**
 * The sum by the count as long as the sum can be held; from where it would overflow, the mean kept up to date value by
 * value. Both with Neumaier's compensation. `isMean` tells which of the two `sums` and `lost` are at.
 */
export class AvgAccumulator implements FloatAccumulator {
  readonly #sums: Float64Array;
  readonly #lost: Float64Array;
  readonly #counts: StepCounts;
  /** Undefined as long as there is no mean. */
  #isMean: Uint8Array | undefined;

  constructor(size: AccumulatorSize) {
    this.#sums = new Float64Array(size.groupCount * size.stepCount).fill(-0);
    this.#lost = new Float64Array(size.groupCount * size.stepCount);
    this.#counts = new StepCounts(size);
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
    const sums = this.#sums;
    const lost = this.#lost;
    const stepCount = values.length;
    const first = group * stepCount;
    this.#counts.whole[group]! += 1;
    for (let step = 0; step < stepCount; step++) {
      const at = first + step;
      const value = values[step]!;
      const sum = sums[at]!;
      const next = sum + value;
      // Neither is so for infinities and NaN.
      if (next - next !== 0 || this.#isMean !== undefined) {
        this.#addOne(at, value, this.#counts.at(group, step));
        continue;
      }
      const added = next - sum;
      lost[at]! += sum - (next - added) + (value - added);
      sums[at] = next;
    }
  }

  /** `count` values with this one. */
  #addOne(at: number, value: number, count: number): void {
    const sum = this.#sums[at]!;
    const next = sum + value;
    if (count === 1) {
      this.#sums[at] = value;
    } else if (this.#isMean?.[at] === 1 || next === Infinity || next === -Infinity) {
      this.#addToMean(at, value, count);
    } else {
      const added = next - sum;
      this.#lost[at]! += sum - (next - added) + (value - added);
      this.#sums[at] = next;
    }
  }

  #addToMean(at: number, value: number, count: number): void {
    this.#isMean ??= new Uint8Array(this.#sums.length);
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
    return this.#counts.at(group, step) > 0;
  }

  finish(group: number, { values, present }: StepColumn): void {
    const stepCount = values.length;
    const first = group * stepCount;
    for (let step = 0; step < stepCount; step++) {
      const at = first + step;
      const count = this.#isMean?.[at] === 1 ? 1 : this.#counts.at(group, step);
      values[step] = this.#sums[at]! / count + this.#lost[at]! / count;
    }
    this.#counts.writePresent(group, present);
  }
}
