import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SampleColumns } from '../../src/model/columns.ts';
import { decodeChunk, encodeChunk } from '../../src/storage/chunk-codec.ts';
import { decodeLogRecord, encodeLogRecord } from '../../src/storage/log-record.ts';
import { LogSection } from '../../src/storage/log-section.ts';

/** Doubles by their bits: every NaN there is. */
const anyBits = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const decimal = fc
  .tuple(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.integer({ min: 0, max: 9 }))
  .map(([digits, exponent]) => digits / 10 ** exponent);
const special = fc.constantFrom(0, -0, Infinity, -Infinity, 2 ** 53, 5e-324, 1.7976931348623157e308, 0.1 + 0.2);

function bitsOf(values: readonly number[]): bigint[] {
  return [...new BigUint64Array(Float64Array.from(values).buffer)];
}

const valueBits = fc.oneof(
  fc.array(anyBits, { minLength: 1, maxLength: 40 }),
  fc.array(decimal, { minLength: 1, maxLength: 600 }).map(bitsOf),
  fc.array(fc.integer(), { minLength: 1, maxLength: 100 }).map(bitsOf),
  fc.array(fc.double(), { minLength: 1, maxLength: 100 }).map(bitsOf),
  fc.array(fc.oneof(decimal, special), { minLength: 1, maxLength: 100 }).map(bitsOf),
  // A counter with a staleness marker and a restart here and there.
  fc
    .array(fc.oneof({ weight: 20, arbitrary: fc.nat(50) }, { weight: 1, arbitrary: fc.constant(-1) }), { minLength: 1 })
    .map((increments) => {
      let total = 0;
      return increments.map((increment) => {
        if (increment < 0) return 0x7ff0000000000002n;
        total += increment;
        return bitsOf([total])[0]!;
      });
    }),
);
const deltas = fc.oneof(
  fc.constant(15_000),
  fc.integer({ min: 14_990, max: 15_010 }),
  fc.integer({ min: 1, max: 2 ** 31 }),
  fc.integer({ min: 1, max: 2 ** 45 }),
);

test('a chunk gives back every timestamp and every bit', () => {
  fc.assert(
    fc.property(
      valueBits,
      fc.integer({ min: -(2 ** 50), max: 2 ** 41 }),
      fc.array(deltas, { minLength: 600, maxLength: 600 }),
      fc.nat(3),
      (bits, startMs, steps, from) => {
        const count = bits.length;
        // The samples may stand anywhere in their arrays.
        const timestampsMs = new Float64Array(from + count + 1);
        const values = new Float64Array(from + count + 1);
        values.set(new Float64Array(BigUint64Array.from(bits).buffer), from);
        let timestampMs = startMs;
        for (let i = 0; i < count; i++) {
          timestampsMs[from + i] = timestampMs;
          timestampMs += steps[i]!;
        }
        const chunk = decodeChunk(encodeChunk(timestampsMs, values, from, from + count));
        expect(chunk.timestampsMs).toEqual(timestampsMs.subarray(from, from + count));
        expect([...new BigUint64Array(chunk.values.slice().buffer)]).toEqual(bits);
      },
    ),
    { numRuns: 500 },
  );
});

test('a chunk takes timestamps that no clock ever showed', () => {
  const timestampsMs = Float64Array.of(-(2 ** 63), -(2 ** 51), 0, 2 ** 52 + 1, 2 ** 63);
  const chunk = decodeChunk(encodeChunk(timestampsMs, new Float64Array(5), 0, 5));
  expect(chunk.timestampsMs).toEqual(timestampsMs);
});

test('damaged chunks are told, or decode to something, but do no harm', () => {
  const columns = new SampleColumns();
  for (let i = 0; i < 300; i++) columns.push(i * 15_000 + (i % 7), (i * i) % 1013);
  const chunk = encodeChunk(columns.timestampsMs, columns.values, 0, columns.count);
  fc.assert(
    fc.property(fc.nat(chunk.length - 1), fc.nat(255), fc.nat(chunk.length), (at, byte, length) => {
      const damaged = chunk.slice(0, length);
      damaged[at] = byte;
      try {
        expect(decodeChunk(damaged).values.length).toBeLessThan(chunk.length * 136);
      } catch (error) {
        expect(error).toMatchObject({ code: 'storage-corrupt' });
      }
    }),
  );
});

/** Samples of two hours at 15 seconds. */
const sizes: readonly (readonly [
  name: string,
  limitBytesPerSample: number,
  value: (i: number, random: () => number) => number,
])[] = [
  ['a constant', 0.1, () => 1],
  ['a steady counter', 0.1, (i) => i * 100],
  ['a counter with noise', 1.2, (i, random) => i * 100 + Math.floor(random() * 20)],
  ['a byte counter', 3.2, (i, random) => i * 1_000_000 + Math.floor(random() * 100_000)],
  ['seconds with two decimals', 1.2, (i, random) => Math.round(i * 12 + random() * 20) / 100],
  ['a gauge that wanders', 1.2, (i, random) => 500 + Math.round(30 * Math.sin(i / 20) + random() * 10)],
  ['seven random digits', 3.6, (_i, random) => Math.floor(random() * 1e6) / 1e6],
  ['random bits', 8.2, (_i, random) => random()],
];

