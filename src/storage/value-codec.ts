import { type ByteReader, type ByteWriter, expectKnown } from './bytes.ts';
import { numbersSizeBytes, readNumbers, writeNumbers } from './number-stream.ts';
import { readXorValues, writeXorValues } from './xor-values.ts';

/**
 * A column of values, encoded as suits it best; whoever writes it keeps the number of the encoding, too.
 *
 *     XOR              see xor-values.ts: any bits
 *     DELTA            1 byte exponent e, then a number each (see number-stream.ts): by how much value × 10^e changed,
 *                      starting from 0
 *     DELTA_OF_DELTA   the same, by how much that change changed: for steady counters
 *                      both end in: patch count varint, then for each a varint (how many samples after the patch
 *                      before) and the 8 bytes of a value that is no decimal number: NaN, a staleness marker,
 *                      an infinity, -0
 *
 * Whatever the encoding, every value comes back bit for bit. Metrics are decimal texts when they are scraped, so most
 * are whole numbers after a multiplication by a power of ten, and those are small as differences.
 */
const VALUES_XOR = 0;
const VALUES_DELTA = 1;
const VALUES_DELTA_OF_DELTA = 2;

/** Sums and differences of whole numbers up to here stay exact. */
export const EXACT_LIMIT = 2 ** 50;
const EXPONENT_LIMIT = 15;
const POWERS_OF_TEN = Float64Array.from({ length: EXPONENT_LIMIT + 1 }, (_, exponent) => 10 ** exponent);

let scratch = new Float64Array(1024);
let otherScratch = new Float64Array(1024);

/** Returns the encoding. */
export function writeValues(writer: ByteWriter, values: Float64Array): number {
  const exponent = decimalExponent(values);
  if (exponent < 0) {
    writeXorValues(writer, values);
    return VALUES_XOR;
  }
  const count = values.length;
  if (scratch.length < count) {
    scratch = new Float64Array(count);
    otherScratch = new Float64Array(count);
  }
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
  writePatches(writer, values);
  return isSteady ? VALUES_DELTA_OF_DELTA : VALUES_DELTA;
}

/** Overwrites all of `out`. @throws {PocketCortexError} `storage-corrupt` */
export function readValues(reader: ByteReader, encoding: number, out: Float64Array): void {
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

function writePatches(writer: ByteWriter, values: Float64Array): void {
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
