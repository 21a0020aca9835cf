import { describe, expect, test } from 'vitest';
import type { CounterResetHint } from '../../src/model/native-histogram.ts';
import { NativeHistogram } from '../../src/model/native-histogram.ts';
import { areHistogramsEqual } from '../../src/model/native-histogram-equality.ts';
import { detectReset, storedHint } from '../../src/model/native-histogram-resets.ts';
import { indexesOfSpans, spansOfBuckets } from '../../src/model/native-histogram-spans.ts';
import { type HistogramText, histogram } from '../support/native-histograms.ts';

interface Reset {
  readonly claim: string;
  readonly previous: HistogramText;
  readonly current: HistogramText;
  readonly isReset: boolean;
  /** What a storage that sees both says of the second. */
  readonly hint: CounterResetHint;
}

const resets: readonly Reset[] = [
  {
    claim: 'growing is none',
    previous: { positive: { 1: 1 } },
    current: { positive: { 1: 2, 3: 1 } },
    isReset: false,
    hint: 'not-reset',
  },
  { claim: 'a smaller count is one', previous: { count: 9 }, current: { count: 8 }, isReset: true, hint: 'unknown' },
  {
    claim: 'a smaller bucket is one',
    previous: { positive: { 1: 2 } },
    current: { count: 2, positive: { 1: 1, 2: 1 } },
    isReset: true,
    hint: 'unknown',
  },
  {
    claim: 'a populated bucket that is gone is one',
    previous: { negative: { 1: 1 } },
    current: { negative: { 2: 1 } },
    isReset: true,
    hint: 'unknown',
  },
  {
    claim: 'an empty bucket that is gone is none',
    previous: { positive: { 1: 0 } },
    current: { positive: { 2: 1 } },
    isReset: false,
    hint: 'not-reset',
  },
  {
    claim: 'a smaller zero count is one',
    previous: { zeroCount: 2, count: 2 },
    current: { zeroCount: 1, count: 2 },
    isReset: true,
    hint: 'unknown',
  },
  { claim: 'a finer schema is one', previous: { schema: 0 }, current: { schema: 1 }, isReset: true, hint: 'unknown' },
  {
    claim: 'a coarser schema is none when its buckets hold all',
    previous: { schema: 1, positive: { 1: 1, 2: 1 } },
    current: { schema: 0, positive: { 1: 2 } },
    isReset: false,
    hint: 'unknown',
  },
  {
    claim: 'a smaller zero bucket is one',
    previous: { zeroThreshold: 1 },
    current: { zeroThreshold: 0.5 },
    isReset: true,
    hint: 'unknown',
  },
  {
    claim: 'a wider zero bucket is none when it holds all',
    previous: { zeroThreshold: 0.5, zeroCount: 1, positive: { 0: 2 } },
    current: { zeroThreshold: 1, zeroCount: 3 },
    isReset: false,
    hint: 'unknown',
  },
  {
    claim: 'a wider zero bucket that splits a populated bucket is one',
    previous: { positive: { 1: 2 } },
    current: { zeroThreshold: 1.5, zeroCount: 9 },
    isReset: true,
    hint: 'unknown',
  },
  { claim: 'other kinds of buckets are one', previous: {}, current: { bounds: [1] }, isReset: true, hint: 'unknown' },
  {
    claim: 'other custom bounds are none when common ones hold all',
    previous: { bounds: [1, 2], positive: { 0: 1, 1: 1 } },
    current: { bounds: [2], positive: { 0: 2 } },
    isReset: false,
    hint: 'unknown',
  },
  {
    claim: 'other custom bounds are one when a common bucket shrinks',
    previous: { bounds: [1, 2], positive: { 0: 1, 1: 1 } },
    current: { bounds: [2], positive: { 0: 1, 1: 1 } },
    isReset: true,
    hint: 'unknown',
  },
  {
    claim: 'the hint tells of one',
    previous: { positive: { 1: 1 } },
    current: { positive: { 1: 2 }, counterResetHint: 'reset' },
    isReset: true,
    hint: 'unknown',
  },
  {
    claim: 'the hint tells of none',
    previous: { positive: { 1: 2 } },
    current: { positive: { 1: 1 }, counterResetHint: 'not-reset' },
    isReset: false,
    hint: 'unknown',
  },
  {
    claim: 'a gauge is looked at as a counter',
    previous: { positive: { 1: 2 } },
    current: { positive: { 1: 1 }, counterResetHint: 'gauge' },
    isReset: true,
    hint: 'gauge',
  },
];

test.for(resets)('of resets: $claim', ({ previous, current, isReset, hint }) => {
  expect(detectReset(histogram(current), histogram(previous))).toBe(isReset);
  expect(storedHint(histogram(current), histogram(previous))).toBe(hint);
});

test('the first histogram of a series has no known hint', () => {
  expect(storedHint(histogram({ counterResetHint: 'not-reset' }), undefined)).toBe('unknown');
  expect(storedHint(histogram({}), NativeHistogram.stale())).toBe('unknown');
  expect(storedHint(histogram({}), histogram({ counterResetHint: 'gauge' }))).toBe('unknown');
});

describe('equality', () => {
  const value: HistogramText = { sum: 3, positive: { 1: 2, 4: 1 } };
  test.for([
    [value, true],
    [{ ...value, counterResetHint: 'gauge' }, true],
    [{ ...value, positive: { 1: 2, 2: 0, 4: 1 } }, true],
    [{ ...value, sum: 4 }, false],
    [{ ...value, positive: { 1: 2, 4: 2 }, count: 3 }, false],
    [{ ...value, positive: { 1: 2, 5: 1 } }, false],
    [{ ...value, schema: 1 }, false],
    [{ ...value, zeroThreshold: 1 }, false],
  ] as const satisfies readonly (readonly [HistogramText, boolean])[])('of %j: %s', ([other, isEqual]) => {
    expect(areHistogramsEqual(histogram(value), histogram(other))).toBe(isEqual);
  });

  test('a sum of NaN equals itself', () => {
    expect(areHistogramsEqual(histogram({ sum: NaN }), histogram({ sum: NaN }))).toBe(true);
  });
});

test('spans are the runs of indexes', () => {
  const spans = [
    { offset: -2, length: 2 },
    { offset: 3, length: 1 },
  ];
  const indexes = indexesOfSpans(spans);
  expect(Array.from(indexes)).toEqual([-2, -1, 3]);
  expect(spansOfBuckets({ indexes, counts: new Float64Array(3) })).toEqual(spans);
});
