import { reduceLargeAngle } from './large-angle.ts';

/**
 * Sine, cosine and tangent with the bits that Go's have: JavaScript's differ in the last place for one number in five. After
 * S. Moshier, Cephes: the angle's distance to the nearest multiple of pi / 2, and polynomials for that.
 */

export function goSin(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return value === 0 ? value : NaN;
  const size = Math.abs(value);
  const sine = sineOfTurned(size, 0);
  return value < 0 ? -sine : sine;
}

export function goCos(value: number): number {
  return Number.isFinite(value) ? sineOfTurned(Math.abs(value), 1) : NaN;
}

export function goTan(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return value === 0 ? value : NaN;
  const size = Math.abs(value);
  let quarters: number;
  let rest: number;
  if (size >= LARGE) ({ quarters, rest } = reduceLargeAngle(size));
  else {
    quarters = quartersIn(size);
    rest = restOf(size, quarters);
  }
  const square = rest * rest;
  const above = (P[0] * square + P[1]) * square + P[2];
  const below = (((square + Q[0]) * square + Q[1]) * square + Q[2]) * square + Q[3];
  const small = square > 1e-14 ? rest + rest * ((square * above) / below) : rest;
  const tangent = quarters % 2 === 0 ? small : -1 / small;
  return value < 0 ? -tangent : tangent;
}

/** The sine of a positive angle and so many quarters of a turn. */
function sineOfTurned(size: number, turnedQuarters: number): number {
  let quarters: number;
  let rest: number;
  if (size >= LARGE) ({ quarters, rest } = reduceLargeAngle(size));
  else {
    quarters = quartersIn(size);
    rest = restOf(size, quarters);
  }
  quarters += turnedQuarters;
  const sine = quarters % 2 === 0 ? sineOfSmall(rest) : cosineOfSmall(rest);
  return quarters % 4 > 1 ? -sine : sine;
}

/** Angles from here on need more digits of pi than `restOf` has. */
const LARGE = 2 ** 29;
/** pi / 2 in three parts, of which the first two times the number of quarters are exact. */
const HALF_PI_HIGH = 1.570796251296997;
const HALF_PI_MIDDLE = 7.549789415861596e-8;
const HALF_PI_LOW = 5.390302858158119e-15;

/** The number of the multiple of pi / 2 that is nearest. */
function quartersIn(size: number): number {
  return (Math.trunc(size * (4 / Math.PI)) + 1) >> 1;
}

function restOf(size: number, quarters: number): number {
  return size - quarters * HALF_PI_HIGH - quarters * HALF_PI_MIDDLE - quarters * HALF_PI_LOW;
}

function sineOfSmall(rest: number): number {
  const z = rest * rest;
  return rest + rest * z * (((((S[0] * z + S[1]) * z + S[2]) * z + S[3]) * z + S[4]) * z + S[5]);
}

function cosineOfSmall(rest: number): number {
  const z = rest * rest;
  return 1 - 0.5 * z + z * z * (((((C[0] * z + C[1]) * z + C[2]) * z + C[3]) * z + C[4]) * z + C[5]);
}

const S = [
  1.5896230157654656e-10, -2.5050747762857807e-8, 2.7557313621385722e-6, -1.984126982958954e-4, 8.333333333322118e-3,
  -0.1666666666666663,
] as const;
const C = [
  -1.1358536521387682e-11, 2.087570084197473e-9, -2.755731417929674e-7, 2.4801587288851704e-5, -1.3888888888873056e-3,
  0.041666666666666595,
] as const;
const P = [-13093.693918138379, 1153516.6483858742, -17956525.197648488] as const;
const Q = [13681.296347069296, -1320892.3444021097, 25008380.18233579, -53869575.592945464] as const;
