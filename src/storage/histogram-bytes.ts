import { type BucketCounts, NativeHistogram } from '../model/native-histogram.ts';
import { type BucketSpan, indexesOfSpans, spansOfBuckets } from '../model/native-histogram-spans.ts';
import type { ByteReader, ByteWriter } from './bytes.ts';

/**
 * One native histogram by itself, for the log.
 *
 *     flags           1 byte   1 integer, 2 stale (nothing follows then), 4 gauge, 8 counts are varints (float64 else)
 *     schema          signed varint
 *     zero threshold  float64
 *     sum             float64
 *     count, zero count
 *     bounds          varint, then float64 each
 *     positive, negative
 *       spans         varint, then for each its offset (signed varint) and length (varint)
 *       counts        one each
 */
const FLAG_INTEGER = 1;
const FLAG_STALE = 2;
const FLAG_GAUGE = 4;
const FLAG_WHOLE = 8;

export function writeHistogramBytes(writer: ByteWriter, histogram: NativeHistogram): void {
  const { isInteger, isStale, schema, zeroThreshold, sum, count, zeroCount, customBounds } = histogram;
  const isWhole = isInteger && areVarints(histogram);
  const isGauge = histogram.counterResetHint === 'gauge';
  writer.byte(
    (isInteger ? FLAG_INTEGER : 0) |
      (isStale ? FLAG_STALE : 0) |
      (isGauge ? FLAG_GAUGE : 0) |
      (isWhole ? FLAG_WHOLE : 0),
  );
  if (isStale) return;
  writer.signed(schema);
  writer.float64(zeroThreshold);
  writer.float64(sum);
  writeCount(writer, isWhole, count);
  writeCount(writer, isWhole, zeroCount);
  writer.varint(customBounds.length);
  for (let i = 0; i < customBounds.length; i++) writer.float64(customBounds[i]!);
  writeBuckets(writer, isWhole, histogram.positive);
  writeBuckets(writer, isWhole, histogram.negative);
}

function writeCount(writer: ByteWriter, isWhole: boolean, value: number): void {
  if (isWhole) writer.varint(value);
  else writer.float64(value);
}

function writeBuckets(writer: ByteWriter, isWhole: boolean, buckets: BucketCounts): void {
  const { counts } = buckets;
  const spans = spansOf(buckets);
  writer.varint(spans.length);
  for (let i = 0; i < spans.length; i++) {
    writer.signed(spans[i]!.offset);
    writer.varint(spans[i]!.length);
  }
  for (let i = 0; i < counts.length; i++) writeCount(writer, isWhole, counts[i]!);
}

/** Of the layout that was asked for last: histograms of a series, and of a metric, mostly share theirs. */
let lastSpans: { readonly indexes: Int32Array; readonly spans: readonly BucketSpan[] } | undefined;

function spansOf(buckets: BucketCounts): readonly BucketSpan[] {
  if (buckets.indexes.length === 0) return NO_SPANS;
  if (lastSpans?.indexes !== buckets.indexes) lastSpans = { indexes: buckets.indexes, spans: spansOfBuckets(buckets) };
  return lastSpans.spans;
}

const NO_SPANS: readonly BucketSpan[] = [];

/** @throws {PocketCortexError} `storage-corrupt` */
export function readHistogramBytes(reader: ByteReader): NativeHistogram {
  const flags = reader.byte();
  const isInteger = (flags & FLAG_INTEGER) !== 0;
  if (flags & FLAG_STALE) return NativeHistogram.stale(isInteger);
  const readCount = (): number => (flags & FLAG_WHOLE ? reader.varint() : reader.float64());
  const schema = reader.signed();
  const zeroThreshold = reader.float64();
  const sum = reader.float64();
  const count = readCount();
  const zeroCount = readCount();
  const customBounds = new Float64Array(reader.count(1));
  for (let i = 0; i < customBounds.length; i++) customBounds[i] = reader.float64();
  const readBuckets = (): BucketCounts => {
    const spans: BucketSpan[] = [];
    let bucketCount = 0;
    for (let left = reader.count(1); left > 0; left--) {
      const span = { offset: reader.signed(), length: reader.varint() };
      bucketCount += span.length;
      // Each bucket has a count behind this.
      reader.expectRoom(bucketCount);
      spans.push(span);
    }
    const counts = new Float64Array(bucketCount);
    for (let i = 0; i < bucketCount; i++) counts[i] = readCount();
    return { indexes: indexesOfSpans(spans), counts };
  };
  const positive = readBuckets();
  const negative = readBuckets();
  return new NativeHistogram({
    schema,
    zeroThreshold,
    sum,
    count,
    zeroCount,
    customBounds,
    positive,
    negative,
    counterResetHint: flags & FLAG_GAUGE ? 'gauge' : 'unknown',
    isInteger,
  });
}

/** Whether all counts are what a varint takes: a histogram of integers may have larger ones. */
function areVarints({ count, zeroCount, positive, negative }: NativeHistogram): boolean {
  return isVarint(count) && isVarint(zeroCount) && areAllVarints(positive.counts) && areAllVarints(negative.counts);
}

function areAllVarints(counts: Float64Array): boolean {
  for (let i = 0; i < counts.length; i++) if (!isVarint(counts[i]!)) return false;
  return true;
}

function isVarint(value: number): boolean {
  return value >= 0 && value <= 2 ** 50 && Math.floor(value) === value;
}
