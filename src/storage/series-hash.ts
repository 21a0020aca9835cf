import type { LabelPair } from './label-index.ts';
import type { LabelSets } from './label-sets.ts';
import { NO_SERIES, type SeriesRef } from './types.ts';

/**
 * Finds a series by its labels. A Map keyed by text would keep a second copy of all label texts; this keeps a hash and a
 * number, and compares with the labels that the series has anyway.
 */
export class SeriesHash {
  #hashes = new Int32Array(64);
  /** `NO_SERIES` is a free slot, `REMOVED` one that was in use: searches go on behind it. */
  #refs = new Uint32Array(64);
  #usedSlots = 0;
  /** A copy has the same tables: they are copied before they are changed. */
  #isShared = false;

  /** The series whose labels are the first `count` of `pairs`; `hash` is theirs, see `hashWith`. */
  find(hash: number, pairs: readonly (LabelPair | undefined)[], count: number, labelSets: LabelSets): SeriesRef {
    const mask = this.#refs.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const seriesRef = this.#refs[slot]!;
      if (seriesRef === NO_SERIES) return NO_SERIES;
      if (this.#hashes[slot] !== hash || seriesRef === REMOVED) continue;
      if (labelSets.equals(seriesRef, pairs, count)) return seriesRef;
    }
  }

  /** `hash` is that of the series' labels, see `hashWith`. */
  add(hash: number, seriesRef: SeriesRef): void {
    if ((this.#usedSlots + 1) * 2 > this.#refs.length) this.#grow();
    this.#own();
    this.#place(hash, seriesRef);
  }

  copy(): SeriesHash {
    const copy = new SeriesHash();
    copy.#hashes = this.#hashes;
    copy.#refs = this.#refs;
    copy.#usedSlots = this.#usedSlots;
    copy.#isShared = true;
    this.#isShared = true;
    return copy;
  }

  /** `hash` is that of the series' labels. */
  remove(hash: number, seriesRef: SeriesRef): void {
    const mask = this.#refs.length - 1;
    let slot = hash & mask;
    while (this.#refs[slot] !== seriesRef) {
      if (this.#refs[slot] === NO_SERIES) return;
      slot = (slot + 1) & mask;
    }
    this.#own();
    this.#refs[slot] = REMOVED;
  }

  #own(): void {
    if (!this.#isShared) return;
    this.#hashes = this.#hashes.slice();
    this.#refs = this.#refs.slice();
    this.#isShared = false;
  }

  #place(hash: number, seriesRef: SeriesRef): void {
    const mask = this.#refs.length - 1;
    let slot = hash & mask;
    while (this.#refs[slot] !== NO_SERIES) slot = (slot + 1) & mask;
    this.#hashes[slot] = hash;
    this.#refs[slot] = seriesRef;
    this.#usedSlots += 1;
  }

  #grow(): void {
    const hashes = this.#hashes;
    const refs = this.#refs;
    this.#hashes = new Int32Array(hashes.length * 2);
    this.#refs = new Uint32Array(refs.length * 2);
    this.#usedSlots = 0;
    this.#isShared = false;
    for (let slot = 0; slot < refs.length; slot++) {
      const seriesRef = refs[slot]!;
      if (seriesRef !== NO_SERIES && seriesRef !== REMOVED) this.#place(hashes[slot]!, seriesRef);
    }
  }
}

const REMOVED: SeriesRef = 0xffffffff;

/** The hash of labels, from 0 on: put together of the numbers of their pairs. */
export function hashWith(hash: number, pair: number): number {
  const mixed = Math.imul(hash ^ Math.imul(pair, 0x9e3779b1), 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
