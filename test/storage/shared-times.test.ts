import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SampleColumns } from '../../src/model/columns.ts';
import { decodeChunk, encodeChunk } from '../../src/storage/chunk-codec.ts';
import { ChunkTimes } from '../../src/storage/chunk-times.ts';
import { SharedTimes } from '../../src/storage/shared-times.ts';
import { Stretches } from '../../src/storage/stretches.ts';

const column = (...numbers: readonly number[]): Float64Array => Float64Array.from(numbers);

interface Stretch {
  readonly timestampsMs: Float64Array;
  readonly part: { readonly from: number; readonly to: number; readonly isFrozen: boolean };
}

function stretch(timestampsMs: Float64Array, { from = 0, to = timestampsMs.length, isFrozen = true } = {}): Stretch {
  return { timestampsMs, part: { from, to, isFrozen } };
}

function read(times: SharedTimes, ...all: readonly Stretch[]): SampleColumns {
  const stretches = new Stretches();
  for (const { timestampsMs, part } of all) {
    const values = timestampsMs.map((timeMs) => timeMs / 10);
    stretches.add({ timestampsMs, values }, part, undefined, { startMs: -Infinity, endMs: Infinity });
  }
  const into = new SampleColumns(2);
  times.read(stretches, into);
  return into;
}

const content = ({ timestampsMs, values, count }: SampleColumns) => [
  Array.from(timestampsMs.subarray(0, count)),
  Array.from(values.subarray(0, count)),
];

const range = fc.record({ startMs: fc.integer({ min: -5, max: 120 }), endMs: fc.integer({ min: -5, max: 120 }) });

test('a stretch is what of it lies in the range', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(100), { minLength: 1 }),
      fc.boolean(),
      range,
      (times, isEven, { startMs, endMs }) => {
        const timesMs = isEven ? times.map((_, i) => i * 10) : times.sort((a, b) => a - b);
        const stretches = new Stretches();
        const part = { from: 0, to: timesMs.length, isFrozen: true };
        const columns = { timestampsMs: Float64Array.from(timesMs), values: Float64Array.from(timesMs) };
        stretches.add(columns, part, undefined, { startMs, endMs });
        const into = new SampleColumns();
        stretches.appendTo(into);
        const expected = timesMs.filter((timeMs) => timeMs >= startMs && timeMs <= endMs);
        expect([content(into), stretches.sampleCount]).toEqual([[expected, expected], expected.length]);
      },
    ),
  );
});

describe('SharedTimes', () => {
  const same: readonly (readonly [name: string, first: readonly Stretch[], second: readonly Stretch[]])[] = [
    ['two columns with the same times', [stretch(column(10, 20, 30))], [stretch(column(10, 20, 30))]],
    ['parts of one column', [stretch(column(10, 20, 30), { from: 1 })], [stretch(column(20, 30))]],
    [
      'times in two parts',
      [stretch(column(10, 20)), stretch(column(30))],
      [stretch(column(10, 20)), stretch(column(30))],
    ],
  ];
  test.for(same)('has one column for %s', ([, first, second]) => {
    const times = new SharedTimes();
    const one = read(times, ...first);
    const other = read(times, ...second);
    expect(other.sharedTimestampsMs).toBe(one.sharedTimestampsMs);
    expect(content(other)).toEqual(content(one));
  });

  const different: readonly (readonly [name: string, first: readonly Stretch[], second: readonly Stretch[]])[] = [
    ['another number of samples', [stretch(column(10, 20, 30))], [stretch(column(10, 20))]],
    ['another time in the middle', [stretch(column(10, 20, 30))], [stretch(column(10, 21, 30))]],
  ];
  test.for(different)('tells %s apart', ([, first, second]) => {
    const times = new SharedTimes();
    read(times, ...first);
    const [stretchOfSecond] = second;
    const expected = Array.from(stretchOfSecond!.timestampsMs);
    expect(content(read(times, ...second))).toEqual([expected, expected.map((timeMs) => timeMs / 10)]);
  });

  test('looks again at columns that may have changed', () => {
    const times = new SharedTimes();
    const open = column(10, 20, 30);
    read(times, stretch(open, { isFrozen: false }));
    open[1] = 25;
    expect(content(read(times, stretch(open, { isFrozen: false })))).toEqual([
      [10, 25, 30],
      [1, 2.5, 3],
    ]);
  });

  test('reads on with more kinds of times than it keeps', () => {
    const times = new SharedTimes();
    const starts = Array.from({ length: 1000 }, (_, i) => i % 400);
    const read2 = starts.map((start) => content(read(times, stretch(column(start, start + 10)))));
    expect(read2).toEqual(
      starts.map((start) => [
        [start, start + 10],
        [start / 10, (start + 10) / 10],
      ]),
    );
  });
});

test('columns with shared times are changed without changing those of others', () => {
  const shared = column(10, 20, 30);
  const samples = new SampleColumns(1);
  samples.shareTimestamps(shared);
  samples.values.set([1, 2, 3]);
  samples.push(40, 4);
  samples.timestampsMs[0] = 5;
  expect([content(samples), Array.from(shared), samples.sharedTimestampsMs]).toEqual([
    [
      [5, 20, 30, 40],
      [1, 2, 3, 4],
    ],
    [10, 20, 30],
    undefined,
  ]);
  samples.clear();
  samples.push(50, 5);
  expect(content(samples)).toEqual([[50], [5]]);
});

test('chunks decode to the same samples, whatever times were decoded before', () => {
  const times = new ChunkTimes();
  const interval = fc.constantFrom(15_000, 15_000, 15_000, 15_001);
  fc.assert(
    fc.property(fc.array(interval, { maxLength: 6 }), fc.constantFrom(0, 1_700_000_000_000), (intervals, startMs) => {
      const timestampsMs: number[] = [startMs];
      for (const intervalMs of intervals) timestampsMs.push(timestampsMs.at(-1)! + intervalMs);
      const values = timestampsMs.map((_, i) => i);
      const bytes = encodeChunk(Float64Array.from(timestampsMs), Float64Array.from(values), 0, values.length);
      const first = decodeChunk(bytes, times);
      const again = decodeChunk(bytes, times);
      expect(again.timestampsMs).toBe(first.timestampsMs);
      expect([Array.from(first.timestampsMs), Array.from(again.values)]).toEqual([timestampsMs, values]);
    }),
  );
});
