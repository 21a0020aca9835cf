import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteIndex } from '../../src/model/byte-index.ts';
import { PocketCortexError } from '../../src/model/errors.ts';
import { ScratchPool } from '../../src/model/scratch.ts';
import type { SeriesFinder } from '../../src/model/series-finder.ts';
import type { MetricType, WriteBatch } from '../../src/model/write-batch.ts';
import type { HistogramMessage } from '../../src/wire/histogram-encode.ts';
import { decodeRemoteWrite } from '../../src/wire/remote-write.ts';
import { encodeRemoteWrite, STALE_VALUE, type WriteRequestMessage } from '../../src/wire/remote-write-encode.ts';
import { namesOfSeries } from '../../src/wire/remote-write-labels.ts';
import { contentOf } from '../support/batch-content.ts';
import { failureOf } from '../support/failure.ts';

function bitsOf(value: number | bigint): bigint {
  return typeof value === 'bigint' ? value : new BigUint64Array(Float64Array.of(value).buffer)[0]!;
}

const bytes = (...parts: (number | string)[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...Buffer.from(part)])));

test('decodes series, samples, exemplars and metadata into columns', () => {
  const request: WriteRequestMessage = {
    series: [
      {
        labels: [
          ['__name__', 'up'],
          ['job', 'api'],
        ],
        samples: [
          [1_700_000_000_123, 1],
          [1_700_000_015_123, STALE_VALUE],
        ],
        exemplars: [{ labels: [['trace_id', 'abc']], value: 0.5, timestampMs: 1_700_000_000_100 }],
      },
      { labels: [], samples: [] },
      { labels: [['__name__', 'temperature']], samples: [[-1, -0]] },
    ],
    metadata: [{ metric: 'up', type: 'gauge', help: 'Whether it is up.', unit: '' }],
  };
  expect(contentOf(decodeRemoteWrite(encodeRemoteWrite(request)))).toEqual({
    series: [
      {
        labels: ['__name__', 'up', 'job', 'api'],
        samples: [
          [1_700_000_000_123, bitsOf(1)],
          [1_700_000_015_123, STALE_VALUE],
        ],
        histograms: [],
      },
      { labels: [], samples: [], histograms: [] },
      { labels: ['__name__', 'temperature'], samples: [[-1, bitsOf(-0)]], histograms: [] },
    ],
    exemplars: [{ seriesIndex: 0, labels: [['trace_id', 'abc']], value: 0.5, timestampMs: 1_700_000_000_100 }],
    metadata: [{ metric: 'up', type: 'gauge', help: 'Whether it is up.', unit: '' }],
  });
});

const metricTypes: MetricType[] = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
];

test.for(metricTypes)('knows the metric type %s', (type) => {
  const metadata = [{ metric: 'm', type, help: 'h', unit: 'u' }];
  expect(decodeRemoteWrite(encodeRemoteWrite({ metadata })).metadata).toEqual(metadata);
});

test('takes a metric type that it does not know for unknown', () => {
  expect(decodeRemoteWrite(bytes(0x1a, 5, 0x08, 99, 0x12, 1, 'm')).metadata).toEqual([
    { metric: 'm', type: 'unknown', help: '', unit: '' },
  ]);
});

test('takes missing fields of a sample for zero and the last of repeated ones', () => {
  const samples = bytes(0x12, 0, 0x12, 4, 0x10, 1, 0x10, 2);
  expect(contentOf(decodeRemoteWrite(bytes(0x0a, samples.length, ...samples)))).toMatchObject({
    series: [
      {
        samples: [
          [0, 0n],
          [2, 0n],
        ],
      },
    ],
  });
});

test('brings labels together that stand apart', () => {
  const label = (name: string, value: string) => bytes(0x0a, 6, 0x0a, 1, name, 0x12, 1, value);
  const sample = bytes(0x12, 2, 0x10, 5);
  const series = bytes(...label('a', '1'), ...label('b', '2'), ...sample, ...label('c', '3'), ...sample);
  const plain = encodeRemoteWrite({ series: [{ labels: [['d', '4']], samples: [[6, 0]] }] });
  const batch = decodeRemoteWrite(bytes(0x0a, series.length, ...series, ...plain));
  expect(contentOf(batch)).toMatchObject({
    series: [
      {
        labels: ['a', '1', 'b', '2', 'c', '3'],
        samples: [
          [5, 0n],
          [5, 0n],
        ],
      },
      { labels: ['d', '4'], samples: [[6, 0n]] },
    ],
  });
});

