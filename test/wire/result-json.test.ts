import { describe, expect, test } from 'vitest';
import { Annotations } from '../../src/model/annotations.ts';
import { createStepColumn, FLOAT, SampleColumns, setHistogram } from '../../src/model/columns.ts';
import { Labels } from '../../src/model/labels.ts';
import { NativeHistogram } from '../../src/model/native-histogram.ts';
import type { QueryResult, QueryValue } from '../../src/model/query-result.ts';
import { type JsonChunks, wholeJson } from '../../src/wire/json-bytes.ts';
import {
  errorJson,
  metadataResponseJson,
  seriesResponseJson,
  successJson,
  textListResponseJson,
} from '../../src/wire/list-json.ts';
import { type QueryResponseOptions, queryResponseJson } from '../../src/wire/result-json.ts';

const labels = Labels.fromRecord;

function resultOf(value: QueryValue): QueryResult {
  return { value, annotations: new Annotations(), statistics: { totalQueryableSamples: 3, peakSamples: 2 } };
}

function textOf(value: QueryValue, options?: QueryResponseOptions): string {
  return wholeJson(queryResponseJson(resultOf(value), options)).toString();
}

/** A column from numbers; undefined marks an absent step. */
function columnOf(...values: (number | undefined)[]) {
  const column = createStepColumn(values.length);
  for (const [step, value] of values.entries()) {
    if (value === undefined) continue;
    column.values[step] = value;
    column.present[step] = FLOAT;
  }
  return column;
}

function vectorOf(...values: number[]): QueryValue {
  return {
    kind: 'vector',
    timestampMs: 1_700_000_000_123,
    labels: values.map((_, i) => labels({ __name__: 'up', i: `${i}` })),
    values: Float64Array.from(values),
  };
}

const up = labels({ __name__: 'up', job: 'api' });
const exponential = new NativeHistogram({
  schema: 0,
  zeroThreshold: 0.001,
  zeroCount: 1,
  count: 6,
  sum: -2,
  positive: { indexes: Int32Array.of(0, 1, 70), counts: Float64Array.of(2, 0, 0.5) },
  negative: { indexes: Int32Array.of(0, 1), counts: Float64Array.of(1, 2) },
});
const exponentialJson =
  '{"count":"6","sum":"-2","buckets":[[1,"-2","-1","2"],[1,"-1","-0.5","1"],[3,"-0.001","0.001","1"],[0,"0.5","1","2"],[0,"590295810358705700000","1.1805916207174113e+21","0.5"]]}';
const custom = new NativeHistogram({
  schema: -53,
  count: 4e-7,
  sum: NaN,
  positive: { indexes: Int32Array.of(0, 1, 2), counts: Float64Array.of(1, 1, 2) },
  customBounds: Float64Array.of(0.5, 1),
});
const customJson =
  '{"count":"4e-07","sum":"NaN","buckets":[[3,"-Inf","0.5","1"],[0,"0.5","1","1"],[0,"1","+Inf","2"]]}';
const wideZero = new NativeHistogram({
  ...{ schema: 0, count: 5, sum: 1, zeroThreshold: 0.75, zeroCount: 3 },
  positive: { indexes: Int32Array.of(0), counts: Float64Array.of(2) },
});
const empty = new NativeHistogram({ schema: 3, count: 0, sum: 0 });

function mixedColumn() {
  const column = columnOf(1, undefined, 0, 4);
  setHistogram(column, 2, custom);
  return column;
}

function histogramColumn() {
  const column = columnOf(undefined, undefined, undefined, undefined);
  setHistogram(column, 1, empty);
  setHistogram(column, 3, exponential);
  return column;
}

function mixedSamples(): SampleColumns {
  const samples = new SampleColumns();
  samples.pushHistogram(1000, empty);
  samples.push(2000, 7);
  samples.pushHistogram(2500, exponential);
  return samples;
}

