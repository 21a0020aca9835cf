import { SampleColumns } from '../model/columns.ts';
import type { DecodedChunk } from './chunk-codec.ts';
import type { MemorySeries } from './memory-series.ts';
import { type OpenSamples, placeInSegment, type SamplePool } from './sample-pool.ts';
import type { SharedTimes } from './shared-times.ts';
import { Stretches } from './stretches.ts';

/** Where decoded chunks come from. */
export type ChunkSource = (series: MemorySeries, chunkId: number) => DecodedChunk;

export interface ReadRange {
  readonly startMs: number;
  readonly endMs: number;
}

export interface SampleSources {
  readonly chunk: ChunkSource;
  readonly pool: SamplePool;
  /** Of the selection that the series is in. */
  readonly times: SharedTimes;
}

/** Overwrites `into` with the samples of `series` in `[startMs, endMs]`: ascending, one a timestamp, with their bits. */
export function readSamples(series: MemorySeries, range: ReadRange, sources: SampleSources, into: SampleColumns): void {
  into.clear();
  const { startMs, endMs } = range;
  if (series.maxMs < startMs || series.minMs > endMs) return;
  const { chunk, pool, times } = sources;
  const { chunks, open, late } = series;
  found.clear();
  for (let index = 0; index < chunks.count; index++) {
    if (chunks.maxMsAt(index) < startMs || chunks.minMsAt(index) > endMs || chunks.isLateAt(index)) continue;
    addChunk(chunk(series, chunks.idAt(index)), range);
  }
  if (open.count > 0) addOpen(open, pool, range);
  if (found.hasHistograms) found.appendTo(into);
  else if (found.count > 0) times.read(found, into);
  found.clear();
  if (chunks.lateCount === 0 && late === undefined) return;
  // Late samples apart first: where times are equal the sample in order stays, then the one that came first. What was
  // loaded behind newer samples came in order mostly, and then its chunks only follow each other.
  lateColumns.clear();
  for (let index = 0; index < chunks.count; index++) {
    if (!chunks.isLateAt(index) || chunks.maxMsAt(index) < startMs || chunks.minMsAt(index) > endMs) continue;
    addChunk(chunk(series, chunks.idAt(index)), range);
    addLate();
    found.clear();
  }
  if (late !== undefined && late.count > 0) {
    addOpen(late, pool, range);
    addLate();
    found.clear();
  }
  mergeInto(into, lateColumns);
}

/** Of the series that is read now. */
const found = new Stretches();
const lateColumns = new SampleColumns();
const addedColumns = new SampleColumns();
const mergedColumns = new SampleColumns();

function addChunk(chunk: DecodedChunk, range: ReadRange): void {
  found.add(chunk, { from: 0, to: chunk.timestampsMs.length, isFrozen: true }, chunk.histograms, range);
}

function addOpen({ address, count, histograms }: OpenSamples, pool: SamplePool, range: ReadRange): void {
  const from = placeInSegment(address);
  found.add(pool.segment(address), { from, to: from + count, isFrozen: false }, histograms, range);
}

/** Puts what was found among the late samples. */
function addLate(): void {
  if (found.count === 0) return;
  const { count } = lateColumns;
  if (count === 0 || found.timestampsMs[0]![found.from[0]!]! > lateColumns.timestampsMs[count - 1]!) {
    found.appendTo(lateColumns);
    return;
  }
  addedColumns.clear();
  found.appendTo(addedColumns);
  mergeInto(lateColumns, addedColumns);
}

/** Puts the samples of `added` into `target`, each in its place; at equal times that of `target` stays. */
function mergeInto(target: SampleColumns, added: SampleColumns): void {
  if (added.count === 0) return;
  if (target.count === 0 || added.timestampsMs[0]! > target.timestampsMs[target.count - 1]!) {
    target.appendFrom(added, 0, added.count);
    return;
  }
  mergedColumns.clear();
  mergedColumns.reserve(target.count + added.count);
  let fromTarget = 0;
  let fromAdded = 0;
  while (fromTarget < target.count && fromAdded < added.count) {
    // All of one side that stands before the next of the other side.
    const addedMs = added.timestampsMs[fromAdded]!;
    let toTarget = fromTarget;
    while (toTarget < target.count && target.timestampsMs[toTarget]! < addedMs) toTarget += 1;
    mergedColumns.appendFrom(target, fromTarget, toTarget);
    fromTarget = toTarget;
    if (fromTarget === target.count) break;
    const targetMs = target.timestampsMs[fromTarget]!;
    let toAdded = fromAdded;
    while (toAdded < added.count && added.timestampsMs[toAdded]! < targetMs) toAdded += 1;
    mergedColumns.appendFrom(added, fromAdded, toAdded);
    fromAdded = toAdded;
    if (fromAdded < added.count && added.timestampsMs[fromAdded] === targetMs) fromAdded += 1;
  }
  mergedColumns.appendFrom(target, fromTarget, target.count);
  mergedColumns.appendFrom(added, fromAdded, added.count);
  target.clear();
  target.appendFrom(mergedColumns, 0, mergedColumns.count);
}
