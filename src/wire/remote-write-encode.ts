import { Writer } from 'protobufjs/minimal.js';
import { encodeUtf8 } from '../model/utf8.ts';
import type { MetricMetadata, MetricType } from '../model/write-batch.ts';
import { type HistogramMessage, writeHistogram } from './histogram-encode.ts';

/** A remote-write 1.0 request to encode. Labels go out as they are: in this order, unchecked. */
export interface WriteRequestMessage {
  readonly series?: readonly SeriesMessage[];
  readonly metadata?: readonly MetricMetadata[];
}

export interface SeriesMessage {
  readonly labels: readonly LabelPair[];
  readonly samples?: readonly (readonly [timestampMs: number, value: SampleValue])[];
  readonly exemplars?: readonly ExemplarMessage[];
  readonly histograms?: readonly HistogramMessage[];
}

export interface ExemplarMessage {
  readonly labels: readonly LabelPair[];
  readonly value: SampleValue;
  readonly timestampMs: number;
}

export type LabelPair = readonly [name: string, value: string];

/** A bigint gives the value by its 64 bits: a NaN that is a number may lose its payload. */
export type SampleValue = number | bigint;

/** The staleness marker as a `SampleValue`. */
export const STALE_VALUE = 0x7ff0000000000002n;

const metricTypeNumbers: Readonly<Record<MetricType, number>> = {
  unknown: 0,
  counter: 1,
  gauge: 2,
  histogram: 3,
  gaugehistogram: 4,
  summary: 5,
  info: 6,
  stateset: 7,
};

/** Encodes a prometheus.WriteRequest, not compressed; `decodeRemoteWrite` is the inverse. */
export function encodeRemoteWrite(request: WriteRequestMessage): Uint8Array {
  const writer = Writer.create();
  for (const { labels, samples = [], exemplars = [], histograms = [] } of request.series ?? []) {
    writer.uint32(0x0a).fork();
    writeLabels(writer, labels);
    for (const [timestampMs, value] of samples) {
      writer.uint32(0x12).fork();
      writeValue(writer.uint32(0x09), value);
      writer.uint32(0x10).int64(timestampMs).ldelim();
    }
    for (const exemplar of exemplars) writeExemplar(writer, exemplar);
    for (const histogram of histograms) {
      writeHistogram(writer.uint32(0x22).fork(), histogram);
      writer.ldelim();
    }
    writer.ldelim();
  }
  for (const { type, metric, help, unit } of request.metadata ?? []) {
    writer.uint32(0x1a).fork();
    writer.uint32(0x08).int32(metricTypeNumbers[type]);
    writer.uint32(0x12).bytes(encodeUtf8(metric));
    writer.uint32(0x22).bytes(encodeUtf8(help));
    writer.uint32(0x2a).bytes(encodeUtf8(unit)).ldelim();
  }
  return writer.finish();
}

/** Writes an exemplar as a field of its series. */
export function writeExemplar(writer: Writer, { labels, value, timestampMs }: ExemplarMessage): void {
  writer.uint32(0x1a).fork();
  writeLabels(writer, labels);
  writeValue(writer.uint32(0x11), value);
  writer.uint32(0x18).int64(timestampMs).ldelim();
}

function writeLabels(writer: Writer, labels: readonly LabelPair[]): void {
  for (const [name, value] of labels) {
    writer.uint32(0x0a).fork();
    writer.uint32(0x0a).bytes(encodeUtf8(name));
    writer.uint32(0x12).bytes(encodeUtf8(value)).ldelim();
  }
}

/** Writes the eight bytes of a value. */
export function writeValue(writer: Writer, value: SampleValue): void {
  if (typeof value === 'number') writer.double(value);
  else writer.fixed64({ low: Number(BigInt.asIntN(32, value)), high: Number(value >> 32n) | 0, unsigned: true });
}
