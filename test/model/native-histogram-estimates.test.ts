import { describe, expect, test } from 'vitest';
import { bucketsAscending, exponentialBound } from '../../src/model/native-histogram-bounds.ts';
import { histogramFraction } from '../../src/model/native-histogram-fraction.ts';
import { histogramQuantile } from '../../src/model/native-histogram-quantile.ts';
import { histogramVariance } from '../../src/model/native-histogram-spread.ts';
import { trimHistogram } from '../../src/model/native-histogram-trim.ts';
import { type HistogramText, histogram, textOf } from '../support/native-histograms.ts';

test.for([
  [0, 0, 1],
  [1, 0, 2],
  [-1, 0, 0.5],
  [1, 1, Math.SQRT2 - Number.EPSILON],
  [3, 2, 1.6817928305074288],
  [1, -2, 16],
  [1024, 0, Number.MAX_VALUE],
  [1025, 0, Infinity],
  [-1073, 0, 2 ** -1073],
  [256, -2, Number.MAX_VALUE],
] as const)('bucket %i of schema %i ends at %d', ([index, schema, bound]) => {
  expect(exponentialBound(index, schema)).toBe(bound);
});

test('populated buckets come ascending, and none reaches into the zero bucket', () => {
  const value = histogram({
    zeroThreshold: 0.75,
    zeroCount: 3,
    positive: { 0: 1, 1: 0, 2: 2 },
    negative: { 0: 4, 1: 5 },
  });
  expect(bucketsAscending(value)).toEqual([
    { lower: -2, upper: -1, count: 5 },
    { lower: -1, upper: -0.75, count: 4 },
    { lower: -0.75, upper: 0.75, count: 3 },
    { lower: 0.75, upper: 1, count: 1 },
    { lower: 2, upper: 4, count: 2 },
  ]);
});

describe('quantiles', () => {
  const positive: HistogramText = { positive: { 1: 4, 2: 4 } };
  const zero: HistogramText = { zeroThreshold: 1, zeroCount: 4 };
  const custom: HistogramText = { bounds: [10, 20], positive: { 0: 2, 1: 2, 2: 4 } };
  const cases: readonly (readonly [q: number, of: HistogramText, value: number, nanEffect?: 'result' | 'skew'])[] = [
    [-0.1, positive, -Infinity],
    [1.1, positive, Infinity],
    [NaN, positive, NaN],
    [0.5, {}, NaN],
    // Half of the way through (1, 2] on a logarithmic scale.
    [0.25, positive, Math.SQRT2],
    [0.75, positive, 2.82842712474619],
    [0.25, { negative: { 1: 4, 2: 4 } }, -2.82842712474619],
    [1, positive, 4],
    [0, positive, 1],
    // Linear in the zero bucket, which has two sides, unless all others are of one sign.
    [0.5, zero, 0],
    [0.25, { ...zero, positive: { 1: 4 } }, 0.5],
    [0.75, { ...zero, negative: { 1: 4 } }, -0.5],
    [0.25, { ...zero, positive: { 1: 4 }, negative: { 1: 0 } }, 0.5],
    // An empty bucket is as good as none.
    [0.45, { positive: { 1: 4, 7: 0 }, count: 10 }, 2],
    // Linear in custom buckets; the first one begins at 0, the last one has no end.
    [0.125, custom, 5],
    [0.375, custom, 15],
    [0.75, custom, 20],
    [0.5, { bounds: [-5], positive: { 0: 2 } }, -5],
    // Observations of NaN are in no bucket.
    [0.9, { ...positive, count: 10, sum: NaN }, NaN, 'result'],
    [0.2, { ...positive, count: 10, sum: NaN }, Math.SQRT2, 'skew'],
    [0.25, { ...positive, sum: NaN }, Math.SQRT2],
  ];
  test.for(cases)('the %d-quantile of %j is %d', ([q, text, value, nanEffect = 'none']) => {
    const result = histogramQuantile(q, histogram(text));
    expect(result.nanEffect).toBe(nanEffect);
    if (Number.isNaN(value)) expect(result.value).toBeNaN();
    else expect(result.value).toBeCloseTo(value, 12);
  });
});