test.for(sizes)('%s takes at most %d bytes a sample', ([, limit, value]) => {
  let seed = 42;
  const random = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return ((seed >>> 4) + 0.123456789012) / 2 ** 28;
  };
  const columns = new SampleColumns();
  for (let i = 0; i < 480; i++) columns.push(1_700_000_000_000 + i * 15_000, value(i, random));
  const chunk = encodeChunk(columns.timestampsMs, columns.values, 0, 480);
  expect(chunk.length / 480).toBeLessThanOrEqual(limit);
});

test('a log record gives back every sample of its runs', () => {
  const run = fc.record({
    seriesRef: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    samples: fc.array(fc.tuple(fc.integer({ min: -(2 ** 52), max: 2 ** 52 }), anyBits), {
      minLength: 1,
      maxLength: 20,
    }),
  });
  const runs = fc.array(run, { maxLength: 20 });
  fc.assert(
    fc.property(runs, runs, (inOrder, late) => {
      const record = { inOrder: sectionOf(inOrder), late: sectionOf(late) };
      const decoded = { inOrder: new LogSection(), late: new LogSection() };
      decodeLogRecord(encodeLogRecord(record), decoded);
      expect(contentOf(decoded.inOrder)).toEqual(contentOf(record.inOrder));
      expect(contentOf(decoded.late)).toEqual(contentOf(record.late));
    }),
  );
});

test('values that are decimal numbers, and such that are not, come back from a log record to the bit', () => {
  const value = fc.oneof(
    fc.integer({ min: -(2 ** 45), max: 2 ** 45 }),
    fc.integer({ min: -1e9, max: 1e9 }).map((i) => i / 1000),
    fc.integer({ min: -1e9, max: 1e9 }).map((i) => i / 1e6),
    fc.double(),
    fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity, 0.1 + 0.2, 2 ** 42, 2 ** 42 + 1, 5e-324),
  );
  fc.assert(
    fc.property(fc.array(value, { maxLength: 100 }), (values) => {
      const bits = values.map((one) => new BigUint64Array(Float64Array.of(one).buffer)[0]!);
      const inOrder = sectionOf(bits.map((one, i) => ({ seriesRef: i + 1, samples: [[1000, one]] as const })));
      const decoded = { inOrder: new LogSection(), late: new LogSection() };
      decodeLogRecord(encodeLogRecord({ inOrder, late: new LogSection() }), decoded);
      expect(contentOf(decoded.inOrder)).toEqual(contentOf(inOrder));
    }),
  );
});

test('a scrape of whole numbers takes little more than their digits in the log', () => {
  const inOrder = new LogSection();
  inOrder.reserve(2000, 2000);
  for (let i = 0; i < 2000; i++) {
    inOrder.timestampsMs[i] = 1_700_000_000_000;
    inOrder.values[i] = 500_000 + i;
    inOrder.sampleCount += 1;
    inOrder.endRun(i + 1, 1);
  }
  const record = encodeLogRecord({ inOrder, late: new LogSection() });
  expect(record.length / 2000).toBeLessThan(3.1);
});

test('a log record of the first version is read', () => {
  const values = new Uint8Array(Float64Array.of(1.5, -2).buffer);
  // Series 5 (10 as a zigzag number), 2 samples, at 1000 (2000: d0 0f) and 15 ms later.
  const bytes = Uint8Array.of(1, 0, 1, 2, 10, 2, 0xd0, 0x0f, 30, ...values, 0, 0);
  const decoded = { inOrder: new LogSection(), late: new LogSection() };
  decodeLogRecord(bytes, decoded);
  expect(contentOf(decoded.inOrder)).toEqual([
    Uint32Array.of(5),
    Uint32Array.of(2),
    Float64Array.of(1000, 1015),
    new Int32Array(Float64Array.of(1.5, -2).buffer),
  ]);
  expect(decoded.late.runCount).toBe(0);
});

function sectionOf(
  runs: readonly { readonly seriesRef: number; readonly samples: readonly (readonly [number, bigint])[] }[],
): LogSection {
  const section = new LogSection();
  for (const { seriesRef, samples } of runs) {
    section.reserve(1, samples.length);
    for (const [timestampMs, bits] of samples) {
      section.timestampsMs[section.sampleCount] = timestampMs;
      section.words[section.sampleCount * 2] = Number(bits & 0xffffffffn);
      section.words[section.sampleCount * 2 + 1] = Number(bits >> 32n);
      section.sampleCount += 1;
    }
    section.endRun(seriesRef, samples.length);
  }
  return section;
}

function contentOf({ runCount, sampleCount, seriesRefs, counts, timestampsMs, words }: LogSection): unknown {
  return [
    seriesRefs.slice(0, runCount),
    counts.slice(0, runCount),
    timestampsMs.slice(0, sampleCount),
    words.slice(0, sampleCount * 2),
  ];
}
