import { FLOAT, type StepColumn } from '../../model/columns.ts';
import type { Groups } from './grouping.ts';

/**
 * The floats of all series, turned: those of a group at a step stand next to each other, for what needs all of them at once.
 *
 *     group 0, step 0 | group 0, step 1 | … | group 1, step 0 | …      a row has room for every series of its group
 */
export class StepRows {
  /** Of all rows. The caller may move values inside of a row that it is done with otherwise. */
  readonly values: Float64Array;
  readonly #groupOfSeries: Int32Array;
  readonly #stepCount: number;
  readonly #widths: Int32Array;
  readonly #starts: Float64Array;
  readonly #counts: Int32Array;
  readonly #hasNews: Uint8Array;

  constructor({ labels, groupOfSeries }: Groups, stepCount: number) {
    const groupCount = labels.length;
    this.values = new Float64Array(groupOfSeries.length * stepCount);
    this.#groupOfSeries = groupOfSeries;
    this.#stepCount = stepCount;
    this.#widths = new Int32Array(groupCount);
    for (const group of groupOfSeries) this.#widths[group]! += 1;
    this.#starts = new Float64Array(groupCount);
    for (let group = 1; group < groupCount; group++) {
      this.#starts[group] = this.#starts[group - 1]! + this.#widths[group - 1]! * stepCount;
    }
    this.#counts = new Int32Array(groupCount * stepCount);
    this.#hasNews = new Uint8Array(groupCount * stepCount);
  }

  add(series: number, { values, present }: StepColumn): void {
    const rows = this.values;
    const counts = this.#counts;
    const hasNews = this.#hasNews;
    const stepCount = this.#stepCount;
    const group = this.#groupOfSeries[series]!;
    const width = this.#widths[group]!;
    let start = this.#starts[group]!;
    let at = group * stepCount;
    let before = 0;
    let wasThere = false;
    for (let step = 0; step < stepCount; step++, at++, start += width) {
      const isThere = present[step] === FLOAT;
      const value = values[step]!;
      // NaN is news each time.
      if (isThere !== wasThere || (isThere && value !== before)) hasNews[at] = 1;
      wasThere = isThere;
      before = value;
      if (!isThere) continue;
      rows[start + counts[at]!] = value;
      counts[at]! += 1;
    }
  }

  /** Where the values of a group at a step begin. */
  start(group: number, step: number): number {
    return this.#starts[group]! + step * this.#widths[group]!;
  }

  /** How many of the group's series have a float at the step. */
  count(group: number, step: number): number {
    return this.#counts[group * this.#stepCount + step]!;
  }

  /** Whether the values of a group are those of the step before. False may be told of the same ones too. */
  isRepeated(group: number, step: number): boolean {
    return step > 0 && this.#hasNews[group * this.#stepCount + step] === 0;
  }
}
