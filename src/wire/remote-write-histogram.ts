import type { CounterResetHint } from '../model/native-histogram.ts';
import type { BucketSpan } from '../model/native-histogram-spans.ts';
import type { BatchHistogram } from '../model/write-batch.ts';
import { FIXED64, type FieldNames, LENGTH_DELIMITED, malformed, type ProtoReader, VARINT } from './proto-reader.ts';

/*
 * prometheus.Histogram. A packed field may also come one element at a time; of an integer histogram the buckets of a
 * side are what each differs from the one before, of a float histogram they are counts.
 *
 *     Histogram   08 count (varint) | 11 count (8 bytes)   19 sum   20 schema (zigzag)   29 zero threshold
 *                 30 zero count (varint) | 39 zero count (8 bytes)
 *                 42 negative spans*   4a negative deltas (zigzag, packed)   52 negative counts (packed)
 *                 5a positive spans*   62 positive deltas (zigzag, packed)   6a positive counts (packed)
 *                 70 reset hint   78 timestamp   82 01 custom values (packed)   88 01 start timestamp
 *     BucketSpan  08 offset (zigzag)   10 length (varint)
 */
const histogramFields: FieldNames = {
  1: 'CountInt',
  2: 'CountFloat',
  3: 'Sum',
  4: 'Schema',
  5: 'ZeroThreshold',
  6: 'ZeroCountInt',
  7: 'ZeroCountFloat',
  8: 'NegativeSpans',
  9: 'NegativeDeltas',
  10: 'NegativeCounts',
  11: 'PositiveSpans',
  12: 'PositiveDeltas',
  13: 'PositiveCounts',
  14: 'ResetHint',
  15: 'TimestampMs',
  16: 'CustomValues',
  17: 'StartTimestampMs',
};
const spanFields: FieldNames = { 1: 'Offset', 2: 'Length' };

/** Cortex's bound on one histogram: packed zeros would else take eight times their room once they are decoded. */
const HISTOGRAM_LIMIT_BYTES = 16 << 10;

/** By the number that stands for each. */
export const resetHints: readonly CounterResetHint[] = ['unknown', 'reset', 'not-reset', 'gauge'];

const NO_NUMBERS = new Float64Array(0);

/**
 * Arrays of many histograms are cut from one buffer: a buffer for each costs more, to make and to collect, than what is in
 * it. A buffer stays as long as any of its histograms, so it is not large.
 */
const CUT_NUMBERS = 2048;
const LONGEST_CUT_NUMBERS = 256;
let cutFrom = new ArrayBuffer(0);
let cutNumbers = CUT_NUMBERS;

function newNumbers(count: number): Float64Array {
  // Most histograms have one side and no custom bounds, and an empty array costs as much as any.
  if (count === 0) return NO_NUMBERS;
  if (count > LONGEST_CUT_NUMBERS) return new Float64Array(count);
  if (cutNumbers + count > CUT_NUMBERS) {
    cutFrom = new ArrayBuffer(CUT_NUMBERS * 8);
    cutNumbers = 0;
  }
  const numbers = new Float64Array(cutFrom, cutNumbers * 8, count);
  cutNumbers += count;
  return numbers;
}

/** Numbers of one packed field; grows and is used again. */
class Numbers {
  values = new Float64Array(64);
  count = 0;

  clear(): void {
    this.count = 0;
  }

  push(value: number): void {
    if (this.count === this.values.length) {
      const grown = new Float64Array(this.count * 2);
      grown.set(this.values);
      this.values = grown;
    }
    this.values[this.count++] = value;
  }

  copy(): Float64Array {
    const { values, count } = this;
    const copy = newNumbers(count);
    for (let i = 0; i < count; i++) copy[i] = values[i]!;
    return copy;
  }
}

/** Spans of one side. Histograms that come one after the other mostly have the same, and share them then. */
class Spans {
  #last: readonly BucketSpan[] = [];
  #count = 0;
  /** Of a histogram whose spans are not the last one's so far. */
  #own: BucketSpan[] | undefined;