test('passes over fields that it does not know, groups included', () => {
  const unknown = [
    bytes(0x78, 0xff, 0x01),
    bytes(0x79, 1, 2, 3, 4, 5, 6, 7, 8),
    bytes(0x7a, 2, 9, 9),
    bytes(0x7b, 0x08, 1, 0x0b, 0x0c, 0x7c),
    bytes(0x7d, 1, 2, 3, 4),
  ];
  const series = encodeRemoteWrite({ series: [{ labels: [['a', '1']], samples: [[7, 1]] }] });
  const inner = series.subarray(2);
  const body = Buffer.concat([...unknown, bytes(0x0a, inner.length + 3), bytes(0x78, 0x80, 0x01), inner, ...unknown]);
  expect(contentOf(decodeRemoteWrite(body))).toMatchObject({
    series: [{ labels: ['a', '1'], samples: [[7, bitsOf(1)]] }],
  });
});

test('walks a million nested groups without exhausting the stack', () => {
  const body = new Uint8Array(2_000_000).fill(0x7b, 0, 1_000_000).fill(0x7c, 1_000_000);
  expect(decodeRemoteWrite(body).seriesCount).toBe(0);
});

const integerHistogram: HistogramMessage = {
  timestampMs: 1_700_000_000_123,
  isInteger: true,
  isStale: false,
  schema: -4,
  zeroThreshold: 0.001,
  zeroCount: 2 ** 40,
  count: 2 ** 52,
  sum: -0.5,
  positiveSpans: [
    { offset: -3, length: 2 },
    { offset: 1, length: 1 },
  ],
  positiveCounts: Float64Array.of(5, 0, 2 ** 45),
  negativeSpans: [{ offset: 0, length: 0 }],
  negativeCounts: Float64Array.of(),
  customBounds: Float64Array.of(),
  counterResetHint: 'unknown',
};
const histograms: readonly (HistogramMessage & { readonly name: string })[] = [
  { ...integerHistogram, name: 'an integer histogram' },
  { ...integerHistogram, name: 'a gauge', counterResetHint: 'gauge' },
  {
    ...integerHistogram,
    name: 'a float histogram with negative buckets',
    isInteger: false,
    schema: 8,
    zeroCount: 0.25,
    count: 7.5,
    positiveCounts: Float64Array.of(0.5, NaN, 1e300),
    negativeSpans: [{ offset: 2, length: 1 }],
    negativeCounts: Float64Array.of(1.5),
  },
  {
    ...integerHistogram,
    name: 'custom buckets',
    schema: -53,
    zeroThreshold: 0,
    zeroCount: 0,
    negativeSpans: [],
    customBounds: Float64Array.of(-1, 0.5),
  },
  // As it came: whether spans and buckets fit is not looked at.
  { ...integerHistogram, name: 'spans without buckets', positiveSpans: [{ offset: 0, length: 2 ** 32 - 1 }] },
];

test.for(histograms)('decodes $name', ({ name: _name, ...histogram }) => {
  const body = encodeRemoteWrite({ series: [{ labels: [] }, { labels: [], histograms: [histogram] }] });
  expect(decodeRemoteWrite(body).histograms).toEqual([
    { seriesIndex: 1, startMs: 0, sizeBytes: expect.any(Number), ...histogram },
  ]);
});

test('decodes a stale histogram, and one of no fields', () => {
  const empty = {
    ...{ timestampMs: 0, startMs: 0, isInteger: true, schema: 0, zeroThreshold: 0, zeroCount: 0, count: 0 },
    ...{ positiveSpans: [], positiveCounts: Float64Array.of(), negativeSpans: [], negativeCounts: Float64Array.of() },
    ...{ customBounds: Float64Array.of(), counterResetHint: 'unknown' },
  };
  const stale = { timestampMs: 5, isInteger: false, isStale: true, schema: 0, count: 0, sum: 0 };
  const body = encodeRemoteWrite({ series: [{ labels: [], histograms: [stale] }] });
  expect(decodeRemoteWrite(body).histograms).toEqual([
    { ...empty, timestampMs: 5, isInteger: false, isStale: true, sum: NaN, seriesIndex: 0, sizeBytes: 29 },
  ]);
  expect(decodeRemoteWrite(bytes(0x0a, 2, 0x22, 0)).histograms).toEqual([
    { ...empty, isStale: false, sum: 0, seriesIndex: 0, sizeBytes: 0 },
  ]);
});

