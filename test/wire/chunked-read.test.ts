import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SampleColumns, writeValueBits } from '../../src/model/columns.ts';
import { Labels } from '../../src/model/labels.ts';
import { NativeHistogram } from '../../src/model/native-histogram.ts';
import { spansOfBuckets } from '../../src/model/native-histogram-spans.ts';
import { chunkedReadFrames } from '../../src/wire/chunked-read.ts';
import { crc32c } from '../../src/wire/crc32c.ts';
import { type DecodedChunk, type DecodedFrame, decodeFrames } from '../support/chunk-decode.ts';
import { type HistogramText, histogram } from '../support/native-histograms.ts';

const labels = Labels.of([
  ['__name__', 'm'],
  ['a', 'é'],
]);

function frames(samples: SampleColumns, queryIndex = 0): DecodedFrame[] {
  return decodeFrames(Buffer.concat([...chunkedReadFrames(queryIndex, labels, samples)]));
}

function chunks(samples: SampleColumns): readonly DecodedChunk[] {
  return frames(samples).flatMap((frame) => frame.chunks);
}

function floats(points: readonly (readonly [timestampMs: number, bits: bigint])[]): SampleColumns {
  const samples = new SampleColumns();
  for (const [timestampMs, bits] of points) {
    samples.push(timestampMs, 0);
    writeValueBits(samples.bits, samples.count - 1, Number(bits >> 32n), Number(bits & 0xffffffffn));
  }
  return samples;
}

function histograms(values: readonly NativeHistogram[]): SampleColumns {
  const samples = new SampleColumns();
  for (const [i, value] of values.entries()) samples.pushHistogram(1_700_000_000_000 + i * 15_000, value);
  return samples;
}

test.for([
  ['123456789', 0xe3069283],
  ['', 0],
] as const)('the checksum of %j', ([text, sum]) => {
  expect(crc32c(Buffer.from(text))).toBe(sum);
});

describe('frames', () => {
  test('hold a series with its labels, the query and a checksum of the message', () => {
    const [frame, ...others] = frames(floats([[1, 2n]]), 3);
    expect(others).toEqual([]);
    expect(frame).toMatchObject({ queryIndex: 3, labels: '__name__=m,a=é' });
    expect(frame!.checksum).toBe(crc32c(frame!.message));
  });

  test('are none without samples', () => {
    expect(frames(new SampleColumns())).toEqual([]);
  });

  test('are cut at a megabyte, chunks at 120 samples', () => {
    const points = Array.from(
      { length: 120_000 },
      (_, i) => [i * 7919 + (i % 13), BigInt(i) * 0x9e3779b97f4a7c15n] as const,
    );
    const all = frames(floats(points.map(([timestampMs, bits]) => [timestampMs, BigInt.asUintN(64, bits)])));
    expect(all.length).toBe(2);
    for (const { sizeBytes } of all) expect(sizeBytes).toBeLessThan((1 << 20) + 2048);
    const counts = all.flatMap((frame) => frame.chunks.map(({ samples }) => samples.length));
    expect(counts).toEqual(Array.from({ length: 1000 }, () => 120));
  });
});

describe('floats', () => {
  const bits = fc.oneof(
    fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    fc.double().map((value) => new BigUint64Array(Float64Array.of(value).buffer)[0]!),
    fc.constantFrom(0x7ff0000000000002n, 0x7ff8000000000001n, 0n, 1n << 63n, 1n),
  );
  const timestamps = fc
    .tuple(
      fc.integer({ min: -(2 ** 45), max: 2 ** 45 }),
      fc.array(
        fc.oneof(fc.integer({ min: 1, max: 2 ** 22 }), fc.constant(15_000), fc.integer({ min: 1, max: 2 ** 44 })),
        {
          maxLength: 300,
        },
      ),
    )
    .map(([startMs, stepsMs]) => {
      const times = [startMs];
      for (const stepMs of stepsMs) times.push(times.at(-1)! + stepMs);
      return times;
    });

  test('come out with every bit, at any times', () => {
    fc.assert(
      fc.property(timestamps, fc.infiniteStream(bits), (times, values) => {
        const points = times.map((timestampMs) => [timestampMs, values.next().value as bigint] as const);
        const decoded = chunks(floats(points));
        expect(decoded.flatMap(({ samples }) => samples)).toEqual(
          points.map(([timestampMs, value]) => ({ timestampMs: BigInt(timestampMs), bits: value })),
        );
        for (const { minMs, maxMs, samples } of decoded) {
          expect([BigInt(minMs), BigInt(maxMs)]).toEqual([samples[0]!.timestampMs, samples.at(-1)!.timestampMs]);
        }
      }),
    );
  });
});

/** What a chunk says of a histogram. */
function contentOf(value: NativeHistogram) {
  const spans = (side: 'positive' | 'negative') =>
    spansOfBuckets(value[side]).map(({ offset, length }) => [offset, length] as const);
  return {
    ...{ count: value.count, zeroCount: value.zeroCount, schema: value.schema, zeroThreshold: value.zeroThreshold },
    sumBits: value.isStale ? 0x7ff0000000000002n : new BigUint64Array(Float64Array.of(value.sum).buffer)[0]!,
    ...{ positiveSpans: spans('positive'), negativeSpans: spans('negative') },
    ...{ positiveCounts: [...value.positive.counts], negativeCounts: [...value.negative.counts] },
    bounds: [...value.customBounds],
  };
}

