import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SampleColumns } from '../../../src/model/columns.ts';
import { Labels } from '../../../src/model/labels.ts';
import { NativeHistogram } from '../../../src/model/native-histogram.ts';
import type { WriteBatch } from '../../../src/model/write-batch.ts';
import { TextError } from '../../../src/wire/text/text-error.ts';
import { TextReader } from '../../../src/wire/text/text-reader.ts';
import { exemplarsJsonLine, metadataJsonLine, writeJsonLines } from '../../../src/wire/text/write-json-lines.ts';
import { contentOf } from '../../support/batch-content.ts';
import { histogram } from '../../support/native-histograms.ts';
import { type Reading, readAll } from '../../support/text-batches.ts';

function read(text: string | Uint8Array, chunkBytes?: number): Reading {
  return readAll(text, { format: 'jsonl' }, chunkBytes);
}

test("reads VictoriaMetrics's JSON lines", () => {
  const text = `{"metric":{"__name__":"up","job":"a\\"\\u00e9"},"values":[1,null,"NaN",-1.5e3],"timestamps":[1,2,3,4]}

{ "timestamps" : [5] , "extra" : {"a":[{"b":"}"}]}, "values" : ["Infinity"], "metric" : {"__name__":"é"} }
`;
  expect(read(text).content.samples).toEqual([
    '{__name__="up", job="a\\"é"} 1 @1',
    '{__name__="up", job="a\\"é"} stale @2',
    '{__name__="up", job="a\\"é"} NaN @3',
    '{__name__="up", job="a\\"é"} -1500 @4',
    '{__name__="é"} Infinity @5',
  ]);
});

describe('what is written is read back', () => {
  const labels = Labels.fromRecord({ __name__: 'x', 'odd "name"': 'line\nbreak \\ é 😀' });

  test('float by float, with its bits', () => {
    const samples = new SampleColumns();
    for (const [i, value] of [0, -0, 1.5, NaN, Infinity, -Infinity, 5e-324, Number.MAX_VALUE, 0.1].entries()) {
      samples.push(i - 3, value);
    }
    samples.pushStaleMarker(100);
    expect(read([...writeJsonLines(labels, samples)].join('')).content.samples.map((text) => text.slice(-16))).toEqual(
      [
        ...['0 @-3', '-0 @-2', '1.5 @-1', 'NaN @0', 'Infinity @1', '-Infinity @2', '5e-324 @3'],
        ...['1.7976931348623157e+308 @4', '0.1 @5', 'stale @100'],
      ].map((text) => `${labels} ${text}`.slice(-16)),
    );
  });

  test('native histograms, among floats', () => {
    const samples = new SampleColumns();
    samples.push(1, 5);
    const sent = [
      histogram({ schema: 3, zeroThreshold: 1e-128, zeroCount: 2, positive: { 1: 2, 2: 1, 9: 4 }, isInteger: true }),
      histogram({ negative: { [-5]: 0.5 }, sum: NaN, counterResetHint: 'gauge' }),
      histogram({ bounds: [0.1, 1], positive: { 0: 1, 2: 3 }, sum: -Infinity }),
      NativeHistogram.stale(),
    ];
    for (const [i, one] of sent.entries()) samples.pushHistogram(i + 2, one);
    const [float, ...batches] = batchesOf([...writeJsonLines(labels, samples)].join(''));
    expect(batches).toEqual([]);
    expect(float!.timestampsMs).toEqual(Float64Array.of(1));
    expect(float!.histograms.map(({ timestampMs, schema, count, sum }) => [timestampMs, schema, count, sum])).toEqual([
      [2, 3, 9, 0],
      [3, 0, 0.5, NaN],
      [4, -53, 4, -Infinity],
      [5, 0, 0, NaN],
    ]);
    expect(float!.histograms[0]).toEqual({
      seriesIndex: 1,
      timestampMs: 2,
      startMs: 0,
      sizeBytes: 0,
      isInteger: true,
      isStale: false,
      schema: 3,
      zeroThreshold: 1e-128,
      zeroCount: 2,
      count: 9,
      sum: 0,
      positiveSpans: [
        { offset: 1, length: 2 },
        { offset: 6, length: 1 },
      ],
      positiveCounts: Float64Array.of(2, 1, 4),
      negativeSpans: [],
      negativeCounts: new Float64Array(0),
      customBounds: new Float64Array(0),
      counterResetHint: 'unknown',
    });
    expect(float!.histograms.map(({ isStale, counterResetHint }) => [isStale, counterResetHint])).toEqual([
      [false, 'unknown'],
      [false, 'gauge'],
      [false, 'unknown'],
      [true, 'unknown'],
    ]);
    expect(float!.histograms[2]!.customBounds).toEqual(Float64Array.of(0.1, 1));
  });

  test('exemplars and metadata', () => {
    const exemplar = { labels: [['trace_id', 'é"']] as const, value: Infinity, timestampMs: 7 };
    const metadata = { metric: 'x', type: 'counter', help: 'two\nlines', unit: 's' } as const;
    const text = exemplarsJsonLine(labels, [exemplar]) + metadataJsonLine(metadata);
    expect(read(text).content).toEqual({
      samples: [],
      exemplars: [{ series: labels.toString(), ...exemplar }],
      metadata: [metadata],
      histograms: 0,
    });
  });

  test('however many samples, in however small chunks', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30_000 }), fc.integer({ min: 1, max: 100_000 }), (count, chunkBytes) => {
        const samples = new SampleColumns();
        for (let i = 0; i < count; i++) samples.push(i * 15_000, i / 8);
        const timestamps = samples.timestampsMs.subarray(0, count).join();
        const values = samples.values.subarray(0, count).join();
        // A single line, longer than a batch.
        const line = `{"metric":{"__name__":"x"},"values":[${values}],"timestamps":[${timestamps}]}\n`;
        const written = [...writeJsonLines(Labels.fromRecord({ __name__: 'x' }), samples)].join('');
        const expected = Array.from({ length: count }, (_, i) => `{__name__="x"} ${i / 8} @${i * 15_000}`);
        expect(read(line, chunkBytes).content.samples).toEqual(expected);
        expect(read(written, chunkBytes).content.samples).toEqual(expected);
      }),
      { numRuns: 10 },
    );
  });
});

