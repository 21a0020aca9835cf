import { type ByteReader, type ByteWriter, expectKnown } from './bytes.ts';
import { numbersSizeBytes, readNumbers, writeNumbers } from './number-stream.ts';
import { EXACT_LIMIT, readValues, writeValues } from './value-codec.ts';

/**
 * A column of counts, such as those of one bucket over time: whole numbers that mostly rise a little, or not at all.
 *
 *     mode     1 byte   high 3 bits: mode, low 5 bits: k
 *       CONSTANT         first (signed varint): all are that
 *       RISING           first, then count - 1 Rice codes: by how much each is above the one before
 *       DELTA            the same with changes that go down, too: the sign in the lowest bit
 *       DELTA_OF_DELTA   the same, by how much the change changed (the first change from 0)
 *       SPARSE           first, then count - 1 numbers (see number-stream.ts), as DELTA: few changes
 *       STEADY           the same, as DELTA_OF_DELTA: few changes of the change
 *       VALUES           1 byte encoding, then values (see value-codec.ts): not whole, or very large
 *
 * A Rice code of z: z >> k as that many one bits and a zero bit, then the k low bits of z; from ESCAPE one bits on
 * there is no zero bit and z follows in 52 bits. Highest bits first; a column ends with a whole byte.
 */
const CONSTANT = 0;
const RISING = 1;
const DELTA = 2;
const DELTA_OF_DELTA = 3;
const SPARSE = 4;
const STEADY = 5;
const VALUES = 6;

const ESCAPE = 20;
const ESCAPE_BITS = 52;
const K_LIMIT = 31;
/** With the seven that may wait for it, so many bits fit into 32. */
const PUT_BITS = 24;

let deltas = new Float64Array(512);
let secondDeltas = new Float64Array(512);
let codes = new Float64Array(512);
let secondCodes = new Float64Array(512);

/** Writes all of `column`, which has at least one value. */
export function writeCounts(writer: ByteWriter, column: Float64Array): void {
  const count = column.length;
  if (!isWhole(column)) {
    writer.byte(VALUES << 5);
    const at = writer.length;
    writer.byte(0);
    const encoding = writeValues(writer, column);
    writer.bytes[at] = encoding;
    return;
  }
  if (deltas.length < count) {
    deltas = new Float64Array(count);
    secondDeltas = new Float64Array(count);
    codes = new Float64Array(count);
    secondCodes = new Float64Array(count);
  }
  const changeCount = count - 1;
  let isRising = true;
  let nonZeroCount = 0;
  let nonZeroSecondCount = 0;
  let previous = 0;
  for (let i = 0; i < changeCount; i++) {
    const delta = column[i + 1]! - column[i]!;
    const second = delta - previous;
    deltas[i] = delta;
    secondDeltas[i] = second;
    if (delta !== 0) nonZeroCount += 1;
    if (second !== 0) nonZeroSecondCount += 1;
    if (delta < 0) isRising = false;
    previous = delta;
  }
  if (nonZeroCount === 0) {
    writer.byte(CONSTANT << 5);
    writer.signed(column[0]!);
    return;
  }
  let total = 0;
  let secondTotal = 0;
  for (let i = 0; i < changeCount; i++) {
    const code = isRising ? deltas[i]! : zigzag(deltas[i]!);
    const secondCode = zigzag(secondDeltas[i]!);
    codes[i] = code;
    secondCodes[i] = secondCode;
    total += code;
    secondTotal += secondCode;
  }
  const k = bestParameter(codes, changeCount, total);
  const sizeBits = riceBits(codes, changeCount, k);
  // Larger codes are longer ones, so most columns need no second look.
  const secondK = secondTotal < total ? bestParameter(secondCodes, changeCount, secondTotal) : 0;
  const secondBits = secondTotal < total ? riceBits(secondCodes, changeCount, secondK) : Infinity;
  const leastBits = Math.min(sizeBits, secondBits);
  // Each change takes a byte at least.
  const sparseBits = nonZeroCount * 8 < leastBits ? numbersSizeBytes(deltas, changeCount) * 8 : Infinity;
  const steadyBits = nonZeroSecondCount * 8 < leastBits ? numbersSizeBytes(secondDeltas, changeCount) * 8 : Infinity;
  if (Math.min(sparseBits, steadyBits) < leastBits) {
    const isSteady = steadyBits < sparseBits;
    writer.byte((isSteady ? STEADY : SPARSE) << 5);
    writer.signed(column[0]!);
    writeNumbers(writer, isSteady ? secondDeltas : deltas, changeCount);
  } else if (secondBits < sizeBits) {
    writer.byte((DELTA_OF_DELTA << 5) | secondK);
    writer.signed(column[0]!);
    writeRice(writer, secondCodes, changeCount, secondK);
  } else {
    writer.byte(((isRising ? RISING : DELTA) << 5) | k);
    writer.signed(column[0]!);
    writeRice(writer, codes, changeCount, k);
  }
}

