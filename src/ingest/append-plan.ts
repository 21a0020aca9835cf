import type { WriteBatch } from '../model/write-batch.ts';
import { type AppendBatch, NO_SERIES, type SeriesRef } from '../storage/types.ts';

/** The columns of a request that go to the store, and which series of the request each run belongs to. */
export interface AppendPlan extends Pick<AppendBatch, 'seriesRefs' | 'samplesStart' | 'timestampsMs' | 'values'> {
  /** Undefined when runs are the request's series one to one. */
  readonly seriesOfRun: readonly number[] | undefined;
}

/**
 * The runs of `batch` whose series have a number. When that is all of them, which is how nearly every request is, the
 * columns of the request are handed on as they are; otherwise what stays is copied together, bits and all.
 */
export function planAppend(batch: WriteBatch, seriesRefs: Uint32Array): AppendPlan {
  const { samplesStart, timestampsMs, values } = batch;
  if (!seriesRefs.includes(NO_SERIES)) {
    return { seriesRefs, samplesStart, timestampsMs, values, seriesOfRun: undefined };
  }
  const seriesOfRun: number[] = [];
  const keptRefs: SeriesRef[] = [];
  let keptCount = 0;
  for (let i = 0; i < seriesRefs.length; i++) {
    if (seriesRefs[i] === NO_SERIES) continue;
    seriesOfRun.push(i);
    keptRefs.push(seriesRefs[i]!);
    keptCount += samplesStart[i + 1]! - samplesStart[i]!;
  }
  const plan = {
    seriesRefs: Uint32Array.from(keptRefs),
    samplesStart: new Uint32Array(seriesOfRun.length + 1),
    timestampsMs: new Float64Array(keptCount),
    values: new Float64Array(keptCount),
    seriesOfRun,
  };
  let at = 0;
  for (const [run, i] of seriesOfRun.entries()) {
    const [from, to] = [samplesStart[i]!, samplesStart[i + 1]!];
    plan.timestampsMs.set(timestampsMs.subarray(from, to), at);
    plan.values.set(values.subarray(from, to), at);
    at += to - from;
    plan.samplesStart[run + 1] = at;
  }
  return plan;
}
