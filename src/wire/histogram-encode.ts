import type { Writer } from 'protobufjs/minimal.js';
import type { CounterResetHint, NativeHistogram } from '../model/native-histogram.ts';
import { type BucketSpan, spansOfBuckets } from '../model/native-histogram-spans.ts';
import { resetHints } from './remote-write-histogram.ts';

/** A native histogram as its message says it. What is sent need not make sense: tests send what a server must refuse. */
export interface HistogramMessage {
  readonly timestampMs: number;
  readonly isInteger: boolean;
  readonly isStale?: boolean;
  readonly schema: number;
  readonly zeroThreshold?: number;
  readonly zeroCount?: number;
  readonly count: number;
  readonly sum: number;
  readonly positiveSpans?: readonly BucketSpan[];
  /** Absolute, of integer histograms too. */
  readonly positiveCounts?: ArrayLike<number>;
  readonly negativeSpans?: readonly BucketSpan[];
  readonly negativeCounts?: ArrayLike<number>;
  readonly customBounds?: ArrayLike<number>;
  readonly counterResetHint?: CounterResetHint;
}

export function histogramMessage(timestampMs: number, histogram: NativeHistogram): HistogramMessage {
  const { isInteger, isStale, schema, zeroThreshold, zeroCount, count, sum, customBounds, counterResetHint } =
    histogram;
  const { positive, negative } = histogram;
  return {
    timestampMs,
    isInteger,
    isStale,
    schema,
    zeroThreshold,
    zeroCount,
    count,
    sum,
    positiveSpans: spansOfBuckets(positive),
    positiveCounts: positive.counts,
    negativeSpans: spansOfBuckets(negative),
    negativeCounts: negative.counts,
    customBounds,
    counterResetHint,
  };
}

/** Writes the fields of prometheus.Histogram (see remote-write-histogram.ts), as a Prometheus writes them. */
export function writeHistogram(writer: Writer, message: HistogramMessage): void {
  const { isInteger, schema, zeroThreshold = 0, zeroCount = 0, count, timestampMs } = message;
  if (isInteger) writer.uint32(0x08).uint64(count);
  else writer.uint32(0x11).double(count);
  writer.uint32(0x19);
  if (message.isStale) writer.fixed64({ low: 2, high: 0x7ff00000, unsigned: true });
  else writer.double(message.sum);
  if (schema !== 0) writer.uint32(0x20).sint32(schema);
  if (zeroThreshold !== 0) writer.uint32(0x29).double(zeroThreshold);
  if (isInteger) writer.uint32(0x30).uint64(zeroCount);
  else writer.uint32(0x39).double(zeroCount);
  writeSide(writer, 0x42, isInteger, message.negativeSpans, message.negativeCounts);
  writeSide(writer, 0x5a, isInteger, message.positiveSpans, message.positiveCounts);
  const hint = resetHints.indexOf(message.counterResetHint ?? 'unknown');
  if (hint > 0) writer.uint32(0x70).int32(hint);
  if (timestampMs !== 0) writer.uint32(0x78).int64(timestampMs);
  writeDoubles(writer, 0x82, message.customBounds ?? []);
}

/** The spans' tag is followed by those of deltas and counts. */
function writeSide(
  writer: Writer,
  spansTag: number,
  isInteger: boolean,
  spans: readonly BucketSpan[] = [],
  counts: ArrayLike<number> = [],
): void {
  for (const { offset, length } of spans) {
    writer.uint32(spansTag).fork();
    if (offset !== 0) writer.uint32(0x08).sint32(offset);
    if (length !== 0) writer.uint32(0x10).uint32(length);
    writer.ldelim();
  }
  if (!isInteger) {
    writeDoubles(writer, spansTag + 0x10, counts);
    return;
  }
  if (counts.length === 0) return;
  writer.uint32(spansTag + 0x08).fork();
  let previous = 0;
  for (let i = 0; i < counts.length; i++) {
    writer.sint64(counts[i]! - previous);
    previous = counts[i]!;
  }
  writer.ldelim();
}

function writeDoubles(writer: Writer, tag: number, values: ArrayLike<number>): void {
  if (values.length === 0) return;
  writer.uint32(tag).uint32(values.length * 8);
  for (let i = 0; i < values.length; i++) writer.double(values[i]!);
}
