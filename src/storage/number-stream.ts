import type { ByteReader, ByteWriter } from './bytes.ts';

/**
 * A stream of whole numbers, most of them zero or near it. One token a number, or a run of zeros; `z` is the number
 * with its sign in the lowest bit (0, -1, 1, -2 … are 0, 1, 2, 3 …), high bits first:
 *
 *     0zzzzzzz                            7 bits of z
 *     10zzzzzz zzzzzzzz                  14 bits
 *     110zzzzz zzzzzzzz × 2              21 bits
 *     11100zzz zzzzzzzz × 3              27 bits
 *     11101zzz zzzzzzzz × 5              43 bits
 *     1111nnnn                           2 + n zeros, n up to 13
 *     11111110 nnnnnnnn                  16 + n zeros
 *     11111111 float64                   any other number
 */
const RUN = 0xf0;
const LONG_RUN = 0xfe;
const RAW = 0xff;
const SHORT_RUN_LIMIT = 15;
const LONG_RUN_LIMIT = 16 + 255;

/** The bytes that `writeNumbers` takes. */
export function numbersSizeBytes(numbers: Float64Array, count: number): number {
  let size = 0;
  for (let i = 0; i < count; ) {
    const zeros = zerosAt(numbers, i, count);
    if (zeros > 1) {
      size += zeros > SHORT_RUN_LIMIT ? 2 : 1;
      i += zeros;
      continue;
    }
    const z = zigzag(numbers[i]!);
    size += z < 2 ** 7 ? 1 : z < 2 ** 14 ? 2 : z < 2 ** 21 ? 3 : z < 2 ** 27 ? 4 : z < 2 ** 43 ? 6 : 9;
    i += 1;
  }
  return size;
}

/** Writes the first `count` of `numbers`: whole, no NaN, no -0 (which comes back as 0). */
export function writeNumbers(writer: ByteWriter, numbers: Float64Array, count: number): void {
  for (let i = 0; i < count; ) {
    const zeros = zerosAt(numbers, i, count);
    if (zeros > 1) {
      writeZeros(writer, zeros);
      i += zeros;
    } else {
      writeNumber(writer, numbers[i]!);
      i += 1;
    }
  }
}

/** Overwrites the first `count` of `out`. @throws {PocketCortexError} `storage-corrupt` */
export function readNumbers(reader: ByteReader, out: Float64Array, count: number): void {
  const bytes = reader.bytes;
  let position = reader.position;
  for (let i = 0; i < count; ) {
    const token = bytes[position++]!;
    if (token < 0x80) {
      out[i++] = (token >>> 1) ^ -(token & 1);
    } else if (token < 0xc0) {
      const z = ((token & 0x3f) << 8) | bytes[position++]!;
      out[i++] = (z >>> 1) ^ -(z & 1);
    } else if (token < 0xe0) {
      const z = ((token & 0x1f) << 16) | (bytes[position]! << 8) | bytes[position + 1]!;
      position += 2;
      out[i++] = (z >>> 1) ^ -(z & 1);
    } else if (token < 0xe8) {
      const z = ((token & 0x07) << 24) | (bytes[position]! << 16) | (bytes[position + 1]! << 8) | bytes[position + 2]!;
      position += 3;
      out[i++] = (z >>> 1) ^ -(z & 1);
    } else if (token < RUN) {
      const low =
        bytes[position + 1]! * 2 ** 24 +
        ((bytes[position + 2]! << 16) | (bytes[position + 3]! << 8) | bytes[position + 4]!);
      const z = ((token & 0x07) * 256 + bytes[position]!) * 2 ** 32 + low;
      position += 5;
      out[i++] = z % 2 === 0 ? z / 2 : -(z + 1) / 2;
    } else if (token === RAW) {
      reader.position = position;
      out[i++] = reader.float64();
      position = reader.position;
    } else {
      // A missing byte is undefined here, and ends in an error below.
      const zeros = token === LONG_RUN ? 16 + bytes[position++]! : token - RUN + 2;
      const end = Math.min(count, i + zeros);
      if (!(end > i)) break;
      out.fill(0, i, end);
      i = end;
    }
    if (position > bytes.length) break;
  }
  reader.position = position;
  reader.expectWithin();
}

function writeNumber(writer: ByteWriter, value: number): void {
  const z = zigzag(value);
  writer.reserve(9);
  const bytes = writer.bytes;
  let position = writer.length;
  if (z < 2 ** 7) {
    bytes[position++] = z;
  } else if (z < 2 ** 14) {
    bytes[position++] = 0x80 | (z >>> 8);
    bytes[position++] = z;
  } else if (z < 2 ** 21) {
    bytes[position++] = 0xc0 | (z >>> 16);
    bytes[position++] = z >>> 8;
    bytes[position++] = z;
  } else if (z < 2 ** 27) {
    bytes[position++] = 0xe0 | (z >>> 24);
    bytes[position++] = z >>> 16;
    bytes[position++] = z >>> 8;
    bytes[position++] = z;
  } else if (z < 2 ** 43) {
    const high = Math.floor(z / 2 ** 32);
    bytes[position++] = 0xe8 | (high >>> 8);
    bytes[position++] = high;
    bytes[position++] = (z % 2 ** 32) / 2 ** 24;
    bytes[position++] = (z % 2 ** 24) / 2 ** 16;
    bytes[position++] = (z % 2 ** 16) / 2 ** 8;
    bytes[position++] = z % 2 ** 8;
  } else {
    bytes[position++] = RAW;
    writer.length = position;
    writer.float64(value);
    return;
  }
  writer.length = position;
}

function writeZeros(writer: ByteWriter, zeros: number): void {
  writer.reserve(2);
  if (zeros <= SHORT_RUN_LIMIT) {
    writer.bytes[writer.length++] = RUN + zeros - 2;
  } else {
    writer.bytes[writer.length++] = LONG_RUN;
    writer.bytes[writer.length++] = zeros - 16;
  }
}

/** How many zeros stand at `start`, as many as one token can say. */
function zerosAt(numbers: Float64Array, start: number, count: number): number {
  const limit = Math.min(count, start + LONG_RUN_LIMIT);
  let end = start;
  while (end < limit && numbers[end] === 0) end += 1;
  return end - start;
}

function zigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}
