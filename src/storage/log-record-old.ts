import { PocketCortexError } from '../model/errors.ts';
import type { ByteReader } from './bytes.ts';
import type { LogSection } from './log-section.ts';

/**
 * A section of a log record of versions 1 and 2, which nobody writes any more:
 *
 *     run count     varint
 *     sample count  varint
 *     runs          series, as the difference to the one before (zigzag varint), and sample count (varint) of each
 *     timestamps    differences to the one before, over all runs (zigzag varint); raw: float64
 *     values        8 bytes each, as they lie in memory
 *
 * @throws {PocketCortexError} `storage-corrupt`
 */
export function readOldSection(reader: ByteReader, isRaw: boolean, into: LogSection): void {
  into.clear();
  const runCount = reader.count(1);
  const sampleCount = reader.count(1);
  into.reserve(runCount, sampleCount);
  let seriesRef = 0;
  let inRuns = 0;
  for (let run = 0; run < runCount; run++) {
    seriesRef += reader.signed();
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
      timestampMs += reader.signed();
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
