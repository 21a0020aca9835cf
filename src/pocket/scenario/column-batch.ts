import { SampleColumns } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';

/** Series with samples on their way into a store, one run behind the other. The same series may have two runs. */
export class ColumnBatch {
  readonly labels: Labels[] = [];
  /** One longer than `labels`. */
  readonly samplesStart: number[] = [0];
  readonly samples = new SampleColumns(1 << 14);

  clear(): void {
    this.labels.length = 0;
    this.samplesStart.length = 1;
    this.samples.clear();
  }

  /**
   * Makes room for a run at these times, whose values the caller writes into `samples.values` from the index on that it gets.
   */
  run(labels: Labels, timesMs: Float64Array): number {
    const { samples } = this;
    const start = samples.count;
    samples.reserve(start + timesMs.length);
    samples.timestampsMs.set(timesMs, start);
    samples.count += timesMs.length;
    this.#end(labels);
    return start;
  }

  /** A run of one value. */
  constant(labels: Labels, timesMs: Float64Array, value: number): void {
    const start = this.run(labels, timesMs);
    this.samples.values.fill(value, start, start + timesMs.length);
  }

  /** Ends a series at `timeMs`. */
  stale(labels: Labels, timeMs: number): void {
    this.samples.pushStaleMarker(timeMs);
    this.#end(labels);
  }

  /** Ends the run of samples that were pushed to `samples` one by one. */
  endRun(labels: Labels): void {
    if (this.samples.count > this.samplesStart.at(-1)!) this.#end(labels);
  }

  #end(labels: Labels): void {
    this.labels.push(labels);
    this.samplesStart.push(this.samples.count);
  }
}
