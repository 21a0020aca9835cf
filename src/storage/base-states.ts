import type { NativeHistogram } from '../model/native-histogram.ts';
import type { MemorySeries } from './memory-series.ts';

/** The newest sample of a series: the bits of its value, or a native histogram. */
export interface NewestSample {
  readonly low: number;
  readonly high: number;
  readonly histogram: NativeHistogram | undefined;
}

/** What is kept for the next batch after one that was larger than usual. */
const KEPT_SERIES = 1 << 14;

/**
 * The newest samples that a batch found, of each of its series: what it adds is measured by them. They stand here and not
 * with the series, where all series would have room for them all the time. Grows and is used again.
 */
export class BaseStates {
  count = 0;
  timestampsMs = new Float64Array(256);
  #lows = new Int32Array(256);
  #highs = new Int32Array(256);
  #hasBits = new Uint8Array(256);
  /** None for most batches. */
  #histograms: (NativeHistogram | undefined)[] = [];

  clear(): void {
    this.count = 0;
    if (this.#histograms.length > 0) this.#histograms = [];
    if (this.timestampsMs.length > KEPT_SERIES) this.#resize(KEPT_SERIES);
  }

  /** Makes room for so many series; there are none so far. */
  reserve(seriesCount: number): void {
    if (seriesCount > this.timestampsMs.length) this.#resize(Math.max(seriesCount, this.timestampsMs.length * 2));
  }

  /** Remembers the state of `series`; its place here. There must be room. */
  add(series: MemorySeries): number {
    const at = this.count++;
    this.timestampsMs[at] = series.lastMs;
    this.#lows[at] = series.lastLow;
    this.#highs[at] = series.lastHigh;
    this.#hasBits[at] = series.hasLastBits ? 1 : 0;
    if (series.lastHistogram !== undefined) this.#histograms[at] = series.lastHistogram;
    return at;
  }

  /** False when only a chunk knows what the sample is. */
  hasBits(at: number): boolean {
    return this.#hasBits[at] === 1;
  }

  sample(at: number): NewestSample {
    return { low: this.#lows[at]!, high: this.#highs[at]!, histogram: this.#histograms[at] };
  }

  setSample(at: number, { low, high, histogram }: NewestSample): void {
    this.#lows[at] = low;
    this.#highs[at] = high;
    this.#hasBits[at] = 1;
    if (histogram !== undefined) this.#histograms[at] = histogram;
  }

  #resize(capacity: number): void {
    this.timestampsMs = new Float64Array(capacity);
    this.#lows = new Int32Array(capacity);
    this.#highs = new Int32Array(capacity);
    this.#hasBits = new Uint8Array(capacity);
  }
}
