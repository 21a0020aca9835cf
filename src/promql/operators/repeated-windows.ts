import type { StepColumn } from '../../model/columns.ts';
import type { RangeWindows } from '../functions/types.ts';
import type { DistinctWindows } from '../kernels/distinct-windows.ts';
import { distinctWindows } from '../kernels/range-windows.ts';

/** Has what follows from the samples of a window alone computed once for all steps that have the same window. */
export class RepeatedWindows {
  readonly #values: Float64Array;
  readonly #present: Uint8Array;
  /** A view of as many steps as there were distinct windows last. */
  #view: StepColumn | undefined;

  constructor(stepCount: number) {
    this.#values = new Float64Array(stepCount);
    this.#present = new Uint8Array(stepCount);
  }

  /** Has `apply` fill `out`, which has no native histograms. False, and nothing done, where too few windows repeat. */
  apply(windows: RangeWindows, out: StepColumn, apply: (windows: RangeWindows, out: StepColumn) => void): boolean {
    const distinct = distinctWindows(windows);
    if (distinct.count * 2 > out.values.length) return false;
    if (this.#view?.values.length !== distinct.count) {
      const { count } = distinct;
      this.#view = { values: this.#values.subarray(0, count), present: this.#present.subarray(0, count) };
    }
    apply({ ...windows, from: distinct.from, to: distinct.to, memo: undefined }, this.#view);
    this.#repeat(distinct, out);
    return true;
  }

  #repeat({ count, firstStep }: DistinctWindows, { values, present }: StepColumn): void {
    for (let i = 0; i < count; i++) {
      const value = this.#values[i]!;
      const isPresent = this.#present[i]!;
      const end = firstStep[i + 1]!;
      for (let step = firstStep[i]!; step < end; step++) {
        values[step] = value;
        present[step] = isPresent;
      }
    }
  }
}
