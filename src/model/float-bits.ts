/** The parts of a double, and numbers made of parts. */

const words = new DataView(new ArrayBuffer(8));
const EXPONENT_BITS = 0x7ff00000;
const BIAS = 1023;
const HALF = (BIAS - 1) << 20;
const MIN_NORMAL_EXPONENT = -1022;

export const SMALLEST_NORMAL = 2 ** MIN_NORMAL_EXPONENT;

/** The power of two that `mantissaOf` is to be multiplied by, of a positive normal number. */
export function exponentOf(value: number): number {
  words.setFloat64(0, value);
  return (words.getUint32(0) >>> 20) - (BIAS - 1);
}

/** A positive normal number's digits as a number in [0.5, 1). */
export function mantissaOf(value: number): number {
  words.setFloat64(0, value);
  words.setUint32(0, ((words.getUint32(0) & ~EXPONENT_BITS) | HALF) >>> 0);
  return words.getFloat64(0);
}

/** 2 to the power of a whole number from -1022 to 1023. */
export function powerOfTwo(exponent: number): number {
  words.setUint32(0, (exponent + BIAS) << 20);
  words.setUint32(4, 0);
  return words.getFloat64(0);
}

/** `value`, a positive normal number, times a power of two of any size, rounded once. */
export function scaleByPowerOfTwo(value: number, exponent: number): number {
  const whole = exponentOf(value) + exponent;
  const mantissa = mantissaOf(value);
  if (whole > BIAS + 1) return Infinity;
  if (whole > MIN_NORMAL_EXPONENT) return mantissa * 2 * powerOfTwo(whole - 1);
  // Digits that a subnormal number has no place for go in the last step only.
  return whole < -1080 ? 0 : mantissa * powerOfTwo(whole + 60) * 2 ** -60;
}
