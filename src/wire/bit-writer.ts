/** Writes bits one behind the other, the highest of a value first. To be used again and again: `clear` keeps the room. */
export class BitWriter {
  #bytes = new Uint8Array(1024);
  #byteCount = 0;
  /** Bits of the last byte that are not written yet. */
  #freeBits = 0;

  clear(): void {
    this.#byteCount = 0;
    this.#freeBits = 0;
  }

  /** Writes the low `count` bits (0 … 32) of `value`. */
  bits(value: number, count: number): void {
    if (this.#byteCount + 5 > this.#bytes.length) this.#grow();
    let left = count;
    while (left > 0) {
      if (this.#freeBits === 0) {
        this.#bytes[this.#byteCount++] = 0;
        this.#freeBits = 8;
      }
      const taken = left < this.#freeBits ? left : this.#freeBits;
      left -= taken;
      this.#freeBits -= taken;
      this.#bytes[this.#byteCount - 1]! |= ((value >>> left) & ((1 << taken) - 1)) << this.#freeBits;
    }
  }

  /** Writes the low `count` bits (33 … 64) of a number of two words. */
  words(high: number, low: number, count: number): void {
    this.bits(high, count - 32);
    this.bits(low, 32);
  }

  /** Writes the low `count` bits (33 … 64) of a whole number, a negative one in two's complement. */
  integer(value: number, count: number): void {
    this.words(Math.floor(value / 0x1_0000_0000) >>> 0, value >>> 0, count);
  }

  /** Writes the eight bytes of a value. */
  double(value: number): void {
    scratch[0] = value;
    this.words(scratchWords[1]!, scratchWords[0]!, 64);
  }

  /** Writes a whole number that is not negative in groups of seven bits, the lowest first, a byte each. */
  uvarint(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.bits((rest % 0x80) | 0x80, 8);
    this.bits(rest, 8);
  }

  /** What was written, the last byte filled up with zeros. The result is the caller's. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#byteCount);
  }

  #grow(): void {
    const grown = new Uint8Array(this.#bytes.length * 2);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

const scratch = new Float64Array(1);
const scratchWords = new Uint32Array(scratch.buffer);
