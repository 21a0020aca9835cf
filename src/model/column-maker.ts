import type { StepColumn } from './columns.ts';

/** A piece of memory is no larger unless one column is. */
const PIECE_BYTES = 1 << 16;

/**
 * Makes the columns of many series, several of them out of one piece of memory: to have and to free two pieces for each
 * column takes longer than to fill it. A piece stays as long as one of its columns does, so what is made here together
 * should be kept together.
 *
 *     values 0 | present 0 | values 1 | present 1 | …      each at a multiple of 8 bytes
 */
export class ColumnMaker {
  readonly #stepCount: number;
  readonly #columnBytes: number;
  #piece = new ArrayBuffer(0);
  #usedBytes = 0;

  constructor(stepCount: number) {
    this.#stepCount = stepCount;
    this.#columnBytes = 8 * (stepCount + Math.ceil(stepCount / 8));
  }

  /** A column without a value at any step. */
  create(): StepColumn {
    const at = this.#take();
    const stepCount = this.#stepCount;
    const values = new Float64Array(this.#piece, at, stepCount);
    const present = new Uint8Array(this.#piece, at + 8 * stepCount, stepCount);
    return { values, present, histograms: undefined };
  }

  /** Where the room of the next column begins. */
  #take(): number {
    if (this.#usedBytes + this.#columnBytes > this.#piece.byteLength) {
      // A few series need little; twice as much each time, up to a piece of full size.
      const nextBytes = Math.max(Math.min(2 * this.#piece.byteLength, PIECE_BYTES), this.#columnBytes);
      this.#piece = new ArrayBuffer(nextBytes);
      this.#usedBytes = 0;
    }
    const at = this.#usedBytes;
    this.#usedBytes += this.#columnBytes;
    return at;
  }
}
