import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PocketCortexError } from '../../src/model/errors.ts';
import { ScratchPool } from '../../src/model/scratch.ts';
import { decodeRemoteWrite } from '../../src/wire/remote-write.ts';
import { encodeRemoteWrite } from '../../src/wire/remote-write-encode.ts';
import { decodeRemoteWriteV2, type RemoteWriteV2Options } from '../../src/wire/remote-write-v2.ts';
import { SymbolNumbers } from '../../src/wire/symbol-numbers.ts';
import { contentOf } from '../support/batch-content.ts';
import { failureOf } from '../support/failure.ts';
import { encodeRemoteWriteV2, type RequestV2Message, type SeriesV2Message } from '../support/remote-write-v2.ts';

const options: RemoteWriteV2Options = {
  labelsLimitBytes: 1 << 20,
  typeAndUnitLabels: false,
  startTimestamps: false,
  exemplarOnlySeries: false,
};

function decode(request: RequestV2Message, change: Partial<RemoteWriteV2Options> = {}) {
  return decodeRemoteWriteV2(encodeRemoteWriteV2(request), { ...options, ...change });
}

const histogram = {
  timestampMs: 5_000,
  isInteger: true,
  schema: 1,
  zeroThreshold: 0.001,
  zeroCount: 2,
  count: 5,
  sum: 18.4,
  positiveSpans: [{ offset: 0, length: 3 }],
  positiveCounts: [1, 1, 1],
};

test('decodes what remote write 1.0 would have said', () => {
  const exemplar = { labels: [['trace_id', 'abc']] as const, value: 0.5, timestampMs: 4_000 };
  const up = {
    labels: [['__name__', 'up'] as const, ['job', 'api'] as const],
    samples: [[1_000, 1] as const, [2_000, -0] as const],
  };
  const latency = { labels: [['__name__', 'latency'] as const], histograms: [histogram], exemplars: [exemplar] };
  const batch = decode({
    series: [
      { ...up, metadata: { type: 'gauge', help: 'Whether it is up.', unit: 'bool' } },
      { ...latency, metadata: { type: 'unknown' } },
    ],
  });
  const twin = encodeRemoteWrite({
    series: [up, latency],
    metadata: [{ metric: 'up', type: 'gauge', help: 'Whether it is up.', unit: 'bool' }],
  });
  expect(contentOf(batch)).toEqual(contentOf(decodeRemoteWrite(twin)));
});

test('writes labels as the bytes that they would be in remote write 1.0', () => {
  const labels = [
    ['__name__', 'm'],
    ['long', 'x'.repeat(300)],
    ['empty', ''],
  ] as const;
  const { body, labelsStart, labelsEnd } = decode({ series: [{ labels, samples: [[0, 1]] }] });
  const twin = decodeRemoteWrite(encodeRemoteWrite({ series: [{ labels, samples: [[0, 1]] }] }));
  expect(body.subarray(labelsStart[0], labelsEnd[0])).toEqual(
    new Uint8Array(twin.body.subarray(twin.labelsStart[0], twin.labelsEnd[0])),
  );
});

test('takes symbols that come after the series', () => {
  const request = encodeRemoteWriteV2({ symbols: [], series: [{ refs: [1, 2], samples: [[1_000, 1]] }] });
  const symbols = encodeRemoteWriteV2({ symbols: ['', '__name__', 'm'] });
  expect(contentOf(decodeRemoteWriteV2(Buffer.concat([request, symbols]), options))).toMatchObject({
    series: [{ labels: ['__name__', 'm'] }],
  });
});

test('knows every type of metric', () => {
  for (const type of ['counter', 'gauge', 'histogram', 'gaugehistogram', 'summary', 'info', 'stateset'] as const) {
    const { metadata } = decode({ series: [{ labels: [['__name__', 'm']], samples: [[0, 1]], metadata: { type } }] });
    expect(metadata).toEqual([{ metric: 'm', type, help: '', unit: '' }]);
  }
});

