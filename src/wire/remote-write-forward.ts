import { Writer } from 'protobufjs/minimal.js';
import { bySeries } from '../model/by-series.ts';
import type { WriteBatch } from '../model/write-batch.ts';
import { writeHistogram } from './histogram-encode.ts';
import { encodeRemoteWrite, writeExemplar } from './remote-write-encode.ts';

/**
 * Encodes a batch as a prometheus.WriteRequest, not compressed: labels as the bytes they are, values bit by bit. The
 * inverse of `decodeRemoteWrite`.
 */
export function encodeBatch(batch: WriteBatch): Uint8Array {
  const { body, seriesCount, labelsStart, labelsEnd, samplesStart, timestampsMs, values } = batch;
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const histograms = bySeries(batch.histograms);
  const exemplars = bySeries(batch.exemplars);
  const writer = Writer.create();
  for (let i = 0; i < seriesCount; i++) {
    writer.uint32(0x0a).fork();
    writer.raw(body.subarray(labelsStart[i]!, labelsEnd[i]!));
    for (let at = samplesStart[i]!; at < samplesStart[i + 1]!; at++) {
      writer.uint32(0x12).fork();
      writer.uint32(0x09).fixed64({ low: words[at * 2]!, high: words[at * 2 + 1]!, unsigned: true });
      writer.uint32(0x10).int64(timestampsMs[at]!).ldelim();
    }
    for (const exemplar of exemplars?.get(i) ?? []) writeExemplar(writer, exemplar);
    for (const histogram of histograms?.get(i) ?? []) {
      writeHistogram(writer.uint32(0x22).fork(), histogram);
      writer.ldelim();
    }
    writer.ldelim();
  }
  const series = writer.finish();
  if (batch.metadata.length === 0) return series;
  // Messages of protobuf are joined by putting one behind the other.
  return Buffer.concat([series, encodeRemoteWrite({ metadata: batch.metadata })]);
}
