import { assert } from '../model/assert.ts';

/**
 * Room for the newest samples of all series: blocks of 16, 32, 64 … samples, cut from large segments. A series holds
 * one block and moves to one twice the size when it is full. With 100,000 series, two typed arrays each would cost
 * more than the samples in them.
 *
 *     address   number of the segment × SEGMENT_SAMPLES + index of the block's first sample in it
 */
export const SEGMENT_SAMPLES = 1 << 16;
const SMALLEST_BLOCK = 16;

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
  readonly #segments: SampleSegment[] = [];
  /** Freed blocks by the logarithm of their size. */
  readonly #free: number[][] = [];
  #usedOfLast = SEGMENT_SAMPLES;
  #allocatedSamples = 0;

  /** The smallest size of a block that holds `sampleCount` samples. */
  static blockSize(sampleCount: number): number {
    return sampleCount <= SMALLEST_BLOCK ? SMALLEST_BLOCK : 2 ** (32 - Math.clz32(sampleCount - 1));
  }

  /** Samples in all blocks that are in use, full or not. */
  get allocatedSamples(): number {
    return this.#allocatedSamples;
  }

  /** Memory held, in use or not. */
  get heldBytes(): number {
    return this.#segments.length * SEGMENT_SAMPLES * 16;
  }

  segment(address: number): SampleSegment {
    return this.#segments[(address / SEGMENT_SAMPLES) | 0]!;
  }

  /** The address of a block of `size` samples, which is a size that `blockSize` gives. */
  allocate(size: number): number {
    assert(size <= SEGMENT_SAMPLES, 'a block fits into a segment');
    this.#allocatedSamples += size;
    const freed = this.#free[31 - Math.clz32(size)]?.pop();
    if (freed !== undefined) return freed;
    if (this.#usedOfLast + size > SEGMENT_SAMPLES) this.#addSegment();
    const address = (this.#segments.length - 1) * SEGMENT_SAMPLES + this.#usedOfLast;
    this.#usedOfLast += size;
    return address;
  }

  free(address: number, size: number): void {
    this.#allocatedSamples -= size;
    this.#freeList(size).push(address);
    // Once nothing is in use the segments go back, all but one: a load of old data must not hold memory for ever.
    if (this.#allocatedSamples === 0 && this.#segments.length > 1) {
      this.#segments.length = 1;
      this.#usedOfLast = 0;
      this.#free.length = 0;
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
      if (this.#segments.length === 0 || this.#usedOfLast + size > SEGMENT_SAMPLES) continue;
      this.#freeList(size).push((this.#segments.length - 1) * SEGMENT_SAMPLES + this.#usedOfLast);
      this.#usedOfLast += size;
    }
    const values = new Float64Array(SEGMENT_SAMPLES);
    this.#segments.push({
      timestampsMs: new Float64Array(SEGMENT_SAMPLES),
      values,
      words: new Int32Array(values.buffer),
    });
    this.#usedOfLast = 0;
  }
}

/** Samples of one series in a block of the pool, ascending in time. */
export class OpenSamples {
  address = -1;
  size = 0;
  count = 0;

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
    const count = this.count;
    this.release(pool);
    this.address = address;
    this.size = size;
    this.count = count;
  }

  /** Puts a sample in its place in time; false when there is one already. */
  insert(pool: SamplePool, timestampMs: number, low: number, high: number): boolean {
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
    this.address = -1;
    this.size = 0;
    this.count = 0;
  }
}