test('histograms that follow each other share their spans only where they are the same', () => {
  const [a, b, c] = [
    { offset: 0, length: 2 },
    { offset: 3, length: 1 },
    { offset: -3, length: 1 },
  ];
  const layouts = [[a, b], [a, b], [a], [a, c], [], [a, b, c], [b], [a, b]];
  const sent = layouts.flatMap((spans, i) => {
    const counts = Float64Array.from({ length: spans.reduce((sum, { length }) => sum + length, 0) }, (_, k) => i + k);
    const plain = { timestampMs: i, schema: 1, count: 1, sum: 1 };
    const [positive, negative] = [spans, layouts[(i + 3) % layouts.length]!];
    return [
      { ...plain, isInteger: true, positiveSpans: positive, positiveCounts: counts },
      { ...plain, isInteger: false, positiveSpans: positive, positiveCounts: counts, negativeSpans: negative },
    ];
  });
  const { histograms } = decodeRemoteWrite(encodeRemoteWrite({ series: [{ labels: [], histograms: sent }] }));
  expect(
    histograms.map(({ positiveSpans, negativeSpans, positiveCounts }) => [
      positiveSpans,
      negativeSpans,
      positiveCounts,
    ]),
  ).toEqual(
    sent.map((one) => [one.positiveSpans, 'negativeSpans' in one ? one.negativeSpans : [], one.positiveCounts]),
  );
});

test('takes deltas one by one as well as packed', () => {
  const histogram = bytes(0x08, 5, 0x60, 4, 0x60, 1, 0x20, 2, 0x5a, 4, 0x08, 0, 0x10, 2);
  const series = bytes(0x22, histogram.length, ...histogram);
  expect(decodeRemoteWrite(bytes(0x0a, series.length, ...series)).histograms).toMatchObject([
    { count: 5, schema: 1, positiveSpans: [{ offset: 0, length: 2 }], positiveCounts: Float64Array.of(2, 1) },
  ]);
});

test('refuses a histogram that would take much more memory than its bytes', () => {
  const positiveCounts = new Float64Array(20_000);
  const body = encodeRemoteWrite({ series: [{ labels: [], histograms: [{ ...integerHistogram, positiveCounts }] }] });
  expect(failureOf(() => decodeRemoteWrite(body))).toEqual({
    code: 'malformed-body',
    message: expect.stringMatching(/^native histogram size 20\d+ bytes exceeds limit 16384 bytes$/),
  });
});

test('keeps label bytes that are no UTF-8 apart', () => {
  const label = bytes(0x0a, 6, 0x0a, 1, 'a', 0x12, 1, 0xff);
  expect(contentOf(decodeRemoteWrite(bytes(0x0a, label.length, ...label)))).toMatchObject({
    series: [{ labels: ['a', '\udcff'] }],
  });
});

