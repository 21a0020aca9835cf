import { goLog } from '../../model/go-math.ts';
import { goExp } from './exponential.ts';

/** Hyperbolic functions with the bits that Go's have. atanh is missing: JavaScript's has them. */

export function goSinh(value: number): number {
  const size = Math.abs(value);
  if (size <= 0.5) return sinhOfSmall(value);
  const power = goExp(size);
  const sinh = size > 21 ? power * 0.5 : (power - 1 / power) * 0.5;
  return value < 0 ? -sinh : sinh;
}

export function goCosh(value: number): number {
  const power = goExp(Math.abs(value));
  return Math.abs(value) > 21 ? power * 0.5 : (power + 1 / power) * 0.5;
}

export function goTanh(value: number): number {
  const size = Math.abs(value);
  if (size < 0.625) return value === 0 ? value : tanhOfSmall(value);
  const tanh = size > LARGEST_TANH_ARGUMENT ? 1 : 1 - 2 / (goExp(2 * size) + 1);
  return value < 0 ? -tanh : tanh;
}

export function goAsinh(value: number): number {
  const size = Math.abs(value);
  if (size <= 2 || !Number.isFinite(value)) return Math.asinh(value);
  const asinh = size > 2 ** 28 ? goLog(size) + Math.LN2 : goLog(2 * size + 1 / (Math.sqrt(size * size + 1) + size));
  return value < 0 ? -asinh : asinh;
}

export function goAcosh(value: number): number {
  if (!(value > 2) || value === Infinity) return Math.acosh(value);
  return value >= 2 ** 28 ? goLog(value) + Math.LN2 : goLog(2 * value - 1 / (value + Math.sqrt(value * value - 1)));
}

/** ln(2^127) / 2, beyond which 1 is all that is left. */
const LARGEST_TANH_ARGUMENT = 44.014845965556525;

/** A quotient of polynomials, good for [0, 0.5] (J. Hart and others, "Computer Approximations", number 2029). */
function sinhOfSmall(value: number): number {
  const square = value * value;
  const above = ((S[3] * square + S[2]) * square + S[1]) * square + S[0];
  return (above * value) / (((square + S[6]) * square + S[5]) * square + S[4]);
}

const S = [
  -630767.3640497717, -89912.72022039509, -2894.211355989564, -26.30563213397497, -630767.3640497717, 15215.17378790019,
  -173.6789535582337,
] as const;

/** A quotient of polynomials (S. Moshier, Cephes, after W. Cody and W. Waite). */
function tanhOfSmall(value: number): number {
  const square = value * value;
  const above = (T[0] * square + T[1]) * square + T[2];
  return value + (value * square * above) / (((square + T[3]) * square + T[4]) * square + T[5]);
}

const T = [
  -0.9643991794250523, -99.28772310019185, -1614.6876844170845, 112.81167849163293, 2235.4883906010045,
  4844.063053251255,
] as const;
