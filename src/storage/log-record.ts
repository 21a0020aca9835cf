import { PocketCortexError } from '../model/errors.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { readHistogramBytes, writeHistogramBytes } from './histogram-bytes.ts';
import { readOldSection } from './log-record-old.ts';
import type { LogSection } from './log-section.ts';
import { readLogValues, shrinkLogValues, writeLogValues } from './log-values.ts';
import { readNumbers, writeNumbers } from './number-stream.ts';

/**
 * A record of the log: the samples that one batch added, in order and late ones apart. Most series of a batch follow each
 * other and have one sample each, all of one time: then a sample takes little more than the digits of its value.
 *
 *     version   1 byte   3 (1 and 2: see log-record-old.ts)
 *     flags     1 byte   1: timestamps are float64 (some is beyond 2^50), 2: with native histograms
 *     section in order, section late:
 *       run count     varint, nothing follows when it is 0
 *       sample count  varint
 *       runs          numbers (see number-stream.ts): series, as the difference to the one that follows the one before; then
 *                     the sample count of each, less 1
 *       timestamps    numbers: differences to the one before, over all runs
 *       values        see log-values.ts
 *     with native histograms, for both sections once more:
 *       histograms    varint, then for each the number of samples since the one before (varint) and its bytes, see
 *                     histogram-bytes.ts
 */
const VERSION = 3;
const FLAG_RAW_TIMESTAMPS = 1;
const FLAG_HISTOGRAMS = 2;
const OLD_VERSION = 1;
const OLD_VERSION_HISTOGRAMS = 2;
const EXACT_LIMIT = 2 ** 50;

/** What is kept for the next batch after one that was larger than usual. */
const KEPT_SAMPLES = 1 << 15;
const KEPT_BYTES = 1 << 19;

export interface LogRecord {
  readonly inOrder: LogSection;
  readonly late: LogSection;
}

let writer = new ByteWriter(1 << 14);
let numbers = new Float64Array(256);

/** The bytes are the caller's. */
export function encodeLogRecord({ inOrder, late }: LogRecord): Uint8Array {
  const isRaw = hasExtremeTimestamp(inOrder) || hasExtremeTimestamp(late);
  const hasHistograms = inOrder.histograms.length + late.histograms.length > 0;
  writer.clear();
  writer.byte(VERSION);
  writer.byte((isRaw ? FLAG_RAW_TIMESTAMPS : 0) | (hasHistograms ? FLAG_HISTOGRAMS : 0));
  writeSection(inOrder, isRaw);
  writeSection(late, isRaw);
  if (hasHistograms) {
    writeHistograms(inOrder);
    writeHistograms(late);
  }
  const record = writer.toBytes();
  if (writer.bytes.length > KEPT_BYTES) writer = new ByteWriter(KEPT_BYTES);
  if (numbers.length > KEPT_SAMPLES) numbers = new Float64Array(KEPT_SAMPLES);
  shrinkLogValues(KEPT_SAMPLES);
  return record;
}

/** Overwrites both sections of `into`. @throws {PocketCortexError} `storage-corrupt` */
export function decodeLogRecord(bytes: Uint8Array, into: LogRecord): void {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== VERSION && version !== OLD_VERSION && version !== OLD_VERSION_HISTOGRAMS) {
    throw new PocketCortexError('storage-corrupt', 'the database is damaged: a log record has an unknown version');
  }
  const flags = reader.byte();
  const isRaw = (flags & FLAG_RAW_TIMESTAMPS) !== 0;
  const read = version === VERSION ? readSection : readOldSection;
  read(reader, isRaw, into.inOrder);
  read(reader, isRaw, into.late);
  if (version === OLD_VERSION_HISTOGRAMS || (version === VERSION && (flags & FLAG_HISTOGRAMS) !== 0)) {
    readHistograms(reader, into.inOrder);
    readHistograms(reader, into.late);
  }
}

