import type { SampleColumns } from '../../model/columns.ts';
import { DistinctWindows } from './distinct-windows.ts';
import { Extrapolation } from './extrapolation.ts';

/**
 * The windows of a range vector over one series: at step `k` the window holds the samples with index in
 * `[from[k], to[k])`, which are those with a time in `(windowEndMs[k] - rangeMs, windowEndMs[k]]`.
 * Staleness markers are already gone from `samples`. All borrowed until the function returns.
 */
export interface RangeWindows {
  readonly samples: SampleColumns;
  /** Neither `from` nor `to` ever decreases from one step to the next. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** The end of the window at each step, after offset and `@`. */
  readonly windowEndMs: Float64Array;
  readonly rangeMs: number;
  /**
   * Of a selector with `anchored` or `smoothed`: its windows also hold the samples of one lookback before the range,
   * and with `smoothed` those of one lookback behind it.
   */
  readonly extension?: 'anchored' | 'smoothed' | undefined;
  /** Where the next series may have samples at the same times, and so the same windows. */
  readonly memo?: WindowMemo | undefined;
}

/** What kernels have computed of windows and of the times of the samples in them, but of no values. */
export interface WindowMemo {
  distinct?: DistinctWindows;
  /** Of the one function that is given the windows. */
  extrapolation?: Extrapolation;
}

/** The windows without those that are the same as the one before. Borrowed until the windows move. */
export function distinctWindows(windows: RangeWindows): DistinctWindows {
  const { memo } = windows;
  if (memo === undefined) return distinctOfOne.make(windows);
  memo.distinct ??= new DistinctWindows().make(windows);
  return memo.distinct;
}

/** How the changes in the windows are extrapolated. Borrowed until the windows move. */
export function extrapolationOf(windows: RangeWindows, isPerSecond: boolean): Extrapolation {
  const { memo } = windows;
  const distinct = distinctWindows(windows);
  if (memo === undefined) return extrapolationOfOne.make(windows, distinct, isPerSecond);
  memo.extrapolation ??= new Extrapolation().make(windows, distinct, isPerSecond);
  return memo.extrapolation;
}

/** For windows that move with the next series. */
const distinctOfOne = new DistinctWindows();
const extrapolationOfOne = new Extrapolation();
