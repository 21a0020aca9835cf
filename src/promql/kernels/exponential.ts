import { exponentOf, mantissaOf, powerOfTwo, SMALLEST_NORMAL, scaleByPowerOfTwo } from '../../model/float-bits.ts';
import { fusedMultiplyAdd } from '../../model/fused-multiply-add.ts';
import { goLog } from '../../model/go-math.ts';

/**
 * e^x and x^y with the bits that Go's have on amd64, where e^x is written for the processor's fused multiplication. JavaScript's
 * differ in the last place for one number in ten, and more where e^x is what something else is made of.
 */

/**
 * e to the power of `value`. Infinite from 709.44 on, where the power of two rounds up to one that no double has; e^x as such has
 * doubles up to 709.78.
 */
export function goExp(value: number): number {
  if (!(value <= 710)) return value > 710 ? Infinity : NaN;
  if (value < -750) return 0;
  const whole = value * Math.LOG2E + ROUNDER - ROUNDER;
  if (whole > 1023) return Infinity;
  // e^x = 2^whole * (e^r)^16, and e^r - 1 by Taylor's series (N. Shibata, "Efficient evaluation methods of elementary functions
  // suitable for SIMD computation", 2010).
  const r = fusedMultiplyAdd(-whole, LN2_LOW, value - whole * LN2_HIGH) * 0.0625;
  let sum: number = TAYLOR[0];
  for (let i = 1; i < TAYLOR.length; i++) sum = fusedMultiplyAdd(r, sum, TAYLOR[i]!);
  // Squaring 1 + y four times gives y (y + 2) beside the 1; the last time together with the 1.
  let beyondOne = r * sum;
  for (let i = 0; i < 3; i++) beyondOne *= beyondOne + 2;
  const mantissa = fusedMultiplyAdd(beyondOne, beyondOne + 2, 1);
  if (whole > -1023) return mantissa * powerOfTwo(whole);
  return mantissa * powerOfTwo(whole + 1022) * SMALLEST_NORMAL;
}

/** Added and taken away again, it leaves a whole number; halves go to the even one. */
const ROUNDER = 1.5 * 2 ** 52;
/** ln 2 in two parts: the first has so few digits that `whole` times it is exact. */
const LN2_HIGH = 0.693147180559663;
const LN2_LOW = 2.8235290563031577e-13;
const TAYLOR = [1 / 40320, 1 / 5040, 1 / 720, 1 / 120, 1 / 24, 1 / 6, 1 / 2, 1] as const;

/** `base` to the power of `exponent`, with C's special cases: 1 to any power is 1, and so is -1 to an infinite one. */
export function goPow(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Infinity)) return 1;
  // What has a settled answer is the same everywhere.
  if (base === 0 || exponent === 0 || !Number.isFinite(base) || !Number.isFinite(exponent)) return base ** exponent;
  if (exponent === 1) return base;
  if (exponent === 0.5) return Math.sqrt(base);
  if (exponent === -0.5) return 1 / Math.sqrt(base);
  let whole = Math.floor(Math.abs(exponent));
  let fraction = Math.abs(exponent) - whole;
  if (base < 0 && fraction !== 0) return NaN;
  if (fraction > 0.5) {
    fraction -= 1;
    whole += 1;
  }
  const isNegative = base < 0 && whole % 2 === 1;
  const power = powerOfPositive(Math.abs(base), whole, fraction, exponent < 0);
  return isNegative ? -power : power;
}

/**
 * The fractional power by way of the logarithm, the whole one by squaring; exponents are kept apart, so that nothing overflows on
 * the way. The inverse is taken last.
 */
function powerOfPositive(base: number, whole: number, fraction: number, isInverse: boolean): number {
  let product = fraction === 0 ? 1 : goExp(fraction * goLog(base));
  let exponent = 0;
  const isSubnormal = base < SMALLEST_NORMAL;
  const normal = isSubnormal ? base * 2 ** 54 : base;
  let square = mantissaOf(normal);
  let squareExponent = exponentOf(normal) - (isSubnormal ? 54 : 0);
  for (let rest = whole; rest !== 0; rest = Math.floor(rest / 2)) {
    if (Math.abs(squareExponent) > 4096) {
      // Some bit of the rest is set, and this square alone is out of all bounds.
      exponent += squareExponent;
      break;
    }
    if (rest % 2 === 1) {
      product *= square;
      exponent += squareExponent;
    }
    square *= square;
    squareExponent *= 2;
    if (square < 0.5) {
      square *= 2;
      squareExponent -= 1;
    }
  }
  return isInverse ? scaleByPowerOfTwo(1 / product, -exponent) : scaleByPowerOfTwo(product, exponent);
}
