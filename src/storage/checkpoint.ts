import type Database from 'better-sqlite3';
import type { NativeHistogram } from '../model/native-histogram.ts';
import type { Work } from '../model/work.ts';
import { CHUNK_SAMPLES, HISTOGRAM_CHUNK_SAMPLES } from './appender.ts';
import { encodeChunk } from './chunk-codec.ts';
import type { ChunkStore } from './chunk-store.ts';
import { inTransaction } from './database.ts';
import type { GroupCommit } from './group-commit.ts';
import type { MemorySeries } from './memory-series.ts';
import { type OpenSamples, placeInSegment, type SamplePool } from './sample-pool.ts';
import type { ChunkRow } from './tables/chunks-table.ts';
import type { Tables } from './tables/tables.ts';
import type { TenantData } from './tenant-data.ts';
import type { SeriesRef } from './types.ts';

/** Series with this many open samples are written at a checkpoint: fewer would rewrite their last chunk too often. */
const WORTHWHILE_SAMPLES = 120;
/** Series in one transaction: well under a slice. */
const SERIES_PER_TRANSACTION = 64;
/** Series with nothing to write: so many take less than a millisecond. */
const LOOKED_AT_AT_ONCE = 1 << 14;
/** The log may keep this much of what series with few samples have not written yet; it is read at a start. */
const LOG_KEPT_BYTES = 8 << 20;
const TRIM_BYTES_PER_TRANSACTION = 1 << 20;

export interface CheckpointContext {
  readonly database: Database.Database;
  readonly tables: Tables;
  readonly commit: GroupCommit;
  readonly chunks: ChunkStore;
  readonly pool: SamplePool;
  /** Has to be done before chunks are written or rows deleted; see `TenantSeparation`. */
  readonly separate: (data: TenantData) => Work<void>;
}

/** What a transaction does for one series, and what it means for memory once it has committed. */
interface ChunkWrite {
  readonly series: MemorySeries;
  readonly row: ChunkRow;
  readonly data: Uint8Array;
  /** `update`: the series' last chunk gets more samples. `sealed`: memory knows the chunk already. */
  readonly kind: 'insert' | 'update' | 'sealed';
}

/**
 * Writes open samples of a tenant as chunks and deletes what the log does not need any more. Appends may come in at
 * every pause. `isFull` writes all there is; otherwise it writes series with many open samples, and those that hold
 * up the log.
 * @throws {PocketCortexError} `internal` when the disk does not take it; memory and log are as before then.
 */
export function* checkpointTenant(data: TenantData, isFull: boolean, context: CheckpointContext): Work<void> {
  const keptFrom = isFull ? Infinity : sequenceToKeepFrom(data);
  let group: SeriesRef[] = [];
  for (let seriesRef = 1; seriesRef < data.seriesByRef.length; seriesRef++) {
    if (seriesRef % LOOKED_AT_AT_ONCE === 0) {
      yield;
      if (data.isDeleted) return;
    }
    const series = data.seriesByRef[seriesRef];
    if (series === undefined || series.unsavedSince === 0) continue;
    if (series.unsavedSince >= keptFrom && series.unsavedCount < WORTHWHILE_SAMPLES) continue;
    group.push(seriesRef);
    if (group.length < SERIES_PER_TRANSACTION) continue;
    yield* writeSeries(data, group, context);
    group = [];
    yield;
    if (data.isDeleted) return;
  }
  if (group.length > 0) yield* writeSeries(data, group, context);
  yield;
  if (!data.isDeleted) yield* trimLog(data, context);
}

/** The first record from which on the log is no larger than it may be. */
function sequenceToKeepFrom(data: TenantData): number {
  let keptBytes = 0;
  let index = data.logRecordBytes.length;
  while (index > 0 && keptBytes + data.logRecordBytes[index - 1]! <= LOG_KEPT_BYTES) {
    index -= 1;
    keptBytes += data.logRecordBytes[index]!;
  }
  return data.nextSequence - (data.logRecordBytes.length - index);
}

function* writeSeries(data: TenantData, seriesRefs: readonly SeriesRef[], context: CheckpointContext): Work<void> {
  const { database, tables, commit, chunks, pool } = context;
  yield* context.separate(data);
  if (data.isDeleted) return;
  const group = seriesRefs.map((seriesRef) => data.ownSeries(seriesRef, pool));
  // A chunk's series has to have its row.
  commit.flush();
  const writes: ChunkWrite[] = [];
  for (const series of group) planSeries(data, series, context, writes);
  inTransaction(database, () => {
    for (const { row, data: bytes, kind } of writes) {
      if (kind === 'update') tables.chunks.update(data.number, row, bytes);
      else tables.chunks.insert(data.number, row, bytes);
    }
  });
  for (const { series, row, kind } of writes) {
    if (kind === 'insert') {
      series.addChunk(row);
    } else if (kind === 'update') {
      series.chunks.extendLast(row.maxMs, row.sampleCount);
      chunks.invalidate(row.chunkId);
    }
  }
  for (const series of group) {
    series.sealed = undefined;
    series.open.release(pool);
    series.late?.release(pool);
    series.late = undefined;
    series.unsavedSince = 0;
  }
}

