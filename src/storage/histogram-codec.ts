import { assert } from '../model/assert.ts';
import { writeStaleMarker } from '../model/columns.ts';
import { type BucketCounts, NativeHistogram, NO_BUCKETS } from '../model/native-histogram.ts';
import { spreadOver, unionOfIndexes } from '../model/native-histogram-buckets.ts';
import { haveSameBounds } from '../model/native-histogram-custom.ts';
import { type BucketSpan, indexesOfSpans, spansOfBuckets } from '../model/native-histogram-spans.ts';
import { type ByteReader, type ByteWriter, expectKnown } from './bytes.ts';
import { readCounts, writeCounts } from './count-columns.ts';
import { readValues, writeValues } from './value-codec.ts';

/**
 * The values of a chunk that has native histograms: runs of samples that have all in common but their numbers, until
 * there are as many as the chunk has.
 *
 *     kind     1 byte   low 3 bits: FLOATS, INTEGERS and FLOAT_COUNTS (histograms), STALE_INTEGER, STALE_FLOAT
 *                       (histograms that are staleness markers); above them flags: 8 gauge, 16 no column of counts
 *     length   varint   samples
 *     FLOATS            1 byte encoding, then values (see value-codec.ts)
 *     STALE_…           nothing
 *     INTEGERS, FLOAT_COUNTS
 *       schema          signed varint
 *       zero threshold  8 bytes
 *       custom bounds   varint, then 8 bytes each
 *       layout          of the positive buckets, then of the negative: spans, as varint, then for each its offset
 *                       (signed varint) and length (varint)
 *       sums            1 byte encoding, then values
 *       columns         a column each (see count-columns.ts): all observations (unless they are those of all buckets),
 *                       zero bucket, positive buckets, negative buckets
 *
 * Buckets are columns over time, because a bucket is like itself a moment ago and not like its neighbour. The layout has
 * every bucket that some histogram of the run has; where one has it not, it comes back with 0 in it, as from Prometheus.
 */
const FLOATS = 0;
const INTEGERS = 1;
const FLOAT_COUNTS = 2;
const STALE_INTEGER = 3;
const STALE_FLOAT = 4;
const KIND_MASK = 7;
const FLAG_GAUGE = 8;
const FLAG_TOTAL_COUNTS = 16;

/** More samples than any chunk has: what is allocated is this times the number of columns. */
const RUN_LIMIT = 4096;
/** A layout may have this many buckets more than the histogram at hand without its being worth a run of its own. */
const SPARE_BUCKETS = 16;
/** What a histogram takes besides its counts: its sum, zero bucket and number of observations. */
const HISTOGRAM_BYTES = 24;

/**
 * The histograms of a chunk as numbers in columns. The values are made when somebody asks for them: kept, they would take
 * twice the memory of their numbers, and a query needs few of a chunk, or all of them once.
 */
export class HistogramColumn {
  readonly #runs: readonly DecodedRun[];
  /** About what it takes in memory. */
  readonly sizeBytes: number;

  constructor(runs: readonly DecodedRun[], sizeBytes: number) {
    this.#runs = runs;
    this.sizeBytes = sizeBytes;
  }

  /** Samples `[from, to)`, undefined where one is a float. The caller's. */
  slice(from: number, to: number): (NativeHistogram | undefined)[] {
    const slice = new Array<NativeHistogram | undefined>(to - from).fill(undefined);
    this.copyTo(from, to, slice, 0);
    return slice;
  }

  /** Puts the histograms among samples `[from, to)` into `into`, sample `from` at `place`; where floats are it writes nothing. */
  copyTo(from: number, to: number, into: (NativeHistogram | undefined)[], place: number): void {
    for (const run of this.#runs) {
      const end = Math.min(to, run.to);
      const start = Math.max(from, run.from);
      if (start < end) run.copy(start - run.from, end - run.from, into, place + start - from);
    }
  }
}

/** Samples `[from, to)` of a chunk, all of them histograms. */
interface DecodedRun {
  readonly from: number;
  readonly to: number;
  readonly copy: CopyHistograms;
}

