import { encodeUtf8 } from '../model/utf8.ts';
import { malformed } from './proto-reader.ts';

/** Field 1 of a time series and of a label, field 2 of a label, all length-delimited. */
const LABEL = 0x0a;
const NAME = 0x0a;
const VALUE = 0x12;

/**
 * Writes labels as the fields that they are in a remote-write 1.0 series, so that a series that came in another protocol is
 * found by the same bytes as if it had come in that one.
 */
export class LabelFieldWriter {
  length = 0;
  #source: Uint8Array;
  readonly #limitBytes: number;
  #bytes: Uint8Array;

  /** `source` is what ranges point into, borrowed. */
  constructor(source: Uint8Array, limitBytes: number) {
    this.#source = source;
    this.#limitBytes = limitBytes;
    this.#bytes = new Uint8Array(Math.min(limitBytes, source.length * 4 + 256));
  }

  /** What ranges point into from now on, borrowed. */
  set source(source: Uint8Array) {
    this.#source = source;
  }

  /** Forgets all that was written behind `length`, keeps the room. */
  clear(length = 0): void {
    this.length = length;
  }

  /** All that was written; the caller's once nothing more is. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  /**
   * A label whose name and value are ranges of the source.
   * @throws {PocketCortexError} `malformed-body` beyond the limit
   */
  writeRanges(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    this.#begin(nameEnd - nameStart, valueEnd - valueStart);
    this.#field(NAME, this.#source, nameStart, nameEnd);
    this.#field(VALUE, this.#source, valueStart, valueEnd);
  }

  /** As `writeRanges`, of bytes that need not be of the source. */
  writeBytes(name: Uint8Array, value: Uint8Array): void {
    this.#begin(name.length, value.length);
    this.#field(NAME, name, 0, name.length);
    this.#field(VALUE, value, 0, value.length);
  }

  /** As `writeRanges`, of a name that is not of the source. */
  writeNamed(name: Uint8Array, valueStart: number, valueEnd: number): void {
    this.#begin(name.length, valueEnd - valueStart);
    this.#field(NAME, name, 0, name.length);
    this.#field(VALUE, this.#source, valueStart, valueEnd);
  }

  /** @throws as `writeRanges` */
  writeText(name: string, value: string): void {
    if (!isAscii(name) || !isAscii(value)) {
      this.writeBytes(encodeUtf8(name), encodeUtf8(value));
      return;
    }
    this.#begin(name.length, value.length);
    this.#asciiField(NAME, name);
    this.#asciiField(VALUE, value);
  }

  #begin(nameBytes: number, valueBytes: number): void {
    const messageBytes = 2 + varintBytes(nameBytes) + nameBytes + varintBytes(valueBytes) + valueBytes;
    this.#reserve(1 + varintBytes(messageBytes) + messageBytes);
    this.#bytes[this.length++] = LABEL;
    this.#varint(messageBytes);
  }

  #field(tag: number, from: Uint8Array, start: number, end: number): void {
    this.#bytes[this.length++] = tag;
    this.#varint(end - start);
    const bytes = this.#bytes;
    let at = this.length;
    // Labels are short: a loop beats a call of `set` by far.
    for (let i = start; i < end; i++) bytes[at++] = from[i]!;
    this.length = at;
  }

  #asciiField(tag: number, text: string): void {
    this.#bytes[this.length++] = tag;
    this.#varint(text.length);
    const bytes = this.#bytes;
    let at = this.length;
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.length = at;
  }

  #varint(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) this.#bytes[this.length++] = (rest & 0x7f) | 0x80;
    this.#bytes[this.length++] = rest;
  }

  #reserve(count: number): void {
    const needed = this.length + count;
    if (needed > this.#limitBytes) {
      throw malformed(`labels of the request take more than ${this.#limitBytes} bytes`);
    }
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.min(this.#limitBytes, Math.max(needed, this.#bytes.length * 2)));
    grown.set(this.bytes());
    this.#bytes = grown;
  }
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return false;
  return true;
}

function varintBytes(value: number): number {
  let count = 1;
  for (let rest = value; rest >= 0x80; rest >>>= 7) count += 1;
  return count;
}