  clear(): void {
    this.#count = 0;
    this.#own = undefined;
  }

  push(offset: number, length: number): void {
    const index = this.#count++;
    const last = this.#last[index];
    if (this.#own === undefined && last !== undefined && last.offset === offset && last.length === length) return;
    this.#own ??= this.#last.slice(0, index);
    this.#own.push({ offset, length });
  }

  /** Frozen. */
  take(): readonly BucketSpan[] {
    if (this.#count === 0) return NO_SPANS;
    if (this.#own !== undefined || this.#count < this.#last.length)
      this.#last = this.#own ?? this.#last.slice(0, this.#count);
    return this.#last;
  }
}

const NO_SPANS: readonly BucketSpan[] = [];
const positiveSpans = new Spans();
const negativeSpans = new Spans();
const positiveDeltas = new Numbers();
const positiveCounts = new Numbers();
const negativeDeltas = new Numbers();
const negativeCounts = new Numbers();
const customBounds = new Numbers();
const packedFields = [positiveDeltas, positiveCounts, negativeDeltas, negativeCounts, customBounds];

/**
 * Reads the native histogram that `reader` is in; `view` is over the reader's bytes. Nothing in it is checked but that
 * it is well-formed: spans and buckets need not fit.
 * @throws {PocketCortexError} `malformed-body`
 */
export function readHistogram(reader: ProtoReader, view: DataView, seriesIndex: number): BatchHistogram {
  const sizeBytes = reader.end - reader.position;
  if (sizeBytes > HISTOGRAM_LIMIT_BYTES) {
    throw malformed(`native histogram size ${sizeBytes} bytes exceeds limit ${HISTOGRAM_LIMIT_BYTES} bytes`);
  }
  for (let i = 0; i < packedFields.length; i++) packedFields[i]!.clear();
  positiveSpans.clear();
  negativeSpans.clear();
  let isInteger = true;
  let count = 0;
  let sum = 0;
  let isStale = false;
  let schema = 0;
  let zeroThreshold = 0;
  let zeroCountInteger = 0;
  let zeroCountFloat = 0;
  let hint = 0;
  let timestampMs = 0;
  let startMs = 0;
  const double = () => view.getFloat64(reader.fixed64(), true);
  while (reader.position < reader.end) {
    const tag = reader.tag('Histogram');
    switch (tag) {
      case 1 * 8 + VARINT:
        count = unsigned(reader);
        isInteger = true;
        break;
      case 2 * 8 + FIXED64:
        count = double();
        isInteger = false;
        break;
      case 3 * 8 + FIXED64: {
        const at = reader.fixed64();
        sum = view.getFloat64(at, true);
        isStale = view.getUint32(at, true) === 2 && view.getUint32(at + 4, true) === 0x7ff00000;
        break;
      }
      case 4 * 8 + VARINT:
        schema = zigzag32(reader);
        break;
      case 5 * 8 + FIXED64:
        zeroThreshold = double();
        break;
      case 6 * 8 + VARINT:
        zeroCountInteger = unsigned(reader);
        zeroCountFloat = 0;
        break;
      case 7 * 8 + FIXED64:
        zeroCountFloat = double();
        zeroCountInteger = 0;
        break;
      case 8 * 8 + LENGTH_DELIMITED:
        readSpan(reader, negativeSpans);
        break;
      case 11 * 8 + LENGTH_DELIMITED:
        readSpan(reader, positiveSpans);
        break;
      case 9 * 8 + VARINT:
      case 9 * 8 + LENGTH_DELIMITED:
        readDeltas(reader, tag, negativeDeltas);
        break;
      case 10 * 8 + FIXED64:
      case 10 * 8 + LENGTH_DELIMITED:
        readNumbers(reader, tag, double, negativeCounts);
        break;
      case 12 * 8 + VARINT:
      case 12 * 8 + LENGTH_DELIMITED:
        readDeltas(reader, tag, positiveDeltas);
        break;
      case 13 * 8 + FIXED64:
      case 13 * 8 + LENGTH_DELIMITED:
        readNumbers(reader, tag, double, positiveCounts);
        break;
      case 14 * 8 + VARINT:
        hint = reader.int32();
        break;
      case 15 * 8 + VARINT:
        timestampMs = reader.int64();
        break;
      case 16 * 8 + FIXED64:
      case 16 * 8 + LENGTH_DELIMITED:
        readNumbers(reader, tag, double, customBounds);
        break;
      case 17 * 8 + VARINT:
        startMs = reader.int64();
        break;
      default:
        reader.skipUnknown(tag, histogramFields);
    }
  }
  return {
    seriesIndex,
    timestampMs,
    startMs,
    sizeBytes,
    isInteger,
    isStale,
    schema,
    zeroThreshold,
    zeroCount: isInteger ? zeroCountInteger : zeroCountFloat,
    count,
    sum,
    positiveSpans: positiveSpans.take(),
    positiveCounts: isInteger ? summed(positiveDeltas) : positiveCounts.copy(),
    negativeSpans: negativeSpans.take(),
    negativeCounts: isInteger ? summed(negativeDeltas) : negativeCounts.copy(),
    customBounds: customBounds.copy(),
    counterResetHint: resetHints[hint] ?? 'unknown',
  };
}

/** The last element may reach beyond the packed field: Go's decoder checks it against the message only. */
function readNumbers(reader: ProtoReader, tag: number, readElement: () => number, into: Numbers): void {
  if (tag % 8 !== LENGTH_DELIMITED) {
    into.push(readElement());
    return;
  }
  const packedEnd = reader.length() + reader.position;
  while (reader.position < packedEnd) into.push(readElement());
}

/** `readNumbers` of what mostly takes a byte or two each. */
function readDeltas(reader: ProtoReader, tag: number, into: Numbers): void {
  if (tag % 8 !== LENGTH_DELIMITED) {
    into.push(zigzag64(reader));
    return;
  }
  const packedEnd = reader.length() + reader.position;
  const { bytes } = reader;
  let position = reader.position;
  while (position < packedEnd) {
    const first = bytes[position]!;
    if (first < 0x80) {
      position += 1;
      into.push((first >>> 1) ^ -(first & 1));
      continue;
    }
    const second = position + 1 < packedEnd ? bytes[position + 1]! : 0x80;
    if (second < 0x80) {
      position += 2;
      const z = (first & 0x7f) | (second << 7);
      into.push((z >>> 1) ^ -(z & 1));
      continue;
    }
    reader.position = position;
    into.push(zigzag64(reader));
    position = reader.position;
  }
  reader.position = position;
}

function readSpan(reader: ProtoReader, into: Spans): void {
  const outerEnd = reader.enter();
  let offset = 0;
  let length = 0;
  while (reader.position < reader.end) {
    const tag = reader.tag('BucketSpan');
    if (tag === 0x08) offset = zigzag32(reader);
    else if (tag === 0x10) length = reader.int32() >>> 0;
    else reader.skipUnknown(tag, spanFields);
  }
  reader.leave(outerEnd);
  into.push(offset, length);
}

function summed(deltas: Numbers): Float64Array {
  const { values, count } = deltas;
  const counts = newNumbers(count);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    sum += values[i]!;
    counts[i] = sum;
  }
  return counts;
}

/** 64 bits without a sign; exact up to 2^53. */
function unsigned(reader: ProtoReader): number {
  const value = reader.int64();
  return value < 0 ? value + 2 ** 64 : value;
}

function zigzag64(reader: ProtoReader): number {
  const z = unsigned(reader);
  return z % 2 === 0 ? z / 2 : -(z + 1) / 2;
}

function zigzag32(reader: ProtoReader): number {
  const z = reader.int32() >>> 0;
  return (z >>> 1) ^ -(z & 1);
}
