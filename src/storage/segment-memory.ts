/** So many segments have a buffer each: a small store takes no more than it needs. */
const SINGLE_SEGMENTS = 4;
/** What malloc always has mapped by itself, and unmapped when it is freed; a page of it takes memory once it is written. */
const SLAB_BYTES = 32 << 20;

interface Slab {
  readonly buffer: ArrayBuffer;
  usedCount: number;
}

/**
 * Memory for numbered segments of one size. The first few stand alone, others are parts of slabs: smaller buffers that are
 * freed stay with the process, as holes in its heap, and nobody else gets what a load of data took for a moment.
 */
export class SegmentMemory {
  readonly #segmentBytes: number;
  readonly #perSlab: number;
  readonly #slabs: (Slab | undefined)[] = [];

  /** @param segmentBytes a power of two */
  constructor(segmentBytes: number) {
    this.#segmentBytes = segmentBytes;
    this.#perSlab = SLAB_BYTES / segmentBytes;
  }

  /** Where segment `number` is, which nobody has. It holds zeros, or what was in it before. */
  take(number: number): { readonly buffer: ArrayBuffer; readonly byteOffset: number } {
    if (number < SINGLE_SEGMENTS) return { buffer: new ArrayBuffer(this.#segmentBytes), byteOffset: 0 };
    const slabNumber = this.#slabOf(number);
    const slab = this.#slabs[slabNumber] ?? { buffer: new ArrayBuffer(SLAB_BYTES), usedCount: 0 };
    this.#slabs[slabNumber] = slab;
    slab.usedCount += 1;
    return { buffer: slab.buffer, byteOffset: ((number - SINGLE_SEGMENTS) % this.#perSlab) * this.#segmentBytes };
  }

  /** Nobody uses segment `number` any more. */
  giveBack(number: number): void {
    if (number < SINGLE_SEGMENTS) return;
    const slab = this.#slabs[this.#slabOf(number)]!;
    slab.usedCount -= 1;
    if (slab.usedCount === 0) this.#slabs[this.#slabOf(number)] = undefined;
  }

  #slabOf(number: number): number {
    return Math.floor((number - SINGLE_SEGMENTS) / this.#perSlab);
  }
}
