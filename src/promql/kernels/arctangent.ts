/**
 * Arctangents with the bits that Go's have: JavaScript's differ in the last place for one number in ten, which grows
 * where results that are nearly the same are subtracted.
 */

export function goAtan(value: number): number {
  return value > 0 ? atanOfPositive(value) : value === 0 ? value : -atanOfPositive(-value);
}

export function goAtan2(y: number, x: number): number {
  // What has a settled answer, zeros and infinities, is the same everywhere.
  if (!Number.isFinite(y) || !Number.isFinite(x) || y === 0 || x === 0) return Math.atan2(y, x);
  const angle = goAtan(y / x);
  if (x > 0) return angle;
  return angle <= 0 ? angle + Math.PI : angle - Math.PI;
}

export function goAsin(value: number): number {
  if (value < 0) return -goAsin(-value);
  if (value === 0 || !(value <= 1)) return Math.asin(value);
  const cosine = Math.sqrt(1 - value * value);
  return value > 0.7 ? Math.PI / 2 - atanOfPositive(cosine / value) : atanOfPositive(value / cosine);
}

export function goAcos(value: number): number {
  return Math.PI / 2 - goAsin(value);
}

const TAN_OF_THREE_EIGHTHS_PI = 2.414213562373095;
/** What pi / 2 lacks as a double. */
const HALF_PI_REST = 6.123233995736766e-17;

/** Large arguments by the angle that is left to pi / 2, middling ones by the distance to pi / 4 (S. Moshier, Cephes). */
function atanOfPositive(value: number): number {
  if (value <= 0.66) return atanOfSmall(value);
  if (value > TAN_OF_THREE_EIGHTHS_PI) return Math.PI / 2 - atanOfSmall(1 / value) + HALF_PI_REST;
  return Math.PI / 4 + atanOfSmall((value - 1) / (value + 1)) + 0.5 * HALF_PI_REST;
}

/** A quotient of polynomials, good for [0, 0.66]. */
function atanOfSmall(value: number): number {
  const z = value * value;
  const above = (((P[0] * z + P[1]) * z + P[2]) * z + P[3]) * z + P[4];
  const below = ((((z + Q[0]) * z + Q[1]) * z + Q[2]) * z + Q[3]) * z + Q[4];
  return value * ((z * above) / below) + value;
}

const P = [
  -0.8750608600031904, -16.157537187333652, -75.00855792314705, -122.88666844901361, -64.85021904942025,
] as const;
const Q = [24.858464901423062, 165.02700983169885, 432.88106049129027, 485.3903996359137, 194.5506571482614] as const;
