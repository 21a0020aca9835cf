import { parseGoFloat } from '../../model/go-float.ts';

/** Digits whose whole number is exact in a double, whatever they are. */
const EXACT_DIGITS = 15;
/** Up to here powers of ten are exact in a double. */
const POWERS_OF_TEN = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);
/** Longer numbers are none that anybody prints. */
const LONGEST_BYTES = 400;

const [ZERO, NINE, POINT, PLUS, MINUS] = [0x30, 0x39, 0x2e, 0x2b, 0x2d];

/**
 * The number that `[start, end)` spells as Prometheus's text formats have it: decimal, with an exponent or without, or
 * NaN, Inf and Infinity in any case. Undefined when it is none. Few digits, as nearly all numbers have, are read
 * without making a string of them: one exact number divided by another is rounded once, as it has to be.
 */
export function parseDecimal(bytes: Uint8Array, start: number, end: number): number | undefined {
  let at = start;
  const first = bytes[at];
  if (at < end && (first === MINUS || first === PLUS)) at += 1;
  let mantissa = 0;
  let digits = 0;
  let fraction = -1;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (byte >= ZERO && byte <= NINE) {
      mantissa = mantissa * 10 + (byte - ZERO);
      digits += 1;
      if (fraction >= 0) fraction += 1;
    } else if (byte === POINT && fraction < 0) {
      fraction = 0;
    } else {
      break;
    }
  }
  if (at < end || digits === 0 || digits > EXACT_DIGITS) return parseAnyDecimal(bytes, start, end);
  const magnitude = fraction > 0 ? mantissa / POWERS_OF_TEN[fraction]! : mantissa;
  return first === MINUS ? -magnitude : magnitude;
}

function parseAnyDecimal(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (end - start > LONGEST_BYTES) return undefined;
  let text = '';
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at]!);
  // Go reads hexadecimal floats too; Prometheus does not take them here.
  return /[xp_]/i.test(text) ? undefined : parseGoFloat(text);
}
