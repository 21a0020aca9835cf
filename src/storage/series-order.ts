import type { Labels } from '../model/labels.ts';
import { runAtOnce, type Work } from '../model/work.ts';
import type { SeriesRef } from './types.ts';

/** The labels of a series; of one that is no more, any. */
export type LabelsOf = (seriesRef: SeriesRef) => Labels;

/**
 * All series of a tenant in the order of their labels, so that a selection is sorted by comparing numbers. New series
 * wait until somebody needs the order.
 */
export class SeriesOrder {
  readonly #labelsOf: LabelsOf;
  /** Neither this nor the next is ever written into: copies share them. */
  #sorted: Uint32Array = new Uint32Array(0);
  /** By series: its place in `#sorted`. */
  #ranks: Uint32Array = new Uint32Array(0);
  #added: SeriesRef[] = [];
  /** Changes with `#sorted`. */
  #version = 0;

  constructor(labelsOf: LabelsOf) {
    this.#labelsOf = labelsOf;
  }

  add(seriesRef: SeriesRef): void {
    this.#added.push(seriesRef);
  }

  /** The same order, for another tenant that has the same series. */
  copy(labelsOf: LabelsOf): SeriesOrder {
    const copy = new SeriesOrder(labelsOf);
    copy.#sorted = this.#sorted;
    copy.#ranks = this.#ranks;
    copy.#added = this.#added.slice();
    return copy;
  }

  /** They have to have their labels still. */
  remove(removed: ReadonlySet<SeriesRef>): void {
    runAtOnce(this.update());
    this.#replace(this.#sorted.filter((seriesRef) => !removed.has(seriesRef)));
  }

  /** The same series in their order. */
  sort(selected: readonly SeriesRef[]): SeriesRef[] {
    // Placing new series touches all others: not worth it for a few.
    if (this.#added.length > 0 && selected.length * 32 < this.#sorted.length) {
      return selected.slice().sort((a, b) => this.#labelsOf(a).compare(this.#labelsOf(b)));
    }
    runAtOnce(this.update());
    if (selected.length === this.#sorted.length) return Array.from(this.#sorted);
    const ranks = new Uint32Array(selected.length);
    for (let i = 0; i < selected.length; i++) ranks[i] = this.#ranks[selected[i]!]!;
    ranks.sort();
    const sorted = new Array<SeriesRef>(selected.length);
    for (let i = 0; i < selected.length; i++) sorted[i] = this.#sorted[ranks[i]!]!;
    return sorted;
  }

  /**
   * Places the new series. Comparing labels is what costs: each new series looks for its place, and moving the others is
   * free of that. Those that come at a pause may be left for the next time.
   */
  *update(): Work<void> {
    while (this.#added.length > 0) {
      const version = this.#version;
      const placedCount = this.#added.length;
      const merged = yield* this.#merge(yield* sortInRuns(this.#added.slice(), this.#labelsOf));
      // What others have done at a pause would be lost.
      if (version !== this.#version) continue;
      this.#added = this.#added.slice(placedCount);
      this.#replace(merged);
      return;
    }
  }

  *#merge(added: readonly SeriesRef[]): Work<Uint32Array> {
    const old = this.#sorted;
    const merged = new Uint32Array(old.length + added.length);
    let count = 0;
    let from = 0;
    for (const [index, seriesRef] of added.entries()) {
      const place = lowerBound(old, this.#labelsOf(seriesRef), from, this.#labelsOf);
      merged.set(old.subarray(from, place), count);
      count += place - from;
      merged[count++] = seriesRef;
      from = place;
      if (index % RUN_LENGTH === RUN_LENGTH - 1) yield;
    }
    merged.set(old.subarray(from), count);
    return merged;
  }

  #replace(sorted: Uint32Array): void {
    let refsEnd = 0;
    for (let rank = 0; rank < sorted.length; rank++) refsEnd = Math.max(refsEnd, sorted[rank]! + 1);
    const ranks = new Uint32Array(refsEnd);
    for (let rank = 0; rank < sorted.length; rank++) ranks[sorted[rank]!] = rank;
    this.#sorted = sorted;
    this.#ranks = ranks;
    this.#version += 1;
  }
}

/** Series that are sorted or merged without a pause. */
const RUN_LENGTH = 512;

/** Runs are sorted one by one, then merged two by two. May sort in place. */
function* sortInRuns(series: SeriesRef[], labelsOf: LabelsOf): Work<SeriesRef[]> {
  let runs: SeriesRef[][] = [];
  for (let start = 0; start < series.length; start += RUN_LENGTH) {
    runs.push(series.slice(start, start + RUN_LENGTH).sort((a, b) => labelsOf(a).compare(labelsOf(b))));
    yield;
  }
  while (runs.length > 1) {
    const merged: SeriesRef[][] = [];
    for (let index = 0; index < runs.length; index += 2) {
      merged.push(yield* merge(runs[index]!, runs[index + 1] ?? [], labelsOf));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

function* merge(first: readonly SeriesRef[], second: readonly SeriesRef[], labelsOf: LabelsOf): Work<SeriesRef[]> {
  const merged: SeriesRef[] = [];
  let from = 0;
  for (const seriesRef of first) {
    const labels = labelsOf(seriesRef);
    while (from < second.length && labelsOf(second[from]!).compare(labels) < 0) merged.push(second[from++]!);
    merged.push(seriesRef);
    if (merged.length % RUN_LENGTH === 0) yield;
  }
  while (from < second.length) merged.push(second[from++]!);
  return merged;
}

/** The first index from `from` on whose series does not come before `labels`. */
function lowerBound(sorted: Uint32Array, labels: Labels, from: number, labelsOf: LabelsOf): number {
  let low = from;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (labelsOf(sorted[middle]!).compare(labels) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
