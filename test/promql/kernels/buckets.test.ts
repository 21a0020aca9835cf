import { describe, expect, test } from 'vitest';
import { type Buckets, bucketFraction, bucketQuantile, type Repair } from '../../../src/promql/kernels/buckets.ts';

function bucketsOf(pairs: readonly (readonly [bound: number, count: number])[]): Buckets {
  return {
    bounds: Float64Array.from(pairs, ([bound]) => bound),
    counts: Float64Array.from(pairs, ([, count]) => count),
    count: pairs.length,
  };
}

function noRepair(): Repair {
  return { isForced: false, lowestBound: Infinity, highestBound: -Infinity, largestDifference: 0 };
}

const regular = [
  [1, 10],
  [2, 30],
  [4, 40],
  [Infinity, 50],
] as const;

describe('bucketQuantile', () => {
  test.for([
    { q: 0.1, expected: 0.5, note: 'the first bucket begins at zero' },
    { q: 0.4, expected: 1.5, note: 'inside a bucket' },
    { q: 0.6, expected: 2, note: 'at a bound' },
    { q: 0.95, expected: 4, note: 'in the last bucket: its lower bound' },
    { q: 0, expected: 0, note: 'rank zero' },
    { q: 1, expected: 4, note: 'all' },
    { q: -0.1, expected: -Infinity, note: 'too low' },
    { q: 1.1, expected: Infinity, note: 'too high' },
    { q: NaN, expected: NaN, note: 'no quantile' },
  ])('$q is $expected ($note)', ({ q, expected }) => {
    expect(bucketQuantile(q, bucketsOf(regular), noRepair())).toEqual(expected);
  });

  test.for([
    {
      note: 'no +Inf bucket',
      pairs: [
        [1, 1],
        [2, 2],
      ],
    },
    { note: 'a single bucket', pairs: [[Infinity, 2]] },
    {
      note: 'no observations',
      pairs: [
        [1, 0],
        [Infinity, 0],
      ],
    },
  ] as const)('is NaN with $note', ({ pairs }) => {
    expect(bucketQuantile(0.5, bucketsOf(pairs), noRepair())).toBeNaN();
  });

  test('a first bucket that ends below zero has no lower end', () => {
    expect(
      bucketQuantile(
        0.1,
        bucketsOf([
          [-3, 5],
          [0, 5],
          [Infinity, 10],
        ]),
        noRepair(),
      ),
    ).toBe(-3);
  });

  test('buckets with one bound are one bucket', () => {
    expect(
      bucketQuantile(
        0.5,
        bucketsOf([
          [2, 1],
          [2, 3],
          [Infinity, 4],
        ]),
        noRepair(),
      ),
    ).toBe(1);
  });

  test('lifts a count that falls and tells where', () => {
    const repair = noRepair();
    expect(
      bucketQuantile(
        0.5,
        bucketsOf([
          [1, 4],
          [2, 1],
          [4, 3],
          [Infinity, 8],
        ]),
        repair,
      ),
    ).toBe(1);
    expect(repair).toEqual({ isForced: true, lowestBound: 2, highestBound: 4, largestDifference: 3 });
  });

  test('evens rounding errors out without a word', () => {
    const repair = noRepair();
    expect(
      bucketQuantile(
        0.5,
        bucketsOf([
          [1, 4],
          [2, 4 - 1e-14],
          [Infinity, 4],
        ]),
        repair,
      ),
    ).toBe(0.5);
    expect(repair).toEqual(noRepair());
  });
});

describe('bucketFraction', () => {
  test.for([
    { lower: 0, upper: 2, expected: 0.6 },
    { lower: -Infinity, upper: Infinity, expected: 1 },
    { lower: 1.5, upper: 3, expected: 0.3 },
    { lower: 4, upper: 100, expected: 0, note: 'nothing is known beyond the last bound' },
    { lower: 5, upper: Infinity, expected: 0.2 },
    { lower: 2, upper: 1, expected: 0 },
    { lower: NaN, upper: 1, expected: NaN },
  ])('from $lower to $upper it is $expected', ({ lower, upper, expected }) => {
    expect(bucketFraction(lower, upper, bucketsOf(regular))).toEqual(expected);
  });

  test('a first bucket that ends below zero is taken as a whole', () => {
    expect(
      bucketFraction(
        -10,
        0,
        bucketsOf([
          [-3, 5],
          [0, 8],
          [Infinity, 10],
        ]),
      ),
    ).toBeCloseTo(0.3, 12);
  });
});
