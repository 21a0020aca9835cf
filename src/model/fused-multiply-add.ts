/**
 * `a * b + c` rounded once, as processors have it and JavaScript has not. For numbers whose products neither overflow nor
 * lose digits to subnormal numbers; what is lost there is beyond the digits of a `c` of ordinary size.
 *
 * The product is taken as two numbers (T. Dekker), the three are added without loss, and what is left over is rounded so that
 * the last addition rounds as if it were the only one (S. Boldo, G. Melquiond, "Emulation of FMA and correctly rounded sums").
 */
export function fusedMultiplyAdd(a: number, b: number, c: number): number {
  const product = a * b;
  const aHigh = SPLITTER * a - (SPLITTER * a - a);
  const bHigh = SPLITTER * b - (SPLITTER * b - b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  const rest = aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
  const low = c + rest;
  const lowError = errorOfSum(c, rest, low);
  const high = product + low;
  const highError = errorOfSum(product, low, high);
  const error = lowError + highError;
  const result = high + error * ABOVE_ONE;
  return result === high + error * BELOW_ONE ? result : high + sumToOdd(lowError, highError);
}

/** What `sum`, that is `a + b`, lacks (D. Knuth). */
function errorOfSum(a: number, b: number, sum: number): number {
  const bThere = sum - a;
  return a - (sum - bThere) + (b - bThere);
}

/** `a + b`; where it falls between two doubles, that of both whose last bit is set: then nothing looks like a tie that is none. */
function sumToOdd(a: number, b: number): number {
  const sum = a + b;
  const error = errorOfSum(a, b, sum);
  if (error === 0) return sum;
  words.setFloat64(0, sum);
  const lower = words.getUint32(4);
  if (lower & 1) return sum;
  if (error > 0 === sum > 0) words.setUint32(4, lower + 1);
  else {
    if (lower === 0) words.setUint32(0, words.getUint32(0) - 1);
    words.setUint32(4, lower - 1);
  }
  return words.getFloat64(0);
}

const words = new DataView(new ArrayBuffer(8));
/** 2^27 + 1: the difference of a number and so many times it leaves the upper half of its digits (G. Veltkamp). */
const SPLITTER = 134217729;

/** Further from 1 than the rounding of one sum. */
const ABOVE_ONE = 1 + 2 ** -51;
const BELOW_ONE = 1 - 2 ** -51;
