import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StepColumn } from '../../../src/model/columns.ts';
import { countTransitions } from '../../../src/promql/kernels/counts.ts';
import { extremeOverTime } from '../../../src/promql/kernels/extremes.ts';
import { medianAbsoluteDeviation, quantileOverTime } from '../../../src/promql/kernels/quantile.ts';
import type { RangeWindows } from '../../../src/promql/kernels/range-windows.ts';
import { extrapolatedRate } from '../../../src/promql/kernels/rate.ts';
import { doubleExponentialSmoothing } from '../../../src/promql/kernels/regression.ts';
import { avgOverTime, sumOverTime } from '../../../src/promql/kernels/sum.ts';
import { varianceOverTime } from '../../../src/promql/kernels/variance.ts';
import { samplesOf, valuesOf, windowsOver } from './windows.ts';

/**
 * Kernels that carry work over from window to window, against definitions that look at each window by itself. The
 * definitions are Prometheus's loops, so values must agree to the last bit.
 */
interface Case {
  readonly name: string;
  readonly kernel: (windows: RangeWindows, out: StepColumn) => void;
  /** Over at least one value. */
  readonly definition: (
    values: readonly number[],
    window: { fromMs: number; toMs: number; firstMs: number; step: number },
  ) => number | undefined;
}

const cases: readonly Case[] = [
  { name: 'sum_over_time', kernel: sumOverTime, definition: kahanSum },
  { name: 'avg_over_time', kernel: avgOverTime, definition: kahanMean },
  {
    name: 'max_over_time',
    kernel: (windows, out) => extremeOverTime(windows, { isMax: true, isTimestamp: false }, out),
    definition: (values) => values.reduce((max, value) => (value > max || Number.isNaN(max) ? value : max)),
  },
  {
    name: 'min_over_time',
    kernel: (windows, out) => extremeOverTime(windows, { isMax: false, isTimestamp: false }, out),
    definition: (values) => values.reduce((min, value) => (value < min || Number.isNaN(min) ? value : min)),
  },
  {
    name: 'ts_of_max_over_time',
    kernel: (windows, out) => extremeOverTime(windows, { isMax: true, isTimestamp: true }, out),
    definition: (values, { firstMs }) => firstMs / 1000 + latestIndex(values, (value, best) => value >= best),
  },
  {
    name: 'ts_of_min_over_time',
    kernel: (windows, out) => extremeOverTime(windows, { isMax: false, isTimestamp: true }, out),
    definition: (values, { firstMs }) => firstMs / 1000 + latestIndex(values, (value, best) => value <= best),
  },
  {
    name: 'quantile_over_time',
    kernel: (windows, out) => quantileOverTime(windows, new Float64Array(out.values.length).fill(0.7), out),
    definition: (values) => quantile(0.7, values),
  },
  {
    name: 'mad_over_time',
    kernel: (windows, out) => medianAbsoluteDeviation(windows, false, out),
    definition: (values) => {
      const median = quantile(0.5, values);
      return quantile(
        0.5,
        values.map((value) => Math.abs(value - median)),
      );
    },
  },
  {
    name: 'stdvar_over_time',
    kernel: (windows, out) => varianceOverTime(windows, false, out),
    definition: variance,
  },
  {
    name: 'double_exponential_smoothing',
    kernel: (windows, out) => {
      // Every third window has factors of its own.
      const smoothing = Float64Array.from(out.values, (_, step) => (step % 3 === 0 ? 0.25 : 0.75));
      doubleExponentialSmoothing(windows, { smoothing, trend: new Float64Array(out.values.length).fill(0.3) }, out);
    },
    definition: (values, { step }) => smoothed(values, step % 3 === 0 ? 0.25 : 0.75, 0.3),
  },
  {
    name: 'changes',
    kernel: (windows, out) => countTransitions(windows, 'changes', out),
    definition: (values) => pairs(values).filter(([a, b]) => a !== b && !(Number.isNaN(a) && Number.isNaN(b))).length,
  },
  {
    name: 'resets',
    kernel: (windows, out) => countTransitions(windows, 'resets', out),
    definition: (values) => pairs(values).filter(([a, b]) => b < a).length,
  },
  {
    name: 'increase',
    kernel: (windows, out) => extrapolatedRate(windows, { isCounter: true, isPerSecond: false }, out),
    definition: increase,
  },
];

const wholeValue = fc.integer({ min: -20, max: 20 });
const oddValue = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: -1e3, max: 1e3, noNaN: true }) },
  { weight: 2, arbitrary: fc.double() },
  { weight: 2, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, 0, 1e308, -1e308, 1e100, 0.1) },
);

