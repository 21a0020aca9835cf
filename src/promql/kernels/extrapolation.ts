import { ABSENT, FLOAT, type SampleColumns } from '../../model/columns.ts';
import { DistinctWindows } from './distinct-windows.ts';

/** What of the change between a window's first and last sample follows from the times of the samples: all but the clamp at zero. */
export class Extrapolation {
  windows = new DistinctWindows();
  present = new Uint8Array(0);
  /** By the distinct window: between its first and its last sample. */
  sampledSeconds = EMPTY;
  /**
   * By the distinct window: a counter whose first value is more than so many times its change was not yet near zero where the line
   * through the samples begins.
   */
  zeroReach = EMPTY;
  /** By the step, in seconds: how far beyond the samples the line through them is followed. */
  startGaps = EMPTY;
  endGaps = EMPTY;
  /** By the step: by what to multiply the change. */
  factors = EMPTY;

  make(
    windows: { readonly samples: SampleColumns; readonly windowEndMs: Float64Array; readonly rangeMs: number },
    distinct: DistinctWindows,
    isPerSecond: boolean,
  ): this {
    const { samples, windowEndMs, rangeMs } = windows;
    const { timestampsMs } = samples;
    const rangeSeconds = secondsOf(rangeMs);
    this.#reserve(windowEndMs.length);
    const { from, to, firstStep } = distinct;
    this.windows = distinct;
    for (let i = 0; i < distinct.count; i++) {
      const first = from[i]!;
      const last = to[i]! - 1;
      if (last <= first) {
        this.present.fill(ABSENT, firstStep[i], firstStep[i + 1]);
        continue;
      }
      const sampledSeconds = (timestampsMs[last]! - timestampsMs[first]!) / 1000;
      const averageSeconds = sampledSeconds / (last - first);
      const threshold = averageSeconds * 1.1;
      let widestStartGap = 0;
      for (let step = firstStep[i]!; step < firstStep[i + 1]!; step++) {
        const endMs = windowEndMs[step]!;
        let startGap = (timestampsMs[first]! - (endMs - rangeMs)) / 1000;
        let endGap = (endMs - timestampsMs[last]!) / 1000;
        if (startGap >= threshold) startGap = averageSeconds / 2;
        if (endGap >= threshold) endGap = averageSeconds / 2;
        this.present[step] = FLOAT;
        const factor = (sampledSeconds + startGap + endGap) / sampledSeconds;
        this.startGaps[step] = startGap;
        this.endGaps[step] = endGap;
        this.factors[step] = isPerSecond ? factor / rangeSeconds : factor;
        if (startGap > widestStartGap) widestStartGap = startGap;
      }
      this.sampledSeconds[i] = sampledSeconds;
      this.zeroReach[i] = (widestStartGap / sampledSeconds) * ROUNDING_ROOM;
    }
    return this;
  }

  #reserve(stepCount: number): void {
    if (this.present.length === stepCount) return;
    this.present = new Uint8Array(stepCount);
    this.sampledSeconds = new Float64Array(stepCount);
    this.zeroReach = new Float64Array(stepCount);
    this.startGaps = new Float64Array(stepCount);
    this.endGaps = new Float64Array(stepCount);
    this.factors = new Float64Array(stepCount);
  }
}

const EMPTY = new Float64Array(0);
const ROUNDING_ROOM = 1 + 1e-9;

/** A window of samples that a change was taken of. */
export interface SampledWindow {
  readonly firstMs: number;
  readonly lastMs: number;
  /** One less than the samples. */
  readonly intervalCount: number;
  readonly endMs: number;
  readonly rangeMs: number;
  /** Of a counter that rose: how far before its first sample it was at zero, in times of what the samples span. */
  readonly zeroAt: number | undefined;
  /** Of a counter that is known to have begun in the window: when. The change is taken from there. */
  readonly startMs?: number | undefined;
}

/** By what to multiply the change of a window: the rules of `Extrapolation`, for a single one. */
export function extrapolationFactor(window: SampledWindow): number {
  const { firstMs, lastMs, intervalCount, endMs, rangeMs, zeroAt, startMs } = window;
  const spannedSeconds = (lastMs - firstMs) / 1000;
  const averageSeconds = intervalCount === 0 ? 0 : spannedSeconds / intervalCount;
  const threshold = averageSeconds * 1.1;
  let endGap = (endMs - lastMs) / 1000;
  if (endGap >= threshold) endGap = averageSeconds / 2;
  if (startMs !== undefined) {
    const sampledSeconds = (lastMs - startMs) / 1000;
    return (sampledSeconds + endGap) / sampledSeconds;
  }
  let startGap = (firstMs - (endMs - rangeMs)) / 1000;
  if (startGap >= threshold) startGap = averageSeconds / 2;
  if (zeroAt !== undefined) startGap = Math.min(startGap, spannedSeconds * zeroAt);
  return (spannedSeconds + startGap + endGap) / spannedSeconds;
}

/** As Go's `Duration.Seconds`: whole seconds plus the fraction, which may round differently from one division. */
export function secondsOf(durationMs: number): number {
  return Math.floor(durationMs / 1000) + (durationMs % 1000) / 1000;
}