/** Overwrites all of `out`. @throws {PocketCortexError} `storage-corrupt` */
export function readCounts(reader: ByteReader, out: Float64Array): void {
  const tag = reader.byte();
  const mode = tag >>> 5;
  if (mode === VALUES) {
    readValues(reader, reader.byte(), out);
    return;
  }
  expectKnown(mode < VALUES);
  const first = reader.signed();
  const changes = out.subarray(1);
  if (mode === CONSTANT) {
    out.fill(first);
    reader.expectWithin();
    return;
  }
  if (mode === SPARSE || mode === STEADY) readNumbers(reader, changes, changes.length);
  else readRice(reader, changes, tag & K_LIMIT);
  let value = first;
  let delta = 0;
  out[0] = first;
  for (let i = 1; i < out.length; i++) {
    const code = out[i]!;
    if (mode === RISING || mode === SPARSE) delta = code;
    else if (mode === DELTA) delta = unzigzag(code);
    else delta += mode === STEADY ? code : unzigzag(code);
    value += delta;
    out[i] = value;
  }
}

/** Whole, without -0, and such that changes of changes stay exact. */
function isWhole(column: Float64Array): boolean {
  for (let i = 0; i < column.length; i++) {
    const value = column[i]!;
    if (!(Math.abs(value) <= EXACT_LIMIT / 8) || Math.floor(value) !== value) return false;
    if (value === 0 && Object.is(value, -0)) return false;
  }
  return true;
}

/** The k for which the codes are about shortest: near the logarithm of their mean. `total` is their sum. */
function bestParameter(numbers: Float64Array, count: number, total: number): number {
  const mean = total / count;
  const guess = Math.min(K_LIMIT, Math.max(0, Math.floor(Math.log2(mean + 1e-9))));
  if (guess === 0 && mean < 0.7) return 0;
  let best = guess;
  for (const k of [guess - 1, guess + 1]) {
    if (k >= 0 && k <= K_LIMIT && riceBits(numbers, count, k) < riceBits(numbers, count, best)) best = k;
  }
  return best;
}

function riceBits(numbers: Float64Array, count: number, k: number): number {
  // A product with a power of two is as exact as the division, and takes a fraction of its time.
  const scale = 2 ** -k;
  let bits = 0;
  for (let i = 0; i < count; i++) {
    const quotient = Math.floor(numbers[i]! * scale);
    bits += quotient < ESCAPE ? quotient + 1 + k : ESCAPE + ESCAPE_BITS;
  }
  return bits;
}

function writeRice(writer: ByteWriter, numbers: Float64Array, count: number, k: number): void {
  // No code takes more than an escaped one, which is nine.
  writer.reserve(count * 9 + 1);
  const { bytes } = writer;
  const scale = 2 ** -k;
  let position = writer.length;
  /** Bits that do not fill a byte yet, less than eight. */
  let pending = 0;
  let filled = 0;
  const put = (value: number, bitCount: number): void => {
    pending = (pending << bitCount) | value;
    filled += bitCount;
    while (filled >= 8) {
      filled -= 8;
      bytes[position++] = pending >>> filled;
    }
    pending &= (1 << filled) - 1;
  };
  for (let i = 0; i < count; i++) {
    const number = numbers[i]!;
    const quotient = Math.floor(number * scale);
    if (quotient >= ESCAPE) {
      put(2 ** ESCAPE - 1, ESCAPE);
      put(Math.floor(number / 2 ** 39), 13);
      put(Math.floor(number / 2 ** 26) % 2 ** 13, 13);
      put(Math.floor(number / 2 ** 13) % 2 ** 13, 13);
      put(number % 2 ** 13, 13);
    } else if (quotient + 1 + k <= PUT_BITS) {
      put((((1 << quotient) - 1) << (k + 1)) | (number & ((1 << k) - 1)), quotient + 1 + k);
    } else {
      put(((1 << quotient) - 1) << 1, quotient + 1);
      const low = number % 2 ** k;
      put(Math.floor(low / 2 ** 16), Math.max(0, k - 16));
      put(low & 0xffff & ((1 << k) - 1), Math.min(k, 16));
    }
  }
  if (filled > 0) put(0, 8 - filled);
  writer.length = position;
}

function readRice(reader: ByteReader, out: Float64Array, k: number): void {
  const bytes = reader.bytes;
  const step = 2 ** k;
  let position = reader.position;
  let byte = 0;
  let available = 0;
  for (let i = 0; i < out.length && position <= bytes.length; i++) {
    let quotient = 0;
    for (; quotient < ESCAPE; quotient++) {
      if (available === 0) {
        byte = bytes[position++]!;
        available = 8;
      }
      available -= 1;
      if (((byte >>> available) & 1) === 0) break;
    }
    const isEscaped = quotient === ESCAPE;
    let low = 0;
    for (let left = isEscaped ? ESCAPE_BITS : k; left > 0; ) {
      if (available === 0) {
        byte = bytes[position++]!;
        available = 8;
      }
      const take = Math.min(left, available);
      available -= take;
      // A product where a shift would cut: the escaped number has more than 32 bits.
      low = low * (1 << take) + ((byte >>> available) & ((1 << take) - 1));
      left -= take;
    }
    out[i] = isEscaped ? low : quotient * step + low;
  }
  reader.position = position;
  reader.expectWithin();
}

function zigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

function unzigzag(code: number): number {
  return code % 2 === 0 ? code / 2 : -(code + 1) / 2;
}
