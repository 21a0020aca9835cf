import type { StepColumn } from '../../model/columns.ts';

/**
 * The running state of one aggregation: `groupCount` groups of `stepCount` steps each, in columns that hold one group
 * after the other. Series are added one at a time, in any order of groups.
 */
export interface Accumulator {
  /** `metricName` is the name of the series that the column is of, for notes. */
  add(group: number, column: StepColumn, metricName: string): void;
  /** `add` of a column that has a float at every step. */
  addWhole(group: number, values: Float64Array): void;
  /** Overwrites `out` with the group's result. */
  finish(group: number, out: StepColumn): void;
}

export interface AccumulatorSize {
  readonly groupCount: number;
  readonly stepCount: number;
}
