import { ABSENT, FLOAT, type StepColumn } from '../../model/columns.ts';
import type { RangeWindows } from './range-windows.ts';

/** `stdvar_over_time`, and its root `stddev_over_time`: Welford's recurrence with compensated mean and squares. */
export function varianceOverTime({ samples, from, to }: RangeWindows, isRoot: boolean, out: StepColumn): void {
  const stepCount = out.values.length;
  for (let step = 0; step < stepCount; step++) {
    const first = from[step]!;
    const end = to[step]!;
    out.present[step] = first < end ? FLOAT : ABSENT;
    if (first >= end) continue;
    const variance = varianceOf(samples.values, first, end);
    out.values[step] = isRoot ? Math.sqrt(variance) : variance;
  }
}

function varianceOf(values: Float64Array, first: number, end: number): number {
  let mean = 0;
  let meanCompensation = 0;
  let squares = 0;
  let squaresCompensation = 0;
  for (let i = first; i < end; i++) {
    const value = values[i]!;
    const delta = value - (mean + meanCompensation);

    const increment = delta / (i - first + 1);
    const nextMean = mean + increment;
    if (nextMean === Infinity || nextMean === -Infinity) meanCompensation = 0;
    else if (Math.abs(mean) >= Math.abs(increment)) meanCompensation += mean - nextMean + increment;
    else meanCompensation += increment - nextMean + mean;
    mean = nextMean;

    const square = delta * (value - (mean + meanCompensation));
    const nextSquares = squares + square;
    if (nextSquares === Infinity || nextSquares === -Infinity) squaresCompensation = 0;
    else if (Math.abs(squares) >= Math.abs(square)) squaresCompensation += squares - nextSquares + square;
    else squaresCompensation += square - nextSquares + squares;
    squares = nextSquares;
  }
  return (squares + squaresCompensation) / (end - first);
}
