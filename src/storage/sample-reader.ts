import { SampleColumns } from '../model/columns.ts';
import type { NativeHistogram } from '../model/native-histogram.ts';
import type { DecodedChunk } from './chunk-codec.ts';
import { HistogramColumn } from './histogram-codec.ts';
import type { MemorySeries } from './memory-series.ts';
import { type OpenSamples, type SamplePool, SEGMENT_SAMPLES } from './sample-pool.ts';

/** Where decoded chunks come from. */
export type ChunkSource = (series: MemorySeries, chunkId: number) => DecodedChunk;

export interface ReadRange {
  readonly startMs: number;
  readonly endMs: number;
}

/** Overwrites `into` with the samples of `series` in `[startMs, endMs]`: ascending, one a timestamp, with their bits. */
export function readSamples(
  series: MemorySeries,
  range: ReadRange,
  { chunk, pool }: { readonly chunk: ChunkSource; readonly pool: SamplePool },
  into: SampleColumns,
): void {
  into.clear();
  const { startMs, endMs } = range;
  if (series.maxMs < startMs || series.minMs > endMs) return;
  const { chunks, late } = series;
  for (let index = 0; index < chunks.count; index++) {
    if (chunks.maxMsAt(index) < startMs || chunks.minMsAt(index) > endMs || chunks.isLateAt(index)) continue;
    const { timestampsMs, values, histograms } = chunk(series, chunks.idAt(index));
    appendRange({ timestampsMs, values, histograms, from: 0, to: timestampsMs.length }, range, into);
  }
  appendOpen(series.open, pool, range, into);
  if (chunks.lateCount === 0 && late === undefined) return;
  // Late samples apart first: where times are equal the sample in order stays, then the one that came first. What was
  // loaded behind newer samples came in order mostly, and then its chunks only follow each other.
  lateColumns.clear();
  for (let index = 0; index < chunks.count; index++) {
    if (!chunks.isLateAt(index) || chunks.maxMsAt(index) < startMs || chunks.minMsAt(index) > endMs) continue;
    const { timestampsMs, values, histograms } = chunk(series, chunks.idAt(index));
    addLate({ timestampsMs, values, histograms, from: 0, to: timestampsMs.length }, range);
  }
  if (late !== undefined && late.count > 0) addLate(openStretch(late, pool), range);
  mergeInto(into, lateColumns);
}

const lateColumns = new SampleColumns();
const addedColumns = new SampleColumns();
const mergedColumns = new SampleColumns();

function addLate(stretch: Stretch, range: ReadRange): void {
  const { count } = lateColumns;
  if (count === 0 || stretch.timestampsMs[stretch.from]! > lateColumns.timestampsMs[count - 1]!) {
    appendRange(stretch, range, lateColumns);
    return;
  }
  addedColumns.clear();
  appendRange(stretch, range, addedColumns);
  mergeInto(lateColumns, addedColumns);
}

function appendOpen(open: OpenSamples, pool: SamplePool, range: ReadRange, into: SampleColumns): void {
  if (open.count > 0) appendRange(openStretch(open, pool), range, into);
}

function openStretch({ address, count, histograms }: OpenSamples, pool: SamplePool): Stretch {
  const { timestampsMs, values } = pool.segment(address);
  const from = address % SEGMENT_SAMPLES;
  return { timestampsMs, values, histograms, from, to: from + count };
}

/** Samples `[from, to)` of some columns. */
interface Stretch {
  readonly timestampsMs: Float64Array;
  readonly values: Float64Array;
  /** Counted from sample `from` on. */
  readonly histograms: HistogramColumn | readonly (NativeHistogram | undefined)[] | undefined;
  readonly from: number;
  readonly to: number;
}

function appendRange(
  { timestampsMs, values, histograms, from, to }: Stretch,
  { startMs, endMs }: ReadRange,
  into: SampleColumns,
): void {
  const first = timestampsMs[from]! >= startMs ? from : lowerBound(timestampsMs, from, to, startMs);
  const last = timestampsMs[to - 1]! <= endMs ? to : upperBound(timestampsMs, first, to, endMs);
  if (first >= last) return;
  if (histograms === undefined) {
    into.append(timestampsMs, values, first, last);
    return;
  }
  const place = into.count;
  into.append(timestampsMs, values, first, last);
  const column = into.histogramColumn();
  if (histograms instanceof HistogramColumn) histograms.copyTo(first - from, last - from, column, place);
  else for (let i = first; i < last; i++) column[place + i - first] = histograms[i - from];
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
