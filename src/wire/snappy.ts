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

const WORD_BYTES = 4;

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

/** Whether the elements from `position` on are whole and fill `decoded` exactly. */
function decodeElements(body: Uint8Array, position: number, decoded: Uint8Array): boolean {
  const bodyEnd = body.length;
  const decodedEnd = decoded.length;
  // Bytes are copied by the word where a word too many does no harm: what stands behind an element is overwritten by the
  // next one. That takes more than half off the time.
  const bodyView = new DataView(body.buffer, body.byteOffset, bodyEnd);
  const decodedView = new DataView(decoded.buffer, decoded.byteOffset, decodedEnd);
  const lastBodyWord = bodyEnd - WORD_BYTES;
  const lastDecodedWord = decodedEnd - WORD_BYTES;
  let written = 0;
  while (position < bodyEnd) {
    const tag = body[position++]!;
    const kind = tag & 3;
    if (kind === 0) {
      let length = (tag >>> 2) + 1;
      if (length > 60) {
        const sizeBytes = length - 60;
        if (position + sizeBytes > bodyEnd) return false;
        length = 1;
        for (let i = 0; i < sizeBytes; i++) length += body[position + i]! * 2 ** (8 * i);
        position += sizeBytes;
      }
      if (length > bodyEnd - position || length > decodedEnd - written) return false;
      const end = written + length;
      const shift = position - written;
      if (length >= LONG_LITERAL_BYTES) {
        decoded.set(body.subarray(position, position + length), written);
      } else if (end <= lastDecodedWord && position + length <= lastBodyWord) {
        for (let at = written; at < end; at += WORD_BYTES) decodedView.setUint32(at, bodyView.getUint32(at + shift));
      } else {
        for (let at = written; at < end; at++) decoded[at] = body[at + shift]!;
      }
      position += length;
      written = end;
      continue;
    }
    let length = (tag >>> 2) + 1;
    let offset: number;
    if (kind === 1) {
      if (position + 1 > bodyEnd) return false;
      length = ((tag >>> 2) & 7) + 4;
      offset = ((tag >>> 5) << 8) | body[position]!;
      position += 1;
    } else if (kind === 2) {
      if (position + 2 > bodyEnd) return false;
      offset = body[position]! | (body[position + 1]! << 8);
      position += 2;
    } else {
      if (position + 4 > bodyEnd) return false;
      // The highest byte may make this negative: no offset then, as one above 2^31 is none either.
      offset = body[position]! | (body[position + 1]! << 8) | (body[position + 2]! << 16) | (body[position + 3]! << 24);
      position += 4;
    }
    if (offset <= 0 || offset > written || length > decodedEnd - written) return false;
    const end = written + length;
    if (offset >= WORD_BYTES && end <= lastDecodedWord) {
      for (; written < end; written += WORD_BYTES) {
        decodedView.setUint32(written, decodedView.getUint32(written - offset));
      }
    } else {
      // A copy may overlap what it writes, which repeats a pattern; one shorter than a word has to go by the byte.
      for (; written < end; written++) decoded[written] = decoded[written - offset]!;
    }
    written = end;
  }
  return written === decodedEnd;
}

function corrupt(): PocketCortexError {
  return new PocketCortexError('malformed-body', 'snappy: corrupt input');
}

function tooLarge(actualBytes: number, limitBytes: number): PocketCortexError {
  return new PocketCortexError('limit-exceeded', `received message larger than max (${actualBytes} vs ${limitBytes})`);
}
