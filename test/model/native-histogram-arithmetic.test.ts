import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CounterResetHint } from '../../src/model/native-histogram.ts';
import {
  addHistograms,
  divideHistogram,
  scaleHistogram,
  subtractHistograms,
} from '../../src/model/native-histogram-arithmetic.ts';
import { compact, reduceResolution } from '../../src/model/native-histogram-buckets.ts';
import { areHistogramsEqual } from '../../src/model/native-histogram-equality.ts';
import { meanOfHistograms, sumOfHistograms } from '../../src/model/native-histogram-fold.ts';
import { type HistogramText, histogram, textOf } from '../support/native-histograms.ts';

interface Sum {
  readonly claim: string;
  readonly a: HistogramText;
  readonly b: HistogramText;
  readonly sum: HistogramText;
  readonly difference: HistogramText;
}

const sums: readonly Sum[] = [
  {
    claim: 'buckets, count and sum are added, buckets of one side only too',
    a: { sum: 5, positive: { 1: 2, 3: 1 }, negative: { 0: 1 } },
    b: { sum: 2, positive: { 0: 1, 3: 4 } },
    sum: { schema: 0, count: 9, sum: 7, positive: { 0: 1, 1: 2, 3: 5 }, negative: { 0: 1 } },
    difference: { schema: 0, count: -1, sum: 3, positive: { 0: -1, 1: 2, 3: -3 }, negative: { 0: 1 } },
  },
  {
    claim: 'the coarser schema wins',
    a: { schema: 1, positive: { '-1': 1, 0: 2, 1: 3, 2: 4 } },
    b: { schema: 0, positive: { 1: 10 } },
    sum: { schema: 0, count: 20, sum: 0, positive: { 0: 3, 1: 17 } },
    difference: { schema: 0, count: 0, sum: 0, positive: { 0: 3, 1: -3 } },
  },
  {
    claim: 'the wider zero bucket takes in what lies within it',
    a: { zeroThreshold: 0.25, zeroCount: 1, positive: { '-1': 2, 0: 4, 1: 8 }, negative: { '-1': 16 } },
    b: { zeroThreshold: 1, zeroCount: 100, positive: { 1: 1 } },
    sum: { schema: 0, count: 132, sum: 0, zeroThreshold: 1, zeroCount: 123, positive: { 1: 9 } },
    difference: { schema: 0, count: -70, sum: 0, zeroThreshold: 1, zeroCount: -77, positive: { 1: 7 } },
  },
  {
    claim: 'a zero bucket that ends inside a populated bucket grows to its end, on both sides',
    a: { zeroThreshold: 0.75, zeroCount: 1, negative: { 2: 1 } },
    b: { zeroThreshold: 0.001, zeroCount: 1, positive: { 0: 5, 1: 7 } },
    sum: { schema: 0, count: 15, sum: 0, zeroThreshold: 1, zeroCount: 7, positive: { 1: 7 }, negative: { 2: 1 } },
    difference: {
      schema: 0,
      count: -11,
      sum: 0,
      zeroThreshold: 1,
      zeroCount: -5,
      positive: { 1: -7 },
      negative: { 2: 1 },
    },
  },
  {
    claim: 'custom bounds that both have stay, buckets between them are merged',
    a: { bounds: [1, 2, 3], positive: { 0: 1, 1: 2, 2: 4, 3: 8 } },
    b: { bounds: [1, 3, 5], positive: { 1: 10, 2: 20, 3: 40 } },
    sum: { schema: -53, count: 85, sum: 0, bounds: [1, 3], positive: { 0: 1, 1: 16, 2: 68 } },
    difference: { schema: -53, count: -55, sum: 0, bounds: [1, 3], positive: { 0: 1, 1: -4, 2: -52 } },
  },
];

describe('sums and differences', () => {
  test.for(sums)('$claim', ({ a, b, sum, difference }) => {
    expect(textOf(addHistograms(histogram(a), histogram(b))?.histogram)).toEqual(sum);
    expect(textOf(subtractHistograms(histogram(a), histogram(b))?.histogram)).toEqual(difference);
  });

  test('exponential and custom buckets cannot be added', () => {
    const exponential = histogram({ positive: { 0: 1 } });
    const custom = histogram({ bounds: [1], positive: { 0: 1 } });
    expect(addHistograms(exponential, custom)).toBeUndefined();
    expect(sumOfHistograms(custom, true).add(exponential)).toBe(false);
    expect(meanOfHistograms(custom, false).add(exponential)).toBe(false);
  });

  test('reconciled bounds are told', () => {
    const a = histogram({ bounds: [1, 2] });
    const b = histogram({ bounds: [1, 3] });
    expect(addHistograms(a, a)?.hasReconciledBounds).toBe(false);
    expect(addHistograms(a, b)?.hasReconciledBounds).toBe(true);
  });

  const hints: readonly (readonly [
    a: CounterResetHint,
    b: CounterResetHint,
    sum: CounterResetHint,
    collide: boolean,
  ])[] = [
    ['gauge', 'reset', 'gauge', false],
    ['unknown', 'gauge', 'gauge', false],
    ['not-reset', 'not-reset', 'not-reset', false],
    ['unknown', 'reset', 'unknown', false],
    ['reset', 'not-reset', 'unknown', true],
  ];
  test.for(hints)('%s and %s make %s', ([hintA, hintB, hint, hasResetCollision]) => {
    const [a, b] = [histogram({ counterResetHint: hintA }), histogram({ counterResetHint: hintB })];
    expect(addHistograms(a, b)).toMatchObject({ histogram: { counterResetHint: hint }, hasResetCollision });
    expect(addHistograms(b, a)).toMatchObject({ histogram: { counterResetHint: hint }, hasResetCollision });
  });
});