/** Puts histograms `[first, end)` of a run, counted from its first one, into `into` at `place`. */
type CopyHistograms = (first: number, end: number, into: (NativeHistogram | undefined)[], place: number) => void;

type Column = readonly (NativeHistogram | undefined)[];

/** Samples `[from, to)`, with the buckets that they have between them. */
interface Run {
  readonly kind: number;
  readonly from: number;
  readonly to: number;
  readonly positive: Int32Array;
  readonly negative: Int32Array;
}

/** Writes the values of a chunk. Where a sample is a histogram, its value is not looked at. */
export function writeHistograms(writer: ByteWriter, values: Float64Array, histograms: Column): void {
  assert(values.length <= RUN_LIMIT, 'a chunk is no longer than its runs may be');
  for (let from = 0; from < values.length; ) {
    const run = runAt(histograms, from, values.length);
    writer.byte(run.kind);
    writer.varint(run.to - from);
    if ((run.kind & KIND_MASK) === FLOATS) writeEncoded(writer, values.subarray(from, run.to));
    else if (!histograms[from]!.isStale) writeRun(writer, run, histograms);
    from = run.to;
  }
}

/** Overwrites all of `values`. @throws {PocketCortexError} `storage-corrupt` */
export function readHistograms(reader: ByteReader, values: Float64Array): HistogramColumn {
  const runs: DecodedRun[] = [];
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  let sizeBytes = 0;
  for (let from = 0; from < values.length; ) {
    const kind = reader.byte();
    const length = reader.varint();
    const to = from + length;
    expectKnown(length > 0 && length <= RUN_LIMIT && to <= values.length);
    switch (kind & KIND_MASK) {
      case FLOATS:
        readValues(reader, reader.byte(), values.subarray(from, to));
        break;
      case STALE_INTEGER:
      case STALE_FLOAT: {
        const marker = NativeHistogram.stale((kind & KIND_MASK) === STALE_INTEGER);
        runs.push({ from, to, copy: (first, end, into, place) => into.fill(marker, place, place + end - first) });
        for (let i = from; i < to; i++) writeStaleMarker(bits, i);
        break;
      }
      default: {
        expectKnown((kind & KIND_MASK) === INTEGERS || (kind & KIND_MASK) === FLOAT_COUNTS);
        const run = readRun(reader, kind, length);
        runs.push({ from, to, copy: run.copy });
        sizeBytes += run.sizeBytes;
      }
    }
    from = to;
  }
  reader.expectWithin();
  return new HistogramColumn(runs, sizeBytes);
}

function kindOf(histogram: NativeHistogram | undefined): number {
  if (histogram === undefined) return FLOATS;
  if (histogram.isStale) return histogram.isInteger ? STALE_INTEGER : STALE_FLOAT;
  return (histogram.isInteger ? INTEGERS : FLOAT_COUNTS) | (histogram.counterResetHint === 'gauge' ? FLAG_GAUGE : 0);
}

/** The longest run from `from` on. */
function runAt(histograms: Column, from: number, end: number): Run {
  const first = histograms[from];
  const kind = kindOf(first);
  let positive = first?.positive ?? NO_BUCKETS;
  let negative = first?.negative ?? NO_BUCKETS;
  let hasTotalCounts = first !== undefined && isTotalCount(first);
  let to = from + 1;
  for (; to < end; to++) {
    const next = histograms[to];
    if (kindOf(next) !== kind) break;
    if (next === undefined || first === undefined || next.isStale) continue;
    if (!canShareRun(first, next)) break;
    const positiveUnion = unionOf(positive, next.positive);
    const negativeUnion = unionOf(negative, next.negative);
    const spare = positiveUnion.indexes.length + negativeUnion.indexes.length;
    if (spare > 2 * (next.positive.indexes.length + next.negative.indexes.length) + SPARE_BUCKETS) break;
    positive = positiveUnion;
    negative = negativeUnion;
    hasTotalCounts &&= isTotalCount(next);
  }
  const flags = hasTotalCounts && !first!.isStale ? FLAG_TOTAL_COUNTS : 0;
  return { kind: kind | flags, from, to, positive: positive.indexes, negative: negative.indexes };
}

