import { compress } from 'snappyjs';
import { PocketCortexError } from '../model/errors.ts';
import type { Scratch } from '../model/scratch.ts';

/**
 * Snappy's block format, as remote write uses it:
 *
 *     block    = length (varint: bytes when decoded), element*
 *     element  = literal | copy
 *     literal  = tag xxxxxx00, [1-4 bytes of length - 1, when x is 60-63], bytes
 *     copy     = tag oooxxx01, 1 byte of offset    length 4-11, offset below 2^11
 *              | tag xxxxxx10, 2 bytes of offset   length 1-64
 *              | tag xxxxxx11, 4 bytes of offset   length 1-64
 *
 * Decoding is our own: snappyjs accepts a block that ends early, and a literal of 2^31 bytes or more sends it
 * backwards, for ever.
 */

/** No element yields more bytes than a copy of 64 from three bytes, so a block that claims more is corrupt. */
const HIGHEST_RATIO = 22;

/** What is copied at a time where a little too much does no harm: by the byte it takes twice as long. */
const STRIDE_BYTES = 8;

/** From here on a native copy is faster than a loop. */
const LONG_LITERAL_BYTES = 48;

/**
 * Decodes one block. The result is the caller's, in the memory of `scratch` when there is one.
 * @throws {PocketCortexError} `malformed-body` when it is no snappy block; `limit-exceeded` when it says that it holds more
 * than `limitBytes` (nothing has been allocated then). The texts are Cortex's.
 */
export function decompressSnappy(body: Uint8Array, limitBytes: number, scratch?: Scratch): Uint8Array {
  if (body.length > limitBytes) throw tooLarge(body.length, limitBytes);
  const { lengthBytes, headerBytes } = readLength(body);
  if (lengthBytes > limitBytes) throw tooLarge(lengthBytes, limitBytes);
  if (lengthBytes > body.length * HIGHEST_RATIO) throw corrupt();
  // Not cleared: every byte is written before the block counts as decoded.
  const decoded = scratch === undefined ? Buffer.allocUnsafeSlow(lengthBytes) : scratch.bytes(lengthBytes);
  if (!decodeElements(body, headerBytes, decoded)) throw corrupt();
  return decoded;
}

/** Encodes one block. The result is the caller's. */
export function compressSnappy(body: Uint8Array): Uint8Array {
  return compress(body);
}

function readLength(body: Uint8Array): { lengthBytes: number; headerBytes: number } {
  let lengthBytes = 0;
  // The length is below 2^32, but a varint may say so in up to ten bytes.
  for (let i = 0; i < 10 && i < body.length; i++) {
    const byte = body[i]!;
    lengthBytes += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) {
      if (lengthBytes > 0xffffffff) break;
      return { lengthBytes, headerBytes: i + 1 };
    }
  }
  throw corrupt();
}

/**
 * Whether the elements from `start` on are whole and fill `decoded` exactly. All numbers here are 32-bit integers: one that
 * was once a double has every index become one, and the loop takes two to three times as long.
 */
function decodeElements(body: Uint8Array, start: number, decoded: Uint8Array): boolean {
  const bodyEnd = body.length;
  const decodedEnd = decoded.length;
  const bodyView = new DataView(body.buffer, body.byteOffset, bodyEnd);
  const decodedView = new DataView(decoded.buffer, decoded.byteOffset, decodedEnd);
  // Where `copyStrides` may write too much without harm: what stands behind an element is overwritten by the next one.
  const lastBodyStride = bodyEnd - STRIDE_BYTES;
  const lastDecodedStride = decodedEnd - STRIDE_BYTES;
  let position = start;
  let written = 0;
  while (position < bodyEnd) {
    const tag = body[position++]!;
    const kind = tag & 3;
    let length = (tag >>> 2) + 1;
    if (kind === 0) {
      if (length > 60) {
        const sizeBytes = length - 60;
        if (position + sizeBytes > bodyEnd) return false;
        length = readInt32(body, position, sizeBytes) + 1;
        position += sizeBytes;
      }
      if (length <= 0 || length > bodyEnd - position || length > decodedEnd - written) return false;
      const end = written + length;
      if (length >= LONG_LITERAL_BYTES) {
        decoded.set(body.subarray(position, position + length), written);
      } else if (end <= lastDecodedStride && position + length <= lastBodyStride) {
        copyStrides(bodyView, position, decodedView, written, end);
      } else {
        for (let at = written; at < end; at++) decoded[at] = body[at - written + position]!;
      }
      position += length;
      written = end;
      continue;
    }
    let offset: number;
    if (kind === 1) {
      if (position + 1 > bodyEnd) return false;
      length = ((tag >>> 2) & 7) + 4;
      offset = ((tag >>> 5) << 8) | body[position]!;
      position += 1;
    } else {
      const sizeBytes = kind === 2 ? 2 : 4;
      if (position + sizeBytes > bodyEnd) return false;
      offset = readInt32(body, position, sizeBytes);
      position += sizeBytes;
    }
    if (offset <= 0 || offset > written || length > decodedEnd - written) return false;
    const end = written + length;
    if (offset >= STRIDE_BYTES && end <= lastDecodedStride) {
      copyStrides(decodedView, written - offset, decodedView, written, end);
    } else {
      // A copy may overlap what it writes, which repeats a pattern; one shorter than a stride has to go by the byte.
      for (let at = written; at < end; at++) decoded[at] = decoded[at - offset]!;
    }
    written = end;
  }
  return written === decodedEnd;
}

/** Copies from `from` on to `[at, end)`, a part of a stride too much. */
function copyStrides(source: DataView, from: number, target: DataView, at: number, end: number): void {
  const shift = from - at;
  for (let to = at; to < end; to += STRIDE_BYTES) {
    target.setInt32(to, source.getInt32(to + shift, true), true);
    target.setInt32(to + 4, source.getInt32(to + shift + 4, true), true);
  }
}

/** The little-endian number in up to four bytes; negative from 2^31 on. */
function readInt32(bytes: Uint8Array, position: number, sizeBytes: number): number {
  let value = 0;
  for (let i = 0; i < sizeBytes; i++) value |= bytes[position + i]! << (8 * i);
  return value;
}

function corrupt(): PocketCortexError {
  return new PocketCortexError('malformed-body', 'snappy: corrupt input');
}

function tooLarge(actualBytes: number, limitBytes: number): PocketCortexError {
  return new PocketCortexError('limit-exceeded', `received message larger than max (${actualBytes} vs ${limitBytes})`);
}