describe('scaling', () => {
  const value = histogram({ sum: 6, zeroThreshold: 0.5, zeroCount: 2, positive: { 1: 4 } });

  test('multiplies every number; a negative factor makes a gauge', () => {
    expect(textOf(scaleHistogram(value, 0.5))).toEqual({
      ...{ schema: 0, count: 3, sum: 3, zeroThreshold: 0.5, zeroCount: 1, positive: { 1: 2 } },
    });
    expect(scaleHistogram(value, -1).counterResetHint).toBe('gauge');
  });

  test('dividing by zero leaves no buckets', () => {
    expect(textOf(divideHistogram(value, 0))).toEqual({
      ...{ schema: 0, count: Infinity, sum: Infinity, zeroThreshold: 0.5, zeroCount: Infinity },
    });
  });
});

describe('folds', () => {
  test('a compensated sum keeps what a plain one loses', () => {
    const [one, huge] = [histogram({ positive: { 0: 1 } }), histogram({ positive: { 0: 1e100 } })];
    const total = (isCompensated: boolean): number => {
      const sum = sumOfHistograms(one, isCompensated);
      for (const addend of [huge, one, scaleHistogram(huge, -1)]) sum.add(addend);
      return sum.result().count;
    };
    expect([total(true), total(false)]).toEqual([2, 0]);
  });

  test('a mean does not overflow where the sum does', () => {
    const huge = histogram({ sum: 1e308, positive: { 0: 1e308 } });
    const mean = meanOfHistograms(huge, true);
    for (let i = 0; i < 3; i++) mean.add(huge);
    const { count, sum } = mean.result();
    expect(count / 1e308).toBeCloseTo(1, 12);
    expect(sum / 1e308).toBeCloseTo(1, 12);
  });

  test('collisions of hints are found among all addends', () => {
    for (const isCompensated of [true, false]) {
      const sum = sumOfHistograms(histogram({ counterResetHint: 'reset' }), isCompensated);
      sum.add(histogram({ counterResetHint: 'unknown' }));
      expect(sum.hasResetCollision).toBe(false);
      sum.add(histogram({ counterResetHint: 'not-reset' }));
      expect(sum.hasResetCollision).toBe(true);
    }
  });
});

const bucketsArbitrary = fc.dictionary(fc.integer({ min: -9, max: 9 }).map(String), fc.nat(50), { maxKeys: 8 });
const exponentialArbitrary = fc
  .record({
    schema: fc.integer({ min: -2, max: 3 }),
    zeroThreshold: fc.constantFrom(0, 0.001, 0.5, 1, 1.5),
    zeroCount: fc.nat(9),
    sum: fc.integer({ min: -99, max: 99 }),
    positive: bucketsArbitrary,
    negative: bucketsArbitrary,
  })
  .map((text) => histogram(text));
const customArbitrary = fc
  .record({
    bounds: fc
      .uniqueArray(fc.integer({ min: -5, max: 5 }), { maxLength: 5 })
      .map((bounds) => bounds.sort((a, b) => a - b)),
    counts: fc.array(fc.nat(50), { minLength: 6, maxLength: 6 }),
    sum: fc.integer({ min: -99, max: 99 }),
  })
  .map(({ bounds, counts, sum }) =>
    histogram({ bounds, sum, positive: Object.fromEntries(counts.slice(0, bounds.length + 1).entries()) }),
  );
const pairArbitrary = fc.oneof(
  fc.tuple(exponentialArbitrary, exponentialArbitrary),
  fc.tuple(customArbitrary, customArbitrary),
);

describe('laws', () => {
  test('compensated and plain sums of whole numbers are the same', () => {
    fc.assert(
      fc.property(pairArbitrary, ([a, b]) => {
        const sum = sumOfHistograms(a, true);
        sum.add(b);
        expect(textOf(compact(sum.result()))).toEqual(textOf(compact(addHistograms(a, b)!.histogram)));
      }),
    );
  });

  test('what was added can be taken away where neither shape changes', () => {
    fc.assert(
      fc.property(exponentialArbitrary, bucketsArbitrary, (a, positive) => {
        const b = histogram({ schema: a.schema, positive: within(positive, a.zeroThreshold, a.schema) }).with({
          zeroThreshold: a.zeroThreshold,
        });
        const sum = addHistograms(a, b)!.histogram;
        expect(areHistogramsEqual(subtractHistograms(sum, b)!.histogram, a)).toBe(true);
      }),
    );
  });

  test('reducing the resolution keeps every observation', () => {
    fc.assert(
      fc.property(exponentialArbitrary, fc.nat(3), (a, steps) => {
        const reduced = reduceResolution(a, a.schema - Math.min(steps, a.schema + 4));
        const total = ({ counts }: { counts: Float64Array }): number => counts.reduce((sum, count) => sum + count, 0);
        expect([total(reduced.positive), total(reduced.negative)]).toEqual([total(a.positive), total(a.negative)]);
      }),
    );
  });
});

/** Buckets clear of a zero bucket: those within it are not added. */
function within(positive: Record<string, number>, threshold: number, schema: number): Record<string, number> {
  return Object.fromEntries(
    Object.entries(positive).filter(([index]) => 2 ** ((Number(index) - 1) * 2 ** -schema) >= threshold),
  );
}