/** Only its indexes mean something. */
function unionOf(a: BucketCounts, b: BucketCounts): BucketCounts {
  const indexes = unionOfIndexes(a, b);
  return indexes === a.indexes ? a : indexes === b.indexes ? b : { indexes, counts: NO_BUCKETS.counts };
}

function canShareRun(a: NativeHistogram, b: NativeHistogram): boolean {
  return (
    a.schema === b.schema &&
    Object.is(a.zeroThreshold, b.zeroThreshold) &&
    haveSameBounds(a.customBounds, b.customBounds)
  );
}

/** Whether its buckets have all observations, which is so of integer histograms unless some observation was NaN. */
function isTotalCount({ count, zeroCount, positive, negative }: NativeHistogram): boolean {
  return (
    count ===
    zeroCount + total(positive.counts, 0, positive.counts.length) + total(negative.counts, 0, negative.counts.length)
  );
}

function total(counts: Float64Array | Int32Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += counts[i]!;
  return sum;
}

function writeRun(writer: ByteWriter, { kind, from, to, positive, negative }: Run, histograms: Column): void {
  const { schema, zeroThreshold, customBounds } = histograms[from]!;
  writer.signed(schema);
  writer.float64(zeroThreshold);
  writer.varint(customBounds.length);
  for (const bound of customBounds) writer.float64(bound);
  writeLayout(writer, positive);
  writeLayout(writer, negative);
  const length = to - from;
  const column = new Float64Array(length);
  for (let i = 0; i < length; i++) column[i] = histograms[from + i]!.sum;
  writeEncoded(writer, column);
  if ((kind & FLAG_TOTAL_COUNTS) === 0) {
    for (let i = 0; i < length; i++) column[i] = histograms[from + i]!.count;
    writeCounts(writer, column);
  }
  for (let i = 0; i < length; i++) column[i] = histograms[from + i]!.zeroCount;
  writeCounts(writer, column);
  writeBuckets(writer, positive, column, (i) => histograms[from + i]!.positive);
  writeBuckets(writer, negative, column, (i) => histograms[from + i]!.negative);
}

function writeBuckets(
  writer: ByteWriter,
  indexes: Int32Array,
  column: Float64Array,
  bucketsAt: (i: number) => BucketCounts,
): void {
  if (indexes.length === 0) return;
  const counts = Array.from(column, (_, i) => {
    const buckets = bucketsAt(i);
    return spreadOver(indexes, buckets, buckets.counts);
  });
  for (let bucket = 0; bucket < indexes.length; bucket++) {
    for (let i = 0; i < column.length; i++) column[i] = counts[i]![bucket]!;
    writeCounts(writer, column);
  }
}

