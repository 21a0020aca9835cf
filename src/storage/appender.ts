import { encodeChunk } from './chunk-codec.ts';
import { encodeLogRecord, type LogRecord, LogSection } from './log-record.ts';
import type { MemorySeries } from './memory-series.ts';
import { OpenSamples, type SamplePool, SEGMENT_SAMPLES } from './sample-pool.ts';
import type { TenantData } from './tenant-data.ts';
import type { AppendBatch, Rejection, RejectReason } from './types.ts';

/** A chunk has at most this many samples: two hours at 15 seconds, a few hundred bytes, a few microseconds to decode. */
export const CHUNK_SAMPLES = 512;

/** Half the range of a block of Prometheus, 2 hours: how far behind its tenant's newest a sample may be. */
const OUT_OF_BOUNDS_MS = 3_600_000;

/** What an append draws on besides its tenant. */
export interface AppendContext {
  readonly pool: SamplePool;
  /** Numbers of chunks to come. */
  readonly nextChunkId: () => number;
  /** Sets the bits of the sample at `baseMs`, which only a chunk knows yet. */
  readonly loadBaseBits: (data: TenantData, series: MemorySeries) => void;
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
/** A value and its bits. */
const one = new Float64Array(1);
const oneWords = new Int32Array(one.buffer);

/**
 * Adds samples to memory by the rules of Prometheus's head. A sample is judged twice: against the state before the
 * batch, which may refuse it with an error, and again when its turn comes, after what the same batch put before it;
 * what fails only then is dropped silently.
 */
export function appendSamples(
  data: TenantData,
  batch: AppendBatch,
  outOfOrderWindowMs: number,
  context: AppendContext,
): AppendResult {
  const { seriesRefs, samplesStart, timestampsMs, values } = batch;
  const runCount = seriesRefs.length;
  const firstSample = samplesStart[0] ?? 0;
  const sampleCount = (samplesStart[runCount] ?? 0) - firstSample;
  const rejections: Rejection[] = [];
  if (sampleCount === 0) return { acceptedCount: 0, rejections, record: undefined };
  // An empty head takes the time of the first sample it sees.
  const headMaxMs = data.newestMs === -Infinity ? timestampsMs[firstSample]! : data.newestMs;
  const bounds: Bounds = { headMaxMs, minValidMs: headMaxMs - OUT_OF_BOUNDS_MS, windowMs: outOfOrderWindowMs };
  const { minValidMs } = bounds;
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const { inOrder, late } = record;
  inOrder.clear();
  late.clear();
  inOrder.reserve(runCount, sampleCount);
  late.reserve(runCount, outOfOrderWindowMs > 0 ? sampleCount : 0);
  data.batch += 1;

  for (let run = 0; run < runCount; run++) {
    const series = data.series(seriesRefs[run]!);
    const end = samplesStart[run + 1]!;
    series.beginBatch(data.batch);
    const inOrderBefore = inOrder.sampleCount;
    const lateBefore = late.sampleCount;
    for (let i = samplesStart[run]!; i < end; i++) {
      const timestampMs = timestampsMs[i]!;
      const low = words[i * 2]!;
      const high = words[i * 2 + 1]!;
      if (timestampMs > series.lastMs && timestampMs >= minValidMs) {
        addInOrder(data, series, timestampMs, low, high, context);
        const at = inOrder.sampleCount++;
        inOrder.timestampsMs[at] = timestampMs;
        inOrder.words[at * 2] = low;
        inOrder.words[at * 2 + 1] = high;
        continue;
      }
      const reason = refusal(data, series, timestampMs, low, high, bounds, context);
      if (reason !== undefined) {
        rejections.push(rejection(series, reason, run, i));
      } else if (isLate(series, timestampMs, bounds) && addLate(data, series, timestampMs, low, high, context)) {
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
  return { acceptedCount, rejections, record: bytes };
}

/** The sample is newer than all of its series that came in order. */
export function addInOrder(
  data: TenantData,
  series: MemorySeries,
  timestampMs: number,
  low: number,
  high: number,
  { pool, nextChunkId }: Pick<AppendContext, 'pool' | 'nextChunkId'>,
): void {
  const { open } = series;
  if (open.count === open.size) {
    if (open.count >= CHUNK_SAMPLES) seal(series, open, false, pool, nextChunkId());
    open.grow(pool);
  }
  const segment = pool.segment(open.address);
  const at = (open.address % SEGMENT_SAMPLES) + open.count;
  segment.timestampsMs[at] = timestampMs;
  segment.words[at * 2] = low;
  segment.words[at * 2 + 1] = high;
  open.count += 1;
  series.lastMs = timestampMs;
  series.lastLow = low;
  series.lastHigh = high;
  series.hasLastBits = true;
  if (timestampMs > series.maxMs) series.maxMs = timestampMs;
  if (timestampMs < series.minMs) {
    series.minMs = timestampMs;
    if (timestampMs < data.oldestMs) data.oldestMs = timestampMs;
  }
  if (series.unsavedSince === Infinity) series.unsavedSince = data.nextSequence;
}

/** False when there is a late sample of that time already: it stays, silently. */
export function addLate(
  data: TenantData,
  series: MemorySeries,
  timestampMs: number,
  low: number,
  high: number,
  { pool, nextChunkId }: Pick<AppendContext, 'pool' | 'nextChunkId'>,
): boolean {
  series.late ??= new OpenSamples();
  if (series.late.count >= CHUNK_SAMPLES) seal(series, series.late, true, pool, nextChunkId());
  if (!series.late.insert(pool, timestampMs, low, high)) return false;
  series.includeMs(timestampMs);
  if (timestampMs < data.oldestMs) data.oldestMs = timestampMs;
  if (series.unsavedSince === Infinity) series.unsavedSince = data.nextSequence;
  return true;
}

/** Makes a chunk of open samples; it stays in memory until the next checkpoint. */
function seal(series: MemorySeries, samples: OpenSamples, isLate: boolean, pool: SamplePool, chunkId: number): void {
  const { timestampsMs, values } = pool.segment(samples.address);
  const from = samples.address % SEGMENT_SAMPLES;
  const chunk = {
    chunkId,
    minMs: samples.firstMs(pool),
    maxMs: samples.lastMs(pool),
    sampleCount: samples.count,
    isLate,
    data: encodeChunk(timestampsMs, values, from, from + samples.count),
  };
  series.sealed ??= [];
  series.sealed.push(chunk);
  series.chunks.add(chunk);
  samples.release(pool);
}

/** Why the state before the batch refuses a sample (Prometheus's `appendable`); undefined when it does not. */
function refusal(
  data: TenantData,
  series: MemorySeries,
  timestampMs: number,
  low: number,
  high: number,
  { headMaxMs, minValidMs, windowMs }: Bounds,
  context: AppendContext,
): RejectReason | undefined {
  if (timestampMs >= minValidMs) {
    if (timestampMs > series.baseMs) return undefined;
    if (timestampMs === series.baseMs) {
      if (!series.hasBaseBits) context.loadBaseBits(data, series);
      return series.baseLow === low && series.baseHigh === high ? undefined : 'duplicate-timestamp';
    }
  }
  if (windowMs > 0) return timestampMs >= headMaxMs - windowMs ? undefined : 'too-old';
  return timestampMs < minValidMs ? 'out-of-bounds' : 'out-of-order';
}

/** Whether a sample that was not refused, but is not the next of its series, is kept as a late one. */
function isLate(series: MemorySeries, timestampMs: number, { headMaxMs, minValidMs, windowMs }: Bounds): boolean {
  if (windowMs === 0 || timestampMs < headMaxMs - windowMs) return false;
  // The newest once more: its value is the same, or it is dropped.
  return timestampMs < minValidMs || timestampMs !== series.lastMs;
}

function rejection(series: MemorySeries, reason: RejectReason, runIndex: number, sampleIndex: number): Rejection {
  if (reason !== 'duplicate-timestamp') return { reason, runIndex, sampleIndex };
  oneWords[0] = series.baseLow;
  oneWords[1] = series.baseHigh;
  return { reason, runIndex, sampleIndex, existingValue: one[0]! };
}
