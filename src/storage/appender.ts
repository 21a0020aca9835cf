import { isStaleMarker } from '../model/columns.ts';
import { NativeHistogram } from '../model/native-histogram.ts';
import { compact, haveSameLayout } from '../model/native-histogram-buckets.ts';
import { haveSameBounds } from '../model/native-histogram-custom.ts';
import { areHistogramsEqual } from '../model/native-histogram-equality.ts';
import { BaseStates, type NewestSample } from './base-states.ts';
import { encodeChunk } from './chunk-codec.ts';
import { encodeLogRecord, type LogRecord } from './log-record.ts';
import { LogSection } from './log-section.ts';
import type { MemorySeries } from './memory-series.ts';
import { OpenSamples, placeInSegment, type SamplePool } from './sample-pool.ts';
import type { TenantData } from './tenant-data.ts';
import type { AppendBatch, Rejection, RejectReason } from './types.ts';

/** A chunk has at most this many samples: two hours at 15 seconds, a few hundred bytes, a few microseconds to decode. */
export const CHUNK_SAMPLES = 512;
/** With native histograms fewer: one of 40 buckets takes as much as twenty floats once it is decoded. */
export const HISTOGRAM_CHUNK_SAMPLES = 256;

/** Half the range of a block of Prometheus, 2 hours: how far behind its tenant's newest a sample may be. */
const OUT_OF_BOUNDS_MS = 3_600_000;

/** What an append draws on besides its tenant. */
export interface AppendContext {
  readonly pool: SamplePool;
  /** Numbers of chunks to come. */
  readonly nextChunkId: () => number;
  /** The newest sample of a series, when only a chunk knows what it is. */
  readonly newestInChunks: (data: TenantData, series: MemorySeries) => NewestSample;
}

export interface AppendResult {
  readonly acceptedCount: number;
  readonly rejections: Rejection[];
  /** What the log has to hold; undefined when nothing was added. */
  readonly record: Uint8Array | undefined;
}

/** What the samples of one batch are measured against: the state when it came. */
interface Bounds {
  readonly headMaxMs: number;
  readonly minValidMs: number;
  readonly windowMs: number;
}

const record: LogRecord = { inOrder: new LogSection(), late: new LogSection() };
const bases = new BaseStates();
/** A value and its bits. */
const one = new Float64Array(1);
const oneWords = new Int32Array(one.buffer);

/**
 * Adds samples to memory by the rules of Prometheus's head. A sample is judged twice: against the state before the
 * batch, which may refuse it with an error, and again when its turn comes, after what the same batch put before it;
 * what fails only then is dropped silently. Bounds are measured from `newestMs`, -Infinity for an empty tenant.
 */