function readRun(
  reader: ByteReader,
  kind: number,
  length: number,
): { readonly copy: CopyHistograms; readonly sizeBytes: number } {
  const schema = reader.signed();
  const zeroThreshold = reader.float64();
  const customBounds = new Float64Array(reader.count(1));
  for (let i = 0; i < customBounds.length; i++) customBounds[i] = reader.float64();
  const positive = readLayout(reader);
  const negative = readLayout(reader);
  // A column has two bytes at the least.
  const width = positive.length + negative.length;
  reader.expectRoom(width * 2);
  const sums = new Float64Array(length);
  readValues(reader, reader.byte(), sums);
  const column = new Float64Array(length);
  const hasTotalCounts = (kind & FLAG_TOTAL_COUNTS) !== 0;
  const sentCounts = hasTotalCounts ? undefined : readColumn(reader, column).slice();
  const zeroCounts = readColumn(reader, column).slice();
  const counts = readBuckets(reader, width, column, (kind & KIND_MASK) === INTEGERS);
  const observationCounts = sentCounts ?? totalCounts(counts, zeroCounts, positive.length, width);
  const counterResetHint = kind & FLAG_GAUGE ? 'gauge' : 'unknown';
  const isInteger = (kind & KIND_MASK) === INTEGERS;
  const copy: CopyHistograms = (first, end, into, place) => {
    const own = counts.subarray(first * width, end * width);
    const ownCounts = own instanceof Float64Array ? own : new Float64Array(own);
    for (let i = first, start = 0; i < end; i++, start += width) {
      const middle = start + positive.length;
      const negativeCounts = negative.length === 0 ? NO_BUCKETS.counts : ownCounts.subarray(middle, start + width);
      into[place + i - first] = new NativeHistogram({
        schema,
        zeroThreshold,
        zeroCount: zeroCounts[i]!,
        count: observationCounts[i]!,
        sum: sums[i]!,
        positive: { indexes: positive, counts: ownCounts.subarray(start, middle) },
        negative: negative.length === 0 ? NO_BUCKETS : { indexes: negative, counts: negativeCounts },
        customBounds,
        counterResetHint,
        isInteger,
      });
    }
  };
  return { copy, sizeBytes: counts.byteLength + length * HISTOGRAM_BYTES };
}

/** What the buckets of each histogram have together: those of a side first, as it was when that was found to be all. */
function totalCounts(
  counts: Float64Array | Int32Array,
  zeroCounts: Float64Array,
  positiveWidth: number,
  width: number,
): Float64Array {
  const totals = new Float64Array(zeroCounts.length);
  for (let i = 0, start = 0; i < totals.length; i++, start += width) {
    const middle = start + positiveWidth;
    totals[i] = zeroCounts[i]! + total(counts, start, middle) + total(counts, middle, start + width);
  }
  return totals;
}

/**
 * The counts of all buckets: histogram after histogram, the positive buckets of each before its negative ones. In half the
 * memory where all are small and whole.
 */
function readBuckets(
  reader: ByteReader,
  width: number,
  column: Float64Array,
  isInteger: boolean,
): Float64Array | Int32Array {
  const { length } = column;
  let counts: Float64Array | Int32Array = isInteger ? new Int32Array(length * width) : new Float64Array(length * width);
  for (let bucket = 0; bucket < width; bucket++) {
    readColumn(reader, column);
    if (counts instanceof Int32Array) {
      if (putSmall(column, counts, bucket, width)) continue;
      counts = new Float64Array(counts);
    }
    for (let i = 0, at = bucket; i < length; i++, at += width) counts[at] = column[i]!;
  }
  return counts;
}

/** Puts a column into every `width`th place from `bucket` on; false when it has something that does not fit. */
function putSmall(column: Float64Array, counts: Int32Array, bucket: number, width: number): boolean {
  for (let i = 0, at = bucket; i < column.length; i++, at += width) {
    const value = column[i]!;
    counts[at] = value;
    if (counts[at] !== value) return false;
  }
  return true;
}

function readColumn(reader: ByteReader, column: Float64Array): Float64Array {
  readCounts(reader, column);
  return column;
}

function writeEncoded(writer: ByteWriter, values: Float64Array): void {
  const at = writer.length;
  writer.byte(0);
  const encoding = writeValues(writer, values);
  writer.bytes[at] = encoding;
}

function writeLayout(writer: ByteWriter, indexes: Int32Array): void {
  const spans = spansOfBuckets({ indexes, counts: NO_BUCKETS.counts });
  writer.varint(spans.length);
  for (const { offset, length } of spans) {
    writer.signed(offset);
    writer.varint(length);
  }
}

function readLayout(reader: ByteReader): Int32Array {
  const spans: BucketSpan[] = [];
  let total = 0;
  for (let left = reader.count(1); left > 0; left--) {
    const span = { offset: reader.signed(), length: reader.varint() };
    total += span.length;
    // Each bucket has a column behind this.
    reader.expectRoom(total);
    spans.push(span);
  }
  return indexesOfSpans(spans);
}
