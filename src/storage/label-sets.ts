import { compareText, Labels } from '../model/labels.ts';
import type { LabelIndex, LabelPair } from './label-index.ts';
import type { SeriesRef } from './types.ts';

/** Series whose labels stand together. */
const SEGMENT_SERIES = 1 << 12;
const SMALLEST_SEGMENT = 16;

/**
 * The labels of all series of a tenant, as the numbers of their pairs in the order of names: four bytes a label. Text is made of them
 * when somebody reads it.
 *
 *     segment   SEGMENT_SERIES series that follow each other
 *       starts    per series: where its pairs begin in `pairs`
 *       counts    per series: how many there are, 0 when it is no more
 *       pairs     pair pair pair | pair pair | …
 *
 * A copy shares the segments; what does not bear an object's own mark is copied before it is changed.
 */
export class LabelSets {
  readonly #index: LabelIndex;
  readonly #segments: (Segment | undefined)[];
  #owner = Symbol('label sets');

  /** `index` has the pairs. */
  constructor(index: LabelIndex, segments: readonly (Segment | undefined)[] = []) {
    this.#index = index;
    this.#segments = segments.slice();
  }

  /** A series that comes behind all others that were added; its first `count` pairs are those of `pairs`. */
  add(seriesRef: SeriesRef, pairs: readonly (LabelPair | undefined)[], count: number): void {
    const segment = this.#ownSegment(seriesRef);
    segment.reserve(seriesRef % SEGMENT_SERIES, count);
    const at = seriesRef % SEGMENT_SERIES;
    segment.starts[at] = segment.pairCount;
    segment.counts[at] = count;
    segment.seriesCount += 1;
    for (let i = 0; i < count; i++) segment.pairs[segment.pairCount++] = pairs[i]!.pair;
  }

  remove(seriesRef: SeriesRef): void {
    const segment = this.#ownSegment(seriesRef);
    segment.counts[seriesRef % SEGMENT_SERIES] = 0;
    segment.seriesCount -= 1;
    const place = Math.floor(seriesRef / SEGMENT_SERIES);
    if (segment.seriesCount === 0 && place < this.#segments.length - 1) this.#segments[place] = undefined;
  }

  /** How many labels the series has; 0 when it is no more. */
  size(seriesRef: SeriesRef): number {
    return this.#segments[(seriesRef / SEGMENT_SERIES) | 0]?.counts[seriesRef % SEGMENT_SERIES] ?? 0;
  }

  pairAt(seriesRef: SeriesRef, index: number): LabelPair {
    const { pairs, starts } = this.#segments[(seriesRef / SEGMENT_SERIES) | 0]!;
    return this.#index.pair(pairs[starts[seriesRef % SEGMENT_SERIES]! + index]!);
  }

  /** Whether the labels of the series are the first `count` of `pairs`. */
  equals(seriesRef: SeriesRef, sought: readonly (LabelPair | undefined)[], count: number): boolean {
    const segment = this.#segments[(seriesRef / SEGMENT_SERIES) | 0];
    if (segment === undefined || segment.counts[seriesRef % SEGMENT_SERIES] !== count) return false;
    const { pairs } = segment;
    const start = segment.starts[seriesRef % SEGMENT_SERIES]!;
    for (let i = 0; i < count; i++) if (pairs[start + i] !== sought[i]!.pair) return false;
    return true;
  }

  /** As `Labels.compare`. A series that is no more has no labels. */
  compare(a: SeriesRef, b: SeriesRef): number {
    const sizeA = this.size(a);
    const sizeB = this.size(b);
    const shared = Math.min(sizeA, sizeB);
    for (let i = 0; i < shared; i++) {
      const pairA = this.pairAt(a, i);
      const pairB = this.pairAt(b, i);
      if (pairA === pairB) continue;
      return compareText(pairA.name, pairB.name) || compareText(pairA.value, pairB.value);
    }
    return sizeA - sizeB;
  }

  labelsOf(seriesRef: SeriesRef): Labels {
    const size = this.size(seriesRef);
    const flat = new Array<string>(size * 2);
    for (let i = 0; i < size; i++) {
      const { name, value } = this.pairAt(seriesRef, i);
      flat[i * 2] = name;
      flat[i * 2 + 1] = value;
    }
    return Labels.fromSorted(flat);
  }

  /** The same labels, of pairs in a copy of the index. */
  copy(index: LabelIndex): LabelSets {
    // From now on all is shared.
    this.#owner = Symbol('label sets');
    return new LabelSets(index, this.#segments);
  }

  #ownSegment(seriesRef: SeriesRef): Segment {
    const place = Math.floor(seriesRef / SEGMENT_SERIES);
    let segment = this.#segments[place];
    if (segment?.owner === this.#owner) return segment;
    segment = segment === undefined ? new Segment(this.#owner) : segment.copy(this.#owner);
    while (this.#segments.length < place) this.#segments.push(undefined);
    this.#segments[place] = segment;
    return segment;
  }
}

class Segment {
  readonly owner: symbol;
  starts = new Uint32Array(SMALLEST_SEGMENT);
  counts = new Uint32Array(SMALLEST_SEGMENT);
  pairs = new Int32Array(SMALLEST_SEGMENT * 8);
  pairCount = 0;
  /** That are there still. */
  seriesCount = 0;

  constructor(owner: symbol) {
    this.owner = owner;
  }

  copy(owner: symbol): Segment {
    const copy = new Segment(owner);
    copy.starts = this.starts.slice();
    copy.counts = this.counts.slice();
    copy.pairs = this.pairs.slice();
    copy.pairCount = this.pairCount;
    copy.seriesCount = this.seriesCount;
    return copy;
  }

  /** Makes room for the series at `at` with `pairCount` pairs. */
  reserve(at: number, pairCount: number): void {
    if (at >= this.starts.length) {
      const capacity = Math.min(SEGMENT_SERIES, Math.max(at + 1, this.starts.length * 2));
      this.starts = grown(this.starts, new Uint32Array(capacity));
      this.counts = grown(this.counts, new Uint32Array(capacity));
    }
    const needed = this.pairCount + pairCount;
    if (needed > this.pairs.length) {
      this.pairs = grown(this.pairs, new Int32Array(Math.max(needed, this.pairs.length * 2)));
    }
  }
}

function grown<Column extends Uint32Array | Int32Array>(source: Column, target: Column): Column {
  target.set(source);
  return target;
}
