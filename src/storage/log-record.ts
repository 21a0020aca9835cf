import { PocketCortexError } from '../model/errors.ts';
import type { NativeHistogram } from '../model/native-histogram.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { readHistogramBytes, writeHistogramBytes } from './histogram-bytes.ts';
import type { SeriesRef } from './types.ts';

/**
 * A record of the log: the samples that one batch added, in order and late ones apart. Written for speed: a record
 * lives until the next checkpoint or the one after.
 *
 *     version   1 byte   1, or 2: with native histograms
 *     flags     1 byte   1: timestamps are float64 (some is beyond 2^50)
 *     section in order, section late:
 *       run count     varint
 *       sample count  varint
 *       runs          series, as the difference to the one before (zigzag varint), and sample count (varint) of each
 *       timestamps    differences to the one before, over all runs (zigzag varint)
 *       values        8 bytes each, as they lie in memory
 *     with version 2, for both sections once more:
 *       histograms    varint, then for each the number of samples since the one before (varint) and its bytes, see
 *                     histogram-bytes.ts
 */
const VERSION = 1;
const VERSION_HISTOGRAMS = 2;
const FLAG_RAW_TIMESTAMPS = 1;
const EXACT_LIMIT = 2 ** 50;

/** What is kept for the next batch after one that was larger than usual. */
const KEPT_SAMPLES = 1 << 16;
const KEPT_BYTES = 1 << 20;

/** Samples that a batch added, by runs of one series; grows and is used again. */
export class LogSection {
  runCount = 0;
  sampleCount = 0;
  seriesRefs = new Uint32Array(256);
  /** How many samples each run has. */
  counts = new Uint32Array(256);
  timestampsMs = new Float64Array(256);
  values = new Float64Array(256);
  /** The bits of `values`. */
  words = new Int32Array(this.values.buffer);
  /** The native histograms among the samples, and which samples they are, ascending. */
  histograms: NativeHistogram[] = [];
  histogramAt: number[] = [];

  clear(): void {
    this.runCount = 0;
    this.sampleCount = 0;
    if (this.histograms.length === 0) return;
    this.histograms = [];
    this.histogramAt = [];
  }

  /** Lets go of room that only a huge batch needs. */
  shrink(): void {
    this.clear();
    if (this.values.length <= KEPT_SAMPLES) return;
    this.timestampsMs = new Float64Array(KEPT_SAMPLES);
    this.values = new Float64Array(KEPT_SAMPLES);
    this.words = new Int32Array(this.values.buffer);
  }

  /** Makes room for all that one batch can add. */
  reserve(runCount: number, sampleCount: number): void {
    if (this.runCount + runCount > this.counts.length) {
      const capacity = Math.max(this.runCount + runCount, this.counts.length * 2);
      this.seriesRefs = grownCopy(this.seriesRefs, new Uint32Array(capacity));
      this.counts = grownCopy(this.counts, new Uint32Array(capacity));
    }
    if (this.sampleCount + sampleCount > this.values.length) {
      const capacity = Math.max(this.sampleCount + sampleCount, this.values.length * 2);
      this.timestampsMs = grownCopy(this.timestampsMs, new Float64Array(capacity));
      this.values = grownCopy(this.values, new Float64Array(capacity));
      this.words = new Int32Array(this.values.buffer);
    }
  }

  /** The sample that is about to be added is this. */
  addHistogram(histogram: NativeHistogram): void {
    this.histograms.push(histogram);
    this.histogramAt.push(this.sampleCount);
  }

  /** Closes the run of samples added since the last one; there must be room for it. */
  endRun(seriesRef: SeriesRef, sampleCount: number): void {
    this.seriesRefs[this.runCount] = seriesRef;
    this.counts[this.runCount] = sampleCount;
    this.runCount += 1;
  }
}

export interface LogRecord {
  readonly inOrder: LogSection;
  readonly late: LogSection;
}

let scratch = new Uint8Array(1 << 16);

/** The bytes are the caller's. */
export function encodeLogRecord({ inOrder, late }: LogRecord): Uint8Array {
  const isRaw = hasExtremeTimestamp(inOrder) || hasExtremeTimestamp(late);
  const sizeLimit = 2 + sectionSizeLimit(inOrder) + sectionSizeLimit(late);
  if (scratch.length < sizeLimit) scratch = new Uint8Array(sizeLimit);
  const hasHistograms = inOrder.histograms.length + late.histograms.length > 0;
  scratch[0] = hasHistograms ? VERSION_HISTOGRAMS : VERSION;
  scratch[1] = isRaw ? FLAG_RAW_TIMESTAMPS : 0;
  const inOrderEnd = writeSection(inOrder, isRaw, 2);
  const end = writeSection(late, isRaw, inOrderEnd);
  const bytes = hasHistograms ? withHistograms(scratch.subarray(0, end), inOrder, late) : scratch.slice(0, end);
  if (scratch.length > KEPT_BYTES) scratch = new Uint8Array(KEPT_BYTES);
  return bytes;
}

