import { assert } from '../model/assert.ts';
import type { NativeHistogram } from '../model/native-histogram.ts';
import { ByteReader, ByteWriter, expectKnown } from './bytes.ts';
import { ChunkTimes } from './chunk-times.ts';
import { type HistogramColumn, readHistograms, writeHistograms } from './histogram-codec.ts';
import { readNumbers, writeNumbers } from './number-stream.ts';
import { EXACT_LIMIT, readValues, writeValues } from './value-codec.ts';

/**
 * A chunk: up to a few hundred samples of one series, timestamps first, then values, each encoded as suits it best.
 *
 *     tag      1 byte   low 4 bits: encoding of the timestamps, high 4 bits: encoding of the values
 *     count    varint   samples, at least 1
 *     timestamps
 *       RAW              float64 × count
 *       DELTA_OF_DELTA   float64 first, then count - 1 numbers (see number-stream.ts): the first is the first delta,
 *                        the others are by how much the delta changed
 *     values             0 … 7: floats, see value-codec.ts; 8: native histograms, and floats among them, see
 *                        histogram-codec.ts
 */
const TIMESTAMPS_RAW = 0;
const TIMESTAMPS_DELTA_OF_DELTA = 1;
const VALUES_HISTOGRAMS = 8;

export interface DecodedChunk {
  /** Chunks that have the same times may have the same column. */
  readonly timestampsMs: Float64Array;
  readonly values: Float64Array;
  /** Undefined when all samples are floats. */
  readonly histograms?: HistogramColumn;
}

const writer = new ByteWriter(4096);
let scratch = new Float64Array(1024);

/**
 * Encodes the samples `[from, to)` of two columns; `histograms` are those of these samples, the first at 0. The bytes are
 * the caller's.
 */
export function encodeChunk(
  timestampsMs: Float64Array,
  values: Float64Array,
  from: number,
  to: number,
  histograms?: readonly (NativeHistogram | undefined)[] | undefined,
): Uint8Array {
  const count = to - from;
  assert(count > 0, 'a chunk has a sample');
  if (scratch.length < count) scratch = new Float64Array(count);
  const times = timestampsMs.subarray(from, to);
  const column = values.subarray(from, to);
  writer.clear();
  writer.byte(0);
  writer.varint(count);
  const timestampEncoding = writeTimestamps(times);
  let valueEncoding = VALUES_HISTOGRAMS;
  if (histograms) writeHistograms(writer, column, histograms);
  else valueEncoding = writeValues(writer, column);
  writer.bytes[0] = (valueEncoding << 4) | timestampEncoding;
  return writer.toBytes();
}

/** Decodes a chunk; its times may be a column that `times` knows from other chunks. @throws {PocketCortexError} `storage-corrupt` */
export function decodeChunk(bytes: Uint8Array, times = new ChunkTimes()): DecodedChunk {
  const reader = new ByteReader(bytes);
  const tag = reader.byte();
  // The densest token says 271 zeros in 2 bytes, in both columns.
  const count = reader.count(136);
  const timestampsMs = decodeTimestamps(reader, tag & 0x0f, count, times);
  const values = new Float64Array(count);
  if (tag >>> 4 === VALUES_HISTOGRAMS) {
    return { timestampsMs, values, histograms: readHistograms(reader, values) };
  }
  readValues(reader, tag >>> 4, values);
  return { timestampsMs, values };
}

function writeTimestamps(times: Float64Array): number {
  const count = times.length;
  if (!(Math.abs(times[0]!) <= EXACT_LIMIT && Math.abs(times[count - 1]!) <= EXACT_LIMIT)) {
    for (let i = 0; i < count; i++) writer.float64(times[i]!);
    return TIMESTAMPS_RAW;
  }
  writer.float64(times[0]!);
  let delta = 0;
  for (let i = 1; i < count; i++) {
    const next = times[i]! - times[i - 1]!;
    scratch[i - 1] = next - delta;
    delta = next;
  }
  writeNumbers(writer, scratch, count - 1);
  return TIMESTAMPS_DELTA_OF_DELTA;
}

/** Frozen. */
function decodeTimestamps(reader: ByteReader, encoding: number, count: number, times: ChunkTimes): Float64Array {
  const { bytes, position: start } = reader;
  const known = times.find(bytes, start, encoding, count);
  if (known !== undefined) {
    reader.position += known.encoded.length;
    return known.timestampsMs;
  }
  const timestampsMs = new Float64Array(count);
  readTimestamps(reader, encoding, timestampsMs);
  reader.expectWithin();
  times.add(bytes, start, reader.position, encoding, timestampsMs);
  return timestampsMs;
}

function readTimestamps(reader: ByteReader, encoding: number, out: Float64Array): void {
  const count = out.length;
  if (encoding === TIMESTAMPS_RAW) {
    for (let i = 0; i < count; i++) out[i] = reader.float64();
    return;
  }
  expectKnown(encoding === TIMESTAMPS_DELTA_OF_DELTA);
  let time = reader.float64();
  const deltas = out.subarray(1);
  readNumbers(reader, deltas, count - 1);
  out[0] = time;
  let delta = 0;
  for (let i = 1; i < count; i++) {
    delta += out[i]!;
    time += delta;
    out[i] = time;
  }
}
