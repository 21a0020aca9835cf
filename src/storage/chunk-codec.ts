import { assert } from '../model/assert.ts';
import { PocketCortexError } from '../model/errors.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { numbersSizeBytes, readNumbers, writeNumbers } from './number-stream.ts';
import { readXorValues, writeXorValues } from './xor-values.ts';

/**
 * A chunk: up to a few hundred samples of one series, timestamps first, then values, each encoded as suits it best.
 *
 *     tag      1 byte   low 4 bits: encoding of the timestamps, high 4 bits: encoding of the values
 *     count    varint   samples, at least 1
 *     timestamps
 *       RAW              float64 × count
 *       DELTA_OF_DELTA   float64 first, then count - 1 numbers (see number-stream.ts): the first is the first delta,
 *                        the others are by how much the delta changed
 *     values
 *       XOR              see xor-values.ts: any bits
 *       DELTA            1 byte exponent e, then count numbers: by how much value × 10^e changed, starting from 0
 *       DELTA_OF_DELTA   the same, by how much that change changed: for steady counters
 *                        both end in: patch count varint, then for each a varint (how many samples after the patch
 *                        before) and the 8 bytes of a value that is no decimal number: NaN, a staleness marker,
 *                        an infinity, -0
 *     8 … 15 of the value encodings are kept for native histograms.
 *
 * Whatever the encoding, every value comes back bit for bit. Metrics are decimal texts when they are scraped, so most
 * are whole numbers after a multiplication by a power of ten, and those are small as differences.
 */
const TIMESTAMPS_RAW = 0;
const TIMESTAMPS_DELTA_OF_DELTA = 1;
const VALUES_XOR = 0;
const VALUES_DELTA = 1;
const VALUES_DELTA_OF_DELTA = 2;

export interface DecodedChunk {
  readonly timestampsMs: Float64Array;
  readonly values: Float64Array;
}

/** Sums and differences of whole numbers up to here stay exact. */
const EXACT_LIMIT = 2 ** 50;
const EXPONENT_LIMIT = 15;
const POWERS_OF_TEN = Float64Array.from({ length: EXPONENT_LIMIT + 1 }, (_, exponent) => 10 ** exponent);

const writer = new ByteWriter(4096);
let scratch = new Float64Array(1024);
let otherScratch = new Float64Array(1024);

/** Encodes the samples `[from, to)` of two columns. The bytes are the caller's. */
export function encodeChunk(timestampsMs: Float64Array, values: Float64Array, from: number, to: number): Uint8Array {
  const count = to - from;
  assert(count > 0, 'a chunk has a sample');
  if (scratch.length < count) {
    scratch = new Float64Array(count);
    otherScratch = new Float64Array(count);
  }
  const times = timestampsMs.subarray(from, to);
  const column = values.subarray(from, to);
  writer.clear();
  writer.byte(0);
  writer.varint(count);
  const timestampEncoding = writeTimestamps(times);
  const valueEncoding = writeValues(column);
  writer.bytes[0] = (valueEncoding << 4) | timestampEncoding;
  return writer.toBytes();
}

/** Decodes a chunk into fresh columns. @throws {PocketCortexError} `storage-corrupt` */
export function decodeChunk(bytes: Uint8Array): DecodedChunk {
  const reader = new ByteReader(bytes);
  const tag = reader.byte();
  // The densest token says 271 zeros in 2 bytes, in both columns.
  const count = reader.count(136);
  // One buffer for both: making one takes about as long as decoding a hundred samples.
  const buffer = new ArrayBuffer(count * 16);
  const values = new Float64Array(buffer, 0, count);
  const timestampsMs = new Float64Array(buffer, count * 8, count);
  readTimestamps(reader, tag & 0x0f, timestampsMs);
  readValues(reader, tag >>> 4, values);
  return { timestampsMs, values };
}

function writeTimestamps(times: Float64Array): number {
  const count = times.length;
  if (!(Math.abs(times[0]!) <= EXACT_LIMIT && Math.abs(times[count - 1]!) <= EXACT_LIMIT)) {
    for (let i = 0; i < count; i++) writer.float64(times[i]!);
    return TIMESTAMPS_RAW;
  }
  writer.float64(times[0]!);
  let delta = 0;
  for (let i = 1; i < count; i++) {
    const next = times[i]! - times[i - 1]!;
    scratch[i - 1] = next - delta;
    delta = next;
  }
  writeNumbers(writer, scratch, count - 1);
  return TIMESTAMPS_DELTA_OF_DELTA;
}

