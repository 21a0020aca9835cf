import { PocketCortexError } from '../model/errors.ts';

/** Writes bytes into a buffer that grows. Numbers are little-endian. */
export class ByteWriter {
  bytes: Uint8Array;
  length = 0;
  #view: DataView;

  constructor(capacity = 256) {
    this.bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.bytes.buffer);
  }

  clear(): void {
    this.length = 0;
  }

  /** Makes room for `byteCount` more bytes. */
  reserve(byteCount: number): void {
    const needed = this.length + byteCount;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.#view = new DataView(grown.buffer);
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** A whole number from 0 to 2^53, seven bits a byte, lowest first. */
  varint(value: number): void {
    this.reserve(8);
    let rest = value;
    while (rest > 0x7f) {
      // `&` would cut a number above 2^32.
      this.bytes[this.length++] = rest > 0x7fffffff ? (rest % 128) | 0x80 : (rest & 0x7f) | 0x80;
      rest = rest > 0x7fffffff ? Math.floor(rest / 128) : rest >>> 7;
    }
    this.bytes[this.length++] = rest;
  }

  /** A whole number with a sign, up to 2^52 either way. */
  signed(value: number): void {
    this.varint(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  /** A number that is no NaN (whose bits could get lost on the way). */
  float64(value: number): void {
    this.reserve(8);
    this.#view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  words(low: number, high: number): void {
    this.reserve(8);
    this.#view.setUint32(this.length, low, true);
    this.#view.setUint32(this.length + 4, high, true);
    this.length += 8;
  }

  append(source: Uint8Array): void {
    this.reserve(source.length);
    this.bytes.set(source, this.length);
    this.length += source.length;
  }

  /** A copy of what was written. The caller's. */
  toBytes(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }
}

/** Reads what a `ByteWriter` wrote. Reading past the end gives zeros; `expectWithin` tells. */
export class ByteReader {
  readonly bytes: Uint8Array;
  position = 0;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  byte(): number {
    return this.bytes[this.position++] ?? 0;
  }

  varint(): number {
    let byte = this.byte();
    let value = byte & 0x7f;
    let factor = 128;
    while (byte > 0x7f) {
      byte = this.byte();
      value += (byte & 0x7f) * factor;
      factor *= 128;
    }
    return value;
  }

  signed(): number {
    const z = this.varint();
    return z % 2 === 0 ? z / 2 : -(z + 1) / 2;
  }

  float64(): number {
    this.expectRoom(8);
    this.position += 8;
    return this.#view.getFloat64(this.position - 8, true);
  }

  word(): number {
    this.expectRoom(4);
    this.position += 4;
    return this.#view.getUint32(this.position - 4, true);
  }

  /**
   * For a count that says how much to allocate: at most `perByte` things can stand in a byte.
   * @throws {PocketCortexError} `storage-corrupt`
   */
  count(perByte: number): number {
    const count = this.varint();
    if (count > this.bytes.length * perByte) throw corrupt('a count is larger than its data');
    return count;
  }

  /** @throws {PocketCortexError} `storage-corrupt` */
  expectRoom(byteCount: number): void {
    if (this.position + byteCount > this.bytes.length) throw corrupt('data ends early');
  }

  /** @throws {PocketCortexError} `storage-corrupt` */
  expectWithin(): void {
    if (this.position > this.bytes.length) throw corrupt('data ends early');
  }
}

/** For what a reader finds and does not know. @throws {PocketCortexError} `storage-corrupt` */
export function expectKnown(isKnown: boolean): asserts isKnown {
  if (!isKnown) throw corrupt('a chunk has an unknown encoding');
}

function corrupt(what: string): PocketCortexError {
  return new PocketCortexError('storage-corrupt', `the database is damaged: ${what}`);
}
