import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PocketCortexError } from '../../src/model/errors.ts';
import { NativeHistogram, NO_BUCKETS } from '../../src/model/native-histogram.ts';
import { divideHistogram, scaleHistogram } from '../../src/model/native-histogram-arithmetic.ts';
import { compact } from '../../src/model/native-histogram-buckets.ts';
import { histogramFraction } from '../../src/model/native-histogram-fraction.ts';
import { histogramQuantile } from '../../src/model/native-histogram-quantile.ts';
import { histogramVariance } from '../../src/model/native-histogram-spread.ts';
import { trimHistogram } from '../../src/model/native-histogram-trim.ts';
import { ByteReader, ByteWriter } from '../../src/storage/bytes.ts';
import { decodeChunk, encodeChunk } from '../../src/storage/chunk-codec.ts';
import { readCounts, writeCounts } from '../../src/storage/count-columns.ts';
import { readHistogramBytes, writeHistogramBytes } from '../../src/storage/histogram-bytes.ts';

const count = fc.oneof(fc.nat(20), fc.nat(2 ** 31 - 1), fc.constantFrom(2 ** 47, 2 ** 50, 2 ** 53));
const number = fc.double();
const buckets = (counts: fc.Arbitrary<number>) =>
  fc
    .uniqueArray(fc.tuple(fc.integer({ min: -600, max: 600 }), counts), { selector: ([index]) => index, maxLength: 8 })
    .map((pairs) => pairs.sort(([a], [b]) => a - b))
    .map((pairs) => ({
      indexes: Int32Array.from(pairs, ([index]) => index),
      counts: Float64Array.from(pairs, ([, value]) => value),
    }));
const exponential = (isInteger: boolean) => {
  const counts = isInteger ? count : fc.oneof(count, number);
  return fc.record({
    isInteger: fc.constant(isInteger),
    schema: fc.integer({ min: -4, max: 8 }),
    zeroThreshold: fc.constantFrom(0, 2 ** -128, 0.5),
    zeroCount: counts,
    count: counts,
    sum: number,
    positive: buckets(counts),
    negative: fc.oneof(fc.constant(NO_BUCKETS), buckets(counts)),
    counterResetHint: fc.constantFrom('unknown' as const, 'gauge' as const),
  });
};
const custom = fc.record({
  isInteger: fc.boolean(),
  schema: fc.constant(-53),
  count,
  sum: number,
  positive: buckets(count),
  customBounds: fc.constantFrom(Float64Array.of(), Float64Array.of(-1, 0.5, 2)),
});
const histogram = fc
  .oneof(exponential(true), exponential(false), custom)
  .map((fields) => compact(new NativeHistogram(fields)));
const stale = fc.boolean().map((isInteger) => NativeHistogram.stale(isInteger));
const sample = fc.oneof(
  { weight: 6, arbitrary: histogram },
  { weight: 1, arbitrary: stale },
  { weight: 2, arbitrary: fc.constant(undefined) },
);
/** Runs of one sample that grows, as most series are, between ones of any kind. */
const samples = fc
  .array(fc.tuple(sample, fc.integer({ min: 1, max: 30 }), fc.nat(3)), { minLength: 1, maxLength: 8 })
  .map((runs) =>
    runs.flatMap(([first, length, growth]) =>
      Array.from({ length }, (_, i) => (first === undefined || first.isStale ? first : grown(first, i * growth))),
    ),
  );

function grown(one: NativeHistogram, by: number): NativeHistogram {
  const counts = one.positive.counts.map((value, i) => (i % 2 === 0 ? value + by : value));
  return compact(one.with({ count: one.count + by, positive: { indexes: one.positive.indexes, counts } }));
}

function decoded(chunk: Uint8Array): (NativeHistogram | undefined)[] {
  const { histograms, values } = decodeChunk(chunk);
  return histograms!.slice(0, values.length);
}

