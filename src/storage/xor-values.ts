import type { ByteReader, ByteWriter } from './bytes.ts';

/**
 * Values as what differs from the value before (the first from 0), as bits, in whole bytes:
 *
 *     1nnnnnnn                     the value before, n + 1 times again
 *     0lllssss byte × s            l bytes of zeros, then the s bytes that differ, highest first, then zeros
 *
 * For floating point values without a pattern: 8 to 9 bytes each, less where sign, exponent and first digits agree.
 */
const REPEAT = 0x80;
const REPEAT_LIMIT = 128;

export function writeXorValues(writer: ByteWriter, values: Float64Array): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  const count = values.length;
  let low = 0;
  let high = 0;
  for (let i = 0; i < count; ) {
    let repeats = 0;
    while (repeats < REPEAT_LIMIT && i < count && words[i * 2] === low && words[i * 2 + 1] === high) {
      repeats += 1;
      i += 1;
    }
    if (repeats > 0) {
      writer.byte(REPEAT | (repeats - 1));
      continue;
    }
    writeDifference(writer, (words[i * 2]! ^ low) >>> 0, (words[i * 2 + 1]! ^ high) >>> 0);
    low = words[i * 2]!;
    high = words[i * 2 + 1]!;
    i += 1;
  }
}

/** Overwrites all of `out`. @throws {PocketCortexError} `storage-corrupt` */
export function readXorValues(reader: ByteReader, out: Float64Array): void {
  const words = new Uint32Array(out.buffer, out.byteOffset, out.length * 2);
  const bytes = reader.bytes;
  const count = out.length;
  let position = reader.position;
  let low = 0;
  let high = 0;
  for (let i = 0; i < count && position < bytes.length; ) {
    const control = bytes[position++]!;
    if (control >= REPEAT) {
      const end = Math.min(count, i + control - REPEAT + 1);
      for (; i < end; i++) {
        words[i * 2] = low;
        words[i * 2 + 1] = high;
      }
      continue;
    }
    const leading = control >>> 4;
    const end = leading + (control & 0x0f);
    for (let place = leading; place < end; place++) {
      const byte = bytes[position++]!;
      if (place < 4) high ^= byte << (24 - place * 8);
      else low ^= byte << (56 - place * 8);
    }
    words[i * 2] = low;
    words[i * 2 + 1] = high;
    i += 1;
  }
  reader.position = position;
  reader.expectWithin();
}

function writeDifference(writer: ByteWriter, low: number, high: number): void {
  const leading = high !== 0 ? Math.clz32(high) >>> 3 : 4 + (Math.clz32(low) >>> 3);
  const trailing = low !== 0 ? trailingZeroBytes(low) : 4 + trailingZeroBytes(high);
  writer.byte((leading << 4) | (8 - leading - trailing));
  for (let place = leading; place < 8 - trailing; place++) {
    writer.byte(place < 4 ? (high >>> (24 - place * 8)) & 0xff : (low >>> (56 - place * 8)) & 0xff);
  }
}

function trailingZeroBytes(word: number): number {
  return (31 - Math.clz32(word & -word)) >>> 3;
}
