import { describe, expect, test } from 'vitest';
import {
  type Line,
  linearScale,
  niceTicks,
  pathOf,
  shortNumber,
  timeTicks,
  valueRange,
} from '../../src/ui/chart-scale.ts';

function line(...points: readonly (readonly [timeMs: number, value: number])[]): Line {
  return {
    name: 'a',
    timestampsMs: Float64Array.from(points, ([timeMs]) => timeMs),
    values: Float64Array.from(points, ([, value]) => value),
  };
}

test.for([
  ['of two lines', [line([0, 3], [1, 5]), line([0, -1])], [-1, 5]],
  ['without infinities and NaN', [line([0, Infinity], [1, NaN], [2, 2], [3, 4])], [2, 4]],
  ['around values that are all alike', [line([0, 10], [1, 10])], [5, 15]],
  ['around zeros', [line([0, 0])], [-1, 1]],
  ['where there is no value', [line([0, NaN])], [0, 1]],
] as const)('the range of values %s', ([, lines, range]) => {
  expect(valueRange(lines)).toEqual(range);
});

test.for([
  [0, 10, 5, [0, 2, 4, 6, 8, 10]],
  [0.13, 0.71, 6, [0.2, 0.3, 0.4, 0.5, 0.6, 0.7]],
  [-3e6, 3e6, 6, [-3e6, -2e6, -1e6, 0, 1e6, 2e6, 3e6]],
] as const)('round ticks from %d to %d', ([from, to, count, ticks]) => {
  expect(niceTicks(from, to, count)).toEqual(ticks);
});

test.for([
  [1_000, 81_000, [10_000, 20_000, 30_000, 40_000, 50_000, 60_000, 70_000, 80_000]],
  [0, 3_600_000, [0, 600_000, 1_200_000, 1_800_000, 2_400_000, 3_000_000, 3_600_000]],
] as const)('times from %d to %d', ([fromMs, toMs, ticks]) => {
  expect(timeTicks(fromMs, toMs, 9)).toEqual(ticks);
});

describe('a path', () => {
  const x = linearScale(0, 10_000, 0, 100);
  const y = linearScale(0, 10, 50, 0);

  test.for([
    ['joins neighbouring steps', line([0, 0], [1_000, 10]), 'M0.0 50.0h0L10.0 0.0'],
    ['breaks where a step is missing', line([0, 0], [2_000, 10]), 'M0.0 50.0h0M20.0 0.0h0'],
    ['breaks at what is no number', line([0, 0], [1_000, NaN], [2_000, 10]), 'M0.0 50.0h0M20.0 0.0h0'],
    ['of nothing is nothing', line(), ''],
  ] as const)('%s', ([, points, path]) => {
    expect(pathOf(points, x, y, 1_000)).toBe(path);
  });
});

test.for([
  [0, '0'],
  [0.25, '0.25'],
  [1500, '1.5k'],
  [-20_000_000, '-20M'],
  [1e-9, '1.00e-9'],
] as const)('%d is shown as %s', ([value, text]) => {
  expect(shortNumber(value)).toBe(text);
});
