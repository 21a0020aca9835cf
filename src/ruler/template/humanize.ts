import { parseGoFloat } from '../../model/go-float.ts';
import { quoteGo } from '../../model/go-quote.ts';
import { FunctionError } from './execution-error.ts';
import { formatSignedFloat } from './format-number.ts';
import { timeText } from './go-time.ts';
import { type GoValue, typeName, unwrap } from './values.ts';

const LARGE = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];
const BINARY = ['ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'Zi', 'Yi'];
const SMALL = ['m', 'u', 'n', 'p', 'f', 'a', 'z', 'y'];

/**
 * The float that a value stands for, as functions that take numbers and texts see it.
 * @throws {FunctionError}
 */
export function floatOf(value: GoValue): number {
  const inner = unwrap(value);
  switch (inner.kind) {
    case 'float':
      return inner.value;
    case 'string': {
      if (inner.type !== 'string') break;
      const number = parseGoFloat(inner.value);
      if (number === undefined) {
        const isTooLarge = Math.abs(Number(inner.value)) === Infinity;
        const problem = isTooLarge ? 'value out of range' : 'invalid syntax';
        throw new FunctionError(`strconv.ParseFloat: parsing ${quoteGo(inner.value)}: ${problem}`);
      }
      return number;
    }
    case 'int':
      if (inner.type === 'int' || inner.type === 'int64') return Number(inner.value);
      if (inner.type === 'time.Duration') return Number(inner.value) / 1e9;
  }
  throw new FunctionError(`can't convert ${typeName(inner)} to float`);
}

/** Four digits: `%.4g`. */
function fourDigits(value: number): string {
  const text = formatSignedFloat(value, { verb: 'g', precision: 4 });
  return text === '+Inf' ? text : text.replace(/^\+/, '');
}

/** `1.234k`, `12m` */
export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return fourDigits(value);
  return Math.abs(value) >= 1 ? reduced(value, 1000, LARGE) : enlarged(value);
}

/** `1.5ki` */
export function humanize1024(value: number): string {
  if (Math.abs(value) <= 1 || !Number.isFinite(value)) return fourDigits(value);
  return reduced(value, 1024, BINARY);
}

/** `50%` of 0.5 */
export function humanizePercentage(value: number): string {
  return `${fourDigits(value * 100)}%`;
}

/** `1d 2h 3m 4s`, `12.34s`, `5ms` */
export function humanizeDuration(value: number): string {
  if (!Number.isFinite(value)) return fourDigits(value);
  if (value === 0) return `${fourDigits(value)}s`;
  if (Math.abs(value) < 1) return `${enlarged(value)}s`;
  const sign = value < 0 ? '-' : '';
  const magnitude = Math.abs(value);
  const seconds = Math.trunc(magnitude);
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  const parts = [`${days}d`, `${hours}h`, `${minutes}m`, `${seconds % 60}s`];
  if (days > 0) return sign + parts.join(' ');
  if (hours > 0) return sign + parts.slice(1).join(' ');
  return sign + (minutes > 0 ? parts.slice(2).join(' ') : `${fourDigits(magnitude)}s`);
}

/** The moment of so many seconds since 1970, or the number when it is none. */
export function humanizeTimestamp(value: number): string {
  return Number.isFinite(value) ? timeText(nanosecondsOf(value)) : fourDigits(value);
}

/**
 * Seconds since 1970 in nanoseconds, in steps of a millisecond.
 * @throws {FunctionError} when they do not fit into Go's 64 bits
 */
export function nanosecondsOf(seconds: number): bigint {
  const nanoseconds = seconds * 1e9;
  if (nanoseconds > 2 ** 63 || nanoseconds < -(2 ** 63)) {
    const text = formatSignedFloat(seconds, { verb: 'g', precision: undefined }).replace(/^\+/, '');
    throw new FunctionError(`${text} cannot be represented as a nanoseconds timestamp since it overflows int64`);
  }
  return (BigInt(Math.trunc(nanoseconds)) / 1_000_000n) * 1_000_000n;
}

function reduced(value: number, base: number, prefixes: readonly string[]): string {
  let rest = value;
  let prefix = '';
  for (const next of prefixes) {
    if (Math.abs(rest) < base) break;
    prefix = next;
    rest /= base;
  }
  return fourDigits(rest) + prefix;
}

function enlarged(value: number): string {
  let rest = value;
  let prefix = '';
  for (const next of SMALL) {
    if (Math.abs(rest) >= 1) break;
    prefix = next;
    rest *= 1000;
  }
  return fourDigits(rest) + prefix;
}
