import { type ByteReader, type ByteWriter, expectKnown } from './bytes.ts';
import { readNumbers, writeNumbers } from './number-stream.ts';

/**
 * Values of a log record, series by series as they came: no value knows the one before it in its series, so each is written by
 * itself. Most are short decimal numbers.
 *
 *     kinds     a number each (see number-stream.ts): by how much its kind differs from that of the value before
 *     decimals  of kinds 0, 1 and 2: value × 1, × 10^3 or × 10^6, a number each
 *     raw       of kind 3: 8 bytes each
 *
 * Every value comes back bit for bit: what division does not give back exactly is written raw.
 */
const POWERS = Float64Array.of(1, 1e3, 1e6);
const RAW = 3;
/** Beyond this a number takes as many bytes as a raw one. */
const DECIMAL_LIMIT = 2 ** 42;
/** Whole numbers in a row, after which the others are expected to be whole, too. */
const WHOLE_RUN = 4;

let kinds = new Float64Array(256);
let decimals = new Float64Array(256);
let raw = new Int32Array(512);

/** `words` are the bits of `values`. */
export function writeLogValues(writer: ByteWriter, values: Float64Array, words: Int32Array, count: number): void {
  reserve(count);
  let kind = 0;
  let wholeRun = 0;
  let decimalCount = 0;
  let rawCount = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    const previous = kind;
    const isWhole = Math.floor(value) === value;
    wholeRun = isWhole ? wholeRun + 1 : 0;
    // What was good for the value before is most often good for this one.
    if (kind === RAW || !isDecimal(value, POWERS[kind]!) || (kind > 0 && wholeRun >= WHOLE_RUN)) kind = kindOf(value);
    kinds[i] = kind - previous;
    if (kind === RAW) {
      raw[rawCount++] = words[i * 2]!;
      raw[rawCount++] = words[i * 2 + 1]!;
    } else {
      decimals[decimalCount++] = kind === 0 ? value : Math.round(value * POWERS[kind]!);
    }
  }
  writeNumbers(writer, kinds, count);
  writeNumbers(writer, decimals, decimalCount);
  writer.append(new Uint8Array(raw.buffer, 0, rawCount * 4));
}

/** Overwrites the first `count` values, whose bits `words` are. @throws {PocketCortexError} `storage-corrupt` */
export function readLogValues(reader: ByteReader, values: Float64Array, words: Int32Array, count: number): void {
  reserve(count);
  readNumbers(reader, kinds, count);
  let kind = 0;
  let decimalCount = 0;
  for (let i = 0; i < count; i++) {
    kind += kinds[i]!;
    expectKnown(kind >= 0 && kind <= RAW);
    kinds[i] = kind;
    if (kind !== RAW) decimalCount += 1;
  }
  readNumbers(reader, decimals, decimalCount);
  reader.expectRoom((count - decimalCount) * 8);
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (kinds[i] === RAW) {
      words[i * 2] = reader.word();
      words[i * 2 + 1] = reader.word();
    } else {
      values[i] = decimals[at++]! / POWERS[kinds[i]!]!;
    }
  }
}

/** Lets go of room that only a huge batch needs. */
export function shrinkLogValues(sampleCount: number): void {
  if (kinds.length <= sampleCount) return;
  kinds = new Float64Array(sampleCount);
  decimals = new Float64Array(sampleCount);
  raw = new Int32Array(sampleCount * 2);
}

function reserve(count: number): void {
  if (kinds.length >= count) return;
  const capacity = Math.max(count, kinds.length * 2);
  kinds = new Float64Array(capacity);
  decimals = new Float64Array(capacity);
  raw = new Int32Array(capacity * 2);
}

function kindOf(value: number): number {
  for (let kind = 0; kind < RAW; kind++) if (isDecimal(value, POWERS[kind]!)) return kind;
  return RAW;
}

/** Neither for NaN nor infinities nor -0. */
function isDecimal(value: number, power: number): boolean {
  const scaled = power === 1 ? Math.floor(value) : Math.round(value * power);
  if (scaled / power !== value || scaled > DECIMAL_LIMIT || scaled < -DECIMAL_LIMIT) return false;
  return value !== 0 || 1 / value > 0;
}
