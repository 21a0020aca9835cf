import { exponentOf, mantissaOf, SMALLEST_NORMAL } from './float-bits.ts';

/**
 * Logarithms and powers with the bits that Go's have on amd64. JavaScript's own differ in the last place for one number in ten, which
 * shows where a result is printed in full (`log10(1e15)` is 14.999999999999998 in Prometheus).
 */

/** The natural logarithm; of a subnormal number a wrong one, as on amd64: its digits are read as if it were normal. */
export function goLog(value: number): number {
  if (!(value > 0) || value === Infinity) return Math.log(value);
  let exponent = exponentOf(value);
  let fraction = mantissaOf(value);
  if (fraction < Math.SQRT1_2) {
    fraction *= 2;
    exponent -= 1;
  }
  // ln(1 + f) by a polynomial in s = f / (2 + f); its error is below 2^-58 (W. Kahan and others, fdlibm).
  const f = fraction - 1;
  const s = f / (2 + f);
  const s2 = s * s;
  const s4 = s2 * s2;
  const odd = s2 * (P[0] + s4 * (P[2] + s4 * (P[4] + s4 * P[6])));
  const even = s4 * (P[1] + s4 * (P[3] + s4 * P[5]));
  const half = 0.5 * f * f;
  return exponent * LN2_HIGH - (half - (s * (half + (odd + even)) + exponent * LN2_LOW) - f);
}

/** Exact for powers of two, and right for subnormal numbers. */
export function goLog2(value: number): number {
  if (!(value > 0) || value === Infinity) return Math.log(value);
  const isSubnormal = value < SMALLEST_NORMAL;
  const normal = isSubnormal ? value * 2 ** 54 : value;
  const exponent = exponentOf(normal) - (isSubnormal ? 54 : 0);
  const fraction = mantissaOf(normal);
  return fraction === 0.5 ? exponent - 1 : goLog(fraction) * Math.LOG2E + exponent;
}

export function goLog10(value: number): number {
  return goLog(value) * Math.LOG10E;
}

const P = [
  0.6666666666666735, 0.3999999999940942, 0.2857142874366239, 0.22222198432149784, 0.1818357216161805,
  0.15313837699209373, 0.14798198605116586,
] as const;
/** ln 2 in two parts: the first has so few bits that a whole multiple of it is exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** 2 to the power of `value`, for a result in the range of normal numbers. */
export function goExp2(value: number): number {
  const whole = Math.trunc(value > 0 ? value + 0.5 : value - 0.5);
  // e^r for a small r by a rational function; its error is below one unit in the last place (fdlibm).
  const high = (value - whole) * LN2_HIGH;
  const low = -(value - whole) * LN2_LOW;
  const r = high - low;
  const r2 = r * r;
  const c = r - r2 * (E[0] + r2 * (E[1] + r2 * (E[2] + r2 * (E[3] + r2 * E[4]))));
  return (1 - (low - (r * c) / (2 - c) - high)) * 2 ** whole;
}

const E = [
  0.16666666666666666, -0.0027777777777015593, 6.613756321437934e-5, -1.6533902205465252e-6, 4.1381367970572385e-8,
] as const;
