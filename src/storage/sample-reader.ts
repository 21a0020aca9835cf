import { SampleColumns } from '../model/columns.ts';
import type { NativeHistogram } from '../model/native-histogram.ts';
import type { DecodedChunk } from './chunk-codec.ts';
import { HistogramColumn } from './histogram-codec.ts';
import type { MemorySeries } from './memory-series.ts';
import { type OpenSamples, type SamplePool, SEGMENT_SAMPLES } from './sample-pool.ts';
import type { SharedTimes, Stretch } from './shared-times.ts';

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
  const stretches: SampleStretch[] = [];
  for (let index = 0; index < chunks.count; index++) {
    if (chunks.maxMsAt(index) < startMs || chunks.minMsAt(index) > endMs || chunks.isLateAt(index)) continue;
    addInRange(chunkStretch(chunk(series, chunks.idAt(index))), range, stretches);
  }
  if (open.count > 0) addInRange(openStretch(open, pool), range, stretches);
  if (stretches.some(hasHistograms)) for (const stretch of stretches) appendStretch(stretch, into);
  else if (stretches.length > 0) times.read(stretches, into);
  if (chunks.lateCount === 0 && late === undefined) return;
  // Late samples apart first: where times are equal the sample in order stays, then the one that came first. What was
  // loaded behind newer samples came in order mostly, and then its chunks only follow each other.
  lateColumns.clear();
  for (let index = 0; index < chunks.count; index++) {
    if (!chunks.isLateAt(index) || chunks.maxMsAt(index) < startMs || chunks.minMsAt(index) > endMs) continue;
    addLate(chunkStretch(chunk(series, chunks.idAt(index))), range);
  }
  if (late !== undefined && late.count > 0) addLate(openStretch(late, pool), range);
  mergeInto(into, lateColumns);
}

const lateColumns = new SampleColumns();
const addedColumns = new SampleColumns();
const mergedColumns = new SampleColumns();

function addLate(stretch: SampleStretch, range: ReadRange): void {
  const added: SampleStretch[] = [];
  addInRange(stretch, range, added);
  if (added.length === 0) return;
  const { count } = lateColumns;
  const [{ timestampsMs, from }] = added as [SampleStretch];
  if (count === 0 || timestampsMs[from]! > lateColumns.timestampsMs[count - 1]!) {
    appendStretch(added[0]!, lateColumns);
    return;
  }
  addedColumns.clear();
  appendStretch(added[0]!, addedColumns);
  mergeInto(lateColumns, addedColumns);
}

interface SampleStretch extends Stretch {
  readonly histograms: HistogramColumn | readonly (NativeHistogram | undefined)[] | undefined;
  /** The sample that the first of `histograms` belongs to. */
  readonly histogramsFrom: number;
}

function hasHistograms({ histograms }: SampleStretch): boolean {
  return histograms !== undefined;
}

function chunkStretch({ timestampsMs, values, histograms }: DecodedChunk): SampleStretch {
  return { timestampsMs, values, isFrozen: true, histograms, histogramsFrom: 0, from: 0, to: timestampsMs.length };
}

function openStretch({ address, count, histograms }: OpenSamples, pool: SamplePool): SampleStretch {
  const { timestampsMs, values } = pool.segment(address);
  const from = address % SEGMENT_SAMPLES;
  return { timestampsMs, values, isFrozen: false, histograms, histogramsFrom: from, from, to: from + count };
}

/** Adds what of `stretch` lies in the range, if anything does. */
function addInRange(stretch: SampleStretch, { startMs, endMs }: ReadRange, stretches: SampleStretch[]): void {
  const { timestampsMs, values, isFrozen, histograms, histogramsFrom, from, to } = stretch;
  const first = timestampsMs[from]! >= startMs ? from : lowerBound(timestampsMs, from, to, startMs);
  const end = timestampsMs[to - 1]! <= endMs ? to : upperBound(timestampsMs, first, to, endMs);
  if (first >= end) return;
  if (first === from && end === to) stretches.push(stretch);
  else stretches.push({ timestampsMs, values, isFrozen, histograms, histogramsFrom, from: first, to: end });
}

function appendStretch(stretch: SampleStretch, into: SampleColumns): void {
  const { timestampsMs, values, histograms, histogramsFrom, from, to } = stretch;
  const place = into.count;
  into.append(timestampsMs, values, from, to);
  if (histograms === undefined) return;
  const column = into.histogramColumn();
  if (histograms instanceof HistogramColumn) {
    histograms.copyTo(from - histogramsFrom, to - histogramsFrom, column, place);
  } else {
    for (let i = from; i < to; i++) column[place + i - from] = histograms[i - histogramsFrom];
  }
}

/** The first index in `[from, to)` whose time is not before `timeMs`, or `to`. */
function lowerBound(timestampsMs: Float64Array, from: number, to: number, timeMs: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timestampsMs[middle]! < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first index in `[from, to)` whose time is after `timeMs`, or `to`. */
function upperBound(timestampsMs: Float64Array, from: number, to: number, timeMs: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timestampsMs[middle]! <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
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
