import type { BitWriter } from './bit-writer.ts';

/*
 * How the chunks of Prometheus's database write numbers, with a prefix that says how many bits follow:
 *
 *     0                        nothing changed           (varbit_int, varbit_uint, varbit_ts)
 *     10        n × 3 bits     -3 … 4,       0 … 7       (varbit_int, varbit_uint)
 *     110       n × 6          -31 … 32,     0 … 63
 *     1110      n × 9          and so on; signed numbers are in two's complement, of which the most negative value
 *     11110     n × 12         of each size stands for the positive one
 *     111110    n × 18
 *     1111110   n × 25
 *     11111110  n × 56
 *     11111111  n × 64
 *
 *     0                        the value before          (varbit_xor)
 *     10  bits                 differs where the one before differed
 *     11  lllll nnnnnn bits    differs in n bits (0: 64) behind l others
 */

const sizes = [0, 3, 6, 9, 12, 18, 25, 56, 64] as const;

/** Writes a `varbit_int`. Exact up to 2^53 either way. */
export function writeVarbitInt(writer: BitWriter, value: number): void {
  let place = 0;
  while (place < 8 && !(place === 0 ? value === 0 : isWithin(value, sizes[place]!))) place += 1;
  writeSized(writer, place, value);
}

/** Writes a `varbit_uint`. */
export function writeVarbitUint(writer: BitWriter, value: number): void {
  let place = 0;
  while (place < 8 && value >= 2 ** sizes[place]!) place += 1;
  writeSized(writer, place, value);
}

function isWithin(value: number, bitCount: number): boolean {
  const half = 2 ** (bitCount - 1);
  return value > -half && value <= half;
}

/** As many ones as sizes were too small, and a zero unless that was all of them. */
function writeSized(writer: BitWriter, place: number, value: number): void {
  const size = sizes[place]!;
  if (place === 8) writer.bits(0xff, 8);
  else writer.bits((2 << place) - 2, place + 1);
  if (size > 32) writer.integer(value, size);
  else writer.bits(value, size);
}

/** Writes a `varbit_ts`: how much a step in time differs from the one before. */
export function writeTimestampChange(writer: BitWriter, changeMs: number): void {
  if (changeMs === 0) writer.bits(0, 1);
  else if (isWithin(changeMs, 14)) writer.bits((0b10 << 14) | (changeMs & 0x3fff), 16);
  else if (isWithin(changeMs, 17)) writer.bits((0b110 << 17) | (changeMs & 0x1ffff), 20);
  else if (isWithin(changeMs, 20)) writer.bits((0b1110 << 20) | (changeMs & 0xfffff), 24);
  else {
    writer.bits(0b1111, 4);
    writer.integer(changeMs, 64);
  }
}

const NO_WINDOW = 0xff;

/** Where the last difference of each of `count` values lay: leading and trailing zeros. */
export function xorWindows(count: number): Uint8Array {
  return new Uint8Array(count * 2).fill(NO_WINDOW);
}

/** Writes the `varbit_xor` of value `index`; the difference is given in two words, the windows are moved on. */
export function writeXor(writer: BitWriter, windows: Uint8Array, index: number, high: number, low: number): void {
  if (high === 0 && low === 0) {
    writer.bits(0, 1);
    return;
  }
  // Five bits say how many zeros lead.
  const leading = Math.min(31, high === 0 ? 32 : Math.clz32(high));
  const trailing = low === 0 ? 32 + trailingZeros(high) : trailingZeros(low);
  if (windows[index * 2] !== NO_WINDOW && leading >= windows[index * 2]! && trailing >= windows[index * 2 + 1]!) {
    writer.bits(0b10, 2);
  } else {
    windows[index * 2] = leading;
    windows[index * 2 + 1] = trailing;
    writer.bits(0b11, 2);
    writer.bits(leading, 5);
    writer.bits(64 - leading - trailing, 6);
  }
  const start = windows[index * 2]!;
  const end = 64 - windows[index * 2 + 1]!;
  const highEnd = Math.min(32, end);
  writer.bits(high >>> (32 - highEnd), highEnd - start);
  if (end > 32) writer.bits(low >>> (64 - end), end - 32);
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}
