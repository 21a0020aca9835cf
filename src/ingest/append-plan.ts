import { writeStaleMarker } from '../model/columns.ts';
import type { NativeHistogram } from '../model/native-histogram.ts';
import type { WriteBatch } from '../model/write-batch.ts';
import { type AppendBatch, NO_SERIES, type SeriesRef } from '../storage/types.ts';
import type { Admission } from './admission.ts';

/** The columns of a request that go to the store, and which series of the request each run belongs to. */
export interface AppendPlan
  extends Pick<AppendBatch, 'seriesRefs' | 'samplesStart' | 'timestampsMs' | 'values' | 'histograms'> {
  /** Undefined when runs are the request's series one to one. */
  readonly seriesOfRun: readonly number[] | undefined;
  /** Per sample: since when it counts, 0 where that is not said. Undefined when no sample says it. */
  readonly startsMs: Float64Array | undefined;
}

/**
 * The runs of `batch` whose series have a number. When that is all of them and there is no native histogram, which is how
 * nearly every request is, the columns of the request are handed on as they are; otherwise what stays is copied together,
 * bits and all, each series' histograms behind its other samples.
 */
export function planAppend(
  batch: WriteBatch,
  seriesRefs: Uint32Array,
  histograms: Admission['histograms'],
): AppendPlan {
  const { samplesStart, timestampsMs, values, startsMs } = batch;
  if (histograms.size === 0 && !seriesRefs.includes(NO_SERIES)) {
    return { seriesRefs, samplesStart, timestampsMs, values, startsMs, seriesOfRun: undefined };
  }
  const seriesOfRun: number[] = [];
  const keptRefs: SeriesRef[] = [];
  let keptCount = 0;
  for (let i = 0; i < seriesRefs.length; i++) {
    if (seriesRefs[i] === NO_SERIES) continue;
    seriesOfRun.push(i);
    keptRefs.push(seriesRefs[i]!);
    keptCount += samplesStart[i + 1]! - samplesStart[i]! + (histograms.get(i)?.length ?? 0);
  }
  const plan = {
    seriesRefs: Uint32Array.from(keptRefs),
    samplesStart: new Uint32Array(seriesOfRun.length + 1),
    timestampsMs: new Float64Array(keptCount),
    values: new Float64Array(keptCount),
    seriesOfRun,
  };
  const column = histograms.size === 0 ? undefined : new Array<NativeHistogram | undefined>(keptCount).fill(undefined);
  const bits = new Uint32Array(plan.values.buffer);
  const starts = new Float64Array(keptCount);
  let at = 0;
  for (const [run, i] of seriesOfRun.entries()) {
    const [from, to] = [samplesStart[i]!, samplesStart[i + 1]!];
    plan.timestampsMs.set(timestampsMs.subarray(from, to), at);
    plan.values.set(values.subarray(from, to), at);
    if (startsMs) starts.set(startsMs.subarray(from, to), at);
    at += to - from;
    for (const { timestampMs, startMs, histogram } of histograms.get(i) ?? []) {
      plan.timestampsMs[at] = timestampMs;
      starts[at] = startMs;
      if (histogram.isStale) writeStaleMarker(bits, at);
      column![at++] = histogram;
    }
    plan.samplesStart[run + 1] = at;
  }
  return { ...plan, histograms: column, startsMs: starts.some((startMs) => startMs !== 0) ? starts : undefined };
}
