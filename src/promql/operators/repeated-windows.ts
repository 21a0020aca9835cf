import type { StepColumn } from '../../model/columns.ts';
import type { RangeWindows } from '../functions/types.ts';

/**
 * Where steps are closer together than samples, neighbouring windows hold the same samples, and what follows from the
 * samples alone is the same for them: it is computed once and repeated.
 *
 *     from, to    0 4 | 0 4 | 0 4 | 1 5 | 1 5         steps
 *     distinct    0 4             | 1 5               what the function is given
 */
export class RepeatedWindows {
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  readonly #values: Float64Array;
  readonly #present: Uint8Array;
  #distinctCount = -1;
  /** Views of `#distinctCount` steps: series mostly have as many as the one before. */
  #views: { readonly from: Int32Array; readonly to: Int32Array; readonly out: StepColumn } | undefined;

  constructor(stepCount: number) {
    this.#from = new Int32Array(stepCount);
    this.#to = new Int32Array(stepCount);
    this.#values = new Float64Array(stepCount);
    this.#present = new Uint8Array(stepCount);
  }

  /** Has `apply` fill `out`, which has no native histograms. False, and nothing done, where too few windows repeat. */
  apply(windows: RangeWindows, out: StepColumn, apply: (windows: RangeWindows, out: StepColumn) => void): boolean {
    const distinctCount = this.#collect(windows);
    if (distinctCount * 2 > out.values.length) return false;
    const views = this.#viewsOf(distinctCount);
    apply({ ...windows, from: views.from, to: views.to }, views.out);
    this.#repeat(windows, out);
    return true;
  }

  #collect({ from, to }: RangeWindows): number {
    const distinctFrom = this.#from;
    const distinctTo = this.#to;
    let count = 0;
    let lastFrom = -1;
    let lastTo = -1;
    for (let step = 0; step < from.length; step++) {
      if (from[step] === lastFrom && to[step] === lastTo) continue;
      lastFrom = from[step]!;
      lastTo = to[step]!;
      distinctFrom[count] = lastFrom;
      distinctTo[count] = lastTo;
      count += 1;
    }
    return count;
  }

  #viewsOf(count: number) {
    if (this.#views === undefined || count !== this.#distinctCount) {
      this.#distinctCount = count;
      const out = { values: this.#values.subarray(0, count), present: this.#present.subarray(0, count) };
      this.#views = { from: this.#from.subarray(0, count), to: this.#to.subarray(0, count), out };
    }
    return this.#views;
  }

  #repeat({ from, to }: RangeWindows, { values, present }: StepColumn): void {
    let at = 0;
    for (let step = 0; step < from.length; step++) {
      if (step > 0 && (from[step] !== from[step - 1] || to[step] !== to[step - 1])) at += 1;
      values[step] = this.#values[at]!;
      present[step] = this.#present[at]!;
    }
  }
}
