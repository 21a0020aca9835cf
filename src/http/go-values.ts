import { parseDuration } from '../model/duration.ts';
import { parseGoFloat } from '../model/go-float.ts';
import { quoteGo } from '../model/go-quote.ts';

export type ParsedMs = { readonly ok: true; readonly ms: number } | { readonly ok: false; readonly reason: string };

/** Seconds below these fit Go's nanoseconds and milliseconds of 64 bits. */
const NANOSECOND_RANGE_SECONDS = 9e9;
const MILLISECOND_RANGE_SECONDS = 9e15;

/**
 * The time of a query as Cortex's query front reads it: seconds since 1970 with decimals, or RFC 3339. Milliseconds,
 * whole. Numbers that no clock reaches wrap around as its nanoseconds do, since it takes them.
 */
export function parseTime(text: string): ParsedMs {
  return readTime(text, wrapNanoseconds);
}

/** The same for `series`, labels and exemplars, which pass that front by: times far away stay what they are. */
export function parseBound(text: string): ParsedMs {
  return readTime(text, wrapMilliseconds);
}

function readTime(text: string, secondsToMs: (seconds: number) => number): ParsedMs {
  const seconds = parseGoFloat(text);
  if (seconds !== undefined) return { ok: true, ms: secondsToMs(seconds) };
  const ms = parseRfc3339(text);
  return ms === undefined
    ? { ok: false, reason: `cannot parse ${quoteGo(text)} to a valid timestamp` }
    : { ok: true, ms };
}

/** A step: seconds with decimals, or a duration such as `1m30s`. */
export function parseStep(text: string): ParsedMs {
  const seconds = parseGoFloat(text);
  if (seconds !== undefined) {
    const ms = seconds * 1000;
    if (Math.abs(ms) > 2 ** 63) {
      return { ok: false, reason: `cannot parse ${quoteGo(text)} to a valid duration. It overflows int64` };
    }
    return { ok: true, ms: Number.isNaN(ms) ? 0 : Math.trunc(ms) };
  }
  const duration = parseDuration(text);
  return duration.ok
    ? { ok: true, ms: duration.ms }
    : { ok: false, reason: `cannot parse ${quoteGo(text)} to a valid duration` };
}

/** Go's `strconv.Atoi`; the reason is its text. */
export function parseInteger(
  text: string,
): { readonly ok: true; readonly value: number } | { readonly ok: false; readonly reason: string } {
  const problem = (words: string) =>
    ({ ok: false, reason: `strconv.Atoi: parsing ${quoteGo(text)}: ${words}` }) as const;
  if (!/^[+-]?\d+$/.test(text)) return problem('invalid syntax');
  const exact = BigInt(text.replace(/^\+/, ''));
  return BigInt.asIntN(64, exact) === exact ? { ok: true, value: Number(exact) } : problem('value out of range');
}

function wrapNanoseconds(seconds: number): number {
  const { whole, nanoseconds } = splitSeconds(seconds);
  if (Math.abs(seconds) < NANOSECOND_RANGE_SECONDS) return whole * 1000 + Math.trunc(nanoseconds / 1e6);
  const wrapped = BigInt.asIntN(64, toInt64(whole) * 1_000_000_000n + toInt64(nanoseconds));
  return Number(wrapped / 1_000_000n);
}

function wrapMilliseconds(seconds: number): number {
  const { whole, nanoseconds } = splitSeconds(seconds);
  if (Math.abs(seconds) < MILLISECOND_RANGE_SECONDS) return whole * 1000 + Math.trunc(nanoseconds / 1e6);
  return Number(BigInt.asIntN(64, toInt64(whole) * 1000n));
}

function splitSeconds(seconds: number): { readonly whole: number; readonly nanoseconds: number } {
  const whole = Math.trunc(seconds);
  return { whole, nanoseconds: Math.trunc((Math.round((seconds - whole) * 1000) / 1000) * 1e9) };
}

/** What Go's conversion to int64 gives on amd64: the least number for everything that does not fit. */
function toInt64(value: number): bigint {
  return Math.abs(value) < 2 ** 63 ? BigInt(value) : -(2n ** 63n);
}

function parseRfc3339(text: string): number | undefined {
  const parts = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/.exec(text);
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isDate = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!isDate || hour > 23 || minute > 59 || second > 59) return undefined;
  const offsetMinutes = (parts[8] === '-' ? -1 : 1) * (Number(parts[9] ?? 0) * 60 + Number(parts[10] ?? 0));
  const fractionMs = Math.trunc(Number(`0.${parts[7] ?? 0}`) * 1000);
  return date.getTime() + ((hour * 60 + minute - offsetMinutes) * 60 + second) * 1000 + fractionMs;
}