describe('start timestamps', () => {
  const series: SeriesV2Message = {
    labels: [['__name__', 'm']],
    samples: [
      [2_000, 1, 1_000],
      [3_000, 2],
    ],
    histograms: [histogram],
    createdMs: 500,
  };

  test('are not kept unless asked for', () => {
    const { startsMs, histograms } = decode({ series: [series] });
    expect(startsMs).toBeUndefined();
    expect(histograms[0]!.startMs).toBe(0);
  });

  test('are those of the samples, or else that of the series', () => {
    const { startsMs, histograms } = decode(
      { series: [{ labels: [['a', 'b']], samples: [[0, 1]] }, series] },
      { startTimestamps: true },
    );
    expect(startsMs).toEqual(Float64Array.of(0, 1_000, 500));
    expect(histograms[0]!.startMs).toBe(500);
  });
});

describe('a series of exemplars alone', () => {
  const exemplars = [{ labels: [['id', 'x']] as const, value: 1, timestampMs: 5 }];
  const request = { series: [{ labels: [['__name__', 'm']] as const, exemplars }] };

  test('is refused, as Cortex does', () => {
    expect(failureOf(() => decode(request)).message).toBe(
      'TimeSeries must contain at least one sample or histogram for series {__name__="m"}',
    );
  });

  test('is taken when that is asked for, and a series of nothing never', () => {
    expect(decode(request, { exemplarOnlySeries: true }).exemplars).toEqual([{ seriesIndex: 0, ...exemplars[0] }]);
    const nothing = { series: [...request.series, { labels: [['__name__', 'n']] as const }] };
    expect(failureOf(() => decode(nothing, { exemplarOnlySeries: true })).message).toContain('{__name__="n"}');
  });
});

describe('type and unit as labels', () => {
  const cases: readonly (readonly [string, SeriesV2Message['metadata'], readonly string[]])[] = [
    ['both', { type: 'gauge', unit: 'bytes' }, ['__name__', 'm', '__type__', 'gauge', '__unit__', 'bytes']],
    ['a type alone', { type: 'counter' }, ['__name__', 'm', '__type__', 'counter']],
    ['a unit alone', { type: 'unknown', unit: 'bytes' }, ['__name__', 'm', '__unit__', 'bytes']],
    ['neither', { type: 'unknown', help: 'h' }, ['__name__', 'm', '__type__', 'mine']],
  ];
  test.for(cases)('%s', ([, metadata, labels]) => {
    const series = [
      {
        labels: [
          ['__name__', 'm'],
          ['__type__', 'mine'],
        ] as const,
        samples: [[0, 1]] as const,
        ...(metadata && { metadata }),
      },
    ];
    expect(contentOf(decode({ series }, { typeAndUnitLabels: true }))).toMatchObject({ series: [{ labels }] });
  });
});

describe('refuses', () => {
  const symbols = ['', '__name__', 'm'];
  const samples = [[0, 1]] as const;
  const cases: readonly (readonly [string, RequestV2Message, string])[] = [
    [
      'a label outside of the table',
      { symbols, series: [{ refs: [1, 9], samples }] },
      'labelRefs 1 (name) = 9 (value) outside of symbols table (size 3)',
    ],
    ['half a label', { symbols, series: [{ refs: [1, 2, 1], samples }] }, 'invalid labelRefs length 3'],
    [
      'a series without samples',
      {
        series: [
          {
            labels: [
              ['__name__', 'm'],
              ['a', 'b'],
            ],
          },
        ],
      },
      'TimeSeries must contain at least one sample or histogram for series {__name__="m", a="b"}',
    ],
    [
      'a unit outside of the table',
      { symbols, series: [{ refs: [1, 2], samples, metadata: { type: 'gauge', help: 0, unit: 9 } }] },
      'invalid UnitRef 9: exceeds symbols length 3',
    ],
    [
      'a help outside of the table',
      { symbols, series: [{ refs: [1, 2], samples, metadata: { type: 'gauge', help: 9, unit: 0 } }] },
      'invalid HelpRef 9: exceeds symbols length 3',
    ],
    [
      'an exemplar outside of the table',
      { symbols, series: [{ refs: [1, 2], samples, exemplars: [{ refs: [7, 8], value: 1, timestampMs: 0 }] }] },
      'labelRefs 7 (name) = 8 (value) outside of symbols table (size 3)',
    ],
    [
      'metadata of no metric',
      { series: [{ labels: [['a', 'b']], samples, metadata: { type: 'gauge' } }] },
      'no metric name label',
    ],
    ['no table at all', { symbols: [], series: [{ samples }] }, 'invalid UnitRef 0: exceeds symbols length 0'],
  ];
  test.for(cases)('%s', ([, request, message]) => {
    expect(failureOf(() => decode(request))).toEqual({ code: 'malformed-body', message });
  });

  test('a few symbols referred to so often that their text would fill the memory', () => {
    const refs = Array.from({ length: 20_000 }, () => 2);
    const request = { symbols: ['', 'a', 'x'.repeat(10_000)], series: [{ refs, samples }] };
    expect(failureOf(() => decode(request))).toEqual({
      code: 'malformed-body',
      message: 'labels of the request take more than 1048576 bytes',
    });
  });
});

