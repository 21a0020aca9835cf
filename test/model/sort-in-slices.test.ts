import { test } from 'vitest';
import { sortInSlices } from '../../src/model/sort-in-slices.ts';
import { runAtOnce } from '../../src/model/work.ts';

interface Item {
  readonly key: number;
  readonly place: number;
}

function items(count: number): Item[] {
  return Array.from({ length: count }, (_, place) => ({ key: (place * 7919) % 101, place }));
}

const byKey = (a: Item, b: Item): number => a.key - b.key;

test.for([0, 1, 2, 511, 512, 513, 1024, 1537, 5000])(
  'sorts %d items as one sort would, equal ones in place',
  (count, { expect }) => {
    expect(runAtOnce(sortInSlices(items(count), byKey))).toEqual(items(count).sort(byKey));
  },
);

test('pauses after a few hundred items at most', ({ expect }) => {
  const work = sortInSlices(items(10_000), byKey);
  let pauses = 0;
  while (!work.next().done) pauses += 1;
  expect(pauses).toBeGreaterThan(100);
});
