import { PocketCortexError } from '../model/errors.ts';
import type { TenantId } from '../model/tenant.ts';
import type { Work } from '../model/work.ts';
import { type AppendContext, addInOrder, addLate } from './appender.ts';
import type { LabelPair } from './label-index.ts';
import { decodeLogRecord, type LogRecord } from './log-record.ts';
import { LogSection } from './log-section.ts';
import { readRun } from './series-runs.ts';
import { SeriesSorter } from './series-sorter.ts';
import type { LogRow } from './tables/log-table.ts';
import type { Tables } from './tables/tables.ts';
import type { OriginEnds } from './tables/tenant-origins-table.ts';
import { TenantData } from './tenant-data.ts';
import type { RowStretch } from './tenant-origins.ts';
import type { SeriesRef } from './types.ts';

/** Where the rows of a tenant are. */
export interface TenantRows {
  /** Names the tenant in the tables. */
  readonly number: number;
  /** A fork reads some of other tenants' rows, and all of its chunks. */
  readonly stretches: readonly RowStretch[];
  readonly chunksOf: number;
  /** Numbers of rows to come are not below these. */
  readonly next: OriginEnds;
}

/**
 * Reads a tenant from the disk: its series, the directory of their chunks, and the log, whose samples become open
 * ones again. Chunks stay where they are. Nobody may write rows of the tenant meanwhile. Work that is given up leaves
 * nothing behind.
 * @throws {PocketCortexError} `storage-corrupt`
 */
export function* loadTenant(
  tenant: TenantId,
  rows: TenantRows,
  tables: Tables,
  context: Pick<AppendContext, 'pool' | 'nextChunkId'>,
): Work<TenantData> {
  const { number, stretches, next } = rows;
  const data = new TenantData(tenant, number, false);
  let isComplete = false;
  try {
    yield* loadSeries(data, tables, stretches);
    yield* loadChunks(data, tables, rows.chunksOf);
    yield* replayLog(data, tables, stretches, context);
    reserveNumbers(data, next);
    yield* loadExemplars(data, tables);
    for (const metadata of tables.metadata.ofTenant(number)) data.metadata.add(metadata);
    isComplete = true;
    return data;
  } finally {
    if (!isComplete) for (const series of data.seriesByRef) series?.forgetSamples(context.pool);
  }
}

function* loadSeries(data: TenantData, tables: Tables, stretches: readonly RowStretch[]): Work<void> {
  const pairByNumber: LabelPair[] = [];
  for (const { number, pairs } of stretches) {
    for (const row of tables.labelPairs.ofTenant(number, pairs)) {
      pairByNumber[row.pair] = data.labels.load(row);
      yield;
    }
  }
  const sorter = new SeriesSorter(yield* data.labels.sorted());
  const pairs: LabelPair[] = [];
  const add = (seriesRef: SeriesRef, numbers: readonly number[]): void => {
    pairs.length = 0;
    for (const number of numbers) {
      const pair = pairByNumber[number];
      if (pair === undefined) {
        throw new PocketCortexError('storage-corrupt', 'the database is damaged: a series has an unknown label');
      }
      pairs.push(pair);
    }
    data.addSeries(seriesRef, pairs, pairs.length).isQueued = true;
    sorter.add(seriesRef, pairs);
  };
  for (const { number, series } of stretches) {
    for (const [firstRef, run] of tables.series.ofTenant(number, series)) {
      readRun(firstRef, run, add);
      yield;
    }
  }
  data.order.place(yield* sorter.sorted());
}

function* loadChunks(data: TenantData, tables: Tables, tenantNumber: number): Work<void> {
  for (const [seriesRef, chunkId, minMs, maxMs, sampleCount, isLate] of tables.chunks.ofTenant(tenantNumber)) {
    yield;
    const series = data.seriesByRef[seriesRef];
    if (series === undefined) continue;
    series.addChunk({ chunkId, minMs, maxMs, sampleCount, isLate: isLate === 1 });
    series.includeMs(minMs);
    series.includeMs(maxMs);
    if (minMs < data.oldestMs) data.oldestMs = minMs;
    if (isLate === 1) continue;
    series.lastMs = maxMs;
    series.hasLastBits = false;
    data.includeSample(maxMs);
  }
}

function* loadExemplars(data: TenantData, tables: Tables): Work<void> {
  for (const row of tables.exemplars.ofTenant(data.number)) {
    yield;
    if (data.seriesByRef[row.seriesRef]) {
      data.exemplars.load(row);
    } else {
      // Of a series that retention took away: nobody else may get its number.
      data.exemplars.skip(row.sequence);
      data.reserveRef(row.seriesRef);
    }
  }
}

/** What a chunk has already is passed over, so a log that was not trimmed in time does no harm. */
function* replayLog(
  data: TenantData,
  tables: Tables,
  stretches: readonly RowStretch[],
  context: Pick<AppendContext, 'pool' | 'nextChunkId'>,
): Work<void> {
  const record: LogRecord = { inOrder: new LogSection(), late: new LogSection() };
  let previous = 0;
  for (const [sequence, bytes] of logOf(tables, stretches)) {
    data.nextSequence = sequence;
    if (previous > 0) for (let missing = previous + 1; missing < sequence; missing++) data.logRecordBytes.push(0);
    data.logRecordBytes.push(bytes.length);
    previous = sequence;
    decodeLogRecord(bytes, record);
    yield* replaySection(data, record.inOrder, addInOrder, context);
    yield* replaySection(data, record.late, addLate, context);
  }
  if (previous > 0) data.nextSequence = previous + 1;
}

function reserveNumbers(data: TenantData, { pairsEnd, seriesEnd, logEnd }: OriginEnds): void {
  data.labels.reservePairs(pairsEnd);
  data.reserveRef(seriesEnd - 1);
  // A log that was trimmed begins at the next record.
  if (data.logRecordBytes.length === 0) data.nextSequence = Math.max(data.nextSequence, logEnd);
  for (; data.nextSequence < logEnd; data.nextSequence++) data.logRecordBytes.push(0);
}

function* logOf(tables: Tables, stretches: readonly RowStretch[]): Generator<LogRow> {
  for (const { number, log } of stretches) yield* tables.log.ofTenant(number, log);
}

function* replaySection(
  data: TenantData,
  { runCount, seriesRefs, counts, timestampsMs, words, histograms, histogramAt }: LogSection,
  add: typeof addInOrder | typeof addLate,
  context: Pick<AppendContext, 'pool' | 'nextChunkId'>,
): Work<void> {
  const isInOrder = add === addInOrder;
  let at = 0;
  let nextHistogram = 0;
  for (let run = 0; run < runCount; run++) {
    yield;
    const seriesRef = seriesRefs[run]!;
    const end = at + counts[run]!;
    const series = data.seriesByRef[seriesRef];
    if (series === undefined) {
      // Retention took the series away before the log was trimmed. Nobody may get its number as long as the log has it.
      data.reserveRef(seriesRef);
      at = end;
      while (histogramAt[nextHistogram]! < end) nextHistogram += 1;
      continue;
    }
    for (; at < end; at++) {
      const timestampMs = timestampsMs[at]!;
      const histogram = histogramAt[nextHistogram] === at ? histograms[nextHistogram++] : undefined;
      if (isInOrder && timestampMs <= series.lastMs) continue;
      add(data, series, timestampMs, words[at * 2]!, words[at * 2 + 1]!, histogram, context);
    }
    if (series.lastMs > data.newestMs) data.newestMs = series.lastMs;
  }
}
