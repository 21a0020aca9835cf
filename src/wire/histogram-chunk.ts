import { type SampleColumns, writeStaleMarker } from '../model/columns.ts';
import {
  type BucketCounts,
  type CounterResetHint,
  CUSTOM_BUCKETS_SCHEMA,
  type NativeHistogram,
} from '../model/native-histogram.ts';
import { haveSameBounds } from '../model/native-histogram-custom.ts';
import { storedHint } from '../model/native-histogram-resets.ts';
import { spansOfBuckets } from '../model/native-histogram-spans.ts';
import type { BitWriter } from './bit-writer.ts';
import { writeVarbitInt, writeVarbitUint, writeXor, xorWindows } from './chunk-numbers.ts';

/*
 * The two kinds of histogram chunk of Prometheus's database:
 *
 *     count (2 bytes)   reset (1 byte)   layout   sample*
 *     layout  zero threshold   schema (varbit_int)   positive spans   negative spans   bounds, with custom buckets
 *     spans   count   (length   offset)*                    varbit_uint, but offsets: varbit_int
 *
 *     sample      integer: first, then changes of changes        float: first, then against the one before
 *     time        varbit_int, varbit_int                         varbit_int, varbit_int (changes of changes)
 *     count       varbit_uint, varbit_int                        8 bytes, varbit_xor
 *     zero count  varbit_uint, varbit_int                        8 bytes, varbit_xor
 *     sum         8 bytes, varbit_xor                            8 bytes, varbit_xor
 *     buckets     varbit_int, varbit_int: what each differs      8 bytes, varbit_xor
 *                 from the bucket before
 */

const resetBits: Readonly<Record<CounterResetHint, number>> = {
  unknown: 0,
  'not-reset': 0x40,
  reset: 0x80,
  gauge: 0xc0,
};

/** Changes of changes of counts above would not be whole numbers that a double holds. */
const EXACT_LIMIT = 2 ** 50;

/**
 * Whether `current` can lie in one chunk with `previous`, the sample before it: a chunk is of one layout and one kind,
 * and readers take for granted that no counter is reset within. A stale one has no layout.
 */
export function sharesChunk(current: NativeHistogram, previous: NativeHistogram): boolean {
  if (current.isStale || previous.isStale || current.isInteger !== previous.isInteger) return false;
  if (current.schema !== previous.schema || current.zeroThreshold !== previous.zeroThreshold) return false;
  if (!haveSameIndexes(current.positive, previous.positive)) return false;
  if (!haveSameIndexes(current.negative, previous.negative)) return false;
  if (current.isInteger && (current.count >= EXACT_LIMIT || previous.count >= EXACT_LIMIT)) return false;
  if (previous.counterResetHint === 'gauge' || current.counterResetHint === 'gauge') {
    const areGauges = previous.counterResetHint === current.counterResetHint;
    return areGauges && haveSameBounds(current.customBounds, previous.customBounds);
  }
  return storedHint(current, previous) === 'not-reset';
}

/**
 * The histograms of `samples` from index `from` up to, not including, `to`, each of which shares a chunk with the one before.
 * The result is the caller's; `writer` is used on the way.
 */
export function encodeHistogramChunk(writer: BitWriter, samples: SampleColumns, from: number, to: number): Uint8Array {
  const histograms = samples.histograms!;
  const first = histograms[from]!;
  writer.clear();
  writer.bits(to - from, 16);
  writer.bits(resetBits[first.counterResetHint], 8);
  writeLayout(writer, first);
  const columns = new NumberColumns(first);
  let beforeMs = 0;
  let stepMs = 0;
  for (let i = from; i < to; i++) {
    const timeMs = samples.timestampsMs[i]!;
    // The step to the first sample is not counted: that of the second is written as it is.
    if (i === from) {
      writeVarbitInt(writer, timeMs);
    } else {
      writeVarbitInt(writer, timeMs - beforeMs - stepMs);
      stepMs = timeMs - beforeMs;
    }
    beforeMs = timeMs;
    columns.write(writer, histograms[i]!, i === from);
  }
  return writer.finish();
}

function writeLayout(
  writer: BitWriter,
  { schema, zeroThreshold, positive, negative, customBounds }: NativeHistogram,
): void {
  writeZeroThreshold(writer, zeroThreshold);
  writeVarbitInt(writer, schema);
  writeSpans(writer, positive);
  writeSpans(writer, negative);
  if (schema !== CUSTOM_BUCKETS_SCHEMA) return;
  writeVarbitUint(writer, customBounds.length);
  for (let i = 0; i < customBounds.length; i++) writeBound(writer, customBounds[i]!);
}

