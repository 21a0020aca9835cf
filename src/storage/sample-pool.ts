import { assert } from '../model/assert.ts';
import type { NativeHistogram } from '../model/native-histogram.ts';
import { SegmentMemory } from './segment-memory.ts';

/**
 * Room for the newest samples of all series: blocks of 8, 12, 16, 24, 32 … samples, cut from segments. A series holds one
 * block and moves to the next larger one when it is full. With 100,000 series, two typed arrays each would cost more than
 * the samples in them.
 *
 * All blocks of a segment have one size. Series that are scraped together grow together, so the segments of the size they
 * leave become empty as a whole and serve the size they need next.
 *
 *     address   number of the segment × SEGMENT_SAMPLES + index of the block's first sample in it
 */
const SEGMENT_BITS = 14;
const SEGMENT_SAMPLES = 1 << SEGMENT_BITS;
export const SEGMENT_BYTES = SEGMENT_SAMPLES * 16;
const SMALLEST_BLOCK = 8;
/** Empty segments that are kept for what comes next; together 4 MB. */
const SPARE_SEGMENTS = 16;
/** About what an open histogram of some dozens of buckets takes; they share what says which buckets those are. */
const HISTOGRAM_BYTES = 800;

/** Which sample of its segment the first one of the block is. */
export function placeInSegment(address: number): number {
  return address & (SEGMENT_SAMPLES - 1);
}

export interface SampleSegment {
  readonly timestampsMs: Float64Array;
  readonly values: Float64Array;
  /**
   * The bits of `values`, two words a value: samples are copied as bits, so that a NaN keeps its own. Signed, because
   * such numbers are held in place where unsigned ones may need an object.
   */
  readonly words: Int32Array;
}

/** What is known of the blocks of a segment. */
interface SegmentUse {
  usedCount: number;
  /** Where the part begins that was never cut. */
  cutSamples: number;
  /** The first samples of blocks that were given back. */
  readonly free: number[];
}

export class SamplePool {
  /** Undefined where a segment was given back: its number is free. */
  readonly #segments: (SampleSegment | undefined)[] = [];
  readonly #memory = new SegmentMemory(SEGMENT_BYTES);
  readonly #uses: SegmentUse[] = [];
  /** By their size of block: the segments that have room. */
  readonly #withRoom: number[][] = [];
  readonly #spare: number[] = [];
  #allocatedSamples = 0;
  /** Native histograms in all blocks: they stand beside the pool. */
  histogramCount = 0;

  /** The smallest size of a block that holds `sampleCount` samples: a power of two, or one and a half times that. */
  static blockSize(sampleCount: number): number {
    if (sampleCount <= SMALLEST_BLOCK) return SMALLEST_BLOCK;
    const double = 2 ** (32 - Math.clz32(sampleCount - 1));
    return sampleCount <= double * 0.75 ? double * 0.75 : double;
  }

  /** Samples in all blocks that are in use, full or not. */
  get allocatedSamples(): number {
    return this.#allocatedSamples;
  }

  /** What blocks in use take, and histograms beside them. */
  get usedBytes(): number {
    return this.#allocatedSamples * 16 + this.histogramCount * HISTOGRAM_BYTES;
  }

  /** Memory held, in use or not. */
  get heldBytes(): number {
    let count = 0;
    for (const segment of this.#segments) if (segment !== undefined) count += 1;
    return count * SEGMENT_BYTES + this.histogramCount * HISTOGRAM_BYTES;
  }

  segment(address: number): SampleSegment {
    return this.#segments[address >> SEGMENT_BITS]!;
  }

  /** The address of a block of `size` samples, which is a size that `blockSize` gives. */
  allocate(size: number): number {
    assert(size <= SEGMENT_SAMPLES, 'a block fits into a segment');
    const withRoom = this.#listOf(size);
    const number = withRoom.at(-1) ?? this.#addSegment(withRoom);
    const use = this.#uses[number]!;
    let first = use.free.pop();
    if (first === undefined) {
      first = use.cutSamples;
      use.cutSamples += size;
    }
    use.usedCount += 1;
    if (!hasRoom(use, size)) withRoom.pop();
    this.#allocatedSamples += size;
    return number * SEGMENT_SAMPLES + first;
  }

  free(address: number, size: number): void {
    this.#allocatedSamples -= size;
    const number = address >> SEGMENT_BITS;
    const use = this.#uses[number]!;
    const hadRoom = hasRoom(use, size);
    use.usedCount -= 1;
    if (use.usedCount === 0) {
      const withRoom = this.#listOf(size);
      if (hadRoom) withRoom.splice(withRoom.lastIndexOf(number), 1);
      this.#vacate(number);
      return;
    }
    use.free.push(placeInSegment(address));
    if (!hadRoom) this.#listOf(size).push(number);
  }

  /** Gives back what is kept for what comes next: a load of old data must not hold memory for ever. */
  trim(): void {
    for (const number of this.#spare) this.#drop(number);
    this.#spare.length = 0;
  }

  #listOf(size: number): number[] {
    // The logarithm, and whether half as much is added.
    const index = 2 * (31 - Math.clz32(size)) + ((size & (size - 1)) === 0 ? 0 : 1);
    while (this.#withRoom.length <= index) this.#withRoom.push([]);
    return this.#withRoom[index]!;
  }

  #vacate(number: number): void {
    this.#uses[number] = { usedCount: 0, cutSamples: 0, free: [] };
    if (this.#spare.length < SPARE_SEGMENTS) this.#spare.push(number);
    else this.#drop(number);
  }

  #drop(number: number): void {
    this.#segments[number] = undefined;
    this.#memory.giveBack(number);
  }

  #addSegment(withRoom: number[]): number {
    let number = this.#spare.pop();
    if (number === undefined) {
      const vacant = this.#segments.indexOf(undefined);
      number = vacant >= 0 ? vacant : this.#segments.length;
      const { buffer, byteOffset } = this.#memory.take(number);
      const valuesOffset = byteOffset + SEGMENT_SAMPLES * 8;
      this.#segments[number] = {
        timestampsMs: new Float64Array(buffer, byteOffset, SEGMENT_SAMPLES),
        values: new Float64Array(buffer, valuesOffset, SEGMENT_SAMPLES),
        words: new Int32Array(buffer, valuesOffset, SEGMENT_SAMPLES * 2),
      };
    }
    this.#uses[number] = { usedCount: 0, cutSamples: 0, free: [] };
    withRoom.push(number);
    return number;
  }
}

