import fc from 'fast-check';
import { expect, test } from 'vitest';
import { moveNanToFront, selectRank, smallestOf } from '../../../src/promql/kernels/select-rank.ts';

test('the number of a rank stands where sorting would put it, whatever stands around', () => {
  const numbers = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double({ noNaN: true }));
  fc.assert(
    fc.property(fc.array(numbers, { minLength: 1, maxLength: 60 }), fc.nat(), (list, pick) => {
      const rank = pick % list.length;
      const values = Float64Array.of(Infinity, ...list, -Infinity);
      const sorted = Float64Array.from(list).sort();
      selectRank(values, 1, list.length + 1, rank);
      const place = 1 + rank;
      // The two zeros are one number here.
      expect(values[place]! + 0).toBe(sorted[rank]! + 0);
      expect(values.subarray(1, place).every((value) => value <= values[place]!)).toBe(true);
      if (rank + 1 < list.length)
        expect(smallestOf(values, place + 1, list.length + 1) + 0).toBe(sorted[rank + 1]! + 0);
      expect([values[0], values.at(-1)]).toEqual([Infinity, -Infinity]);
      expect(
        values
          .slice(1, -1)
          .sort()
          .map((value) => value + 0),
      ).toEqual(sorted.map((value) => value + 0));
    }),
  );
});

const shapes: readonly [name: string, valueAt: (i: number, count: number) => number][] = [
  ['ascending', (i) => i],
  ['descending', (i, count) => count - i],
  ['equal', () => 7],
  ['organ pipe', (i, count) => Math.min(i, count - i)],
  ['sawtooth', (i) => i % 17],
];

test.for(shapes)('takes no long time for %s values', ([, valueAt]) => {
  const count = 200_000;
  const values = Float64Array.from({ length: count }, (_, i) => valueAt(i, count));
  const sorted = values.slice().sort();
  selectRank(values, 0, count, 180_000);
  expect(values[180_000]).toBe(sorted[180_000]);
});

test('NaN are moved to the front and counted', () => {
  const values = Float64Array.of(NaN, 1, NaN, 2, NaN, 3);
  expect(moveNanToFront(values, 1, 5)).toBe(2);
  expect([...values.subarray(3, 5)].sort()).toEqual([1, 2]);
});
