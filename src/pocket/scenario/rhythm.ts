import type { Rhythm } from './scenario.ts';
import { wanderAt } from './seeded.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The first Saturday of 1970 was its third day. */
const SATURDAY_MS = 2 * DAY_MS;
const WEEK_MS = 7 * DAY_MS;
/** A weekend does not begin from one minute to the next. */
const TURN_MS = 6 * HOUR_MS;

/** What a mean of 1 is at `timeMs`; never below 0. */
export function rhythmAt({ daily, peakMs, weekend, noise }: Rhythm, key: number, timeMs: number): number {
  const day = 1 + daily * Math.cos(((timeMs - peakMs) / DAY_MS) * 2 * Math.PI);
  const week = 1 - (1 - weekend) * weekendAt(timeMs);
  const chance =
    noise === 0 ? 1 : 1 + noise * (wanderAt(key, timeMs, 5 * 60_000) + wanderAt(key + 1, timeMs, HOUR_MS)) * 0.5;
  return Math.max(0, day * week * chance);
}

/** How much of a weekend it is: 1 on Saturday and Sunday, 0 on other days, in between for some hours. */
function weekendAt(timeMs: number): number {
  const sinceMs = (((timeMs - SATURDAY_MS) % WEEK_MS) + WEEK_MS) % WEEK_MS;
  if (sinceMs < 2 * DAY_MS) return Math.min(1, 0.5 + sinceMs / TURN_MS, 0.5 + (2 * DAY_MS - sinceMs) / TURN_MS);
  return Math.max(0, 0.5 - (sinceMs - 2 * DAY_MS) / TURN_MS, 0.5 - (WEEK_MS - sinceMs) / TURN_MS);
}