const values: readonly { name: string; value: QueryValue; json: string }[] = [
  {
    name: 'a vector of floats and histograms',
    value: {
      kind: 'vector',
      timestampMs: 60_500,
      labels: [labels({ i: '0' }), labels({ i: '1' }), labels({ i: '2' }), labels({ i: '3' })],
      values: Float64Array.of(0, 0, 1, 0),
      histograms: [exponential, custom, undefined, wideZero],
    },
    json: `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"i":"0"},"histogram":[60.5,${exponentialJson}]},{"metric":{"i":"1"},"histogram":[60.5,${customJson}]},{"metric":{"i":"2"},"value":[60.5,"1"]},{"metric":{"i":"3"},"histogram":[60.5,{"count":"5","sum":"1","buckets":[[3,"-0.75","0.75","3"],[0,"0.75","1","2"]]}]}]}}`,
  },
  {
    name: 'a matrix, histograms behind floats',
    value: {
      kind: 'matrix',
      grid: { startMs: 60_000, stepMs: 30_500, count: 4 },
      series: [
        { labels: up, column: mixedColumn() },
        { labels: Labels.EMPTY, column: histogramColumn() },
      ],
    },
    json: `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"up","job":"api"},"values":[[60,"1"],[151.5,"4"]],"histograms":[[121,${customJson}]]},{"metric":{},"histograms":[[90.5,{"count":"0","sum":"0"}],[151.5,${exponentialJson}]]}]}}`,
  },
  {
    name: 'raw samples of both kinds',
    value: { kind: 'raw-matrix', series: [{ labels: up, samples: mixedSamples() }] },
    json: `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"up","job":"api"},"values":[[2,"7"]],"histograms":[[1,{"count":"0","sum":"0"}],[2.5,${exponentialJson}]]}]}}`,
  },
  {
    name: 'a vector',
    value: vectorOf(1.5, -0.25),
    json: `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"up","i":"0"},"value":[1700000000.123,"1.5"]},{"metric":{"__name__":"up","i":"1"},"value":[1700000000.123,"-0.25"]}]}}`,
  },
  {
    name: 'an empty vector',
    value: vectorOf(),
    json: `{"status":"success","data":{"resultType":"vector","result":[]}}`,
  },
  {
    name: 'a matrix, without its absent steps',
    value: {
      kind: 'matrix',
      grid: { startMs: 60_000, stepMs: 30_500, count: 4 },
      series: [
        { labels: up, column: columnOf(1, undefined, Number.NaN, undefined) },
        { labels: Labels.EMPTY, column: columnOf(undefined, 2, undefined, 3) },
      ],
    },
    json: `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"up","job":"api"},"values":[[60,"1"],[121,"NaN"]]},{"metric":{},"values":[[90.5,"2"],[151.5,"3"]]}]}}`,
  },
  {
    name: 'an empty matrix',
    value: { kind: 'matrix', grid: { startMs: 0, stepMs: 1, count: 3 }, series: [] },
    json: `{"status":"success","data":{"resultType":"matrix","result":[]}}`,
  },
  {
    name: 'raw samples',
    value: {
      kind: 'raw-matrix',
      series: [{ labels: up, samples: SampleColumns.over(Float64Array.of(-1, 0, 10_020), Float64Array.of(1, 2, 3)) }],
    },
    json: `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"up","job":"api"},"values":[[-0.001,"1"],[0,"2"],[10.02,"3"]]}]}}`,
  },
  {
    name: 'a scalar',
    value: { kind: 'scalar', timestampMs: 5000, value: 1e21 },
    json: `{"status":"success","data":{"resultType":"scalar","result":[5,"1000000000000000000000"]}}`,
  },
  {
    name: 'a string, escaped for browsers',
    value: { kind: 'string', timestampMs: 5000, value: 'a "b" <c>' },
    json: `{"status":"success","data":{"resultType":"string","result":[5,"a \\"b\\" \\u003cc\\u003e"]}}`,
  },
];

test.for(values)('writes $name', ({ value, json }) => {
  expect(textOf(value)).toBe(json);
});

