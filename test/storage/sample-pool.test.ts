import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OpenSamples, placeInSegment, SamplePool, SEGMENT_BYTES } from '../../src/storage/sample-pool.ts';

test('keeps the samples of many series apart while they grow and go', () => {
  const command = fc.tuple(fc.nat(7), fc.integer({ min: 0, max: 700 }));
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      const pool = new SamplePool();
      const series = Array.from({ length: 8 }, () => new OpenSamples());
      const expected: number[][] = series.map(() => []);
      for (const [number, count] of commands) {
        const open = series[number]!;
        if (count === 0) {
          open.release(pool);
          expected[number] = [];
          continue;
        }
        if (count % 5 === 0) pool.trim();
        for (let i = 0; i < count && open.count < 4000; i++) {
          open.insert(pool, open.count, number, open.count, undefined);
          expected[number]!.push(open.count - 1);
        }
      }
      for (const [number, open] of series.entries()) {
        if (open.count === 0) continue;
        const from = placeInSegment(open.address);
        const { timestampsMs, words } = pool.segment(open.address);
        expect(Array.from({ length: open.count }, (_, i) => timestampsMs[from + i])).toEqual(expected[number]);
        for (let i = 0; i < open.count; i++) expect(words[(from + i) * 2]).toBe(number);
      }
      for (const open of series.slice(1)) open.release(pool);
      pool.trim();
      expect(pool.allocatedSamples).toBe(series[0]!.size);
      expect(pool.heldBytes).toBe(series[0]!.size > 0 ? SEGMENT_BYTES : 0);
    }),
  );
});

test('inserts in the order of time and keeps the first of two', () => {
  const pool = new SamplePool();
  const open = new OpenSamples();
  const inserted = [5, 3, 9, 3, 1, 9, 7].map((timestampMs, i) => open.insert(pool, timestampMs, i, 0, undefined));
  expect(inserted).toEqual([true, true, true, false, true, false, true]);
  const { timestampsMs, words } = pool.segment(open.address);
  expect([...timestampsMs.subarray(0, open.count)]).toEqual([1, 3, 5, 7, 9]);
  expect([0, 1, 2, 3, 4].map((i) => words[i * 2])).toEqual([4, 1, 0, 6, 2]);
  expect([open.firstMs(pool), open.lastMs(pool)]).toEqual([1, 9]);
});
