import { quoteGo } from './go-quote.ts';

const UNITS_MS = {
  y: 31_536_000_000,
  w: 604_800_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
} as const;
type Unit = keyof typeof UNITS_MS;

/** The longest duration Go can hold: 2^63 - 1 nanoseconds. */
const LONGEST_MS = 2 ** 63 / 1e6;

export type DurationResult =
  | { readonly ok: true; readonly ms: number }
  | { readonly ok: false; readonly reason: string };

/**
 * Parses Prometheus's durations: `1h30m`, `5m`, `100ms`, `0`; units from largest to smallest, each at most once.
 * `reason` is Prometheus's text (`common/model`).
 */
export function parseDuration(text: string): DurationResult {
  if (text === '0') return { ok: true, ms: 0 };
  if (text === '') return { ok: false, reason: 'empty duration string' };
  const order = Object.keys(UNITS_MS);
  let ms = 0;
  let lastPosition = -1;
  let rest = text;
  while (rest !== '') {
    const part = /^(\d+)([^\d]+)/.exec(rest);
    // Go reads the digits into 64 bits first.
    if (!part || Number(part[1]) >= 2 ** 64) {
      return { ok: false, reason: `not a valid duration string: ${quoteGo(text)}` };
    }
    const [whole, digits, unit] = part as unknown as [string, string, string];
    const position = order.indexOf(unit);
    if (position < 0) {
      return { ok: false, reason: `unknown unit ${quoteGo(unit)} in duration ${quoteGo(text)}` };
    }
    if (position <= lastPosition) {
      return { ok: false, reason: `not a valid duration string: ${quoteGo(text)}` };
    }
    lastPosition = position;
    ms += Number(digits) * UNITS_MS[unit as Unit];
    if (ms > LONGEST_MS) return { ok: false, reason: 'duration out of range' };
    rest = rest.slice(whole.length);
  }
  return { ok: true, ms };
}

/** Prometheus's text for a duration: `1h30m`; weeks and years only where they are whole. Whole milliseconds. */
export function formatDuration(durationMs: number): string {
  let rest = Math.trunc(Math.abs(durationMs));
  if (rest === 0) return '0s';
  let text = durationMs < 0 ? '-' : '';
  for (const [unit, unitMs] of Object.entries(UNITS_MS)) {
    const isExactOnly = unit === 'y' || unit === 'w';
    if (isExactOnly && rest % unitMs !== 0) continue;
    const amount = Math.floor(rest / unitMs);
    if (amount > 0) text += `${amount}${unit}`;
    rest -= amount * unitMs;
  }
  return text;
}

/** Go's `time.Duration` text as flags and YAML print it: `1h30m0s`, `1m0s`, `250ms`, `0s`. */
export function formatGoDuration(durationMs: number): string {
  const sign = durationMs < 0 ? '-' : '';
  const ms = Math.abs(durationMs);
  if (ms === 0) return '0s';
  if (ms < 1000) return ms < 1 ? `${sign}${ms * 1000}µs` : `${sign}${ms}ms`;
  const hours = Math.floor(ms / UNITS_MS.h);
  const minutes = Math.floor((ms % UNITS_MS.h) / UNITS_MS.m);
  const seconds = (ms % UNITS_MS.m) / UNITS_MS.s;
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}s` : `${sign}${seconds}s`;
}