function hasRoom({ free, cutSamples }: SegmentUse, size: number): boolean {
  return free.length > 0 || cutSamples + size <= SEGMENT_SAMPLES;
}

/** Samples of one series in a block of the pool, ascending in time. */
export class OpenSamples {
  address = -1;
  size = 0;
  count = 0;
  /** The native histograms among the samples, at their places; undefined as long as all are floats. */
  histograms: (NativeHistogram | undefined)[] | undefined = undefined;

  /** Makes room for one more. */
  grow(pool: SamplePool): void {
    const size = SamplePool.blockSize(this.count + 1);
    const address = pool.allocate(size);
    if (this.count > 0) {
      const source = pool.segment(this.address);
      const target = pool.segment(address);
      const from = placeInSegment(this.address);
      const to = placeInSegment(address);
      copySamples(source, from, target, to, this.count);
    }
    if (this.size > 0) pool.free(this.address, this.size);
    this.address = address;
    this.size = size;
  }

  /** Holds what `other` holds, in a block of its own; held nothing before. */
  copyFrom(other: OpenSamples, pool: SamplePool): void {
    if (other.size === 0) return;
    this.address = pool.allocate(other.size);
    this.size = other.size;
    this.count = other.count;
    const source = pool.segment(other.address);
    const target = pool.segment(this.address);
    const from = placeInSegment(other.address);
    const to = placeInSegment(this.address);
    copySamples(source, from, target, to, this.count);
    if (other.histograms === undefined) return;
    this.histograms = other.histograms.slice();
    for (const histogram of this.histograms) if (histogram !== undefined) pool.histogramCount += 1;
  }

  /** Says what sample `count` is, which is about to be added; not called while all samples are floats. */
  addHistogram(pool: SamplePool, histogram: NativeHistogram | undefined): void {
    this.histograms ??= new Array<NativeHistogram | undefined>(this.count).fill(undefined);
    this.histograms[this.count] = histogram;
    if (histogram !== undefined) pool.histogramCount += 1;
  }

  /** Puts a sample in its place in time; false when there is one already. */
  insert(
    pool: SamplePool,
    timestampMs: number,
    low: number,
    high: number,
    histogram: NativeHistogram | undefined,
  ): boolean {
    if (this.count === this.size) this.grow(pool);
    const { timestampsMs, words } = pool.segment(this.address);
    const start = placeInSegment(this.address);
    const end = start + this.count;
    let place = end;
    while (place > start && timestampsMs[place - 1]! >= timestampMs) place -= 1;
    if (place < end && timestampsMs[place] === timestampMs) return false;
    timestampsMs.copyWithin(place + 1, place, end);
    words.copyWithin((place + 1) * 2, place * 2, end * 2);
    timestampsMs[place] = timestampMs;
    words[place * 2] = low;
    words[place * 2 + 1] = high;
    if (histogram !== undefined || this.histograms !== undefined) {
      this.addHistogram(pool, histogram);
      this.histograms!.copyWithin(place - start + 1, place - start, this.count);
      this.histograms![place - start] = histogram;
    }
    this.count += 1;
    return true;
  }

  firstMs(pool: SamplePool): number {
    return this.count === 0 ? Infinity : pool.segment(this.address).timestampsMs[placeInSegment(this.address)]!;
  }

  lastMs(pool: SamplePool): number {
    if (this.count === 0) return -Infinity;
    return pool.segment(this.address).timestampsMs[placeInSegment(this.address) + this.count - 1]!;
  }

  release(pool: SamplePool): void {
    if (this.size > 0) pool.free(this.address, this.size);
    if (this.histograms !== undefined) {
      for (const histogram of this.histograms) if (histogram !== undefined) pool.histogramCount -= 1;
      this.histograms = undefined;
    }
    this.address = -1;
    this.size = 0;
    this.count = 0;
  }
}

/** Blocks do not overlap. As words, so that a NaN keeps its bits. */
function copySamples(source: SampleSegment, from: number, target: SampleSegment, to: number, count: number): void {
  if (count > COPIED_ONE_BY_ONE) {
    target.timestampsMs.set(source.timestampsMs.subarray(from, from + count), to);
    target.values.set(source.values.subarray(from, from + count), to);
    return;
  }
  for (let i = 0; i < count; i++) target.timestampsMs[to + i] = source.timestampsMs[from + i]!;
  for (let i = 0; i < count * 2; i++) target.words[to * 2 + i] = source.words[from * 2 + i]!;
}

/** The views of a longer copy cost about as much as this. */
const COPIED_ONE_BY_ONE = 64;
