import { assert } from '../model/assert.ts';
import type { NativeHistogram } from '../model/native-histogram.ts';

/**
 * Room for the newest samples of all series: blocks of 16, 32, 64 … samples, cut from large segments. A series holds
 * one block and moves to one twice the size when it is full. With 100,000 series, two typed arrays each would cost
 * more than the samples in them.
 *
 *     address   number of the segment × SEGMENT_SAMPLES + index of the block's first sample in it
 */
export const SEGMENT_SAMPLES = 1 << 16;
const SMALLEST_BLOCK = 16;
/** About what an open histogram of some dozens of buckets takes; they share what says which buckets those are. */
const HISTOGRAM_BYTES = 800;

export interface SampleSegment {
  readonly timestampsMs: Float64Array;
  readonly values: Float64Array;
  /**
   * The bits of `values`, two words a value: samples are copied as bits, so that a NaN keeps its own. Signed, because
   * such numbers are held in place where unsigned ones may need an object.
   */
  readonly words: Int32Array;
}

export class SamplePool {
  /** Undefined where a segment was given back: its number is free. */
  readonly #segments: (SampleSegment | undefined)[] = [];
  /** Samples in the blocks of each segment that are in use. */
  readonly #usedSamples: number[] = [];
  /** Freed blocks by the logarithm of their size. */
  readonly #free: number[][] = [];
  /** The segment that blocks are cut from, and where the next one begins. */
  #current = -1;
  #cutSamples = SEGMENT_SAMPLES;
  #allocatedSamples = 0;
  /** Native histograms in all blocks: they stand beside the pool. */
  histogramCount = 0;

  /** The smallest size of a block that holds `sampleCount` samples. */
  static blockSize(sampleCount: number): number {
    return sampleCount <= SMALLEST_BLOCK ? SMALLEST_BLOCK : 2 ** (32 - Math.clz32(sampleCount - 1));
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
    return count * SEGMENT_SAMPLES * 16 + this.histogramCount * HISTOGRAM_BYTES;
  }

  segment(address: number): SampleSegment {
    return this.#segments[(address / SEGMENT_SAMPLES) | 0]!;
  }

  /** The address of a block of `size` samples, which is a size that `blockSize` gives. */
  allocate(size: number): number {
    assert(size <= SEGMENT_SAMPLES, 'a block fits into a segment');
    let address = this.#free[31 - Math.clz32(size)]?.pop();
    if (address === undefined) {
      if (this.#cutSamples + size > SEGMENT_SAMPLES) this.#addSegment();
      address = this.#current * SEGMENT_SAMPLES + this.#cutSamples;
      this.#cutSamples += size;
    }
    this.#allocatedSamples += size;
    this.#usedSamples[(address / SEGMENT_SAMPLES) | 0]! += size;
    return address;
  }

  free(address: number, size: number): void {
    this.#allocatedSamples -= size;
    this.#usedSamples[(address / SEGMENT_SAMPLES) | 0]! -= size;
    this.#freeList(size).push(address);
  }

  /** Gives segments back that no series uses: a load of old data must not hold memory for ever. */
  trim(): void {
    const isUnused = (number: number): boolean => this.#usedSamples[number] === 0;
    for (const [logarithm, addresses] of this.#free.entries()) {
      this.#free[logarithm] = addresses.filter((address) => !isUnused((address / SEGMENT_SAMPLES) | 0));
    }
    for (const number of this.#segments.keys()) if (isUnused(number)) this.#segments[number] = undefined;
    if (this.#current >= 0 && isUnused(this.#current)) {
      this.#current = -1;
      this.#cutSamples = SEGMENT_SAMPLES;
    }
  }

  #freeList(size: number): number[] {
    const logarithm = 31 - Math.clz32(size);
    while (this.#free.length <= logarithm) this.#free.push([]);
    return this.#free[logarithm]!;
  }

  #addSegment(): void {
    // What is left of the last segment is still good for smaller blocks.
    for (let size = SEGMENT_SAMPLES / 2; size >= SMALLEST_BLOCK; size /= 2) {
      if (this.#cutSamples + size > SEGMENT_SAMPLES) continue;
      this.#freeList(size).push(this.#current * SEGMENT_SAMPLES + this.#cutSamples);
      this.#cutSamples += size;
    }
    const vacant = this.#segments.indexOf(undefined);
    this.#current = vacant >= 0 ? vacant : this.#segments.length;
    this.#cutSamples = 0;
    const values = new Float64Array(SEGMENT_SAMPLES);
    this.#usedSamples[this.#current] = 0;
    this.#segments[this.#current] = {
      timestampsMs: new Float64Array(SEGMENT_SAMPLES),
      values,
      words: new Int32Array(values.buffer),
    };
  }
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
      const from = this.address % SEGMENT_SAMPLES;
      const to = address % SEGMENT_SAMPLES;
      target.timestampsMs.set(source.timestampsMs.subarray(from, from + this.count), to);
      target.values.set(source.values.subarray(from, from + this.count), to);
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
    const from = other.address % SEGMENT_SAMPLES;
    const to = this.address % SEGMENT_SAMPLES;
    if (source === target) {
      target.timestampsMs.copyWithin(to, from, from + this.count);
      target.values.copyWithin(to, from, from + this.count);
    } else {
      target.timestampsMs.set(source.timestampsMs.subarray(from, from + this.count), to);
      target.values.set(source.values.subarray(from, from + this.count), to);
    }
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
    const start = this.address % SEGMENT_SAMPLES;
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
    return this.count === 0 ? Infinity : pool.segment(this.address).timestampsMs[this.address % SEGMENT_SAMPLES]!;
  }

  lastMs(pool: SamplePool): number {
    if (this.count === 0) return -Infinity;
    return pool.segment(this.address).timestampsMs[(this.address % SEGMENT_SAMPLES) + this.count - 1]!;
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
