import { createStepColumn, FLOAT, HISTOGRAM, type StepColumn } from '../../model/columns.ts';
import type { Work } from '../../model/work.ts';
import type { Groups } from './grouping.ts';
import { precedes, ValueHeap } from './value-heap.ts';

export interface RankedHeapsOptions {
  readonly isTop: boolean;
  readonly groups: Groups;
  /** How many series each step is asked for; below 1 none. */
  readonly limits: Float64Array;
}

/** Groups of so many entries are handled without a pause. */
const PAUSE_EVERY = 4096;

/**
 * A heap for each group at each step, which series enter one after the other, so that none but the chosen values are
 * kept. Which of several equal values goes first follows from the shape of a heap, so entries move just as in Go's
 * `container/heap`: `topk` keeps the same series as Prometheus.
 *
 *     group 0, step 0 | group 0, step 1 | … | group 1, step 0 | …      each as wide as its group may need
 *
 * `bottomk` is `topk` of the values with the other sign, and so they stand in the heaps.
 */
export class RankedHeaps {
  /** 1 or -1. */
  readonly #sign: number;
  readonly #groups: Groups;
  readonly #limits: Float64Array;
  readonly #widths: Int32Array;
  readonly #starts: Int32Array;
  readonly #series: Int32Array;
  readonly #values: Float64Array;
  readonly #sizes: Int32Array;
  /** Whether a native histogram was offered where something is asked for. */
  hasSeenHistogram = false;

  constructor({ isTop, groups, limits }: RankedHeapsOptions) {
    const stepCount = limits.length;
    const groupCount = groups.labels.length;
    this.#sign = isTop ? 1 : -1;
    this.#groups = groups;
    this.#limits = limits;
    let most = 0;
    for (let step = 0; step < stepCount; step++) most = Math.max(most, Math.trunc(limits[step]!));
    this.#widths = new Int32Array(groupCount);
    for (const group of groups.groupOfSeries) if (this.#widths[group]! < most) this.#widths[group]! += 1;
    this.#starts = new Int32Array(groupCount);
    let total = 0;
    for (let group = 0; group < groupCount; group++) {
      this.#starts[group] = total;
      total += this.#widths[group]! * stepCount;
    }
    this.#series = new Int32Array(total);
    this.#values = new Float64Array(total);
    this.#sizes = new Int32Array(groupCount * stepCount);
  }

  /** Offers the values of the next series. */
  add(series: number, { values, present }: StepColumn): void {
    const limits = this.#limits;
    const sizes = this.#sizes;
    const heapValues = this.#values;
    const sign = this.#sign;
    const group = this.#groups.groupOfSeries[series]!;
    const width = this.#widths[group]!;
    const stepCount = present.length;
    let start = this.#starts[group]!;
    let heap = group * stepCount;
    for (let step = 0; step < stepCount; step++, start += width, heap++) {
      const limit = limits[step]!;
      if (present[step] === FLOAT) {
        if (!(limit >= 1)) continue;
        const value = sign * values[step]!;
        const size = sizes[heap]!;
        if (size < width && size + 1 <= limit) {
          this.#push(start, size, series, value);
          sizes[heap] = size + 1;
          continue;
        }
        const top = heapValues[start]!;
        if (top < value || (Number.isNaN(top) && !Number.isNaN(value))) this.#replaceTop(start, size, series, value);
      } else if (present[step] === HISTOGRAM && limit >= 1) {
        this.hasSeenHistogram = true;
      }
    }
  }

  /** The columns of the series that were chosen at any step, by series, ascending. */
  *columns(): Work<Map<number, StepColumn>> {
    const stepCount = this.#limits.length;
    const bySeries: (StepColumn | undefined)[] = [];
    for (let group = 0; group < this.#widths.length; group++) {
      let start = this.#starts[group]!;
      for (let step = 0; step < stepCount; step++, start += this.#widths[group]!) {
        const end = start + this.#sizes[group * stepCount + step]!;
        for (let at = start; at < end; at++) {
          bySeries[this.#series[at]!] ??= createStepColumn(stepCount);
          const column = bySeries[this.#series[at]!]!;
          column.values[step] = this.#sign * this.#values[at]!;
          column.present[step] = FLOAT;
        }
        if (step % PAUSE_EVERY === 0) yield;
      }
    }
    const columns = new Map<number, StepColumn>();
    bySeries.forEach((column, series) => {
      if (column) columns.set(series, column);
    });
    return columns;
  }

  /** The series chosen at the only step: group by group, the best first. */
  *inOrder(): Work<number[]> {
    const order: number[] = [];
    for (let group = 0; group < this.#widths.length; group++) {
      const heap = new ValueHeap();
      const start = this.#starts[group]!;
      heap.take(this.#series, this.#values, start, start + this.#sizes[group]!);
      yield* heap.sortDescending();
      for (const series of heap.series) order.push(series);
      if (group % PAUSE_EVERY === 0) yield;
    }
    return order;
  }

  #push(start: number, size: number, series: number, value: number): void {
    const values = this.#values;
    let child = size;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!precedes(value, values[start + parent]!)) break;
      this.#move(start + parent, start + child);
      child = parent;
    }
    values[start + child] = value;
    this.#series[start + child] = series;
  }

  #replaceTop(start: number, size: number, series: number, value: number): void {
    const values = this.#values;
    let parent = 0;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= size) break;
      if (child + 1 < size && precedes(values[start + child + 1]!, values[start + child]!)) child += 1;
      if (!precedes(values[start + child]!, value)) break;
      this.#move(start + child, start + parent);
      parent = child;
    }
    values[start + parent] = value;
    this.#series[start + parent] = series;
  }

  #move(from: number, to: number): void {
    this.#values[to] = this.#values[from]!;
    this.#series[to] = this.#series[from]!;
  }
}
