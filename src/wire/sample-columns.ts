import { writeValueBits } from '../model/columns.ts';
import type { Scratch } from '../model/scratch.ts';
import type { FieldNames, ProtoReader } from './proto-reader.ts';

const sampleFields: FieldNames = { 1: 'Value', 2: 'TimestampMs', 3: 'StartTimestampMs' };

/** A tag and 8 bytes, a tag and the 6 bytes that milliseconds of our days take. */
const PLAIN_BYTES = 16;

/**
 * Collects the float samples of a request, one after the other, in columns that grow.
 *
 *     Sample   09 value (8 bytes)   10 timestamp (varint)   18 start timestamp (varint)
 */
export class SampleColumns {
  count = 0;
  readonly #view: DataView;
  readonly #scratch: Scratch;
  #timestampsMs: Float64Array;
  #startsMs: Float64Array | undefined;
  #values: Float64Array;
  #valueBits: Uint32Array;

  /** `view` is over the bytes that samples are read from; the columns are taken from `scratch`. */
  constructor(view: DataView, scratch: Scratch, capacity: number) {
    this.#view = view;
    this.#scratch = scratch;
    this.#timestampsMs = scratch.float64(capacity);
    this.#values = scratch.float64(capacity);
    this.#valueBits = new Uint32Array(this.#values.buffer, this.#values.byteOffset, capacity * 2);
  }

  timestampsMs(): Float64Array {
    return this.#timestampsMs.subarray(0, this.count);
  }

  values(): Float64Array {
    return this.#values.subarray(0, this.count);
  }

  /** When each sample's counter began, 0 where that is not said; none when no sample says it. */
  startsMs(): Float64Array | undefined {
    return this.#startsMs?.subarray(0, this.count);
  }

  /** Gives those of the samples from `first` on that say no start this one. */
  fillStarts(first: number, startMs: number): void {
    if (startMs === 0) return;
    this.#startsMs ??= new Float64Array(this.#values.length);
    for (let i = first; i < this.count; i++) if (this.#startsMs[i] === 0) this.#startsMs[i] = startMs;
  }

  /**
   * Reads the sample that comes next, length first.
   * @throws {PocketCortexError} `malformed-body`
   */
  read(reader: ProtoReader): void {
    const index = this.count;
    if (index === this.#values.length) this.#grow();
    this.count = index + 1;
    if (this.#readPlain(reader, index)) return;
    this.#timestampsMs[index] = 0;
    this.#values[index] = 0;
    const outerEnd = reader.enter();
    while (reader.position < reader.end) {
      const tag = reader.tag('Sample');
      switch (tag) {
        case 0x09: {
          // As bits: a NaN that passes through a number may lose its payload, and a staleness marker is one.
          const at = reader.fixed64();
          writeValueBits(this.#valueBits, index, this.#view.getUint32(at + 4, true), this.#view.getUint32(at, true));
          break;
        }
        case 0x10:
          this.#timestampsMs[index] = reader.int64();
          break;
        case 0x18:
          this.#startsMs ??= new Float64Array(this.#values.length);
          this.#startsMs[index] = reader.int64();
          break;
        default:
          reader.skipUnknown(tag, sampleFields);
      }
    }
    reader.leave(outerEnd);
  }

  /** Reads a sample of a value and then a time of our days, as nearly all are; false when it is another. */
  #readPlain(reader: ProtoReader, index: number): boolean {
    const { bytes, position } = reader;
    const end = position + 1 + PLAIN_BYTES;
    if (end > reader.end || bytes[position] !== PLAIN_BYTES || bytes[position + 1] !== 0x09) return false;
    if (bytes[position + 10] !== 0x10 || bytes[end - 1]! >= 0x80) return false;
    const at = position + 2;
    reader.position = position + 11;
    const timestampMs = reader.int64();
    if (reader.position !== end) {
      reader.position = position;
      return false;
    }
    this.#timestampsMs[index] = timestampMs;
    writeValueBits(this.#valueBits, index, this.#view.getUint32(at + 4, true), this.#view.getUint32(at, true));
    return true;
  }

  #grow(): void {
    const capacity = this.#values.length * 2;
    this.#timestampsMs = grown(this.#timestampsMs, this.#scratch.float64(capacity));
    if (this.#startsMs) this.#startsMs = grown(this.#startsMs, new Float64Array(capacity));
    this.#values = grown(this.#values, this.#scratch.float64(capacity));
    this.#valueBits = new Uint32Array(this.#values.buffer, this.#values.byteOffset, capacity * 2);
  }
}

/** Copies a column into a longer one. */
export function grown<Column extends Uint32Array | Float64Array>(from: Column, into: Column): Column {
  into.set(from);
  return into;
}
