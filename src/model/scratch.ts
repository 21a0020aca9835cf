/** The smallest buffer that is lent. */
const SMALLEST_BYTES = 1 << 12;
/** What is larger is not kept: requests of that size are rare. */
const LARGEST_BYTES = 1 << 21;
/** What is smaller may wait to be lent again, so much of it. */
const SMALL_BYTES = 1 << 16;
const KEPT_SMALL_BYTES = 2 << 20;
/** What malloc always has mapped by itself, and unmapped when it is freed; a page of it takes memory once it is written. */
const SLAB_BYTES = 32 << 20;

interface Piece {
  readonly buffer: ArrayBuffer;
  readonly byteOffset: number;
  readonly byteLength: number;
}

/**
 * Memory that is used again from request to request. Typed arrays that are thrown away after each would have the garbage
 * collector run for them all the time, and fresh memory is not in any cache of the processor. All but small pieces are cut from
 * one slab, which is given back as a whole: freed one by one they would leave holes in the heap of the process.
 */
export class ScratchPool {
  /** Pieces that nobody uses, by the logarithm of their size. */
  readonly #free: Piece[][] = [];
  #freeSmallBytes = 0;
  #slab: ArrayBuffer | undefined;
  #cutBytes = 0;

  /** What is taken from it is lent until its `release`. */
  borrow(): Scratch {
    return new Scratch(
      (byteLength) => this.#take(byteLength),
      (pieces) => this.#giveBack(pieces),
    );
  }

  /** Gives back what waits to be lent; what is lent goes when it is released. */
  trim(): void {
    this.#free.length = 0;
    this.#freeSmallBytes = 0;
    this.#slab = undefined;
    this.#cutBytes = 0;
  }

  #take(byteLength: number): Piece {
    if (byteLength > LARGEST_BYTES) return whole(byteLength);
    const logarithm = 32 - Math.clz32(Math.max(byteLength, SMALLEST_BYTES) - 1);
    const size = 2 ** logarithm;
    const piece = this.#free[logarithm]?.pop();
    if (piece === undefined) return size < SMALL_BYTES ? whole(size) : this.#cut(size);
    if (size < SMALL_BYTES) this.#freeSmallBytes -= size;
    return piece;
  }

  #cut(size: number): Piece {
    const byteOffset = this.#cutBytes;
    if (byteOffset + size > SLAB_BYTES) return whole(size);
    this.#slab ??= new ArrayBuffer(SLAB_BYTES);
    this.#cutBytes += size;
    return { buffer: this.#slab, byteOffset, byteLength: size };
  }

  #giveBack(pieces: readonly Piece[]): void {
    for (const piece of pieces) {
      const { buffer, byteLength } = piece;
      if (byteLength >= SMALL_BYTES) {
        if (buffer !== this.#slab) continue;
      } else {
        if (this.#freeSmallBytes + byteLength > KEPT_SMALL_BYTES) continue;
        this.#freeSmallBytes += byteLength;
      }
      const logarithm = 31 - Math.clz32(byteLength);
      while (this.#free.length <= logarithm) this.#free.push([]);
      this.#free[logarithm]!.push(piece);
    }
  }
}

function whole(byteLength: number): Piece {
  return { buffer: new ArrayBuffer(byteLength), byteOffset: 0, byteLength };
}

/** Typed arrays of one request. They hold whatever was in them before. */
export class Scratch {
  readonly #take: (byteLength: number) => Piece;
  readonly #giveBack: (pieces: readonly Piece[]) => void;
  #lent: Piece[] = [];

  constructor(take: (byteLength: number) => Piece = whole, giveBack: (pieces: readonly Piece[]) => void = () => {}) {
    this.#take = take;
    this.#giveBack = giveBack;
  }

  bytes(length: number): Buffer {
    const { buffer, byteOffset } = this.#lend(length);
    return Buffer.from(buffer, byteOffset, length);
  }

  uint32(length: number): Uint32Array {
    const { buffer, byteOffset } = this.#lend(length * 4);
    return new Uint32Array(buffer, byteOffset, length);
  }

  int32(length: number): Int32Array {
    const { buffer, byteOffset } = this.#lend(length * 4);
    return new Int32Array(buffer, byteOffset, length);
  }

  float64(length: number): Float64Array {
    const { buffer, byteOffset } = this.#lend(length * 8);
    return new Float64Array(buffer, byteOffset, length);
  }

  /** Nobody looks at what was taken any more. */
  release(): void {
    const lent = this.#lent;
    this.#lent = [];
    this.#giveBack(lent);
  }

  #lend(byteLength: number): Piece {
    const piece = this.#take(byteLength);
    this.#lent.push(piece);
    return piece;
  }
}
