import { runAtOnce, type Work } from '../model/work.ts';
import type { MemorySeries } from './memory-series.ts';

/**
 * All series of a tenant in the order of their labels, so that a selection is sorted by comparing numbers. New series
 * wait until somebody needs the order.
 */
export class SeriesOrder {
  #sorted: MemorySeries[] = [];
  #added: MemorySeries[] = [];
  /** Changes with `#sorted`. */
  #version = 0;

  add(series: MemorySeries): void {
    this.#added.push(series);
  }

  /** The same order of other series: `copyOf` gives that of each. */
  copy(copyOf: (series: MemorySeries) => MemorySeries): SeriesOrder {
    const copy = new SeriesOrder();
    copy.#sorted = this.#sorted.map(copyOf);
    copy.#added = this.#added.map(copyOf);
    return copy;
  }

  remove(removed: ReadonlySet<MemorySeries>): void {
    runAtOnce(this.update());
    this.#replace(this.#sorted.filter((series) => !removed.has(series)));
  }

  /** Sorts `selected` in place. */
  sort(selected: MemorySeries[]): MemorySeries[] {
    // Placing new series touches all others: not worth it for a few.
    if (this.#added.length > 0 && selected.length * 32 < this.#sorted.length) {
      return selected.sort((a, b) => a.labels.compare(b.labels));
    }
    runAtOnce(this.update());
    if (selected.length === this.#sorted.length) return this.#sorted.slice();
    const ranks = new Uint32Array(selected.length);
    for (let i = 0; i < selected.length; i++) ranks[i] = selected[i]!.rank;
    ranks.sort();
    for (let i = 0; i < selected.length; i++) selected[i] = this.#sorted[ranks[i]!]!;
    return selected;
  }

  /**
   * Places the new series. Comparing labels is what costs: each new series looks for its place, and moving the others is
   * free of that. Those that come at a pause may be left for the next time.
   */
  *update(): Work<void> {
    while (this.#added.length > 0) {
      const version = this.#version;
      const placedCount = this.#added.length;
      const merged = yield* this.#merge(yield* sortInRuns(this.#added.slice()));
      // What others have done at a pause would be lost.
      if (version !== this.#version) continue;
      this.#added = this.#added.slice(placedCount);
      this.#replace(merged);
      return;
    }
  }

  *#merge(added: readonly MemorySeries[]): Work<MemorySeries[]> {
    const old = this.#sorted;
    const merged: MemorySeries[] = [];
    let from = 0;
    for (const series of added) {
      const place = lowerBound(old, series, from);
      for (let i = from; i < place; i++) merged.push(old[i]!);
      merged.push(series);
      from = place;
      if (merged.length % RUN_LENGTH === 0) yield;
    }
    for (let i = from; i < old.length; i++) merged.push(old[i]!);
    return merged;
  }

  #replace(sorted: MemorySeries[]): void {
    this.#sorted = sorted;
    this.#version += 1;
    for (let rank = 0; rank < this.#sorted.length; rank++) this.#sorted[rank]!.rank = rank;
  }
}

/** Series that are sorted or merged without a pause. */
const RUN_LENGTH = 512;

/** Runs are sorted one by one, then merged two by two. May sort in place. */
function* sortInRuns(series: MemorySeries[]): Work<MemorySeries[]> {
  let runs: MemorySeries[][] = [];
  for (let start = 0; start < series.length; start += RUN_LENGTH) {
    runs.push(series.slice(start, start + RUN_LENGTH).sort((a, b) => a.labels.compare(b.labels)));
    yield;
  }
  while (runs.length > 1) {
    const merged: MemorySeries[][] = [];
    for (let index = 0; index < runs.length; index += 2) merged.push(yield* merge(runs[index]!, runs[index + 1] ?? []));
    runs = merged;
  }
  return runs[0] ?? [];
}

function* merge(first: readonly MemorySeries[], second: readonly MemorySeries[]): Work<MemorySeries[]> {
  const merged: MemorySeries[] = [];
  let from = 0;
  for (const series of first) {
    while (from < second.length && second[from]!.labels.compare(series.labels) < 0) merged.push(second[from++]!);
    merged.push(series);
    if (merged.length % RUN_LENGTH === 0) yield;
  }
  while (from < second.length) merged.push(second[from++]!);
  return merged;
}

/** The first index from `from` on whose series does not come before `series`. */
function lowerBound(sorted: readonly MemorySeries[], series: MemorySeries, from: number): number {
  let low = from;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]!.labels.compare(series.labels) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