/** A power of two takes one byte, its exponent. */
function writeZeroThreshold(writer: BitWriter, threshold: number): void {
  const exponent = Math.round(Math.log2(threshold));
  if (threshold === 0) {
    writer.bits(0, 8);
  } else if (exponent >= -243 && exponent <= 10 && 2 ** exponent === threshold) {
    writer.bits(exponent + 244, 8);
  } else {
    writer.bits(0xff, 8);
    writer.double(threshold);
  }
}

function writeSpans(writer: BitWriter, side: BucketCounts): void {
  const spans = spansOfBuckets(side);
  writeVarbitUint(writer, spans.length);
  for (const { length, offset } of spans) {
    writeVarbitUint(writer, length);
    writeVarbitInt(writer, offset);
  }
}

/** The largest number of thousandths that four bytes hold. */
const LARGEST_THOUSANDTHS = 33_554_430;

/** A bound that people chose has few decimals: it is written as thousandths, and one on top. */
function writeBound(writer: BitWriter, bound: number): void {
  const thousandths = Math.round(bound * 1000);
  const isShort = bound >= 0 && bound * 1000 <= LARGEST_THOUSANDTHS && thousandths / 1000 === bound;
  writeVarbitUint(writer, isShort ? thousandths + 1 : 0);
  if (!isShort) writer.double(bound);
}

/** All numbers of a histogram but its time, in the order of a sample, and what the next sample is written against. */
class NumberColumns {
  readonly #isInteger: boolean;
  readonly #before: Float64Array;
  readonly #beforeWords: Uint32Array;
  readonly #now: Float64Array;
  readonly #nowWords: Uint32Array;
  /** By how much each number of an integer histogram changed last. */
  readonly #changes: Float64Array;
  readonly #windows: Uint8Array;

  constructor({ isInteger, positive, negative }: NativeHistogram) {
    const count = BUCKETS + positive.counts.length + negative.counts.length;
    this.#isInteger = isInteger;
    this.#before = new Float64Array(count);
    this.#beforeWords = new Uint32Array(this.#before.buffer);
    this.#now = new Float64Array(count);
    this.#nowWords = new Uint32Array(this.#now.buffer);
    this.#changes = new Float64Array(count);
    this.#windows = xorWindows(count);
  }

  write(writer: BitWriter, histogram: NativeHistogram, isFirst: boolean): void {
    this.#read(histogram);
    for (let i = 0; i < this.#now.length; i++) {
      if (!this.#isInteger || i === SUM) this.#writeFloat(writer, i, isFirst);
      else this.#writeInteger(writer, i, isFirst);
    }
    this.#before.set(this.#now);
  }

  #read({ count, zeroCount, sum, isStale, positive, negative }: NativeHistogram): void {
    this.#now[0] = count;
    this.#now[1] = zeroCount;
    this.#now[SUM] = sum;
    if (isStale) writeStaleMarker(this.#nowWords, SUM);
    this.#readSide(positive.counts, BUCKETS);
    this.#readSide(negative.counts, BUCKETS + positive.counts.length);
  }

  #readSide(counts: Float64Array, start: number): void {
    this.#now.set(counts, start);
    if (!this.#isInteger) return;
    for (let i = counts.length - 1; i > 0; i--) this.#now[start + i]! -= counts[i - 1]!;
  }

  #writeFloat(writer: BitWriter, index: number, isFirst: boolean): void {
    const low = this.#nowWords[index * 2]!;
    const high = this.#nowWords[index * 2 + 1]!;
    if (isFirst) {
      writer.words(high, low, 64);
      return;
    }
    const lowBefore = this.#beforeWords[index * 2]!;
    const highBefore = this.#beforeWords[index * 2 + 1]!;
    writeXor(writer, this.#windows, index, (high ^ highBefore) >>> 0, (low ^ lowBefore) >>> 0);
  }

  #writeInteger(writer: BitWriter, index: number, isFirst: boolean): void {
    const value = this.#now[index]!;
    if (isFirst) {
      if (index < SUM) writeVarbitUint(writer, value);
      else writeVarbitInt(writer, value);
      return;
    }
    const change = value - this.#before[index]!;
    writeVarbitInt(writer, change - this.#changes[index]!);
    this.#changes[index] = change;
  }
}

/** Count and zero count come first, then the sum, then buckets. */
const SUM = 2;
const BUCKETS = 3;

function haveSameIndexes({ indexes }: BucketCounts, { indexes: others }: BucketCounts): boolean {
  if (indexes === others) return true;
  if (indexes.length !== others.length) return false;
  for (let i = 0; i < indexes.length; i++) if (indexes[i] !== others[i]) return false;
  return true;
}
