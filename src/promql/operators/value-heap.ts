import { sortInSlices } from '../../model/sort-in-slices.ts';
import type { Work } from '../../model/work.ts';

/** Whether a series belongs above another in a heap, by their values: the smaller one does; NaN is above everything. */
export function precedes(a: number, b: number): boolean {
  return a < b || Number.isNaN(a);
}

/** Up to so many entries Go sorts by insertion, and equal ones stay in order. */
const INSERTION_SORT_LIMIT = 12;

/**
 * A binary heap of series by value, to be put in order. Which of several equal values comes first follows from the shape of
 * the heap: `topk` has the same order as Prometheus.
 */
export class ValueHeap {
  readonly series: number[] = [];
  readonly values: number[] = [];

  /** Holds the entries `[from, to)` of two columns, which are a heap already. */
  take(series: Int32Array, values: Float64Array, from: number, to: number): void {
    this.series.length = 0;
    this.values.length = 0;
    for (let at = from; at < to; at++) {
      this.series.push(series[at]!);
      this.values.push(values[at]!);
    }
  }

  /** Undoes the heap: entries from the last to the first. Few equal values keep their order in it, as in Go's sort. */
  *sortDescending(): Work<void> {
    if (this.series.length > INSERTION_SORT_LIMIT) {
      yield* this.#sortMany();
      return;
    }
    for (let end = 1; end < this.series.length; end++) {
      for (let at = end; at > 0 && precedes(this.values[at - 1]!, this.values[at]!); at--) this.#swap(at, at - 1);
    }
  }

  *#sortMany(): Work<void> {
    const { series, values } = this;
    const order = yield* sortInSlices([...series.keys()], (a, b) => {
      if (precedes(values[a]!, values[b]!)) return precedes(values[b]!, values[a]!) ? 0 : 1;
      return precedes(values[b]!, values[a]!) ? -1 : 0;
    });
    const sortedSeries = order.map((index) => series[index]!);
    const sortedValues = order.map((index) => values[index]!);
    for (let i = 0; i < order.length; i++) {
      series[i] = sortedSeries[i]!;
      values[i] = sortedValues[i]!;
    }
  }

  #swap(a: number, b: number): void {
    const series = this.series[a]!;
    const value = this.values[a]!;
    this.series[a] = this.series[b]!;
    this.values[a] = this.values[b]!;
    this.series[b] = series;
    this.values[b] = value;
  }
}