describe('a mistake is told with its place', () => {
  test.for([
    ['up 1', 'column 1: an object is expected'],
    ['{"values":[1],"timestamps":[1]}', 'column 1: "metric" is missing'],
    ['{"metric":{},"values":[1],"timestamps":[1]}', 'column 13: a series without labels'],
    ['{"metric":{"a":1},"values":[1],"timestamps":[1]}', 'column 16: a text in quotes is expected'],
    ['{"metric":{"a":"b"},"values":[1,2],"timestamps":[1]}', 'column 1: 2 values have 1 timestamps'],
    [
      '{"metric":{"a":"b"},"values":[true],"timestamps":[1]}',
      'column 31: a value is a number, "NaN", "Infinity", "-Infinity" or null',
    ],
    ['{"metric":{"a":"b"},"values":[nil],"timestamps":[1]}', 'column 31: a value is a number, a text or null'],
    [
      '{"metric":{"a":"b"},"values":[1],"timestamps":[1.5]}',
      'column 48: a timestamp is a whole number of milliseconds',
    ],
    ['{"metric":{"a":"b"},"values":[1', 'column 32: a comma or a closing bracket is expected'],
    ['{"metric":{"a":"b"', 'column 11: the line breaks off here'],
    ['{"metric":{"a":"b"}} x', 'column 22: one object a line is expected'],
    ['{"metric":{"a":"\\x"},"values":[1],"timestamps":[1]}', 'column 16: no JSON'],
    ['{"metric":{"a":"\\ud800"},"values":[1],"timestamps":[1]}', 'column 16: no valid UTF-8'],
    ['{"exemplars":[]}', 'column 2: "metric" comes before "exemplars"'],
    ['{"metadata":{"type":"gauge"}}', 'column 2: "metric" is a text'],
    [
      '{"metadata":{"metric":"a","type":"speed"}}',
      'column 2: "type" is one of counter, gauge, histogram, gaugehistogram, summary, info, stateset, unknown',
    ],
    [
      '{"metric":{"a":"b"},"histograms":[{"count":"1"}],"timestamps":[1]}',
      'column 21: "count" is a number, "NaN", "Infinity" or "-Infinity"',
    ],
    [
      '{"metric":{"a":"b"},"histograms":[{"positive_spans":[[0,-1]]}],"timestamps":[1]}',
      'column 21: a span is a list of two whole numbers, offset and length',
    ],
    [
      '{"metric":{"a":"b"},"histograms":[{}],"values":[1],"timestamps":[1]}',
      'column 1: "values" and "histograms" take a line each',
    ],
  ] as const)('in %j', ([line, message]) => {
    const { error } = read(`{"metric":{"a":"b"}}\n${line}\n`);
    expect(error).toBeInstanceOf(TextError);
    expect((error as TextError).message).toBe(`line 2, ${message}`);
  });
});

test('whatever bytes come, it ends in a batch or in an error with a place', () => {
  const samples = new SampleColumns();
  samples.push(1, 5);
  samples.pushHistogram(2, histogram({ schema: 3, positive: { 1: 2, 2: 1, 9: 4 }, negative: { 1: 3 } }));
  const labels = Labels.fromRecord({ __name__: 'x', a: 'é"' });
  const bytes = Buffer.from(
    [...writeJsonLines(labels, samples)].join('') +
      exemplarsJsonLine(labels, [{ labels: [['a', 'b']], value: 1, timestampMs: 5 }]) +
      metadataJsonLine({ metric: 'x', type: 'gauge', help: 'h', unit: '' }),
  );
  const mutations = fc.array(
    fc.record({
      at: fc.nat({ max: bytes.length - 1 }),
      byte: fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(...Buffer.from('{}[]",:\\\n 1en'))),
      cut: fc.nat({ max: 9 }),
    }),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(mutations, fc.integer({ min: 1, max: 300 }), (changes, chunkBytes) => {
      let mutated: Uint8Array = Uint8Array.from(bytes);
      for (const { at, byte, cut } of changes) {
        if (at >= mutated.length) continue;
        mutated[at] = byte;
        if (cut > 5) mutated = Buffer.concat([mutated.subarray(0, at), mutated.subarray(at + cut)]);
      }
      const { error } = read(mutated, chunkBytes);
      if (error === undefined) return;
      expect(error).toBeInstanceOf(TextError);
      expect((error as TextError).message).toMatch(/^line \d+, column \d+: ./);
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 2000) },
  );
});

/** Batches themselves, for what `readAll` does not show. */
function batchesOf(text: string): WriteBatch[] {
  const reader = new TextReader({ format: 'jsonl', defaultTimestampMs: 0 });
  const batches = [...reader.feed(Buffer.from(text)), ...reader.finish()];
  for (const batch of batches) expect(contentOf(batch)).toBeDefined();
  return batches;
}
