import type { SampleColumns } from '../model/columns.ts';
import type { Labels } from '../model/labels.ts';
import { BitWriter } from './bit-writer.ts';
import { crc32c } from './crc32c.ts';
import { encodeHistogramChunk, sharesChunk } from './histogram-chunk.ts';
import { encodeReadLabels, field, writeInt64 } from './remote-read.ts';
import { encodeXorChunk } from './xor-chunk.ts';

/*
 * The streamed answer of a remote read: frames, each of some chunks of one series. A tag is `field number * 8 + wire type`:
 *
 *     frame                length (uvarint)   CRC-32C of the message (4 bytes, highest first)   message
 *     ChunkedReadResponse  0a series   10 query index
 *     ChunkedSeries        0a labels*   12 chunks*
 *     Chunk                08 first time   10 last time   18 encoding   22 data
 */

/** Messages end with the chunk that fills them, as those of Prometheus. */
const MESSAGE_LIMIT_BYTES = 1 << 20;
const CHUNK_SAMPLES = 120;

const XOR = 1;
const HISTOGRAM = 2;
const FLOAT_HISTOGRAM = 3;

/**
 * One series of query `queryIndex` as frames, made one after the other; none without samples. `samples` is read until the
 * last frame was taken. The frames are the caller's.
 */
export function* chunkedReadFrames(
  queryIndex: number,
  labels: Labels,
  samples: SampleColumns,
): Generator<Uint8Array, void, undefined> {
  const labelBytes = encodeReadLabels(labels);
  const writer = new BitWriter();
  let chunks: Uint8Array[] = [];
  let sizeBytes = labelBytes.length;
  for (let from = 0; from < samples.count; ) {
    const to = chunkEnd(samples, from);
    const chunk = encodeChunk(writer, samples, from, to);
    chunks.push(chunk);
    sizeBytes += chunk.length;
    from = to;
    if (sizeBytes < MESSAGE_LIMIT_BYTES && from < samples.count) continue;
    yield frame(Buffer.concat([field(0x0a, [labelBytes, ...chunks]), integerField(0x10, queryIndex)]));
    chunks = [];
    sizeBytes = labelBytes.length;
  }
}

/** Where the chunk ends that begins with sample `from`. */
function chunkEnd({ histograms, count }: SampleColumns, from: number): number {
  const limit = Math.min(count, from + CHUNK_SAMPLES);
  if (histograms === undefined) return limit;
  let to = from + 1;
  for (; to < limit; to++) {
    const current = histograms[to];
    const previous = histograms[to - 1];
    if (current === undefined || previous === undefined) {
      if (current !== previous) break;
    } else if (!sharesChunk(current, previous)) break;
  }
  return to;
}

function encodeChunk(writer: BitWriter, samples: SampleColumns, from: number, to: number): Uint8Array {
  const { timestampsMs, histograms } = samples;
  const first = histograms?.[from];
  const encoding = first === undefined ? XOR : first.isInteger ? HISTOGRAM : FLOAT_HISTOGRAM;
  const encode = first === undefined ? encodeXorChunk : encodeHistogramChunk;
  return field(0x12, [
    integerField(0x08, timestampsMs[from]!),
    integerField(0x10, timestampsMs[to - 1]!),
    integerField(0x18, encoding),
    field(0x22, [encode(writer, samples, from, to)]),
  ]);
}

/** A tag and at most ten bytes. */
const INTEGER_FIELD_BYTES = 11;

function integerField(tag: number, value: number): Uint8Array {
  const bytes = new Uint8Array(INTEGER_FIELD_BYTES);
  bytes[0] = tag;
  return bytes.subarray(0, writeInt64(bytes, 1, value));
}

function frame(message: Uint8Array): Uint8Array {
  const head = Buffer.alloc(INTEGER_FIELD_BYTES + 4);
  const lengthEnd = writeInt64(head, 0, message.length);
  const headEnd = head.writeUInt32BE(crc32c(message), lengthEnd);
  return Buffer.concat([head.subarray(0, headEnd), message]);
}
