import type { Scenario } from './scenario.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The last hour before the start is sampled as what is made live: nobody sees where one ends and the other begins. */
const RECENT_MS = HOUR_MS;
/** As many as a chunk holds, and no pause of the event loop that anybody notices. */
const BLOCK_SAMPLES = 512;

/**
 * Where the past of a scenario begins that begins to be live at `startMs`: at a whole hour if it is long, so that who starts it again
 * a little later finds it where it was.
 */
export function historyBegin({ historyMs, historyStepMs }: Scenario, startMs: number): number {
  const unitMs = historyMs >= DAY_MS ? Math.max(HOUR_MS, historyStepMs) : historyStepMs;
  return Math.floor((startMs - historyMs) / unitMs) * unitMs;
}

/** The times of `(afterMs, untilMs]` that are sampled: whole multiples of a step, in blocks. */
export function* timesBetween(
  { historyStepMs, stepMs }: Pick<Scenario, 'historyStepMs' | 'stepMs'>,
  { startMs, afterMs, untilMs }: { readonly startMs: number; readonly afterMs: number; readonly untilMs: number },
): Generator<Float64Array> {
  const recentMs = startMs - RECENT_MS;
  yield* blocksOf(historyStepMs, afterMs, Math.min(untilMs, recentMs));
  yield* blocksOf(stepMs, Math.max(afterMs, recentMs), untilMs);
}

function* blocksOf(stepMs: number, afterMs: number, untilMs: number): Generator<Float64Array> {
  const last = Math.floor(untilMs / stepMs);
  for (let next = Math.floor(afterMs / stepMs) + 1; next <= last; next += BLOCK_SAMPLES) {
    const count = Math.min(BLOCK_SAMPLES, last - next + 1);
    const timesMs = new Float64Array(count);
    for (let i = 0; i < count; i++) timesMs[i] = (next + i) * stepMs;
    yield timesMs;
  }
}
