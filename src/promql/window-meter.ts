import type { RangeWindows } from './functions/types.ts';
import { weightOf } from './operators/sample-weight.ts';

/**
 * What Prometheus counts while a function goes over the windows of a range vector, seen from before the first: the samples
 * of the window, and the results so far. It slips where histograms slide out of a window that keeps others: it takes off
 * those that stay, not those that go. What it is wrong by stays with it to the end of the function, and beyond.
 */
export class WindowMeter {
  /** What all samples of all series count as. */
  sampleWeight = 0;
  #count = 0;
  #peak = 0;
  /** What the last window counts as: it goes when the next series comes. */
  #lastWindow = 0;

  get peak(): number {
    return this.#peak;
  }

  /** What is counted when the function is done. */
  get after(): number {
    return this.#count - this.#lastWindow;
  }

  /** The windows of one series; returns how many of them hold a sample. */
  add(windows: RangeWindows): number {
    this.#count -= this.#lastWindow;
    this.#lastWindow = 0;
    return windows.samples.histograms ? this.#addMixed(windows) : this.#addFloats(windows);
  }

  #addFloats({ from, to }: RangeWindows): number {
    let widest = 0;
    let filledCount = 0;
    for (let step = 0; step < from.length; step++) {
      const width = to[step]! - from[step]!;
      widest = Math.max(widest, width);
      if (width > 0) filledCount += 1;
    }
    this.#peak = Math.max(this.#peak, this.#count + widest);
    const last = from.length - 1;
    this.#lastWindow = last < 0 ? 0 : to[last]! - from[last]!;
    this.#count += this.#lastWindow;
    if (last >= 0) this.sampleWeight += to[last]! - from[0]!;
    return filledCount;
  }

  #addMixed({ from, to, samples, windowEndMs }: RangeWindows): number {
    const { histograms, count } = samples;
    // Up to each sample: how many floats, and what the histograms count as.
    const floats = new Float64Array(count + 1);
    const weights = new Float64Array(count + 1);
    for (let i = 0; i < count; i++) {
      const histogram = histograms![i];
      floats[i + 1] = floats[i]! + (histogram ? 0 : 1);
      weights[i + 1] = weights[i]! + (histogram ? weightOf(histogram) : 0);
    }
    const last = from.length - 1;
    let filledCount = 0;
    let first = 0;
    let end = 0;
    for (let step = 0; step <= last; step++) {
      const nextFirst = from[step]!;
      const nextEnd = to[step]!;
      if (nextEnd > nextFirst) filledCount += 1;
      // Of an `@` all windows are the same one.
      if (step > 0 && windowEndMs[step] === windowEndMs[step - 1]) continue;
      const stayFrom = Math.min(Math.max(first, nextFirst), end);
      this.#count -= floats[stayFrom]! - floats[first]!;
      const stayingWeight = weights[end]! - weights[stayFrom]!;
      this.#count -= stayingWeight > 0 ? stayingWeight : weights[end]! - weights[first]!;
      const newFrom = Math.max(end, nextFirst);
      this.#count += floats[nextEnd]! - floats[newFrom]! + weights[nextEnd]! - weights[newFrom]!;
      this.#peak = Math.max(this.#peak, this.#count);
      first = nextFirst;
      end = nextEnd;
    }
    this.#lastWindow = floats[end]! - floats[first]! + weights[end]! - weights[first]!;
    if (last >= 0) this.sampleWeight += floats[end]! + weights[end]! - floats[from[0]!]! - weights[from[0]!]!;
    return filledCount;
  }

  /** The function gave so much for the series. */
  endSeries(weight: number): void {
    this.#count += weight;
    this.#peak = Math.max(this.#peak, this.#count);
  }
}