export function appendSamples(
  data: TenantData,
  batch: AppendBatch,
  { outOfOrderWindowMs, newestMs }: { readonly outOfOrderWindowMs: number; readonly newestMs: number },
  context: AppendContext,
): AppendResult {
  const { seriesRefs, samplesStart, timestampsMs, values, histograms } = batch;
  const runCount = seriesRefs.length;
  const firstSample = samplesStart[0] ?? 0;
  const sampleCount = (samplesStart[runCount] ?? 0) - firstSample;
  const rejections: Rejection[] = [];
  if (sampleCount === 0) return { acceptedCount: 0, rejections, record: undefined };
  // An empty head takes the time of the first sample it sees.
  const headMaxMs = newestMs === -Infinity ? timestampsMs[firstSample]! : newestMs;
  // With no bound at all a series that is loaded after a newer one is in order by itself, however old it is: as late
  // samples it would be merged at every read.
  const minValidMs = outOfOrderWindowMs === Infinity ? -Infinity : headMaxMs - OUT_OF_BOUNDS_MS;
  const bounds: Bounds = { headMaxMs, minValidMs, windowMs: outOfOrderWindowMs };
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const { inOrder, late } = record;
  inOrder.clear();
  late.clear();
  inOrder.reserve(runCount, sampleCount);
  late.reserve(runCount, outOfOrderWindowMs > 0 ? sampleCount : 0);
  bases.clear();
  bases.reserve(runCount);
  data.batch += 1;

  for (let run = 0; run < runCount; run++) {
    const series = data.ownSeries(seriesRefs[run]!, context.pool);
    const end = samplesStart[run + 1]!;
    if (series.batch !== data.batch) {
      series.batch = data.batch;
      series.baseAt = bases.add(series);
    }
    const inOrderBefore = inOrder.sampleCount;
    const lateBefore = late.sampleCount;
    for (let i = samplesStart[run]!; i < end; i++) {
      const timestampMs = timestampsMs[i]!;
      const low = words[i * 2]!;
      const high = words[i * 2 + 1]!;
      const sent = histograms === undefined ? undefined : histograms[i];
      if (timestampMs > series.lastMs && timestampMs >= minValidMs) {
        const histogram = series.lastHistogram === undefined ? sent : likeTheLast(series, sent, values, i);
        addInOrder(data, series, timestampMs, low, high, histogram, context);
        if (histogram !== undefined) inOrder.addHistogram(histogram);
        const at = inOrder.sampleCount++;
        inOrder.timestampsMs[at] = timestampMs;
        inOrder.words[at * 2] = low;
        inOrder.words[at * 2 + 1] = high;
        continue;
      }
      const sample = { timestampMs, low, high, histogram: sent };
      const reason = refusal(data, series, sample, bounds, context);
      if (reason !== undefined) {
        rejections.push(rejection(series, reason, run, i));
        continue;
      }
      const histogram = series.lastHistogram === undefined ? sent : likeTheLast(series, sent, values, i);
      if (isLate(series, timestampMs, bounds) && addLate(data, series, timestampMs, low, high, histogram, context)) {
        if (histogram !== undefined) late.addHistogram(histogram);
        const at = late.sampleCount++;
        late.timestampsMs[at] = timestampMs;
        late.words[at * 2] = low;
        late.words[at * 2 + 1] = high;
      }
    }
    if (inOrder.sampleCount > inOrderBefore) {
      inOrder.endRun(series.ref, inOrder.sampleCount - inOrderBefore);
      data.includeSample(series.lastMs);
    }
    if (late.sampleCount > lateBefore) late.endRun(series.ref, late.sampleCount - lateBefore);
    if (!series.isQueued && series.hasSamples) data.queueSeries(series);
  }

  const acceptedCount = sampleCount - rejections.length;
  data.sampleCount += acceptedCount;
  const isEmpty = inOrder.runCount === 0 && late.runCount === 0;
  const bytes = isEmpty ? undefined : encodeLogRecord(record);
  inOrder.shrink();
  late.shrink();
  bases.clear();
  return { acceptedCount, rejections, record: bytes };
}

/** The sample is newer than all of its series that came in order. */
export function addInOrder(
  data: TenantData,
  series: MemorySeries,
  timestampMs: number,
  low: number,
  high: number,
  histogram: NativeHistogram | undefined,
  { pool, nextChunkId }: Pick<AppendContext, 'pool' | 'nextChunkId'>,
): void {
  const { open } = series;
  if (open.count === open.size) {
    if (isFull(open)) seal(series, open, false, pool, nextChunkId());
    open.grow(pool);
  }
  const segment = pool.segment(open.address);
  const at = placeInSegment(open.address) + open.count;
  segment.timestampsMs[at] = timestampMs;
  segment.words[at * 2] = low;
  segment.words[at * 2 + 1] = high;
  if (histogram !== undefined || open.histograms !== undefined) open.addHistogram(pool, histogram);
  open.count += 1;
  series.lastHistogram = histogram;
  series.lastMs = timestampMs;
  series.lastLow = low;
  series.lastHigh = high;
  series.hasLastBits = true;
  if (timestampMs > series.maxMs) series.maxMs = timestampMs;
  if (timestampMs < series.minMs) {
    series.minMs = timestampMs;
    if (timestampMs < data.oldestMs) data.oldestMs = timestampMs;
  }
  if (series.unsavedSince === 0) series.unsavedSince = data.nextSequence;
}

/** False when there is a late sample of that time already: it stays, silently. */
export function addLate(
  data: TenantData,
  series: MemorySeries,
  timestampMs: number,
  low: number,
  high: number,
  histogram: NativeHistogram | undefined,
  { pool, nextChunkId }: Pick<AppendContext, 'pool' | 'nextChunkId'>,
): boolean {
  series.late ??= new OpenSamples();
  if (isFull(series.late)) seal(series, series.late, true, pool, nextChunkId());
  if (!series.late.insert(pool, timestampMs, low, high, histogram)) return false;
  series.includeMs(timestampMs);
  if (timestampMs < data.oldestMs) data.oldestMs = timestampMs;
  if (series.unsavedSince === 0) series.unsavedSince = data.nextSequence;
  return true;
}

function isFull({ count, histograms }: OpenSamples): boolean {
  return count >= (histograms === undefined ? CHUNK_SAMPLES : HISTOGRAM_CHUNK_SAMPLES);
}

/**
 * What is stored behind a histogram: a staleness marker becomes one of histograms, as in Prometheus, and a histogram
 * shares with the last one what says which buckets they have, which is most of its size when few are populated.
 */
