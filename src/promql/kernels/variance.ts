import { ABSENT, FLOAT, type StepColumn } from '../../model/columns.ts';
import type { RangeWindows } from './range-windows.ts';

/** `stdvar_over_time`, and its root `stddev_over_time`: Welford's recurrence with compensated mean and squares. */
export function varianceOverTime({ samples, from, to }: RangeWindows, isRoot: boolean, out: StepColumn): void {
  const { values } = samples;
  const stepCount = out.values.length;
  for (let step = 0; step < stepCount; step++) {
    const first = from[step]!;
    const end = to[step]!;
    out.present[step] = first < end ? FLOAT : ABSENT;
    if (first >= end) continue;
    const next = step + 1;
    if (next < stepCount && to[next]! - from[next]! === end - first) {
      variancesOfTwo(values, first, from[next]!, end - first);
      out.present[next] = FLOAT;
      // What is infinite or no number on the way loses nothing: the recurrence for one window knows that.
      const areFinite = Number.isFinite(ofTwo[0]! + ofTwo[1]!);
      out.values[step] = areFinite ? ofTwo[0]! : varianceOf(values, first, end);
      out.values[next] = areFinite ? ofTwo[1]! : varianceOf(values, from[next]!, to[next]!);
      step = next;
    } else {
      out.values[step] = varianceOf(values, first, end);
    }
  }
  if (isRoot) for (let step = 0; step < stepCount; step++) out.values[step] = Math.sqrt(out.values[step]!);
}

const ofTwo = new Float64Array(2);

/**
 * The variances of two windows of `count` samples into `ofTwo`, as long as everything is finite. The operations of a window wait for
 * each other most of the time, and two windows wait at the same time. What an addition loses is found without asking which part is
 * larger.
 */
function variancesOfTwo(values: Float64Array, first0: number, first1: number, count: number): void {
  let mean0 = 0;
  let mean1 = 0;
  let meanLost0 = 0;
  let meanLost1 = 0;
  let squares0 = 0;
  let squares1 = 0;
  let squaresLost0 = 0;
  let squaresLost1 = 0;
  for (let i = 0; i < count; i++) {
    const value0 = values[first0 + i]!;
    const value1 = values[first1 + i]!;
    const delta0 = value0 - (mean0 + meanLost0);
    const delta1 = value1 - (mean1 + meanLost1);

    const increment0 = delta0 / (i + 1);
    const increment1 = delta1 / (i + 1);
    const nextMean0 = mean0 + increment0;
    const nextMean1 = mean1 + increment1;
    const added0 = nextMean0 - mean0;
    const added1 = nextMean1 - mean1;
    meanLost0 += mean0 - (nextMean0 - added0) + (increment0 - added0);
    meanLost1 += mean1 - (nextMean1 - added1) + (increment1 - added1);
    mean0 = nextMean0;
    mean1 = nextMean1;

    const square0 = delta0 * (value0 - (mean0 + meanLost0));
    const square1 = delta1 * (value1 - (mean1 + meanLost1));
    const nextSquares0 = squares0 + square0;
    const nextSquares1 = squares1 + square1;
    const addedSquare0 = nextSquares0 - squares0;
    const addedSquare1 = nextSquares1 - squares1;
    squaresLost0 += squares0 - (nextSquares0 - addedSquare0) + (square0 - addedSquare0);
    squaresLost1 += squares1 - (nextSquares1 - addedSquare1) + (square1 - addedSquare1);
    squares0 = nextSquares0;
    squares1 = nextSquares1;
  }
  ofTwo[0] = (squares0 + squaresLost0) / count;
  ofTwo[1] = (squares1 + squaresLost1) / count;
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