/** Overwrites both sections of `into`. @throws {PocketCortexError} `storage-corrupt` */
export function decodeLogRecord(bytes: Uint8Array, into: LogRecord): void {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== VERSION && version !== VERSION_HISTOGRAMS) {
    throw new PocketCortexError('storage-corrupt', 'the database is damaged: a log record has an unknown version');
  }
  const isRaw = (reader.byte() & FLAG_RAW_TIMESTAMPS) !== 0;
  readSection(reader, isRaw, into.inOrder);
  readSection(reader, isRaw, into.late);
  if (version !== VERSION_HISTOGRAMS) return;
  readHistograms(reader, into.inOrder);
  readHistograms(reader, into.late);
}

function withHistograms(bytes: Uint8Array, ...sections: readonly LogSection[]): Uint8Array {
  const writer = histogramWriter;
  writer.clear();
  writer.append(bytes);
  for (const { histograms, histogramAt } of sections) {
    writer.varint(histograms.length);
    let previous = 0;
    for (const [i, histogram] of histograms.entries()) {
      writer.varint(histogramAt[i]! - previous);
      previous = histogramAt[i]!;
      writeHistogramBytes(writer, histogram);
    }
  }
  const record = writer.toBytes();
  if (writer.bytes.length > KEPT_BYTES) histogramWriter = new ByteWriter(KEPT_BYTES);
  return record;
}

let histogramWriter = new ByteWriter(1 << 16);

function readHistograms(reader: ByteReader, into: LogSection): void {
  let at = 0;
  for (let left = reader.count(1); left > 0; left--) {
    at += reader.varint();
    into.histogramAt.push(at);
    into.histograms.push(readHistogramBytes(reader));
  }
}

function hasExtremeTimestamp({ timestampsMs, sampleCount }: LogSection): boolean {
  for (let i = 0; i < sampleCount; i++) if (!(Math.abs(timestampsMs[i]!) <= EXACT_LIMIT)) return true;
  return false;
}

/** A varint takes up to 5 bytes for 32 bits and up to 8 for 51 bits and a sign. */
function sectionSizeLimit({ runCount, sampleCount }: LogSection): number {
  return 10 + runCount * 10 + sampleCount * 16;
}

function writeSection(section: LogSection, isRaw: boolean, start: number): number {
  const { runCount, sampleCount, seriesRefs, counts, timestampsMs, values } = section;
  const bytes = scratch;
  let position = writeVarint(bytes, start, runCount);
  position = writeVarint(bytes, position, sampleCount);
  let previousRef = 0;
  for (let run = 0; run < runCount; run++) {
    const seriesRef = seriesRefs[run]!;
    position = writeSigned(bytes, position, seriesRef - previousRef);
    position = writeVarint(bytes, position, counts[run]!);
    previousRef = seriesRef;
  }
  if (isRaw) {
    bytes.set(bytesOf(timestampsMs, sampleCount), position);
    position += sampleCount * 8;
  } else {
    let previousMs = 0;
    for (let i = 0; i < sampleCount; i++) {
      const timestampMs = timestampsMs[i]!;
      position = writeSigned(bytes, position, timestampMs - previousMs);
      previousMs = timestampMs;
    }
  }
  bytes.set(bytesOf(values, sampleCount), position);
  return position + sampleCount * 8;
}

function readSection(reader: ByteReader, isRaw: boolean, into: LogSection): void {
  into.clear();
  const runCount = reader.count(1);
  const sampleCount = reader.count(1);
  into.reserve(runCount, sampleCount);
  let seriesRef = 0;
  let inRuns = 0;
  for (let run = 0; run < runCount; run++) {
    seriesRef += readSigned(reader);
    const count = reader.varint();
    into.endRun(seriesRef, count);
    inRuns += count;
  }
  if (inRuns !== sampleCount) {
    throw new PocketCortexError('storage-corrupt', 'the database is damaged: a log record does not add up');
  }
  if (isRaw) {
    copyDoubles(reader, into.timestampsMs, sampleCount);
  } else {
    let timestampMs = 0;
    for (let i = 0; i < sampleCount; i++) {
      timestampMs += readSigned(reader);
      into.timestampsMs[i] = timestampMs;
    }
  }
  copyDoubles(reader, into.values, sampleCount);
  into.sampleCount = sampleCount;
}

function copyDoubles(reader: ByteReader, into: Float64Array, count: number): void {
  reader.expectRoom(count * 8);
  bytesOf(into, count).set(reader.bytes.subarray(reader.position, reader.position + count * 8));
  reader.position += count * 8;
}

function bytesOf(column: Float64Array, count: number): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, count * 8);
}

function writeSigned(bytes: Uint8Array, position: number, value: number): number {
  return writeVarint(bytes, position, value >= 0 ? value * 2 : -value * 2 - 1);
}

function readSigned(reader: ByteReader): number {
  const z = reader.varint();
  return z % 2 === 0 ? z / 2 : -(z + 1) / 2;
}

function writeVarint(bytes: Uint8Array, start: number, value: number): number {
  let position = start;
  let rest = value;
  while (rest > 0x7fffffff) {
    bytes[position++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  while (rest > 0x7f) {
    bytes[position++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[position++] = rest;
  return position;
}

function grownCopy<Column extends Uint32Array | Float64Array>(source: Column, target: Column): Column {
  target.set(source);
  return target;
}