function likeTheLast(
  { lastHistogram }: MemorySeries,
  histogram: NativeHistogram | undefined,
  values: Float64Array,
  index: number,
): NativeHistogram | undefined {
  const last = lastHistogram!;
  if (histogram === undefined) {
    const bits = new Uint32Array(values.buffer, values.byteOffset + index * 8, 2);
    return Number.isNaN(values[index]!) && isStaleMarker(bits, 0) ? NativeHistogram.stale(last.isInteger) : undefined;
  }
  if (
    last.positive.indexes === histogram.positive.indexes &&
    last.negative.indexes === histogram.negative.indexes &&
    histogram.customBounds.length === 0
  ) {
    return histogram;
  }
  if (!haveSameLayout(last.positive, histogram.positive) || !haveSameLayout(last.negative, histogram.negative)) {
    return histogram;
  }
  return histogram.with({
    positive: { indexes: last.positive.indexes, counts: histogram.positive.counts },
    negative: { indexes: last.negative.indexes, counts: histogram.negative.counts },
    customBounds: haveSameBounds(last.customBounds, histogram.customBounds)
      ? last.customBounds
      : histogram.customBounds,
  });
}

/** Makes a chunk of open samples; it stays in memory until the next checkpoint. */
function seal(series: MemorySeries, samples: OpenSamples, isLate: boolean, pool: SamplePool, chunkId: number): void {
  const { timestampsMs, values } = pool.segment(samples.address);
  const from = placeInSegment(samples.address);
  const chunk = {
    chunkId,
    minMs: samples.firstMs(pool),
    maxMs: samples.lastMs(pool),
    sampleCount: samples.count,
    isLate,
    data: encodeChunk(timestampsMs, values, from, from + samples.count, samples.histograms),
  };
  series.sealed ??= [];
  series.sealed.push(chunk);
  series.addChunk(chunk);
  samples.release(pool);
}

interface Sample extends NewestSample {
  readonly timestampMs: number;
}

/** Why the state before the batch refuses a sample (Prometheus's `appendable`); undefined when it does not. */
function refusal(
  data: TenantData,
  series: MemorySeries,
  sample: Sample,
  { headMaxMs, minValidMs, windowMs }: Bounds,
  context: AppendContext,
): RejectReason | undefined {
  const { timestampMs } = sample;
  if (timestampMs >= minValidMs) {
    const baseMs = bases.timestampsMs[series.baseAt]!;
    if (timestampMs > baseMs) return undefined;
    if (timestampMs === baseMs) {
      if (!bases.hasBits(series.baseAt)) loadBase(data, series, context);
      return areSame(bases.sample(series.baseAt), sample) ? undefined : 'duplicate-timestamp';
    }
  }
  if (windowMs > 0) return timestampMs >= headMaxMs - windowMs ? undefined : 'too-old';
  return timestampMs < minValidMs ? 'out-of-bounds' : 'out-of-order';
}

function loadBase(data: TenantData, series: MemorySeries, { newestInChunks }: AppendContext): void {
  const newest = newestInChunks(data, series);
  bases.setSample(series.baseAt, newest);
  if (series.hasLastBits) return;
  series.lastLow = newest.low;
  series.lastHigh = newest.high;
  series.lastHistogram = newest.histogram;
  series.hasLastBits = true;
}

function areSame(base: NewestSample, { low, high, histogram }: Sample): boolean {
  if (base.histogram === undefined || histogram === undefined) {
    return base.histogram === histogram && base.low === low && base.high === high;
  }
  const areAlike = base.histogram.isInteger === histogram.isInteger && base.histogram.isStale === histogram.isStale;
  // Of a chunk a histogram may come back with empty buckets that it did not have.
  return areAlike && (histogram.isStale || areHistogramsEqual(compact(base.histogram), compact(histogram)));
}

/** Whether a sample that was not refused, but is not the next of its series, is kept as a late one. */
function isLate(series: MemorySeries, timestampMs: number, { headMaxMs, minValidMs, windowMs }: Bounds): boolean {
  if (windowMs === 0 || timestampMs < headMaxMs - windowMs) return false;
  // The newest once more: its value is the same, or it is dropped.
  return timestampMs < minValidMs || timestampMs !== series.lastMs;
}

function rejection(series: MemorySeries, reason: RejectReason, runIndex: number, sampleIndex: number): Rejection {
  const base = bases.sample(series.baseAt);
  if (reason !== 'duplicate-timestamp' || base.histogram) return { reason, runIndex, sampleIndex };
  oneWords[0] = base.low;
  oneWords[1] = base.high;
  return { reason, runIndex, sampleIndex, existingValue: one[0]! };
}
