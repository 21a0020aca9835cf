import type { Scenario } from './scenario.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** The last hour before the start is sampled as what is made live: nobody sees where one ends and the other begins. */
const RECENT_MS = HOUR_MS;
/** Who asks for all of the past asks for a rate at its begin too, which needs samples before it. */
const LEAD_MS = 10 * MINUTE_MS;
/** A long past begins at a multiple of this, and so do its closer samples: who starts it again soon finds them where they were. */
const PAST_UNIT_MS = 6 * HOUR_MS;
/** As many as a chunk holds, and no pause of the event loop that anybody notices. */
const BLOCK_SAMPLES = 512;

type Steps = Pick<Scenario, 'historyMs' | 'historyStepMs' | 'stepMs'>;

/** Where the past of a scenario begins that begins to be live at `startMs`. */
export function historyBegin({ historyMs, historyStepMs }: Steps, startMs: number): number {
  return isLong(historyMs)
    ? Math.floor((startMs - historyMs - LEAD_MS) / PAST_UNIT_MS) * PAST_UNIT_MS
    : Math.floor((startMs - historyMs) / historyStepMs) * historyStepMs;
}

/** The times of `(afterMs, untilMs]` that are sampled: whole multiples of a step, in blocks. */
export function* timesBetween(
  { historyMs, historyStepMs, stepMs }: Steps,
  { startMs, afterMs, untilMs }: { readonly startMs: number; readonly afterMs: number; readonly untilMs: number },
): Generator<Float64Array> {
  const unitMs = isLong(historyMs) ? PAST_UNIT_MS : stepMs;
  const recentMs = Math.floor((startMs - RECENT_MS) / unitMs) * unitMs;
  yield* blocksOf(historyStepMs, afterMs, Math.min(untilMs, recentMs));
  yield* blocksOf(stepMs, Math.max(afterMs, recentMs), untilMs);
}

function isLong(historyMs: number): boolean {
  return historyMs >= DAY_MS;
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
