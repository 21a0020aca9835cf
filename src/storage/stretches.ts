import type { SampleColumns } from '../model/columns.ts';
import type { NativeHistogram } from '../model/native-histogram.ts';
import { HistogramColumn } from './histogram-codec.ts';

/** Histograms of samples, from sample `from` on; undefined where all are floats. */
export type StretchHistograms = HistogramColumn | readonly (NativeHistogram | undefined)[] | undefined;

const NO_SAMPLES = new Float64Array(0);

/**
 * Stretches of columns that follow each other: samples `[from, to)` of each. One object serves one series after the other, as
 * nothing is made for each of a hundred thousand.
 */
export class Stretches {
  count = 0;
  sampleCount = 0;
  hasHistograms = false;
  readonly timestampsMs: Float64Array[] = [];
  readonly values: Float64Array[] = [];
  readonly from: number[] = [];
  readonly to: number[] = [];
  /** Whether the times never change. */
  readonly isFrozen: boolean[] = [];
  readonly #histograms: StretchHistograms[] = [];
  /** The sample that the first of the histograms belongs to. */
  readonly #histogramsFrom: number[] = [];

  /** Holds nothing of the columns that were added: they may be given back, with a great deal of memory around them. */
  clear(): void {
    for (let at = 0; at < this.count; at++) {
      this.timestampsMs[at] = NO_SAMPLES;
      this.values[at] = NO_SAMPLES;
      this.#histograms[at] = undefined;
    }
    this.count = 0;
    this.sampleCount = 0;
    this.hasHistograms = false;
  }

  /** Adds those of the samples `[from, to)` that lie in `[startMs, endMs]`. */
  add(
    columns: { readonly timestampsMs: Float64Array; readonly values: Float64Array },
    part: { readonly from: number; readonly to: number; readonly isFrozen: boolean },
    histograms: StretchHistograms,
    range: { readonly startMs: number; readonly endMs: number },
  ): void {
    const { timestampsMs } = columns;
    const { from, to } = part;
    const first = timestampsMs[from]! >= range.startMs ? from : firstNotBefore(timestampsMs, from, to, range.startMs);
    const end = timestampsMs[to - 1]! <= range.endMs ? to : firstNotBefore(timestampsMs, first, to, range.endMs + 1);
    if (first >= end) return;
    const at = this.count++;
    this.sampleCount += end - first;
    this.timestampsMs[at] = timestampsMs;
    this.values[at] = columns.values;
    this.from[at] = first;
    this.to[at] = end;
    this.isFrozen[at] = part.isFrozen;
    this.#histograms[at] = histograms;
    this.#histogramsFrom[at] = from;
    if (histograms !== undefined) this.hasHistograms = true;
  }

  /** Appends copies of all samples to `into`. */
  appendTo(into: SampleColumns): void {
    for (let at = 0; at < this.count; at++) {
      const from = this.from[at]!;
      const to = this.to[at]!;
      const place = into.count;
      into.append(this.timestampsMs[at]!, this.values[at]!, from, to);
      const histograms = this.#histograms[at];
      if (histograms === undefined) continue;
      const column = into.histogramColumn();
      const histogramsFrom = this.#histogramsFrom[at]!;
      if (histograms instanceof HistogramColumn) {
        histograms.copyTo(from - histogramsFrom, to - histogramsFrom, column, place);
      } else {
        for (let i = from; i < to; i++) column[place + i - from] = histograms[i - histogramsFrom];
      }
    }
  }
}

/** The first index in `[from, to)` whose time is not before `timeMs`, which are whole milliseconds, or `to`. The first is before. */
function firstNotBefore(timestampsMs: Float64Array, from: number, to: number, timeMs: number): number {
  const firstMs = timestampsMs[from]!;
  const lastMs = timestampsMs[to - 1]!;
  if (lastMs < timeMs) return to;
  if (firstMs >= timeMs) return from;
  // Most come at one interval, and then this is where it stands: nothing else need be looked at.
  const guess = from + Math.ceil(((timeMs - firstMs) / (lastMs - firstMs)) * (to - 1 - from));
  if (timestampsMs[guess]! >= timeMs && timestampsMs[guess - 1]! < timeMs) return guess;
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timestampsMs[middle]! < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
