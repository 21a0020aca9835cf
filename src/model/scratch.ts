/** The smallest buffer that is lent. */
const SMALLEST_BYTES = 1 << 12;
/** What is larger is not kept: requests of that size are rare. */
const LARGEST_BYTES = 1 << 21;
/** What may wait to be lent again. */
const KEPT_BYTES = 8 << 20;

/**
 * Memory that is used again from request to request. Typed arrays that are thrown away after each would have the garbage
 * collector run for them all the time, and fresh memory is not in any cache of the processor.
 */
export class ScratchPool {
  /** Buffers that nobody uses, by the logarithm of their size. */
  readonly #free: ArrayBuffer[][] = [];
  #freeBytes = 0;

  /** What is taken from it is lent until its `release`. */
  borrow(): Scratch {
    return new Scratch(
      (byteLength) => this.#take(byteLength),
      (buffers) => this.#giveBack(buffers),
    );
  }

  /** Gives back what waits to be lent. */
  trim(): void {
    this.#free.length = 0;
    this.#freeBytes = 0;
  }

  #take(byteLength: number): ArrayBuffer {
    const logarithm = 32 - Math.clz32(Math.max(byteLength, SMALLEST_BYTES) - 1);
    const buffer = this.#free[logarithm]?.pop();
    if (buffer === undefined) return new ArrayBuffer(byteLength > LARGEST_BYTES ? byteLength : 2 ** logarithm);
    this.#freeBytes -= buffer.byteLength;
    return buffer;
  }

  #giveBack(buffers: readonly ArrayBuffer[]): void {
    for (const buffer of buffers) {
      const { byteLength } = buffer;
      if (byteLength > LARGEST_BYTES || this.#freeBytes + byteLength > KEPT_BYTES) continue;
      const logarithm = 31 - Math.clz32(byteLength);
      while (this.#free.length <= logarithm) this.#free.push([]);
      this.#free[logarithm]!.push(buffer);
      this.#freeBytes += byteLength;
    }
  }
}

/** Typed arrays of one request. They hold whatever was in them before. */
export class Scratch {
  readonly #take: (byteLength: number) => ArrayBuffer;
  readonly #giveBack: (buffers: readonly ArrayBuffer[]) => void;
  #lent: ArrayBuffer[] = [];

  constructor(
    take: (byteLength: number) => ArrayBuffer = (byteLength) => new ArrayBuffer(byteLength),
    giveBack: (buffers: readonly ArrayBuffer[]) => void = () => {},
  ) {
    this.#take = take;
    this.#giveBack = giveBack;
  }

  bytes(length: number): Buffer {
    return Buffer.from(this.#lend(length), 0, length);
  }

  uint32(length: number): Uint32Array {
    return new Uint32Array(this.#lend(length * 4), 0, length);
  }

  int32(length: number): Int32Array {
    return new Int32Array(this.#lend(length * 4), 0, length);
  }

  float64(length: number): Float64Array {
    return new Float64Array(this.#lend(length * 8), 0, length);
  }

  /** Nobody looks at what was taken any more. */
  release(): void {
    const lent = this.#lent;
    this.#lent = [];
    this.#giveBack(lent);
  }

  #lend(byteLength: number): ArrayBuffer {
    const buffer = this.#take(byteLength);
    this.#lent.push(buffer);
    return buffer;
  }
}
