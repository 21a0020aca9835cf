import { decodeUtf8 } from '../../model/utf8.ts';
import { FIXED64, LENGTH_DELIMITED, malformed, ProtoReader, VARINT } from '../proto-reader.ts';
import { millisecondsOf } from './metrics.ts';

/** Nested deeper than this is nothing that anybody means; each level costs stack. */
const DEPTH_LIMIT = 100;

/** Reads one field, or says that it is none of those it knows. */
export type ReadField = (tag: number) => boolean;

/**
 * Reads what OTLP's messages are made of, one field after the other.
 * @throws {PocketCortexError} `malformed-body`, from each of its methods
 */
export class FieldReader {
  readonly #reader: ProtoReader;
  readonly #view: DataView;
  #depth = 0;

  constructor(body: Uint8Array) {
    this.#reader = new ProtoReader(body);
    this.#view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  }

  int32(): number {
    return this.#reader.int32();
  }

  int64(): number {
    return this.#reader.int64();
  }

  /** A message: `readField` is called at each of its fields; what it does not know is passed over. */
  message(name: string, readField: ReadField): void {
    this.#depth += 1;
    if (this.#depth > DEPTH_LIMIT) throw malformed(`proto: ${name}: nested too deeply`);
    const outerEnd = this.#reader.enter();
    this.fields(name, readField);
    this.#reader.leave(outerEnd);
    this.#depth -= 1;
  }

  /** The fields up to the end of what is read; `message` for those of a message within. */
  fields(name: string, readField: ReadField): void {
    const reader = this.#reader;
    while (reader.position < reader.end) {
      const tag = reader.tag(name);
      if (!readField(tag)) reader.skipUnknown(tag, {});
    }
  }

  /** A number, or several packed into one field. */
  repeated(tag: number, readElement: () => void): void {
    if (tag % 8 !== LENGTH_DELIMITED) {
      readElement();
      return;
    }
    const reader = this.#reader;
    const outerEnd = reader.enter();
    while (reader.position < reader.end) readElement();
    reader.leave(outerEnd);
  }

  text(): string {
    const { bytes } = this.#reader;
    const length = this.#reader.length();
    const start = this.#reader.position;
    this.#reader.position += length;
    return decodeUtf8(bytes, start, start + length);
  }

  /** A copy. */
  bytes(): Uint8Array {
    const length = this.#reader.length();
    const start = this.#reader.position;
    this.#reader.position += length;
    return this.#reader.bytes.slice(start, start + length);
  }

  /** In hexadecimal; empty for none, as for one of zeros. */
  id(name: string, lengthBytes: number): string {
    const bytes = this.bytes();
    if (bytes.length === 0) return '';
    if (bytes.length !== lengthBytes) throw malformed(`invalid length for ${name}`);
    return bytes.some((byte) => byte !== 0) ? Buffer.from(bytes).toString('hex') : '';
  }

  double(): number {
    return this.#view.getFloat64(this.#reader.fixed64(), true);
  }

  unsigned(): bigint {
    return this.#view.getBigUint64(this.#reader.fixed64(), true);
  }

  signed(): bigint {
    return this.#view.getBigInt64(this.#reader.fixed64(), true);
  }

  /** A fixed64 of nanoseconds, in milliseconds. */
  time(): number {
    return millisecondsOf(this.unsigned());
  }

  /** A sint32. */
  zigzag(): number {
    const bits = this.#reader.uint32();
    return (bits >>> 1) ^ -(bits & 1);
  }

  /** An int64. */
  varint64(): bigint {
    const start = this.#reader.position;
    this.#reader.skipVarint();
    let value = 0n;
    for (let i = start; i < this.#reader.position; i++) {
      value |= BigInt(this.#reader.bytes[i]! & 0x7f) << BigInt(7 * (i - start));
    }
    return BigInt.asIntN(64, value);
  }
}

export function message(field: number): number {
  return field * 8 + LENGTH_DELIMITED;
}

export function varint(field: number): number {
  return field * 8 + VARINT;
}

export function fixed64(field: number): number {
  return field * 8 + FIXED64;
}

/** Adds `item`; true, as a field that was read. */
export function pushed<Item>(items: Item[], item: Item): true {
  items.push(item);
  return true;
}