describe('histograms', () => {
  const count = fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 2 ** 49 }));
  const floatCount = fc.oneof(count, fc.double({ min: 0, max: 1e300, noNaN: true }));
  const side = (counts: fc.Arbitrary<number>) =>
    fc.dictionary(fc.integer({ min: 1, max: 60 }).map(String), counts, { maxKeys: 6 });
  const value = (isInteger: boolean): fc.Arbitrary<HistogramText> => {
    const counts = isInteger ? count : floatCount;
    return fc.record({
      schema: fc.integer({ min: -4, max: 8 }),
      zeroThreshold: fc.constantFrom(0, 2 ** -128, 2 ** 10, 2 ** -243, 2 ** -244, 2 ** 11, 0.001),
      zeroCount: counts,
      sum: fc.double(),
      positive: side(counts),
      negative: side(counts),
      count: counts,
      isInteger: fc.constant(isInteger),
      counterResetHint: fc.constantFrom('unknown', 'not-reset', 'reset', 'gauge'),
    });
  };
  const custom = fc.record({
    bounds: fc.constantFrom([], [0.005, 0.1, 1, 33554.43], [-1, 0, 1 / 3, 1e9]),
    positive: fc.constantFrom({}, { 0: 3 }, { 0: 3, 1: 4 }),
    sum: fc.double(),
    isInteger: fc.boolean(),
  });
  const one = fc.oneof(value(true), value(false), custom).map(histogram);

  test('come out as they were, whatever follows upon what', () => {
    const few = fc.array(fc.oneof(one, fc.constant(NativeHistogram.stale())), { minLength: 1, maxLength: 4 });
    // Repeated, so that chunks have more than one sample.
    const many = fc.array(fc.tuple(few, fc.integer({ min: 1, max: 4 })), { maxLength: 5 });
    fc.assert(
      fc.property(many, (parts) => {
        const values = parts.flatMap(([group, times]) =>
          group.flatMap((each) => Array.from({ length: times }, () => each)),
        );
        const decoded = chunks(histograms(values)).flatMap(({ samples }) => samples);
        const actual = decoded.map((sample) => ('histogram' in sample ? sample.histogram : undefined));
        expect(actual).toEqual(values.map(contentOf));
      }),
    );
  });

  const growing = (from: number, to: number, more: Partial<HistogramText> = {}) =>
    Array.from({ length: to - from }, (_, i) =>
      histogram({
        schema: 3,
        zeroThreshold: 0.001,
        zeroCount: 1,
        isInteger: true,
        ...{ sum: from + i, positive: { 1: from + i, 4: 2 * (from + i) } },
        ...more,
      }),
    );

  /** Kind, bits of reset and number of samples of each chunk. */
  const shape = (values: readonly NativeHistogram[]) =>
    chunks(histograms(values)).map(({ kind, reset, samples }) => `${kind} ${reset} ${samples.length}`);

  test.for<readonly [about: string, values: readonly NativeHistogram[], shape: readonly string[]]>([
    ['a counter that grows', growing(1, 131), ['histogram 0 120', 'histogram 0 10']],
    ['a counter that falls', [...growing(5, 8), ...growing(1, 3)], ['histogram 0 3', 'histogram 0 2']],
    [
      'a reset that was told',
      [...growing(1, 3), ...growing(3, 4, { counterResetHint: 'reset' }), ...growing(4, 6)],
      ['histogram 0 2', 'histogram 2 3'],
    ],
    [
      'a gauge that falls',
      [...growing(5, 8, { counterResetHint: 'gauge' }), ...growing(1, 3, { counterResetHint: 'gauge' })],
      ['histogram 3 5'],
    ],
    [
      'a staleness marker',
      [...growing(1, 3), NativeHistogram.stale(), ...growing(3, 4)],
      ['histogram 0 2', 'histogram 0 1', 'histogram 0 1'],
    ],
    [
      'floats after integers',
      [...growing(1, 3), ...growing(3, 6, { isInteger: false })],
      ['histogram 0 2', 'float-histogram 0 3'],
    ],
    ['another resolution', [...growing(1, 3), ...growing(3, 6, { schema: 2 })], ['histogram 0 2', 'histogram 0 3']],
  ])('are cut as readers need it: %s', ([, values, expected]) => {
    expect(shape(values)).toEqual(expected);
  });

  test('lie in other chunks than floats', () => {
    const samples = floats([
      [1, 5n],
      [2, 6n],
    ]);
    samples.pushHistogram(3, histogram({ positive: { 1: 1 } }));
    samples.push(4, 1);
    expect(chunks(samples).map(({ kind, minMs, maxMs }) => `${kind} ${minMs} ${maxMs}`)).toEqual([
      'xor 1 2',
      'float-histogram 3 3',
      'xor 4 4',
    ]);
  });
});