describe.for(cases)('$name', ({ kernel, definition }) => {
  const property = (value: fc.Arbitrary<number>) =>
    fc.property(
      fc.array(value, { maxLength: 60 }),
      fc.record({ rangeMs: fc.integer({ min: 1, max: 50_000 }), stepMs: fc.integer({ min: 1, max: 9_000 }) }),
      (values, { rangeMs, stepMs }) => {
        const endsMs = Array.from({ length: 20 }, (_, step) => step * stepMs);
        const windows = windowsOver(samplesOf(values), { endsMs, rangeMs });
        const expected = endsMs.map((toMs, step) => {
          const window = values.slice(windows.from[step], windows.to[step]);
          const firstMs = (windows.from[step]! + 1) * 1000;
          return window.length === 0 ? undefined : definition(window, { fromMs: toMs - rangeMs, toMs, firstMs, step });
        });
        expect(valuesOf(endsMs.length, (out) => kernel(windows, out)).map(unsigned)).toEqual(expected.map(unsigned));
      },
    );

  test('agrees with its definition on whole numbers', () => fc.assert(property(wholeValue)));
  test('agrees with its definition on any numbers', () => fc.assert(property(oddValue)));
});

/** A negative zero is as good as a positive one here: nobody sees which of two equal values was kept. */
function unsigned(value: number | undefined): number | undefined {
  return value === 0 ? 0 : value;
}

function pairs(values: readonly number[]): [number, number][] {
  return values.slice(1).map((value, i) => [values[i]!, value]);
}

function latestIndex(values: readonly number[], wins: (value: number, best: number) => boolean): number {
  let best = 0;
  values.forEach((value, i) => {
    if (wins(value, values[best]!) || Number.isNaN(values[best]!)) best = i;
  });
  return best;
}

function quantile(q: number, values: readonly number[]): number {
  const sorted = [...values].sort((a, b) =>
    Number.isNaN(a) ? -1 : Number.isNaN(b) ? 1 : a === b ? 0 : a < b ? -1 : 1,
  );
  const rank = q * (sorted.length - 1);
  const lower = Math.floor(rank);
  const upper = Math.min(sorted.length - 1, lower + 1);
  const weight = rank - lower;
  return sorted[lower]! * (1 - weight) + sorted[upper]! * weight;
}

function kahanAdd([sum, c]: readonly [number, number], value: number): [number, number] {
  const next = sum + value;
  if (Math.abs(next) === Infinity) return [next, 0];
  return [next, Math.abs(sum) >= Math.abs(value) ? c + (sum - next + value) : c + (value - next + sum)];
}

function kahanSum(values: readonly number[]): number {
  const [sum, c] = values.reduce<[number, number]>(kahanAdd, [0, 0]);
  return Math.abs(sum) === Infinity ? sum : sum + c;
}

function kahanMean(values: readonly number[]): number {
  let state: [number, number] = [values[0]!, 0];
  let isIncremental = false;
  for (let i = 1; i < values.length; i++) {
    const count = i + 1;
    if (!isIncremental) {
      const next = kahanAdd(state, values[i]!);
      if (Math.abs(next[0]) !== Infinity) {
        state = next;
        continue;
      }
      isIncremental = true;
      state = [state[0] / i, state[1] / i];
    }
    const share = (count - 1) / count;
    state = kahanAdd([share * state[0], share * state[1]], values[i]! / count);
  }
  return isIncremental ? state[0] + state[1] : state[0] / values.length + state[1] / values.length;
}

function increase(
  values: readonly number[],
  { fromMs, toMs, firstMs }: { fromMs: number; toMs: number; firstMs: number },
): number | undefined {
  if (values.length < 2) return undefined;
  let change = values.at(-1)! - values[0]!;
  for (const [a, b] of pairs(values)) if (b < a) change += a;
  const sampled = values.length - 1;
  const average = 1;
  let startGap = (firstMs - fromMs) / 1000;
  let endGap = (toMs - firstMs - sampled * 1000) / 1000;
  if (startGap >= average * 1.1) startGap = average / 2;
  if (change > 0 && values[0]! >= 0) startGap = Math.min(startGap, sampled * (values[0]! / change));
  if (endGap >= average * 1.1) endGap = average / 2;
  return change * ((sampled + startGap + endGap) / sampled);
}

/** Welford's recurrence, mean and squares both compensated. */
function variance(values: readonly number[]): number {
  let mean: [number, number] = [0, 0];
  let squares: [number, number] = [0, 0];
  values.forEach((value, i) => {
    const delta = value - (mean[0] + mean[1]);
    mean = kahanAdd(mean, delta / (i + 1));
    squares = kahanAdd(squares, delta * (value - (mean[0] + mean[1])));
  });
  return (squares[0] + squares[1]) / values.length;
}

function smoothed(values: readonly number[], smoothing: number, trend: number): number | undefined {
  if (values.length < 2) return undefined;
  let [before, level, slope] = [0, values[0]!, values[1]! - values[0]!];
  for (let i = 1; i < values.length; i++) {
    if (i > 1) slope = trend * (level - before) + (1 - trend) * slope;
    [before, level] = [level, smoothing * values[i]! + (1 - smoothing) * (level + slope)];
  }
  return level;
}
