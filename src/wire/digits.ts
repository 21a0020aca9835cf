/*
 * Whole numbers as digits in ASCII, three at a time: each group is looked up and stored as one word of four bytes, the last
 * of which is room that whoever comes behind writes over. So all of it writes up to three bytes more than it says. Numbers are
 * 32-bit integers.
 */

const ZERO = 0x30;
const POINT = 0x2e;

/** The digits of 0 to 999, zeros in front, the first in the lowest byte. */
const groups = new Int32Array(1000);
/** A point and the same digits. */
const decimals = new Int32Array(1000);
/** The length of those without the zeros at their end. */
const decimalsLengths = new Uint8Array(1000);
for (let number = 0; number < 1000; number++) {
  const hundreds = Math.floor(number / 100);
  const tens = Math.floor(number / 10) % 10;
  const ones = number % 10;
  groups[number] = (ZERO + hundreds) | ((ZERO + tens) << 8) | ((ZERO + ones) << 16);
  decimals[number] = POINT | (groups[number]! << 8);
  decimalsLengths[number] = ones !== 0 ? 4 : tens !== 0 ? 3 : 2;
}

/** A whole number below 1e9. Returns the position behind it. */
export function writeDigits(view: DataView, at: number, whole: number): number {
  if (whole < 1000) return writeFirst(view, at, whole);
  const thousands = (whole / 1000) | 0;
  let position: number;
  if (thousands < 1000) position = writeFirst(view, at, thousands);
  else {
    const millions = (thousands / 1000) | 0;
    position = writeFirst(view, at, millions);
    view.setInt32(position, groups[thousands - millions * 1000]!, true);
    position += 3;
  }
  view.setInt32(position, groups[whole - thousands * 1000]!, true);
  return position + 3;
}

/** Below 1000, without zeros in front. */
function writeFirst(view: DataView, at: number, group: number): number {
  const zeroCount = group >= 100 ? 0 : group >= 10 ? 1 : 2;
  view.setInt32(at, groups[group]! >>> (zeroCount << 3), true);
  return at + 3 - zeroCount;
}

/** Nine digits, zeros in front. */
export function writeNineDigits(view: DataView, at: number, whole: number): void {
  const thousands = (whole / 1000) | 0;
  const millions = (thousands / 1000) | 0;
  view.setInt32(at, groups[millions]!, true);
  view.setInt32(at + 3, groups[thousands - millions * 1000]!, true);
  view.setInt32(at + 6, groups[whole - thousands * 1000]!, true);
}

/** Eight digits, zeros in front. */
export function writeEightDigits(view: DataView, at: number, whole: number): void {
  const thousands = (whole / 1000) | 0;
  const millions = (thousands / 1000) | 0;
  view.setInt32(at, groups[millions]! >>> 8, true);
  view.setInt32(at + 2, groups[thousands - millions * 1000]!, true);
  view.setInt32(at + 5, groups[whole - thousands * 1000]!, true);
}

/** A point and up to three digits, zeros at the end left out; `thousandths` is from 1 to 999. Returns the position behind them. */
export function writeDecimals(view: DataView, at: number, thousandths: number): number {
  view.setInt32(at, decimals[thousandths]!, true);
  return at + decimalsLengths[thousandths]!;
}