const negativeLength = 'proto: negative length found during unmarshaling';
const overlong = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00];
const minusOne = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
const malformed: readonly { name: string; body: Uint8Array; message: string }[] = [
  { name: 'a length beyond the end', body: bytes(0x0a, 0x7f, 1), message: 'unexpected EOF' },
  { name: 'a tag that is cut off', body: bytes(0xff), message: 'unexpected EOF' },
  { name: 'a length that is cut off', body: bytes(0x0a), message: 'unexpected EOF' },
  { name: 'a negative length', body: bytes(0x0a, ...minusOne), message: negativeLength },
  { name: 'a varint of eleven bytes', body: bytes(0x78, ...overlong), message: 'proto: integer overflow' },
  { name: 'a tag of eleven bytes', body: bytes(...overlong), message: 'proto: integer overflow' },
  {
    name: 'wire type 7 for series',
    body: bytes(0x0f, 1),
    message: 'proto: wrong wireType = 7 for field Timeseries',
  },
  { name: 'wire type 7 for a field nobody knows', body: bytes(0x7f, 1), message: 'proto: illegal wireType 7' },
  {
    name: 'the end of a group that never began',
    body: bytes(0x0c),
    message: 'proto: WriteRequest: wiretype end group for non-group',
  },
  { name: 'a group without end', body: bytes(0x7b, 0x08, 1), message: 'unexpected EOF' },
  {
    name: 'field number zero',
    body: bytes(0x02, 1),
    message: 'proto: WriteRequest: illegal tag 0 (wire type 2)',
  },
  {
    name: 'a negative field number',
    body: bytes(0x80, 0x80, 0x80, 0x80, 0x40),
    message: 'proto: WriteRequest: illegal tag -2147483648 (wire type 17179869184)',
  },
  {
    name: 'a series with a label of the wrong type',
    body: bytes(0x0a, 2, 0x08, 1),
    message: 'proto: wrong wireType = 0 for field Labels',
  },
  {
    name: 'a label whose name is cut off',
    body: bytes(0x0a, 5, 0x0a, 3, 0x0a, 9, 'a'),
    message: 'unexpected EOF',
  },
  {
    name: 'a label whose name is a number',
    body: bytes(0x0a, 4, 0x0a, 2, 0x08, 1),
    message: 'proto: wrong wireType = 0 for field Name',
  },
  {
    name: 'a label that goes wrong behind its name',
    body: bytes(0x0a, 7, 0x0a, 5, 0x0a, 1, 'a', 0x0b, 0),
    message: 'proto: wrong wireType = 3 for field Name',
  },
  {
    name: 'a label whose value reaches into the next one',
    body: bytes(0x0a, 8, 0x0a, 6, 0x0a, 1, 'a', 0x12, 2, 'b'),
    message: 'unexpected EOF',
  },
  {
    name: 'a sample whose value is cut off',
    body: bytes(0x0a, 5, 0x12, 3, 0x09, 1, 2),
    message: 'unexpected EOF',
  },
  {
    name: 'a sample whose time is a double',
    body: bytes(0x0a, 11, 0x12, 9, 0x11, 0, 0, 0, 0, 0, 0, 0, 0),
    message: 'proto: wrong wireType = 1 for field TimestampMs',
  },
  {
    name: 'an exemplar with a wrong value',
    body: bytes(0x0a, 4, 0x1a, 2, 0x10, 1),
    message: 'proto: wrong wireType = 0 for field Value',
  },
  {
    name: 'a histogram with a wrong sum',
    body: bytes(0x0a, 4, 0x22, 2, 0x18, 1),
    message: 'proto: wrong wireType = 0 for field Sum',
  },
  {
    name: 'a histogram whose deltas are cut off',
    body: bytes(0x0a, 4, 0x22, 2, 0x4a, 3),
    message: 'unexpected EOF',
  },
  {
    name: 'metadata with a wrong help',
    body: bytes(0x1a, 2, 0x20, 1),
    message: 'proto: wrong wireType = 0 for field Help',
  },
];

test.for(malformed)('refuses $name', ({ body, message }) => {
  expect(failureOf(() => decodeRemoteWrite(body))).toEqual({ code: 'malformed-body', message });
});

const int64s = [0, -1, 1, 127, 128, -128, 2 ** 28, 2 ** 31, -(2 ** 31), 2 ** 53, -(2 ** 53), 1_700_000_000_000];

test.for(int64s)('keeps the timestamp %d exactly', (timestampMs) => {
  const body = encodeRemoteWrite({ series: [{ labels: [], samples: [[timestampMs, 0]] }] });
  expect([...decodeRemoteWrite(body).timestampsMs]).toEqual([timestampMs]);
});