const arbitrarySeries: fc.Arbitrary<SeriesV2Message> = fc.record({
  labels: fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })), { maxLength: 5 }),
  samples: fc.array(fc.tuple(fc.integer(), fc.double({ noNaN: true })), { minLength: 1, maxLength: 4 }),
});

test('any series come through as in remote write 1.0', () => {
  fc.assert(
    fc.property(fc.array(arbitrarySeries, { maxLength: 20 }), (series) => {
      const twin = series.map(({ labels = [], samples = [] }) => ({
        labels,
        samples: samples.map(([timestampMs, value]) => [timestampMs, value] as const),
      }));
      expect(contentOf(decode({ series }))).toEqual(contentOf(decodeRemoteWrite(encodeRemoteWrite({ series: twin }))));
    }),
  );
});

test('series are named by numbers that mean the same in every request, whatever its symbols and memory', () => {
  const [pool, symbolNumbers] = [new ScratchPool(), new SymbolNumbers()];
  const nameOf = new Map<string, string>();
  const labelsOf = new Map<string, string>();
  fc.assert(
    fc.property(fc.array(arbitrarySeries, { maxLength: 20 }), fc.boolean(), (series, isReversed) => {
      const texts = ['', ...series.flatMap(({ labels }) => labels!.flat())];
      const symbols = [...new Set(isReversed ? texts.toReversed() : texts)];
      const scratch = pool.borrow();
      const batch = decode(
        { symbols, series: series.map((one) => ({ ...one, metadata: { type: 'unknown', help: 0, unit: 0 } })) },
        { symbolNumbers, scratch },
      );
      expect(contentOf(batch)).toEqual(contentOf(decode({ series })));
      const { bytes, starts, ends } = batch.names!;
      for (const [i, { labels }] of series.entries()) {
        expect(batch.names!.labelsOf(i)).toEqual(labels!.flat());
        const name = Buffer.from(bytes.subarray(starts[i], ends[i])).toString('hex');
        const text = JSON.stringify(labels);
        expect([nameOf.get(text) ?? name, labelsOf.get(name) ?? text]).toEqual([name, text]);
        nameOf.set(text, name);
        labelsOf.set(name, text);
      }
      batch.values.fill(Number.NaN);
      bytes.fill(0xff);
      scratch.release();
    }),
  );
});

test('metadata that many series say stands there once, with their number', () => {
  const series = (name: string, help: string): SeriesV2Message => ({
    labels: [['__name__', name]],
    samples: [[0, 1]],
    metadata: { type: 'gauge', help },
  });
  const { metadata, metadataCounts } = decode({
    series: [
      series('a', 'x'),
      series('a', 'x'),
      series('b', 'x'),
      series('a', 'x'),
      series('a', 'y'),
      series('a', 'x'),
    ],
  });
  expect(metadata.map(({ metric, help }, i) => [metric, help, metadataCounts![i]])).toEqual([
    ['a', 'x', 3],
    ['b', 'x', 1],
    ['a', 'y', 1],
    ['a', 'x', 1],
  ]);
});

test('a damaged body is decoded or refused, never more', () => {
  const body = encodeRemoteWriteV2({
    series: [
      {
        labels: [['__name__', 'm']],
        samples: [[1, 2, 3]],
        histograms: [histogram],
        metadata: { type: 'gauge', help: 'h' },
      },
    ],
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(body.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), (damage) => {
      const damaged = Uint8Array.from(body);
      for (const [at, byte] of damage) damaged[at] = byte;
      try {
        decodeRemoteWriteV2(damaged, options);
      } catch (error) {
        expect(error).toBeInstanceOf(PocketCortexError);
      }
    }),
    { numRuns: 2000 },
  );
});
