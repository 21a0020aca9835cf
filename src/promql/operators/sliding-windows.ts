import type { SampleColumns } from '../../model/columns.ts';
import type { RangeWindows } from '../functions/types.ts';
import type { WindowMemo } from '../kernels/range-windows.ts';
import type { TimePlan } from './by-times.ts';
import { slideWindows } from './windows.ts';

interface SlidingWindowsSpec {
  readonly rangeMs: number;
  readonly extension?: RangeWindows['extension'];
  /** How far windows reach beyond their ends: `rangeMs` back and not ahead, but for extended selectors. */
  readonly beforeMs?: number;
  readonly afterMs?: number;
}

/** The windows over the samples of one series after the other, in the same place for all that have samples at the same times. */
export class SlidingWindows implements RangeWindows, TimePlan {
  readonly samples: SampleColumns;
  readonly windowEndMs: Float64Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly rangeMs: number;
  readonly extension: RangeWindows['extension'];
  memo: WindowMemo | undefined;
  /** The samples of all windows, one counted as often as it is in one. */
  sampleCount = 0;
  readonly #beforeMs: number;
  readonly #afterMs: number;

  constructor(
    samples: SampleColumns,
    windowEndMs: Float64Array,
    { rangeMs, extension, beforeMs = rangeMs, afterMs = 0 }: SlidingWindowsSpec,
  ) {
    this.samples = samples;
    this.windowEndMs = windowEndMs;
    this.from = new Int32Array(windowEndMs.length);
    this.to = new Int32Array(windowEndMs.length);
    this.rangeMs = rangeMs;
    this.extension = extension;
    this.#beforeMs = beforeMs;
    this.#afterMs = afterMs;
  }

  make(samples: SampleColumns, isKept: boolean): void {
    this.sampleCount = slideWindows(samples, this, this.#beforeMs, this.#afterMs);
    this.memo = isKept ? {} : undefined;
  }
}
