import { formatFloat } from '../model/go-float.ts';
import { writeDecimals, writeDigits, writeEightDigits, writeNineDigits } from './digits.ts';

/** More than any text of `writeFloat` takes but those of numbers without a short form, which are asked for by `roomFor`. */
const FLOAT_ROOM = 32;

/**
 * Writes `value` as a sample's text (`formatFloat`, a negative zero without its sign) and returns the position behind it.
 * Making a string of each number and copying that takes four times as long, so the digits are found here:
 *
 *     whole numbers          three digits at a time
 *     up to three decimals   as the whole number value × 1000, if dividing that gives back the same double
 *     other fractions        `writeShortest`
 *     everything else        by the string
 *
 * `view` has room for it: `FLOAT_ROOM` from 1e-6 up to 1e21, `roomFor` tells for others.
 */
export function writeFloat(view: DataView, at: number, value: number): number {
  const magnitude = Math.abs(value);
  if (!(magnitude >= 1e-6 && magnitude < LIMIT)) {
    return writeText(view, at, value === 0 ? '0' : formatFloat(value));
  }
  let position = at;
  if (value < 0) view.setUint8(position++, MINUS);
  const whole = Math.floor(magnitude);
  if (whole === magnitude) return writeWhole(view, position, whole);
  const thousandths = Math.round(magnitude * 1000);
  // With at most 15 digits no shorter text stands for the same double.
  if (thousandths < 1e15 && thousandths / 1000 === magnitude) {
    const wholePart = Math.floor(thousandths / 1000);
    return writeDecimals(view, writeWhole(view, position, wholePart), (thousandths - wholePart * 1000) | 0);
  }
  double[0] = magnitude;
  const end = writeShortest(view, position);
  return end > 0 ? end : writeText(view, at, formatFloat(value));
}

/** How many bytes the text of `value` takes at most. */
export function roomFor(value: number): number {
  const magnitude = Math.abs(value);
  return magnitude === 0 || (magnitude >= 1e-6 && magnitude < 1e21) || !Number.isFinite(value) ? FLOAT_ROOM : 512;
}

/** A whole number of up to 16 digits. Returns the position behind it. */
function writeWhole(view: DataView, at: number, whole: number): number {
  if (whole < 1e9) return writeDigits(view, at, whole | 0);
  const high = Math.floor(whole / 1e9);
  const position = writeDigits(view, at, high | 0);
  writeNineDigits(view, position, (whole - high * 1e9) | 0);
  return position + 9;
}

/** Up to here doubles tell whole numbers from their neighbours. */
const LIMIT = 2 ** 53;
const ZERO = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;

function writeText(view: DataView, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) view.setUint8(at + i, text.charCodeAt(i));
  return at + text.length;
}

/** 10 ** k as doubles, all exact, and each cut into two halves whose products with other halves are exact too. */
const powers = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));
const powersHigh = powers.map((power) => upperHalf(power));
const powersLow = powers.map((power, k) => power - powersHigh[k]!);
/** By the exponent in a double's bits, from that of 1e-6 on: half of the distance to the next double. */
const LEAST_EXPONENT = 1003;
const halfDistances = Float64Array.from({ length: 80 }, (_, index) => 2 ** (index + LEAST_EXPONENT - 1023 - 53));

/** Veltkamp's splitting: the upper 26 bits of the fraction. */
function upperHalf(value: number): number {
  const scaled = 134217729 * value;
  return scaled - (scaled - value);
}

/** What `writeShortest` is to write: a number that is handed over between functions takes memory of its own, which somebody has to collect. */
const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
const HIGH_WORD = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;
/** What is closer than this to a bound or to the middle between two candidates is left to others. */
const DOUBT = 1e-6;

/**
 * The shortest decimal number that no other double is closer to; of several that short the one closest to `double`, which
 * is no whole number, from 1e-6 up to 2 ** 53. Returns 0, and has written nothing that counts, where this way of finding
 * it is not sure.
 *
 * All decimals between the middles to the two neighbours read as `value`. Scaled so that 17 digits are a whole number, the
 * value is the sum of two doubles (Dekker's exact product), and the middles lie `reach` below and above it:
 *
 *     ----(-------------value-----------)----      reach: 0.55 to 11.1
 *               |         |         |              multiples of 10, of 100, … inside: one digit less, two less, …
 */
function writeShortest(view: DataView, at: number): number {
  const value = double[0]!;
  const highWord = words[HIGH_WORD]!;
  // A power of two has a closer neighbour below than above.
  if ((highWord & 0xfffff) === 0 && words[1 - HIGH_WORD] === 0) return 0;
  let exponent = 0;
  if (value >= 10) {
    exponent = 1;
    while (value >= powers[exponent + 1]!) exponent += 1;
  } else if (value < 1) {
    exponent = -1;
    while (value * powers[-exponent]! < 1) exponent -= 1;
  }
  const scale = 16 - exponent;
  if (scale > 22) return 0;
  const power = powers[scale]!;
  const product = value * power;
  const high = upperHalf(value);
  const low = value - high;
  const powerHigh = powersHigh[scale]!;
  const powerLow = powersLow[scale]!;
  const lost = low * powerLow - (product - high * powerHigh - low * powerHigh - high * powerLow);
  const reach = power * halfDistances[(highWord >>> 20) - LEAST_EXPONENT]!;

  // The first nine digits, the last eight, and what is behind the point.
  let head = Math.floor(product / 1e8);
  const lostWhole = Math.floor(lost);
  const fraction = lost - lostWhole;
  let tail = product - head * 1e8 + lostWhole;
  if (tail < 0) {
    tail += 1e8;
    head -= 1;
  } else if (tail >= 1e8) {
    tail -= 1e8;
    head += 1;
  }
  const wholeTail = tail | 0;
  let rounded = -1;
  let dropped = 0;
  for (let unit = 10; dropped < 8; unit = Math.imul(unit, 10)) {
    const lastDigits = wholeTail % unit;
    const behind = lastDigits + fraction;
    const isUp = behind >= unit / 2;
    const distance = isUp ? unit - behind : behind;
    if (Math.abs(distance - reach) < DOUBT || Math.abs(behind - unit / 2) < DOUBT) return 0;
    if (distance > reach) break;
    rounded = wholeTail - lastDigits + (isUp ? unit : 0);
    dropped += 1;
  }
  if (dropped === 0) {
    if (Math.abs(fraction - 0.5) < DOUBT) return 0;
    rounded = fraction > 0.5 ? wholeTail + 1 : wholeTail;
  }
  if (rounded >= 1e8) {
    rounded -= 1e8;
    head += 1;
  }
  // Rounded to one digit more or less than nine: rare.
  if (head < 1e8 || head >= 1e9) return 0;
  // Of nine digits and less, those at the end may be 0.
  if (dropped === 8) for (let rest = head; rest % 10 === 0; rest /= 10) dropped += 1;

  const digitCount = 17 - dropped;
  if (exponent < 0) {
    view.setUint8(at, ZERO);
    view.setUint8(at + 1, POINT);
    let position = at + 2;
    for (let zero = -1; zero > exponent; zero--) view.setUint8(position++, ZERO);
    writeNineDigits(view, position, head | 0);
    writeEightDigits(view, position + 9, rounded | 0);
    return position + digitCount;
  }
  writeNineDigits(view, at + 1, head | 0);
  writeEightDigits(view, at + 10, rounded | 0);
  // Those before the point make room for it.
  for (let position = at; position <= at + exponent; position++) view.setUint8(position, view.getUint8(position + 1));
  view.setUint8(at + exponent + 1, POINT);
  return at + digitCount + 1;
}
