import { expect, test } from 'vitest';
import { sparseBuckets } from '../../../src/wire/otlp/exponential-buckets.ts';

test.for<{
  readonly about: string;
  readonly offset: number;
  readonly counts: readonly number[];
  readonly scaleDown?: number;
  readonly spans: readonly (readonly [offset: number, length: number])[];
  readonly kept: readonly number[];
}>([
  { about: 'none', offset: 3, counts: [], spans: [], kept: [] },
  { about: 'neighbours', offset: 0, counts: [1, 2], spans: [[1, 2]], kept: [1, 2] },
  { about: 'a negative offset', offset: -5, counts: [4], spans: [[-4, 1]], kept: [4] },
  { about: 'a small gap', offset: 0, counts: [1, 0, 0, 2], spans: [[1, 4]], kept: [1, 0, 0, 2] },
  {
    about: 'a wide gap',
    offset: 0,
    counts: [1, 0, 0, 0, 2],
    spans: [
      [1, 1],
      [3, 1],
    ],
    kept: [1, 2],
  },
  { about: 'nothing at the start', offset: 0, counts: [0, 0, 5], spans: [[1, 3]], kept: [0, 0, 5] },
  { about: 'nothing at the end', offset: 0, counts: [5, 0], spans: [[1, 2]], kept: [5, 0] },
  { about: 'merged pairs', offset: 0, counts: [1, 2, 3, 4], scaleDown: 1, spans: [[1, 2]], kept: [3, 7] },
  { about: 'merged across zero', offset: -1, counts: [1, 2, 3], scaleDown: 1, spans: [[0, 2]], kept: [1, 5] },
])('$about', ({ offset, counts, scaleDown = 0, spans, kept }) => {
  expect(sparseBuckets({ offset, counts }, scaleDown)).toEqual({
    spans: spans.map(([spanOffset, length]) => ({ offset: spanOffset, length })),
    counts: Float64Array.from(kept),
  });
});
