import type { NativeHistogram } from '../model/native-histogram.ts';
import type { SeriesRef } from './types.ts';

/** What is kept for the next batch after one that was larger than usual. */
const KEPT_SAMPLES = 1 << 16;

/** Samples that a batch added, by runs of one series; grows and is used again. */
export class LogSection {
  runCount = 0;
  sampleCount = 0;
  seriesRefs = new Uint32Array(256);
  /** How many samples each run has. */
  counts = new Uint32Array(256);
  timestampsMs = new Float64Array(256);
  values = new Float64Array(256);
  /** The bits of `values`. */
  words = new Int32Array(this.values.buffer);
  /** The native histograms among the samples, and which samples they are, ascending. */
  histograms: NativeHistogram[] = [];
  histogramAt: number[] = [];

  clear(): void {
    this.runCount = 0;
    this.sampleCount = 0;
    if (this.histograms.length === 0) return;
    this.histograms = [];
    this.histogramAt = [];
  }

  /** Lets go of room that only a huge batch needs. */
  shrink(): void {
    this.clear();
    if (this.values.length <= KEPT_SAMPLES) return;
    this.timestampsMs = new Float64Array(KEPT_SAMPLES);
    this.values = new Float64Array(KEPT_SAMPLES);
    this.words = new Int32Array(this.values.buffer);
  }

  /** Makes room for all that one batch can add. */
  reserve(runCount: number, sampleCount: number): void {
    if (this.runCount + runCount > this.counts.length) {
      const capacity = Math.max(this.runCount + runCount, this.counts.length * 2);
      this.seriesRefs = grownCopy(this.seriesRefs, new Uint32Array(capacity));
      this.counts = grownCopy(this.counts, new Uint32Array(capacity));
    }
    if (this.sampleCount + sampleCount > this.values.length) {
      const capacity = Math.max(this.sampleCount + sampleCount, this.values.length * 2);
      this.timestampsMs = grownCopy(this.timestampsMs, new Float64Array(capacity));
      this.values = grownCopy(this.values, new Float64Array(capacity));
      this.words = new Int32Array(this.values.buffer);
    }
  }

  /** The sample that is about to be added is this. */
  addHistogram(histogram: NativeHistogram): void {
    this.histograms.push(histogram);
    this.histogramAt.push(this.sampleCount);
  }

  /** Closes the run of samples added since the last one; there must be room for it. */
  endRun(seriesRef: SeriesRef, sampleCount: number): void {
    this.seriesRefs[this.runCount] = seriesRef;
    this.counts[this.runCount] = sampleCount;
    this.runCount += 1;
  }
}

function grownCopy<Column extends Uint32Array | Float64Array>(source: Column, target: Column): Column {
  target.set(source);
  return target;
}
