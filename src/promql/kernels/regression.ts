import { ABSENT, FLOAT, type SampleColumns, type StepColumn } from '../../model/columns.ts';
import type { RangeWindows } from './range-windows.ts';

/** `deriv`: the slope by the second of the least-squares line through a window. */
export function derivative({ samples, from, to }: RangeWindows, out: StepColumn): void {
  const line = { slope: 0, intercept: 0 };
  const stepCount = out.values.length;
  for (let step = 0; step < stepCount; step++) {
    const first = from[step]!;
    const end = to[step]!;
    out.present[step] = end - first >= 2 ? FLOAT : ABSENT;
    if (end - first < 2) continue;
    // Times are taken from the first sample on: of a date's size, their squares would lose the digits that matter.
    fitLine(samples, first, end, samples.timestampsMs[first]!, line);
    out.values[step] = line.slope;
  }
}

/** `predict_linear`: that line's value `aheadSeconds` after each step's evaluation time (not the window's end). */
export function predictLinear(
  { samples, from, to }: RangeWindows,
  times: { readonly startMs: number; readonly stepMs: number; readonly aheadSeconds: Float64Array },
  out: StepColumn,
): void {
  const line = { slope: 0, intercept: 0 };
  const stepCount = out.values.length;
  for (let step = 0; step < stepCount; step++) {
    const first = from[step]!;
    const end = to[step]!;
    out.present[step] = end - first >= 2 ? FLOAT : ABSENT;
    if (end - first < 2) continue;
    fitLine(samples, first, end, times.startMs + step * times.stepMs, line);
    out.values[step] = line.slope * times.aheadSeconds[step]! + line.intercept;
  }
}

/**
 * Least squares over the samples `[first, end)`, time in seconds from `originMs`; all four sums are compensated. A flat
 * line is recognised, so that it comes out flat to the last bit.
 */
function fitLine(
  { timestampsMs, values }: SampleColumns,
  first: number,
  end: number,
  originMs: number,
  line: { slope: number; intercept: number },
): void {
  const initial = values[first]!;
  let isFlat = true;
  let sumX = 0;
  let sumY = 0;
  let sumXY = 0;
  let sumXX = 0;
  let cX = 0;
  let cY = 0;
  let cXY = 0;
  let cXX = 0;
  for (let i = first; i < end; i++) {
    const x = (timestampsMs[i]! - originMs) / 1000;
    const y = values[i]!;
    if (i > first && y !== initial) isFlat = false;

    let next = sumX + x;
    cX = compensation(sumX, x, next, cX);
    sumX = next;
    next = sumY + y;
    cY = compensation(sumY, y, next, cY);
    sumY = next;
    next = sumXY + x * y;
    cXY = compensation(sumXY, x * y, next, cXY);
    sumXY = next;
    next = sumXX + x * x;
    cXX = compensation(sumXX, x * x, next, cXX);
    sumXX = next;
  }
  if (isFlat) {
    const isInfinite = initial === Infinity || initial === -Infinity;
    line.slope = isInfinite ? NaN : 0;
    line.intercept = isInfinite ? NaN : initial;
    return;
  }
  sumX += cX;
  sumY += cY;
  sumXY += cXY;
  sumXX += cXX;
  const count = end - first;
  const covariance = sumXY - (sumX * sumY) / count;
  const variance = sumXX - (sumX * sumX) / count;
  line.slope = covariance / variance;
  line.intercept = sumY / count - (line.slope * sumX) / count;
}

/** Neumaier's correction after `next = sum + increment`. */
function compensation(sum: number, increment: number, next: number, soFar: number): number {
  if (next === Infinity || next === -Infinity) return 0;
  return Math.abs(sum) >= Math.abs(increment) ? soFar + (sum - next + increment) : soFar + (increment - next + sum);
}

/**
 * `double_exponential_smoothing` (Holt and Winters' method without seasons). Factors are inside (0, 1). A window that begins where
 * the one before began goes on from there.
 */
export function doubleExponentialSmoothing(
  { samples, from, to }: RangeWindows,
  factors: { readonly smoothing: Float64Array; readonly trend: Float64Array },
  out: StepColumn,
): void {
  const { values } = samples;
  const stepCount = out.values.length;
  let heldFrom = -1;
  let heldTo = -1;
  let smoothing = NaN;
  let trend = NaN;
  let previous = 0;
  let smoothed = 0;
  let slope = 0;
  for (let step = 0; step < stepCount; step++) {
    const first = from[step]!;
    const end = to[step]!;
    out.present[step] = end - first >= 2 ? FLOAT : ABSENT;
    if (end - first < 2) continue;
    if (first !== heldFrom || factors.smoothing[step] !== smoothing || factors.trend[step] !== trend) {
      heldFrom = first;
      heldTo = first + 1;
      smoothing = factors.smoothing[step]!;
      trend = factors.trend[step]!;
      smoothed = values[first]!;
      slope = values[first + 1]! - values[first]!;
    }
    for (let i = heldTo; i < end; i++) {
      if (i > first + 1) slope = trend * (smoothed - previous) + (1 - trend) * slope;
      const next = smoothing * values[i]! + (1 - smoothing) * (smoothed + slope);
      previous = smoothed;
      smoothed = next;
    }
    heldTo = end;
    out.values[step] = smoothed;
  }
}