const numbers: readonly [value: number, text: string][] = [
  [0, '0'],
  // The sign is lost on the way from a querier to the frontend.
  [-0, '0'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
  [1e-7, '0.0000001'],
  [673_822_534_999_377e12, '673822534999377000000000000'],
];

test.for(numbers)('writes the value %d as %s', ([value, text]) => {
  expect(JSON.parse(textOf(vectorOf(value))).data.result[0].value[1]).toBe(text);
});

const labelValues: readonly [value: string, json: string][] = [
  ['plain', '"plain"'],
  ['<a> & b', '"<a> & b"'],
  ['"\\', '"\\"\\\\"'],
  ['\n\r\t\b\u0000', '"\\n\\r\\t\\u0008\\u0000"'],
  ['Zürich 🎉 \u2028', '"Zürich 🎉 \u2028"'],
  ['bytes \udcff\udc80 that are no UTF-8', '"bytes \\ufffd\\ufffd that are no UTF-8"'],
];

test.for(labelValues)('writes the label value %j', ([value, json]) => {
  expect(wholeJson(seriesResponseJson([labels({ a: value })], [])).toString()).toBe(
    `{"status":"success","data":[{"a":${json}}]}`,
  );
});

test('writes labels that a series has in common with the one before', () => {
  const many = Array.from({ length: 80 }, (_, i) => [`l${i}`, `value ${i}`] as const);
  const sets = [
    { a: '1', job: 'é🎉\u007f', z: '1' },
    { a: '1', job: 'é🎉\u007f', z: '2' },
    { a: '2', job: 'é🎉\u007f', z: '2' },
    { job: 'é🎉\u007f', z: '2' },
    {},
    { a: '2', job: 'é🎉\u007f', z: '2', zz: '3' },
    Object.fromEntries(many),
    Object.fromEntries([...many.slice(0, 70), ...many.slice(71)]),
  ];
  const texts = sets.map((set) => labels(set as Record<string, string>));
  // So many that they do not lie in one chunk.
  const all = Array.from({ length: 200 }, () => texts).flat();
  const { data } = JSON.parse(wholeJson(seriesResponseJson(all, [])).toString()) as { data: unknown[] };
  expect(data).toEqual(Array.from({ length: 200 }, () => sets).flat());
});

test('adds warnings and infos behind the data', () => {
  const result = resultOf(vectorOf());
  result.annotations.warn('PromQL warning: "x"');
  result.annotations.info('PromQL info: y');
  expect(wholeJson(queryResponseJson(result)).toString()).toBe(
    `{"status":"success","data":{"resultType":"vector","result":[]},"warnings":["PromQL warning: \\"x\\""],"infos":["PromQL info: y"]}`,
  );
});

describe('statistics', () => {
  test('come with samples only for vectors and matrices', () => {
    expect(textOf(vectorOf(), { withStatistics: true })).toBe(
      `{"status":"success","data":{"resultType":"vector","result":[],"stats":{"samples":{"totalQueryableSamples":3,"totalQueryableSamplesPerStep":[],"peakSamples":2}}}}`,
    );
  });

  test('come with timings for scalars', () => {
    const scalar: QueryValue = { kind: 'scalar', timestampMs: 0, value: 1 };
    expect(textOf(scalar, { withStatistics: true, durationMs: 250 })).toBe(
      `{"status":"success","data":{"resultType":"scalar","result":[0,"1"],"stats":{"timings":{"evalTotalTime":0.25,"resultSortTime":0,"queryPreparationTime":0,"innerEvalTime":0.25,"execQueueTime":0,"execTotalTime":0.25},"samples":{"totalQueryableSamples":3,"peakSamples":2}}}}`,
    );
  });
});

test('hands out a large matrix in chunks', () => {
  const count = 20_000;
  const column = columnOf(...Array.from({ length: count }, (_, step) => step / 8));
  const series = Array.from({ length: 5 }, (_, i) => ({ labels: labels({ i: `${i}` }), column }));
  const chunks = queryResponseJson(resultOf({ kind: 'matrix', grid: { startMs: 0, stepMs: 1000, count }, series }));
  const sizes: number[] = [];
  let text = '';
  for (let isLast = false; !isLast; ) {
    const next = chunks.next();
    sizes.push(next.value.length);
    // Borrowed: the next chunk may lie where this one did.
    text += Buffer.from(next.value).toString();
    isLast = next.done === true;
  }
  expect(Math.max(...sizes)).toBeLessThan(150_000);
  expect(sizes.length).toBeGreaterThan(10);
  expect(JSON.parse(text).data.result[4].values[19_999]).toEqual([19_999, '2499.875']);
});

test('keeps apart answers that are made at the same time', () => {
  const count = 30_000;
  const answer = (value: number): JsonChunks =>
    queryResponseJson(
      resultOf({
        kind: 'matrix',
        grid: { startMs: 0, stepMs: 1000, count },
        series: [{ labels: up, column: columnOf(...new Array<number>(count).fill(value)) }],
      }),
    );
  const expected = [1, 2].map((value) => wholeJson(answer(value)).toString());
  const answers = [1, 2].map(answer);
  const heads = answers.map((chunks) => Buffer.from(chunks.next().value).toString());
  expect(answers.map((chunks, i) => heads[i] + wholeJson(chunks).toString())).toEqual(expected);
});

const lists: readonly { name: string; actual: string | JsonChunks; json: string }[] = [
  {
    name: 'label values',
    actual: textListResponseJson(['a', '<b>'], []),
    json: `{"status":"success","data":["a","\\u003cb\\u003e"]}`,
  },
  {
    name: 'label names with a warning',
    actual: textListResponseJson([], ['results truncated due to limit']),
    json: `{"status":"success","data":[],"warnings":["results truncated due to limit"]}`,
  },
  {
    name: 'series',
    actual: seriesResponseJson([up, Labels.EMPTY], []),
    json: `{"status":"success","data":[{"__name__":"up","job":"api"},{}]}`,
  },
  {
    name: 'metadata',
    actual: metadataResponseJson([
      { metric: 'a', type: 'counter', help: 'A & B.', unit: 'seconds' },
      { metric: 'a', type: 'gauge', help: '', unit: '' },
      { metric: 'b', type: 'unknown', help: '', unit: '' },
    ]),
    json: `{"status":"success","data":{"a":[{"type":"counter","help":"A \\u0026 B.","unit":"seconds"},{"type":"gauge","help":"","unit":""}],"b":[{"type":"unknown","help":"","unit":""}]}}`,
  },
  { name: 'other data', actual: successJson('{}'), json: `{"status":"success","data":{}}` },
  {
    name: 'an error',
    actual: errorJson('1:1: parse error: unexpected <eof>', 'bad_data'),
    json: `{"status":"error","errorType":"bad_data","error":"1:1: parse error: unexpected \\u003ceof\\u003e"}`,
  },
  {
    name: 'an error of metadata',
    actual: errorJson('limit must be a number'),
    json: `{"status":"error","error":"limit must be a number"}`,
  },
];

test.for(lists)('writes $name', ({ actual, json }) => {
  expect(typeof actual === 'string' ? actual : wholeJson(actual).toString()).toBe(json);
});