function encoded(column: readonly (NativeHistogram | undefined)[]): Uint8Array {
  const timestampsMs = Float64Array.from(column, (_, i) => 1_700_000_000_000 + i * 15_000);
  return encodeChunk(timestampsMs, new Float64Array(column.length).fill(0.25), 0, column.length, column);
}

test('a chunk gives back every histogram, without looking at empty buckets', () => {
  fc.assert(
    fc.property(samples, (column) => {
      expect(decoded(encoded(column)).map((one) => one && compact(one))).toEqual(column);
    }),
    { numRuns: 300 },
  );
});

test('histograms of a run share what says which buckets they have', () => {
  const one = new NativeHistogram({ schema: 0, count: 2, sum: 3, isInteger: true });
  const with2 = one.with({ positive: { indexes: Int32Array.of(0, 4), counts: Float64Array.of(1, 1) } });
  const histograms = decoded(encoded([with2, grown(with2, 1), grown(with2, 5)]));
  const [first, second, third] = histograms.map((one) => one!.positive.indexes);
  expect([first === second, second === third]).toEqual([true, true]);
});

test('a bucket that appears or goes does not end a run, and is 0 where it was not', () => {
  const of = (indexes: number[], counts: number[]) =>
    new NativeHistogram({
      schema: 0,
      count: counts.reduce((a, b) => a + b),
      sum: 1,
      isInteger: true,
      positive: { indexes: Int32Array.from(indexes), counts: Float64Array.from(counts) },
    });
  const histograms = decoded(encoded([of([1], [3]), of([1, 7], [4, 1]), of([7], [2])]));
  expect(histograms.map((one) => [...one!.positive.indexes])).toEqual([
    [1, 7],
    [1, 7],
    [1, 7],
  ]);
  expect(histograms.map((one) => [one!.count, ...one!.positive.counts])).toEqual([
    [3, 3, 0],
    [5, 4, 1],
    [2, 0, 2],
  ]);
});

/** All that is computed of a histogram by its buckets. */
function computedOf(one: NativeHistogram): unknown {
  const bounds = [-0.7, -0.3, 0, 0.3, 0.7, 1, 40];
  return {
    quantiles: [0, 0.1, 0.5, 0.9, 1].map((q) => histogramQuantile(q, one)),
    fractions: bounds.flatMap((lower) => bounds.map((upper) => histogramFraction(lower, upper, one))),
    variance: histogramVariance(one),
    trimmed: bounds.map((limit) => compact(trimHistogram(one, limit, 'above'))),
    scaled: [-1, Infinity, 0].map((factor) => compact(scaleHistogram(one, factor))),
    divided: [-1, Infinity, NaN].map((divisor) => compact(divideHistogram(one, divisor))),
  };
}

test('what is computed of a histogram does not depend on what shares a chunk with it', () => {
  const sparse = fc
    .record({
      positive: buckets(fc.nat(3)),
      negative: fc.oneof(fc.constant(NO_BUCKETS), buckets(fc.nat(3))),
      zeroCount: fc.nat(3),
      count: fc.integer({ min: 30, max: 60 }),
      sum: fc.constantFrom(1, NaN),
    })
    .map((fields) => new NativeHistogram({ schema: 0, zeroThreshold: 0.5, isInteger: true, ...fields }));
  fc.assert(
    fc.property(fc.array(sparse, { minLength: 2, maxLength: 5 }), (column) => {
      expect(decoded(encoded(column)).map((one) => computedOf(one!))).toEqual(column.map(computedOf));
    }),
    { numRuns: 200 },
  );
});

