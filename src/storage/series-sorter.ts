import type { Work } from '../model/work.ts';
import type { LabelPair } from './label-index.ts';
import type { SeriesRef } from './types.ts';

/** Series that are sorted or merged without a pause. */
const RUN_LENGTH = 1024;

/**
 * Sorts series by their labels without looking at texts: each pair of name and value has its place among all pairs, and series
 * are compared by the places of their pairs. For many series at once, which is five times as fast as comparing labels.
 *
 *     #places   the places of the pairs of all series, a zero behind each series
 *     #starts   where those of each series begin, in the order they were added
 */
export class SeriesSorter {
  readonly #placeOf: Uint32Array;
  #places: Uint32Array = new Uint32Array(1 << 12);
  #placeCount = 0;
  #starts: Uint32Array = new Uint32Array(1 << 8);
  #seriesRefs: Uint32Array = new Uint32Array(1 << 8);
  #count = 0;

  /** `sortedPairs` are all pairs that series have, by name, then by value. */
  constructor(sortedPairs: readonly LabelPair[]) {
    let pairsEnd = 0;
    for (const { pair } of sortedPairs) pairsEnd = Math.max(pairsEnd, pair + 1);
    this.#placeOf = new Uint32Array(pairsEnd);
    for (let place = 0; place < sortedPairs.length; place++) this.#placeOf[sortedPairs[place]!.pair] = place + 1;
  }

  add(seriesRef: SeriesRef, pairs: readonly LabelPair[]): void {
    if (this.#count === this.#starts.length) {
      this.#starts = grown(this.#starts);
      this.#seriesRefs = grown(this.#seriesRefs);
    }
    while (this.#placeCount + pairs.length >= this.#places.length) this.#places = grown(this.#places);
    this.#starts[this.#count] = this.#placeCount;
    this.#seriesRefs[this.#count] = seriesRef;
    this.#count += 1;
    for (const { pair } of pairs) this.#places[this.#placeCount++] = this.#placeOf[pair]!;
    this.#places[this.#placeCount++] = 0;
  }

  /** All series in the order of their labels. */
  *sorted(): Work<Uint32Array> {
    const count = this.#count;
    let sorted: Uint32Array = new Uint32Array(count);
    for (let i = 0; i < count; i++) sorted[i] = i;
    for (let start = 0; start < count; start += RUN_LENGTH) {
      sorted.subarray(start, start + RUN_LENGTH).sort(this.#compare);
      yield;
    }
    let target: Uint32Array = new Uint32Array(count);
    for (let runLength = RUN_LENGTH; runLength < count; runLength *= 2) {
      for (let start = 0; start < count; start += 2 * runLength) {
        yield* this.#merge(
          sorted,
          start,
          Math.min(start + runLength, count),
          Math.min(start + 2 * runLength, count),
          target,
        );
      }
      [sorted, target] = [target, sorted];
    }
    for (let i = 0; i < count; i++) sorted[i] = this.#seriesRefs[sorted[i]!]!;
    return sorted;
  }

  *#merge(source: Uint32Array, start: number, middle: number, end: number, target: Uint32Array): Work<void> {
    // Series come in an order of their own, which is often that of their labels.
    if (middle === end || this.#compare(source[middle - 1]!, source[middle]!) <= 0) {
      target.set(source.subarray(start, end), start);
      return;
    }
    let left = start;
    let right = middle;
    for (let at = start; at < end; at++) {
      const takesLeft = right === end || (left < middle && this.#compare(source[left]!, source[right]!) <= 0);
      target[at] = takesLeft ? source[left++]! : source[right++]!;
      if (at % RUN_LENGTH === 0) yield;
    }
  }

  readonly #compare = (a: number, b: number): number => {
    const places = this.#places;
    let atA = this.#starts[a]!;
    let atB = this.#starts[b]!;
    while (places[atA] === places[atB] && places[atA] !== 0) {
      atA += 1;
      atB += 1;
    }
    return places[atA]! - places[atB]!;
  };
}

function grown(source: Uint32Array): Uint32Array {
  const target = new Uint32Array(source.length * 2);
  target.set(source);
  return target;
}