describe('fractions', () => {
  const positive: HistogramText = { positive: { 1: 4, 2: 4 } };
  const custom: HistogramText = { bounds: [-5, 10, 20], positive: { 0: 2, 1: 2, 2: 2, 3: 2 } };
  const cases: readonly (readonly [lower: number, upper: number, of: HistogramText, value: number])[] = [
    [-Infinity, Infinity, positive, 1],
    [2, 1, positive, 0],
    [NaN, 1, positive, NaN],
    [0, 1, {}, NaN],
    [1, 2, positive, 0.5],
    [1, Math.SQRT2, positive, 0.25],
    [-Math.SQRT2, -1, { negative: { 1: 4, 2: 4 } }, 0.25],
    [-0.5, 0.5, { zeroThreshold: 1, zeroCount: 4 }, 0.5],
    [0, 0.5, { zeroThreshold: 1, zeroCount: 4, positive: { 1: 4 } }, 0.25],
    [0, 0.5, { zeroThreshold: 1, zeroCount: 4, positive: { 1: 4 }, negative: { 1: 0 } }, 0.25],
    [1, 3, { positive: { 1: 4, 7: 0 }, count: 5 }, 1],
    [10, 15, custom, 0.125],
    [-Infinity, -7, custom, 0.25],
    [15, Infinity, custom, 0.375],
    [25, Infinity, custom, 0.25],
  ];
  test.for(cases)('from %d to %d in %j there is %d', ([lower, upper, text, value]) => {
    const result = histogramFraction(lower, upper, histogram(text));
    expect(result.hasNan).toBe(false);
    if (Number.isNaN(value)) expect(result.value).toBeNaN();
    else expect(result.value).toBeCloseTo(value, 12);
  });

  test('observations of NaN are in no fraction', () => {
    const result = histogramFraction(-Infinity, Infinity, histogram({ ...positive, count: 10, sum: NaN }));
    expect(result).toEqual({ value: 0.8, hasNan: true });
  });
});

test.for([
  [{ sum: 0, zeroThreshold: 1, zeroCount: 4 }, 0],
  [{ sum: 4 * Math.SQRT2, positive: { 1: 4 } }, 0],
  [{ sum: 20, bounds: [10, 30], positive: { 1: 1 } }, 0],
  [{ sum: 40, bounds: [10, 30, 50], positive: { 1: 1, 2: 1 } }, 200],
  [{ sum: 0, positive: { 1: 2 }, negative: { 1: 2 } }, 2],
] as const satisfies readonly (readonly [HistogramText, number])[])('the variance of %j is %d', ([text, variance]) => {
  expect(histogramVariance(histogram(text))).toBeCloseTo(variance, 12);
});

describe('trimming', () => {
  const positive: HistogramText = { sum: 20, positive: { 1: 4, 2: 4 } };
  const custom: HistogramText = { sum: 100, bounds: [10, 20], positive: { 0: 4, 1: 4, 2: 4 } };
  const cases: readonly (readonly [string, HistogramText, number, 'below' | 'above', HistogramText])[] = [
    ['nothing is cut off', positive, 4, 'below', { schema: 0, count: 8, sum: 20, positive: { 1: 4, 2: 4 } }],
    [
      'whole buckets are cut off',
      positive,
      2,
      'below',
      { schema: 0, count: 4, sum: 4 * Math.SQRT2, positive: { 1: 4 } },
    ],
    [
      'whole buckets are cut off below',
      positive,
      2,
      'above',
      { schema: 0, count: 4, sum: 8 * Math.SQRT2, positive: { 2: 4 } },
    ],
    [
      'custom buckets are split linearly',
      custom,
      15,
      'below',
      { schema: -53, count: 6, sum: 45, bounds: [10, 20], positive: { 0: 4, 1: 2 } },
    ],
    [
      'the first custom bucket begins at 0',
      custom,
      5,
      'below',
      { schema: -53, count: 2, sum: 5, bounds: [10, 20], positive: { 0: 2 } },
    ],
    [
      'the last custom bucket is kept whole above',
      custom,
      30,
      'above',
      { schema: -53, count: 4, sum: 120, bounds: [10, 20], positive: { 2: 4 } },
    ],
    [
      'the zero bucket is split',
      { zeroThreshold: 1, zeroCount: 4 },
      0.5,
      'above',
      { schema: 0, count: 1, sum: 0.75, zeroThreshold: 1, zeroCount: 1 },
    ],
    ['a limit of NaN leaves nothing', positive, NaN, 'below', { schema: 0, count: 0, sum: 0 }],
  ];
  test.for(cases)('%s', ([, text, limit, keeps, expected]) => {
    const trimmed = textOf(trimHistogram(histogram(text), limit, keeps))!;
    expect({ ...trimmed, sum: 0 }).toEqual({ ...expected, sum: 0 });
    expect(trimmed.sum).toBeCloseTo(expected.sum!, 12);
  });
});
