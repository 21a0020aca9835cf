import { PocketCortexError } from '../model/errors.ts';

/** Protobuf's wire types; 3 and 4 delimit groups. */
export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH_DELIMITED = 2;
const START_GROUP = 3;
const END_GROUP = 4;
const FIXED32 = 5;

/** Names of a message's fields as Go has them, by number: for error texts. */
export type FieldNames = Readonly<Record<number, string>>;

/** 64 bits in steps of 7: what is longer is no varint. */
const VARINT_LIMIT_BYTES = 10;

/**
 * Reads protobuf from bytes, field by field, and refuses what Cortex's generated decoder refuses, with its words. A
 * message inside a message is read by narrowing `end`:
 *
 *     const outerEnd = reader.enter();      // reads the length, position is at the first byte of the message
 *     while (reader.position < reader.end) …
 *     reader.leave(outerEnd);
 *
 * Lengths are checked against `end`, so nothing is read outside of the message at hand.
 * All methods but the constructor: @throws {PocketCortexError} `malformed-body`.
 */
export class ProtoReader {
  readonly bytes: Uint8Array;
  position: number;
  end: number;
  /** The last varint, in pieces of 28, 28 and 8 bits. */
  #low = 0;
  #middle = 0;
  #high = 0;

  /** `bytes` is borrowed. */
  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  /** The next field's number times 8 plus its wire type. `message` is for the error text. */
  tag(message: string): number {
    const first = this.position < this.end ? this.bytes[this.position]! : 0;
    if (first >= 8 && first < 0x80 && (first & 7) !== END_GROUP) {
      this.position += 1;
      return first;
    }
    this.#varint();
    const wireType = this.#low & 7;
    // The field number is 32 bits of the tag, signed, as the generated code of Go has it.
    const field = (this.#low >>> 3) | (this.#middle << 25);
    if (wireType === END_GROUP) throw malformed(`proto: ${message}: wiretype end group for non-group`);
    if (field <= 0) throw malformed(`proto: ${message}: illegal tag ${field} (wire type ${this.#unsigned()})`);
    return field * 8 + wireType;
  }

  /** A length and its check: from `position` on there are that many bytes. */
  length(): number {
    const { bytes, position, end } = this;
    const first = position < end ? bytes[position]! : 0x80;
    const second = position + 1 < end ? bytes[position + 1]! : 0x80;
    let length = first;
    if (first < 0x80) {
      this.position = position + 1;
    } else if (second < 0x80) {
      length = (first & 0x7f) | (second << 7);
      this.position = position + 2;
    } else {
      length = this.#longLength();
    }
    if (this.position + length > end) throw unexpectedEnd();
    return length;
  }

  /** Goes into a message; returns what `leave` needs. */
  enter(): number {
    const length = this.length();
    const outerEnd = this.end;
    this.end = this.position + length;
    return outerEnd;
  }

  /** Goes to the end of the message that `enter` went into. */
  leave(outerEnd: number): void {
    this.position = this.end;
    this.end = outerEnd;
  }

  /** A signed 64-bit integer; exact up to 2^53, above that the nearest double. */
  int64(): number {
    const { bytes, position } = this;
    if (position + 6 <= this.end) {
      // Milliseconds of our days take six bytes.
      const last = bytes[position + 5]!;
      const low = bytes[position]! & bytes[position + 1]! & bytes[position + 2]! & bytes[position + 3]!;
      if (last < 0x80 && (low & bytes[position + 4]! & 0x80) !== 0) {
        this.position = position + 6;
        const lowBits =
          (bytes[position]! & 0x7f) |
          ((bytes[position + 1]! & 0x7f) << 7) |
          ((bytes[position + 2]! & 0x7f) << 14) |
          ((bytes[position + 3]! & 0x7f) << 21);
        return lowBits + ((bytes[position + 4]! & 0x7f) | (last << 7)) * 2 ** 28;
      }
    }
    this.#varint();
    if (this.#high < 0x80) return this.#low + this.#middle * 2 ** 28 + this.#high * 2 ** 56;
    // Two's complement of the pieces, because 2^64 minus a small number is not exact in a double.
    const low = this.#low ^ 0xfffffff;
    const middle = this.#middle ^ 0xfffffff;
    return -(low + middle * 2 ** 28 + (this.#high ^ 0xff) * 2 ** 56) - 1;
  }

  /** A signed 32-bit integer, as an enum is one. */
  int32(): number {
    this.#varint();
    return this.#low | (this.#middle << 28);
  }

  /** An unsigned 32-bit integer; of a longer one the low bits, as Go has it. */
  uint32(): number {
    const { bytes, position } = this;
    const first = position < this.end ? bytes[position]! : 0x80;
    if (first < 0x80) {
      this.position = position + 1;
      return first;
    }
    const second = position + 1 < this.end ? bytes[position + 1]! : 0x80;
    if (second >= 0x80) return this.int32() >>> 0;
    this.position = position + 2;
    return (first & 0x7f) | (second << 7);
  }

  /** Steps over eight bytes and returns where they begin. */
  fixed64(): number {
    const start = this.position;
    if (start + 8 > this.end) throw unexpectedEnd();
    this.position = start + 8;
    return start;
  }

  /** Steps over a length and what it is the length of. */
  skipLengthDelimited(): void {
    const length = this.length();
    this.position += length;
  }

  /** Steps over a varint. */
  skipVarint(): void {
    const { bytes, end } = this;
    let { position } = this;
    const limit = position + VARINT_LIMIT_BYTES;
    for (;;) {
      if (position >= limit) throw malformed('proto: integer overflow');
      if (position >= end) throw unexpectedEnd();
      if (bytes[position++]! < 0x80) break;
    }
    this.position = position;
  }

  /**
   * Steps over a field that is not read: one whose number is unknown. `names` are the known fields; one of those came
   * here because its wire type is not its own.
   */
  skipUnknown(tag: number, names: FieldNames): void {
    const name = names[Math.floor(tag / 8)];
    if (name !== undefined) throw wrongWireType(tag % 8, name);
    this.#skip(tag % 8);
  }

  #skip(wireType: number): void {
    // Groups nest; counting instead of recursing keeps a hostile body from exhausting the stack.
    let depth = 0;
    for (let type = wireType; ; ) {
      switch (type) {
        case VARINT:
          this.skipVarint();
          break;
        case FIXED64:
          this.#advance(8);
          break;
        case LENGTH_DELIMITED:
          this.skipLengthDelimited();
          break;
        case START_GROUP:
          depth += 1;
          break;
        case END_GROUP:
          depth -= 1;
          break;
        case FIXED32:
          this.#advance(4);
          break;
        default:
          throw malformed(`proto: illegal wireType ${type}`);
      }
      if (depth === 0) return;
      this.#varint();
      type = this.#low & 7;
    }
  }

  #advance(count: number): void {
    if (this.position + count > this.end) throw unexpectedEnd();
    this.position += count;
  }

  #varint(): void {
    const { bytes, end } = this;
    const start = this.position;
    this.#low = 0;
    this.#middle = 0;
    this.#high = 0;
    for (let i = 0; i < VARINT_LIMIT_BYTES; i++) {
      if (start + i >= end) throw unexpectedEnd();
      const byte = bytes[start + i]!;
      const bits = byte & 0x7f;
      if (i < 4) this.#low |= bits << (7 * i);
      else if (i < 8) this.#middle |= bits << (7 * (i - 4));
      else this.#high = (this.#high | (bits << (7 * (i - 8)))) & 0xff;
      if (byte < 0x80) {
        this.position = start + i + 1;
        return;
      }
    }
    throw malformed('proto: integer overflow');
  }

  /** A length of any size, as a 32-bit integer: one that was once a double has every position become one, which is slow. */
  #longLength(): number {
    this.#varint();
    if (this.#middle < 8 && this.#high === 0) return this.#low | (this.#middle << 28);
    // Go adds the length to the position in 64 bits, which turns negative.
    const length = this.#low + this.#middle * 2 ** 28 + this.#high * 2 ** 56;
    throw this.#high >= 0x80 || this.position + length >= 2 ** 63 ? negativeLength() : unexpectedEnd();
  }

  #unsigned(): bigint {
    return BigInt(this.#low) + (BigInt(this.#middle) << 28n) + (BigInt(this.#high) << 56n);
  }
}

/** An error of a body that is no protobuf message of the expected kind. */
export function malformed(text: string): PocketCortexError {
  return new PocketCortexError('malformed-body', text);
}

/** A known field came with a wire type that is not its own. */
function wrongWireType(wireType: number, field: string): PocketCortexError {
  return malformed(`proto: wrong wireType = ${wireType} for field ${field}`);
}

function unexpectedEnd(): PocketCortexError {
  return malformed('unexpected EOF');
}

function negativeLength(): PocketCortexError {
  return malformed('proto: negative length found during unmarshaling');
}