const labelText = fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: 'binary', maxLength: 200 }));
const anyValue = fc.oneof(fc.double(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constant(STALE_VALUE));
const anyLabels = fc.array(fc.tuple(labelText, labelText), { maxLength: 5 });
const anyRequest = fc.record({
  series: fc.array(
    fc.record({
      labels: anyLabels,
      samples: fc.array(fc.tuple(fc.maxSafeInteger(), anyValue), { maxLength: 6 }),
      exemplars: fc.array(
        fc.record({ labels: anyLabels, value: fc.double({ noNaN: true }), timestampMs: fc.maxSafeInteger() }),
        { maxLength: 2 },
      ),
    }),
    { maxLength: 20 },
  ),
  metadata: fc.array(
    fc.record({ metric: labelText, type: fc.constantFrom(...metricTypes), help: labelText, unit: labelText }),
    { maxLength: 3 },
  ),
});

test('decodes what was encoded, every bit of it', () => {
  fc.assert(
    fc.property(anyRequest, (request) => {
      expect(contentOf(decodeRemoteWrite(encodeRemoteWrite(request)))).toEqual({
        series: request.series.map(({ labels, samples }) => ({
          labels: labels.flat(),
          samples: samples.map(([timestampMs, value]) => [timestampMs, bitsOf(value)]),
          histograms: [],
        })),
        exemplars: request.series.flatMap(({ exemplars }, seriesIndex) =>
          exemplars.map((exemplar) => ({ seriesIndex, ...exemplar })),
        ),
        metadata: request.metadata,
      });
    }),
  );
});

test('finds series that it saw before, in memory that was used before, and is right all the same', () => {
  fc.assert(
    fc.property(fc.array(anyRequest, { maxLength: 4 }), fc.infiniteStream(fc.nat(2)), (requests, picks) => {
      const pool = new ScratchPool();
      const finder = new RecordingFinder();
      // The same again, and series in another order.
      for (const request of [...requests, ...requests, ...requests.toReversed()]) {
        const series = [...request.series.filter(() => picks.next().value !== 0), ...request.series];
        const body = encodeRemoteWrite({ ...request, series });
        const scratch = pool.borrow();
        const batch = decodeRemoteWrite(body, { finder, scratch });
        expect(contentOf(batch)).toEqual(contentOf(decodeRemoteWrite(body)));
        const labels = series.map((one) => JSON.stringify(one.labels));
        expect([...batch.found!.seriesRefs]).toEqual(labels.map((text) => finder.numbers.get(text) ?? 0));
        const { starts, ends } = namesOfSeries(batch);
        for (const [i, text] of labels.entries()) finder.learn(batch.body, starts[i]!, ends[i]!, text);
        batch.body.fill(0xff);
        batch.values.fill(Number.NaN);
        batch.timestampsMs.fill(-1);
        scratch.release();
      }
    }),
  );
});

/** Numbers series as they are learnt. */
class RecordingFinder implements SeriesFinder {
  readonly #index = new ByteIndex(1 << 20);
  readonly numbers = new Map<string, number>();

  get lastFound(): number {
    return this.#index.lastNumber;
  }

  find(view: DataView, start: number, end: number): number {
    return this.#index.find(1, view, start, end);
  }

  matchNext(view: DataView, start: number, limit: number): number {
    return this.#index.matchNext(1, view, start, limit);
  }

  recheck(found: number): number {
    return found;
  }

  remember(view: DataView, start: number, end: number, seriesNumber: number): void {
    this.#index.set(1, view, start, end, seriesNumber);
  }

  learn(body: Uint8Array, start: number, end: number, text: string): void {
    if (start === end || this.numbers.has(text)) return;
    this.numbers.set(text, this.numbers.size + 1);
    this.remember(new DataView(body.buffer, body.byteOffset, body.byteLength), start, end, this.numbers.size);
  }
}

test('never does anything with random or damaged bytes but decode or refuse them', () => {
  const damaged = fc
    .tuple(anyRequest, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 }), fc.nat())
    .map(([request, changes, cut]) => {
      const body = Uint8Array.from(encodeRemoteWrite(request));
      for (const [at, byte] of changes) if (body.length > 0) body[at % body.length] = byte;
      return body.subarray(0, cut % 3 === 0 ? cut % (body.length + 1) : body.length);
    });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 120 }), damaged), (body) => {
      let batch: WriteBatch;
      try {
        batch = decodeRemoteWrite(body);
      } catch (error) {
        expect(error).toBeInstanceOf(PocketCortexError);
        return;
      }
      // A tag and a length are the least that a series or a sample takes.
      expect(batch.seriesCount).toBeLessThanOrEqual(body.length / 2);
      expect(batch.timestampsMs.length).toBeLessThanOrEqual(body.length / 2);
      expect(batch.values.buffer.byteLength).toBeLessThanOrEqual(body.length * 16 + 128);
      contentOf(batch);
    }),
    { numRuns: 1500 },
  );
});
