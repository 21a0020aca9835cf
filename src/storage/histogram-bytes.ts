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
  const writeCount = (value: number): void => (isWhole ? writer.varint(value) : writer.float64(value));
  writer.signed(schema);
  writer.float64(zeroThreshold);
  writer.float64(sum);
  writeCount(count);
  writeCount(zeroCount);
  writer.varint(customBounds.length);
  for (const bound of customBounds) writer.float64(bound);
  for (const buckets of [histogram.positive, histogram.negative]) {
    const spans = spansOfBuckets(buckets);
    writer.varint(spans.length);
    for (const { offset, length } of spans) {
      writer.signed(offset);
      writer.varint(length);
    }
    for (const value of buckets.counts) writeCount(value);
  }
}

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
  const isVarint = (value: number): boolean => value >= 0 && value <= 2 ** 50 && value % 1 === 0;
  return isVarint(count) && isVarint(zeroCount) && positive.counts.every(isVarint) && negative.counts.every(isVarint);
}