function planSeries(data: TenantData, series: MemorySeries, context: CheckpointContext, writes: ChunkWrite[]): void {
  const { ref: seriesRef, open, late, sealed } = series;
  for (const { data: bytes, ...chunk } of sealed ?? []) {
    writes.push({ series, row: { seriesRef, ...chunk }, data: bytes, kind: 'sealed' });
  }
  if (open.count > 0) planOpen(data, series, context, writes);
  if (late && late.count > 0) writes.push(newChunk(series, blockColumns(late, context.pool), true, context));
}

/** The open samples, behind those of the last chunk when that one has room. */
function planOpen(data: TenantData, series: MemorySeries, context: CheckpointContext, writes: ChunkWrite[]): void {
  const added = blockColumns(series.open, context.pool);
  const { lastId, lastSampleCount } = series.chunks;
  const addedCount = added.to - added.from;
  const limit = added.histograms ? HISTOGRAM_CHUNK_SAMPLES : CHUNK_SAMPLES;
  if (lastId === 0 || lastSampleCount + addedCount > limit) {
    writes.push(newChunk(series, added, false, context));
    return;
  }
  const last = context.chunks.decodedOnce(data, series, lastId);
  const sampleCount = last.values.length + addedCount;
  const timestampsMs = new Float64Array(sampleCount);
  const values = new Float64Array(sampleCount);
  timestampsMs.set(last.timestampsMs);
  timestampsMs.set(added.timestampsMs.subarray(added.from, added.to), last.values.length);
  values.set(last.values);
  values.set(added.values.subarray(added.from, added.to), last.values.length);
  const histograms = joinHistograms(
    last.histograms?.slice(0, last.values.length),
    last.values.length,
    added.histograms,
    addedCount,
  );
  const row: ChunkRow = {
    seriesRef: series.ref,
    chunkId: lastId,
    minMs: timestampsMs[0]!,
    maxMs: timestampsMs[sampleCount - 1]!,
    sampleCount,
    isLate: false,
  };
  writes.push({ series, row, data: encodeChunk(timestampsMs, values, 0, sampleCount, histograms), kind: 'update' });
}

type Histograms = readonly (NativeHistogram | undefined)[] | undefined;

function joinHistograms(first: Histograms, firstCount: number, second: Histograms, secondCount: number): Histograms {
  if (first === undefined && second === undefined) return undefined;
  const none = (count: number) => new Array<undefined>(count).fill(undefined);
  return [...(first ?? none(firstCount)), ...(second ?? none(secondCount))];
}

interface BlockColumns {
  readonly timestampsMs: Float64Array;
  readonly values: Float64Array;
  readonly from: number;
  readonly to: number;
  /** Of these samples, the first at 0. */
  readonly histograms: Histograms;
}

function blockColumns(block: OpenSamples, pool: SamplePool): BlockColumns {
  const { timestampsMs, values } = pool.segment(block.address);
  const from = placeInSegment(block.address);
  return { timestampsMs, values, from, to: from + block.count, histograms: block.histograms };
}

function newChunk(
  series: MemorySeries,
  { timestampsMs, values, from, to, histograms }: BlockColumns,
  isLate: boolean,
  context: CheckpointContext,
): ChunkWrite {
  const row: ChunkRow = {
    seriesRef: series.ref,
    chunkId: context.chunks.nextId(),
    minMs: timestampsMs[from]!,
    maxMs: timestampsMs[to - 1]!,
    sampleCount: to - from,
    isLate,
  };
  return { series, row, data: encodeChunk(timestampsMs, values, from, to, histograms), kind: 'insert' };
}

/** Deletes the records whose samples are all in chunks, a few at a time. */
function* trimLog(data: TenantData, { database, tables, commit, separate }: CheckpointContext): Work<void> {
  let neededFrom = data.nextSequence;
  // What comes at a pause is in records behind these.
  for (let seriesRef = 1; seriesRef < data.seriesByRef.length; seriesRef++) {
    const unsavedSince = data.seriesByRef[seriesRef]?.unsavedSince ?? 0;
    if (unsavedSince > 0 && unsavedSince < neededFrom) neededFrom = unsavedSince;
    if (seriesRef % LOOKED_AT_AT_ONCE === 0) yield;
  }
  if (data.isDeleted) return;
  for (;;) {
    let sequence = data.nextSequence - data.logRecordBytes.length;
    const fromSequence = sequence;
    let trimmedBytes = 0;
    while (sequence < neededFrom && trimmedBytes < TRIM_BYTES_PER_TRANSACTION) {
      trimmedBytes += data.logRecordBytes[sequence - fromSequence]!;
      sequence += 1;
    }
    if (sequence === fromSequence) return;
    yield* separate(data);
    if (data.isDeleted) return;
    // A record that is still to be written would come back behind us.
    commit.flush();
    inTransaction(database, () => tables.log.deleteRange(data.number, fromSequence, sequence));
    data.logRecordBytes.splice(0, sequence - fromSequence);
    yield;
    if (data.isDeleted) return;
  }
}