function hasExtremeTimestamp({ timestampsMs, sampleCount }: LogSection): boolean {
  for (let i = 0; i < sampleCount; i++) if (!(Math.abs(timestampsMs[i]!) <= EXACT_LIMIT)) return true;
  return false;
}

function writeSection({ runCount, sampleCount, seriesRefs, counts, ...columns }: LogSection, isRaw: boolean): void {
  writer.varint(runCount);
  if (runCount === 0) return;
  writer.varint(sampleCount);
  reserveNumbers(Math.max(runCount, sampleCount));
  let expectedRef = 0;
  for (let run = 0; run < runCount; run++) {
    numbers[run] = seriesRefs[run]! - expectedRef;
    expectedRef = seriesRefs[run]! + 1;
  }
  writeNumbers(writer, numbers, runCount);
  for (let run = 0; run < runCount; run++) numbers[run] = counts[run]! - 1;
  writeNumbers(writer, numbers, runCount);
  const { timestampsMs, values, words } = columns;
  if (isRaw) {
    writer.append(new Uint8Array(timestampsMs.buffer, timestampsMs.byteOffset, sampleCount * 8));
  } else {
    let previousMs = 0;
    for (let i = 0; i < sampleCount; i++) {
      const timestampMs = timestampsMs[i]!;
      numbers[i] = timestampMs - previousMs;
      previousMs = timestampMs;
    }
    writeNumbers(writer, numbers, sampleCount);
  }
  writeLogValues(writer, values, words, sampleCount);
}

function readSection(reader: ByteReader, isRaw: boolean, into: LogSection): void {
  into.clear();
  const runCount = reader.count(NUMBERS_PER_BYTE);
  if (runCount === 0) return;
  const sampleCount = reader.count(NUMBERS_PER_BYTE);
  into.reserve(runCount, sampleCount);
  reserveNumbers(Math.max(runCount, sampleCount));
  readNumbers(reader, numbers, runCount);
  let expectedRef = 0;
  for (let run = 0; run < runCount; run++) {
    into.seriesRefs[run] = expectedRef + numbers[run]!;
    expectedRef = into.seriesRefs[run]! + 1;
  }
  readNumbers(reader, numbers, runCount);
  let inRuns = 0;
  for (let run = 0; run < runCount; run++) {
    into.counts[run] = numbers[run]! + 1;
    inRuns += into.counts[run]!;
  }
  if (inRuns !== sampleCount) {
    throw new PocketCortexError('storage-corrupt', 'the database is damaged: a log record does not add up');
  }
  if (isRaw) {
    reader.expectRoom(sampleCount * 8);
    const end = reader.position + sampleCount * 8;
    new Uint8Array(into.timestampsMs.buffer, 0, sampleCount * 8).set(reader.bytes.subarray(reader.position, end));
    reader.position = end;
  } else {
    readNumbers(reader, numbers, sampleCount);
    let timestampMs = 0;
    for (let i = 0; i < sampleCount; i++) {
      timestampMs += numbers[i]!;
      into.timestampsMs[i] = timestampMs;
    }
  }
  readLogValues(reader, into.values, into.words, sampleCount);
  into.runCount = runCount;
  into.sampleCount = sampleCount;
}

/** The densest token says 271 zeros in 2 bytes. */
const NUMBERS_PER_BYTE = 136;

function reserveNumbers(count: number): void {
  if (numbers.length < count) numbers = new Float64Array(Math.max(count, numbers.length * 2));
}

function writeHistograms({ histograms, histogramAt }: LogSection): void {
  writer.varint(histograms.length);
  let previous = 0;
  for (const [i, histogram] of histograms.entries()) {
    writer.varint(histogramAt[i]! - previous);
    previous = histogramAt[i]!;
    writeHistogramBytes(writer, histogram);
  }
}

function readHistograms(reader: ByteReader, into: LogSection): void {
  let at = 0;
  for (let left = reader.count(1); left > 0; left--) {
    at += reader.varint();
    into.histogramAt.push(at);
    into.histograms.push(readHistogramBytes(reader));
  }
}
