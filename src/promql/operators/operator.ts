import type { StepColumn } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import type { RangeWindows } from '../functions/types.ts';

/**
 * A node of a running query that yields an instant vector at every step of its grid: first the labels of all its output
 * series, then the series one at a time, each as a column over all steps.
 *
 *     prepare()  once, first: returns the labels of every series that `next` will yield, in that order
 *     next(out)  once for each of them
 *     close()    at any time, also twice
 */
export interface VectorOperator {
  /**
   * Resolves the output series. An operator that has to see all of its input first (an aggregation, the "one" side of a
   * join) does that here, pausing between series, so that `next` stays short. A series listed here may turn out to
   * have no step at all; two listed series may have the same labels as long as they share no step (the consumer that
   * must not have that says so as an error).
   * @throws {PocketCortexError} `execution-error`
   */
  prepare(): Work<readonly Labels[]>;
  /**
   * Overwrites all of `out` with the next series. `out` stays the caller's and is on this operator's grid.
   * @throws {PocketCortexError} `execution-error`
   */
  next(out: StepColumn): void;
  /**
   * Once prepared: whether all listed series are sure to have different labels, where the operator can tell without
   * comparing them. Nobody then looks for duplicates.
   */
  readonly areDistinct?: boolean;
  /** Frees this operator and its children. */
  close(): void;
}

/** A node that yields one number at every step. */
export interface ScalarOperator {
  /** Overwrites all of `out`. Called once. */
  evaluate(out: Float64Array): Work<void>;
  close(): void;
}

/** A node that yields a range vector: for each series its windows at every step of the grid. */
export interface RangeOperator {
  /** As of a `VectorOperator`. */
  prepare(): Work<readonly Labels[]>;
  /** The windows of the next series; borrowed until the next call, and the receiver may overwrite the samples. */
  next(): RangeWindows;
  /** As of a `VectorOperator`. */
  readonly areDistinct?: boolean;
  close(): void;
}
