import { ABSENT, FLOAT } from '../../model/columns.ts';
import type { AccumulatorSize } from './accumulator.ts';

/** How many values each group has at each step. Columns that have one at every step, as most have, are counted by the group. */
export class StepCounts {
  /** By the group: whole columns. */
  readonly whole: Uint32Array;
  readonly #size: AccumulatorSize;
  /** What other columns have; undefined as long as there are none. */
  #partial: Uint32Array | undefined;

  constructor(size: AccumulatorSize) {
    this.#size = size;
    this.whole = new Uint32Array(size.groupCount);
  }

  /** To add to: the values of columns that are not whole, one group after the other. */
  get partial(): Uint32Array {
    this.#partial ??= new Uint32Array(this.#size.groupCount * this.#size.stepCount);
    return this.#partial;
  }

  at(group: number, step: number): number {
    return this.whole[group]! + (this.#partial ? this.#partial[group * this.#size.stepCount + step]! : 0);
  }

  /** Marks the steps at which the group has a value. */
  writePresent(group: number, present: Uint8Array): void {
    if (this.whole[group]! > 0) {
      present.fill(FLOAT);
      return;
    }
    for (let step = 0; step < present.length; step++) present[step] = this.at(group, step) > 0 ? FLOAT : ABSENT;
  }
}
