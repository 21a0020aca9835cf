import type { Work } from '../model/work.ts';
import type { CheckpointContext } from './checkpoint.ts';
import { inTransaction } from './database.ts';
import type { MemorySeries } from './memory-series.ts';
import type { SamplePool } from './sample-pool.ts';
import type { TenantData } from './tenant-data.ts';

/** Series in one transaction. */
const SERIES_PER_TRANSACTION = 64;

/**
 * Drops the chunks of a tenant whose newest sample is older than `cutoffMs`, and series that have no newer sample or
 * never got one. Appends may come in at every pause.
 * @throws {PocketCortexError} `internal` when the disk does not take it
 */
export function* sweepTenant(data: TenantData, cutoffMs: number, context: CheckpointContext): Work<void> {
  let group: MemorySeries[] = [];
  let hasDropped = false;
  for (let seriesRef = 1; seriesRef < data.seriesByRef.length; seriesRef++) {
    const series = data.seriesByRef[seriesRef];
    if (series === undefined) continue;
    if (series.hasSamples && (series.minMs >= cutoffMs || !hasOldSource(series, cutoffMs))) continue;
    group.push(series);
    if (group.length < SERIES_PER_TRANSACTION) continue;
    dropOld(data, group, cutoffMs, context);
    hasDropped = true;
    group = [];
    yield;
    if (data.isDeleted) return;
  }
  if (group.length > 0) dropOld(data, group, cutoffMs, context);
  if (hasDropped || group.length > 0) data.recomputeOldest();
}

/** Whether there is something to drop: a chunk, or all of it. */
function hasOldSource({ chunks, maxMs }: MemorySeries, cutoffMs: number): boolean {
  if (maxMs < cutoffMs) return true;
  for (let index = 0; index < chunks.count; index++) if (chunks.maxMsAt(index) < cutoffMs) return true;
  return false;
}

function dropOld(
  data: TenantData,
  group: readonly MemorySeries[],
  cutoffMs: number,
  { database, tables, commit, chunks: chunkStore, pool }: CheckpointContext,
): void {
  // A row that is still to be written would come back behind us.
  commit.flush();
  const gone = new Set(group.filter((series) => series.maxMs < cutoffMs || !series.hasSamples));
  const orphans = data.pairsOnlyOf(gone);
  inTransaction(database, () => {
    for (const { ref, chunks } of group) {
      for (let index = 0; index < chunks.count; index++) {
        if (chunks.maxMsAt(index) < cutoffMs) tables.chunks.delete(data.number, ref, chunks.idAt(index));
      }
    }
    for (const series of gone) tables.series.delete(data.number, series.ref);
    for (const { pair } of orphans) tables.labelPairs.delete(data.number, pair);
  });
  for (const series of group) {
    const { chunks } = series;
    for (let index = 0; index < chunks.count; index++) {
      if (chunks.maxMsAt(index) < cutoffMs) chunkStore.invalidate(chunks.idAt(index));
    }
    if (series.sealed) series.sealed = series.sealed.filter(({ maxMs }) => maxMs >= cutoffMs);
    chunks.dropOlderThan(cutoffMs);
    if (gone.has(series)) series.forgetSamples(pool);
    else series.minMs = oldestMs(series, pool);
  }
  data.removeSeries(gone);
}

function oldestMs({ chunks, open, late }: MemorySeries, pool: SamplePool): number {
  let oldest = Math.min(open.firstMs(pool), late?.firstMs(pool) ?? Infinity);
  for (let index = 0; index < chunks.count; index++) oldest = Math.min(oldest, chunks.minMsAt(index));
  return oldest;
}
