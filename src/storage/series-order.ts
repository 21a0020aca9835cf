import { runAtOnce, type Work } from '../model/work.ts';
import { sortNumbers } from './postings.ts';
import type { SeriesRef } from './types.ts';

/** Compares series by their labels; those that are no more in any way. */
export type CompareSeries = (a: SeriesRef, b: SeriesRef) => number;

/** Never written into: copies of an order share them. */
interface Placed {
  readonly sorted: Uint32Array;
  /** By series: its place in `sorted`. */
  readonly ranks: Uint32Array;
}

/** What waited for its place when an order was copied: who needs it first places it for all copies. */
interface Waiting {
  readonly before: Placed;
  readonly added: readonly SeriesRef[];
  placed: Placed | undefined;
}

/**
 * All series of a tenant in the order of their labels, so that a selection is sorted by comparing numbers. New series
 * wait until somebody needs the order.
 */
export class SeriesOrder {
  readonly #compare: CompareSeries;
  #placed: Placed = { sorted: new Uint32Array(0), ranks: new Uint32Array(0) };
  #waiting: Waiting | undefined;
  /** Wait as well, behind those. */
  #added: SeriesRef[] = [];
  /** Changes with `#placed`. */
  #version = 0;

  constructor(compare: CompareSeries) {
    this.#compare = compare;
  }

  add(seriesRef: SeriesRef): void {
    this.#added.push(seriesRef);
  }

  /** Takes over the order of all series, which somebody else has found. */
  place(sorted: Uint32Array): void {
    this.#added = [];
    this.#waiting = undefined;
    this.#replace(placedOf(sorted));
  }

  /** The same order, for another tenant that has the same series. */
  copy(compare: CompareSeries): SeriesOrder {
    if (this.#added.length > 0) {
      const added = [...(this.#waiting?.added ?? []), ...this.#added];
      this.#waiting = { before: this.#placed, added, placed: undefined };
      this.#added = [];
    }
    const copy = new SeriesOrder(compare);
    copy.#placed = this.#placed;
    copy.#waiting = this.#waiting;
    return copy;
  }

  /** They have to have their labels still. */
  remove(removed: ReadonlySet<SeriesRef>): void {
    runAtOnce(this.update());
    this.#replace(placedOf(this.#placed.sorted.filter((seriesRef) => !removed.has(seriesRef))));
  }

  /** The same series in their order; of those that go at a pause some may be in it. */
  *sort(selected: readonly SeriesRef[]): Work<readonly SeriesRef[]> {
    // Placing new series touches all others, and many new ones take longer than those that are asked for.
    const newCount = this.#added.length + (this.#waiting?.added.length ?? 0);
    if (newCount > 0 && selected.length < newCount + this.#placed.sorted.length / 32) {
      return yield* sortInRuns(selected, this.#compare);
    }
    yield* this.update();
    const { sorted, ranks } = this.#placed;
    const found = new Uint32Array(selected.length);
    let count = 0;
    for (const seriesRef of selected) {
      const rank = ranks[seriesRef];
      if (rank !== undefined && sorted[rank] === seriesRef) found[count++] = rank;
    }
    const inOrder: SeriesRef[] = [];
    const foundRanks = sortNumbers(found.subarray(0, count), sorted.length);
    for (let i = 0; i < count; i++) inOrder.push(sorted[foundRanks[i]!]!);
    return inOrder;
  }

  /**
   * Places the new series. Comparing labels is what costs: each new series looks for its place, and moving the others is
   * free of that. Those that come at a pause may be left for the next time.
   */
  *update(): Work<void> {
    for (;;) {
      // What others have done at a pause would be lost: then it is done again.
      const waiting = this.#waiting;
      if (waiting !== undefined) {
        const placed = waiting.placed ?? (yield* place(waiting.before, waiting.added, this.#compare));
        if (waiting !== this.#waiting) continue;
        waiting.placed = placed;
        this.#replace(placed);
        continue;
      }
      if (this.#added.length === 0) return;
      const version = this.#version;
      const added = this.#added.slice();
      const placed = yield* place(this.#placed, added, this.#compare);
      if (version !== this.#version || this.#waiting !== undefined) continue;
      this.#added = this.#added.slice(added.length);
      this.#replace(placed);
      return;
    }
  }

  #replace(placed: Placed): void {
    this.#placed = placed;
    this.#waiting = undefined;
    this.#version += 1;
  }
}

function* place(before: Placed, added: readonly SeriesRef[], compare: CompareSeries): Work<Placed> {
  const old = before.sorted;
  const merged = new Uint32Array(old.length + added.length);
  let count = 0;
  let from = 0;
  for (const [index, seriesRef] of (yield* sortInRuns(added, compare)).entries()) {
    const place = lowerBound(old, seriesRef, from, compare);
    merged.set(old.subarray(from, place), count);
    count += place - from;
    merged[count++] = seriesRef;
    from = place;
    if (index % RUN_LENGTH === RUN_LENGTH - 1) yield;
  }
  merged.set(old.subarray(from), count);
  return placedOf(merged);
}

function placedOf(sorted: Uint32Array): Placed {
  let refsEnd = 0;
  for (let rank = 0; rank < sorted.length; rank++) refsEnd = Math.max(refsEnd, sorted[rank]! + 1);
  const ranks = new Uint32Array(refsEnd);
  for (let rank = 0; rank < sorted.length; rank++) ranks[sorted[rank]!] = rank;
  return { sorted, ranks };
}

/** Series that are sorted or merged without a pause. */
const RUN_LENGTH = 512;

/** Runs are sorted one by one, then merged two by two. */
function* sortInRuns(series: readonly SeriesRef[], compare: CompareSeries): Work<SeriesRef[]> {
  let runs: SeriesRef[][] = [];
  for (let start = 0; start < series.length; start += RUN_LENGTH) {
    runs.push(series.slice(start, start + RUN_LENGTH).sort(compare));
    yield;
  }
  while (runs.length > 1) {
    const merged: SeriesRef[][] = [];
    for (let index = 0; index < runs.length; index += 2) {
      merged.push(yield* merge(runs[index]!, runs[index + 1] ?? [], compare));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

function* merge(first: readonly SeriesRef[], second: readonly SeriesRef[], compare: CompareSeries): Work<SeriesRef[]> {
  const merged: SeriesRef[] = [];
  let from = 0;
  for (const seriesRef of first) {
    while (from < second.length && compare(second[from]!, seriesRef) < 0) merged.push(second[from++]!);
    merged.push(seriesRef);
    if (merged.length % RUN_LENGTH === 0) yield;
  }
  while (from < second.length) merged.push(second[from++]!);
  return merged;
}

/** The first index from `from` on whose series does not come before `seriesRef`. */
function lowerBound(sorted: Uint32Array, seriesRef: SeriesRef, from: number, compare: CompareSeries): number {
  let low = from;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(sorted[middle]!, seriesRef) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