function readTimestamps(reader: ByteReader, encoding: number, out: Float64Array): void {
  const count = out.length;
  if (encoding === TIMESTAMPS_RAW) {
    for (let i = 0; i < count; i++) out[i] = reader.float64();
    return;
  }
  expectKnown(encoding === TIMESTAMPS_DELTA_OF_DELTA);
  let time = reader.float64();
  const deltas = out.subarray(1);
  readNumbers(reader, deltas, count - 1);
  out[0] = time;
  let delta = 0;
  for (let i = 1; i < count; i++) {
    delta += out[i]!;
    time += delta;
    out[i] = time;
  }
}

function writeValues(values: Float64Array): number {
  const exponent = decimalExponent(values);
  if (exponent < 0) {
    writeXorValues(writer, values);
    return VALUES_XOR;
  }
  const count = values.length;
  const power = POWERS_OF_TEN[exponent]!;
  let scaled = 0;
  let delta = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    // A value that gets patched stands as "unchanged".
    const next = isDecimalCandidate(value) ? Math.round(value * power) : scaled;
    scratch[i] = next - scaled;
    otherScratch[i] = next - scaled - delta;
    delta = next - scaled;
    scaled = next;
  }
  const isSteady = numbersSizeBytes(otherScratch, count) < numbersSizeBytes(scratch, count);
  writer.byte(exponent);
  writeNumbers(writer, isSteady ? otherScratch : scratch, count);
  writePatches(values);
  return isSteady ? VALUES_DELTA_OF_DELTA : VALUES_DELTA;
}

function readValues(reader: ByteReader, encoding: number, out: Float64Array): void {
  if (encoding === VALUES_XOR) {
    readXorValues(reader, out);
    return;
  }
  expectKnown(encoding === VALUES_DELTA || encoding === VALUES_DELTA_OF_DELTA);
  const power = POWERS_OF_TEN[reader.byte()];
  expectKnown(power !== undefined);
  const count = out.length;
  readNumbers(reader, out, count);
  let scaled = 0;
  if (encoding === VALUES_DELTA_OF_DELTA) {
    let delta = 0;
    for (let i = 0; i < count; i++) {
      delta += out[i]!;
      scaled += delta;
      out[i] = scaled;
    }
  } else {
    for (let i = 0; i < count; i++) {
      scaled += out[i]!;
      out[i] = scaled;
    }
  }
  if (power !== 1) for (let i = 0; i < count; i++) out[i] = out[i]! / power;
  readPatches(reader, out);
}

function writePatches(values: Float64Array): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  let patchCount = 0;
  for (let i = 0; i < values.length; i++) if (!isDecimalCandidate(values[i]!)) patchCount += 1;
  writer.varint(patchCount);
  let previous = 0;
  for (let i = 0; i < values.length && patchCount > 0; i++) {
    if (isDecimalCandidate(values[i]!)) continue;
    writer.varint(i - previous);
    writer.words(words[i * 2]!, words[i * 2 + 1]!);
    previous = i;
  }
}

function readPatches(reader: ByteReader, out: Float64Array): void {
  const patchCount = reader.count(1);
  reader.expectWithin();
  if (patchCount === 0) return;
  const words = new Uint32Array(out.buffer, out.byteOffset, out.length * 2);
  let index = 0;
  for (let patch = 0; patch < patchCount; patch++) {
    index += reader.varint();
    words[index * 2] = reader.word();
    words[index * 2 + 1] = reader.word();
  }
}

/**
 * The least power of ten that makes whole numbers of all values (but a few, which get patched), or -1. Dividing two
 * exact numbers rounds correctly, so what passes here comes back as the very same double.
 */
function decimalExponent(values: Float64Array): number {
  const count = values.length;
  let exponent = 0;
  let patchCount = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    if (!isDecimalCandidate(value)) {
      patchCount += 1;
      continue;
    }
    while (!isWhole(value, exponent)) {
      exponent += 1;
      if (exponent > EXPONENT_LIMIT) return -1;
    }
  }
  // A patch costs 10 bytes, a repeated NaN only a bit with XOR.
  if (patchCount * 8 > count + 8) return -1;
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    if (isDecimalCandidate(value) && !isWhole(value, exponent)) return -1;
  }
  return exponent;
}

function isWhole(value: number, exponent: number): boolean {
  const power = POWERS_OF_TEN[exponent]!;
  const scaled = Math.round(value * power);
  return scaled <= EXACT_LIMIT && scaled >= -EXACT_LIMIT && scaled / power === value;
}

/** Neither NaN nor infinite nor -0. */
function isDecimalCandidate(value: number): boolean {
  return value - value === 0 && (value !== 0 || 1 / value > 0);
}

function expectKnown(isKnown: boolean): asserts isKnown {
  if (!isKnown)
    throw new PocketCortexError('storage-corrupt', 'the database is damaged: a chunk has an unknown encoding');
}
