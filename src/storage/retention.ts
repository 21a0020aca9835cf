import type { Work } from '../model/work.ts';
import type { CheckpointContext } from './checkpoint.ts';
import { inTransaction } from './database.ts';
import type { MemorySeries } from './memory-series.ts';
import type { SamplePool } from './sample-pool.ts';
import type { TenantData } from './tenant-data.ts';
import type { SeriesRef } from './types.ts';

/** Series in one transaction. */
const SERIES_PER_TRANSACTION = 64;
/** Series with nothing to drop: so many take less than a millisecond. */
const LOOKED_AT_AT_ONCE = 1 << 14;

/**
 * Drops the chunks of a tenant whose newest sample is older than `cutoffMs`, and series that have no newer sample or
 * never got one. Appends may come in at every pause.
 * @throws {PocketCortexError} `internal` when the disk does not take it
 */
export function* sweepTenant(data: TenantData, cutoffMs: number, context: CheckpointContext): Work<void> {
  let group: SeriesRef[] = [];
  let hasDropped = false;
  for (let seriesRef = 1; seriesRef < data.seriesByRef.length; seriesRef++) {
    if (seriesRef % LOOKED_AT_AT_ONCE === 0) {
      yield;
      if (data.isDeleted) return;
    }
    const series = data.seriesByRef[seriesRef];
    if (series === undefined) continue;
    if (series.hasSamples && (series.minMs >= cutoffMs || !hasOldSource(series, cutoffMs))) continue;
    group.push(seriesRef);
    if (group.length < SERIES_PER_TRANSACTION) continue;
    yield* dropOld(data, group, cutoffMs, context);
    hasDropped = true;
    group = [];
    yield;
    if (data.isDeleted) return;
  }
  if (group.length > 0) yield* dropOld(data, group, cutoffMs, context);
  if (hasDropped || group.length > 0) data.recomputeOldest();
}

/** Whether there is something to drop: a chunk, or all of it. */
function hasOldSource({ chunks, maxMs }: MemorySeries, cutoffMs: number): boolean {
  if (maxMs < cutoffMs) return true;
  for (let index = 0; index < chunks.count; index++) if (chunks.maxMsAt(index) < cutoffMs) return true;
  return false;
}

function* dropOld(
  data: TenantData,
  seriesRefs: readonly SeriesRef[],
  cutoffMs: number,
  { database, tables, commit, chunks: chunkStore, pool, separate }: CheckpointContext,
): Work<void> {
  yield* separate(data);
  if (data.isDeleted) return;
  // A row that is still to be written would come back behind us.
  commit.flush();
  const group = seriesRefs.map((seriesRef) => data.series(seriesRef));
  const gone = new Set(group.filter((series) => series.maxMs < cutoffMs || !series.hasSamples));
  const orphans = data.pairsOnlyOf(gone);
  inTransaction(database, () => {
    for (const { ref, chunks } of group) {
      for (let index = 0; index < chunks.count; index++) {
        if (chunks.maxMsAt(index) < cutoffMs) tables.chunks.delete(data.number, ref, chunks.idAt(index));
      }
    }
    tables.series.delete(data.number, new Set(Array.from(gone, ({ ref }) => ref)));
    for (const { pair } of orphans) tables.labelPairs.delete(data.number, pair);
  });
  for (const { ref, chunks } of group) {
    for (let index = 0; index < chunks.count; index++) {
      if (chunks.maxMsAt(index) < cutoffMs) chunkStore.invalidate(chunks.idAt(index));
    }
    if (!gone.has(data.series(ref))) dropOldOf(data.ownSeries(ref, pool), cutoffMs, pool);
  }
  data.removeSeries(gone);
  for (const series of gone) series.forgetSamples(pool);
}

function dropOldOf(series: MemorySeries, cutoffMs: number, pool: SamplePool): void {
  if (series.sealed) series.sealed = series.sealed.filter(({ maxMs }) => maxMs >= cutoffMs);
  series.chunks.dropOlderThan(cutoffMs);
  series.minMs = oldestMs(series, pool);
}

function oldestMs({ chunks, open, late }: MemorySeries, pool: SamplePool): number {
  let oldest = Math.min(open.firstMs(pool), late?.firstMs(pool) ?? Infinity);
  for (let index = 0; index < chunks.count; index++) oldest = Math.min(oldest, chunks.minMsAt(index));
  return oldest;
}