test('a histogram of forty buckets that grows slowly takes well under its protobuf', () => {
  let seed = 7;
  const random = () => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return seed / 2 ** 31;
  };
  const indexes = Int32Array.from({ length: 40 }, (_, i) => i - 20);
  const counts = new Float64Array(40).fill(10);
  let sum = 0;
  const column = Array.from({ length: 240 }, () => {
    for (let i = 0; i < 5; i++) counts[Math.floor(40 * random() ** 2)]! += 1;
    sum += random();
    const total = counts.reduce((a, b) => a + b);
    return new NativeHistogram({
      ...{ schema: 2, isInteger: true, sum, count: total },
      positive: { indexes, counts: counts.slice() },
    });
  });
  expect(encoded(column).length / 240).toBeLessThan(20);
});

test('damaged chunks are told, or decode to something, but do no harm', () => {
  const column = Array.from(
    { length: 100 },
    (_, i) =>
      new NativeHistogram({
        ...{ schema: 2, isInteger: true, sum: i * 0.1, count: 10 * i },
        positive: { indexes: Int32Array.of(1, 2, 9), counts: Float64Array.of(i, i * 2, i * 7) },
      }),
  );
  const chunk = encoded(column);
  fc.assert(
    fc.property(fc.nat(chunk.length - 1), fc.nat(255), fc.nat(chunk.length), (at, byte, length) => {
      const damaged = chunk.slice(0, Math.max(1, length));
      damaged[at % damaged.length] = byte;
      try {
        // A damaged tag may make a chunk of floats of it; histograms are decoded only when they are asked for.
        const { histograms, values } = decodeChunk(damaged);
        histograms?.slice(0, values.length);
      } catch (error) {
        expect(error).toBeInstanceOf(PocketCortexError);
        expect((error as PocketCortexError).code).toBe('storage-corrupt');
      }
    }),
    { numRuns: 2000 },
  );
});

const columns = fc.oneof(
  fc.array(count, { minLength: 1, maxLength: 60 }),
  fc.array(fc.oneof(count, number), { minLength: 1, maxLength: 60 }),
  fc.tuple(count, fc.array(fc.nat(5), { maxLength: 300 })).map(([first, steps]) => summed(first, steps)),
  fc.tuple(count, fc.array(fc.integer({ min: -40, max: 90 }), { maxLength: 300 })).map(([a, b]) => summed(a, b)),
  fc.tuple(fc.nat(9), fc.nat(1000), fc.nat(300)).map(([a, step, n]) => summed(a, new Array<number>(n).fill(step))),
);

function summed(first: number, steps: readonly number[]): number[] {
  const column = [first];
  for (const step of steps) column.push(column.at(-1)! + step);
  return column;
}

test('a column of counts comes back, whatever is in it', () => {
  fc.assert(
    fc.property(columns, (values) => {
      const writer = new ByteWriter();
      writeCounts(writer, Float64Array.from(values));
      const reader = new ByteReader(writer.toBytes());
      const out = new Float64Array(values.length);
      readCounts(reader, out);
      expect([...out]).toEqual(values);
      expect(reader.position).toBe(writer.length);
    }),
    { numRuns: 1000 },
  );
});

test.for([
  { name: 'the same count 240 times', values: new Array<number>(240).fill(1000), bytes: 3 },
  { name: 'a steady rise', values: summed(5, new Array<number>(239).fill(100)), bytes: 6 },
  {
    name: 'one more every tenth time',
    values: summed(
      5,
      Array.from({ length: 239 }, (_, i) => +(i % 10 === 0)),
    ),
    bytes: 35,
  },
])('$name takes $bytes bytes', ({ values, bytes }) => {
  const writer = new ByteWriter();
  writeCounts(writer, Float64Array.from(values));
  expect(writer.length).toBe(bytes);
});

test('the log gives back every histogram, empty buckets included', () => {
  fc.assert(
    fc.property(fc.oneof(histogram, stale), (one) => {
      const writer = new ByteWriter();
      writeHistogramBytes(writer, one);
      const reader = new ByteReader(writer.toBytes());
      expect(readHistogramBytes(reader)).toEqual(one);
      expect(reader.position).toBe(writer.length);
    }),
  );
});
