import { describe, expect, test } from 'vitest';
import type { SampleColumns } from '../../src/model/columns.ts';
import { PocketCortexError } from '../../src/model/errors.ts';
import { Labels } from '../../src/model/labels.ts';
import type { SeriesSet, SeriesSource } from '../../src/model/series-source.ts';
import { FAKE_TENANT, type TenantId } from '../../src/model/tenant.ts';
import { describeValue, engineOver } from '../support/memory-engine.ts';

const tenant = FAKE_TENANT;
const notation = `
  up{job="api"} 1 1 0
  up{job="web"} 1 stale
  x_total 0+60x10
  temp{room="b"} 20 21 22
  temp{room="a"} 5 NaN 7
`;

describe('an instant query', () => {
  test.for([
    ['up', ['{__name__="up", job="api"} 120000:0']],
    ['up offset 1m', ['{__name__="up", job="api"} 120000:1']],
    ['temp', ['{__name__="temp", room="a"} 120000:7', '{__name__="temp", room="b"} 120000:22']],
    ['sort_desc(temp)', ['{__name__="temp", room="b"} 120000:22', '{__name__="temp", room="a"} 120000:7']],
    ['topk(2, temp)', ['{__name__="temp", room="b"} 120000:22', '{__name__="temp", room="a"} 120000:7']],
    ['1 + 2', ['scalar 120000:3']],
    ['("text")', ['string 120000:text']],
    ['temp[2m]', ['{__name__="temp", room="a"} 60000:NaN 120000:7', '{__name__="temp", room="b"} 60000:21 120000:22']],
    ['up[5m]', ['{__name__="up", job="api"} 0:1 60000:1 120000:0', '{__name__="up", job="web"} 0:1']],
    ['sum(up)[2m:1m]', ['{} 60000:1 120000:0']],
    ['nothing', []],
  ] as const)('gives the value of %s in its own type and order', async ([query, expected]) => {
    const { value } = await engineOver(notation).instant({ tenant, query, timeMs: 120_000 });
    expect(describeValue(value)).toEqual(expected);
  });
});

describe('a range query', () => {
  const steps = { startMs: 0, endMs: 179_999, stepMs: 60_000 };

  test.for([
    [
      'temp',
      ['{__name__="temp", room="a"} 0:5 60000:NaN 120000:7', '{__name__="temp", room="b"} 0:20 60000:21 120000:22'],
    ],
    [
      'sort_desc(temp{room="b"} or temp{room="a"})',
      ['{__name__="temp", room="a"} 0:5 60000:NaN 120000:7', '{__name__="temp", room="b"} 0:20 60000:21 120000:22'],
    ],
    ['temp > 21', ['{__name__="temp", room="b"} 120000:22']],
    ['temp > 100', []],
    ['time()', ['{} 0:0 60000:60 120000:120']],
    ['-1', ['{} 0:-1 60000:-1 120000:-1']],
  ] as const)('gives a matrix of %s, in order of labels, without empty series', async ([query, expected]) => {
    const { value } = await engineOver(notation).range({ tenant, query, ...steps });
    expect(describeValue(value)).toEqual(expected);
    expect(value).toMatchObject({ kind: 'matrix', grid: { startMs: 0, stepMs: 60_000, count: 3 } });
  });

  test.for([
    ['temp[1m]', 'invalid expression type "range vector" for range query, must be Scalar or instant Vector'],
    ['"text"', 'invalid expression type "string" for range query, must be Scalar or instant Vector'],
  ] as const)('refuses %s', async ([query, message]) => {
    const answer = engineOver(notation).range({ tenant, query, ...steps });
    await expect(answer).rejects.toMatchObject({ code: 'bad-data', message });
  });

  test('that ends before it starts is empty', async () => {
    const { value } = await engineOver(notation).range({ tenant, query: 'up', startMs: 60_000, endMs: 0, stepMs: 1 });
    expect(describeValue(value)).toEqual([]);
  });

  test('of one step is a matrix all the same', async () => {
    const { value } = await engineOver(notation).range({ tenant, query: 'up', startMs: 0, endMs: 0, stepMs: 1 });
    expect(value.kind).toBe('matrix');
  });
});

test('a query sees the series of its own tenant only', async () => {
  const { value } = await engineOver(notation).instant({ tenant: 'other' as TenantId, query: 'up', timeMs: 0 });
  expect(describeValue(value)).toEqual([]);
});

test('a query may bring its own lookback', async () => {
  const engine = engineOver('x 1');
  const at = { tenant, query: 'x', timeMs: 60_000 };
  expect(describeValue((await engine.instant({ ...at, lookbackMs: 60_000 })).value)).toEqual([]);
  expect(describeValue((await engine.instant({ ...at, lookbackMs: 60_001 })).value)).toEqual([
    '{__name__="x"} 60000:1',
  ]);
});

describe('statistics', () => {
  test.for([
    // A selector counts a sample a step, a range function all of each window.
    ['up', 4, 4],
    ['sum(up)', 4, 4],
    ['rate(x_total[2m])', 5, 2],
    ['up + on (job) up', 8, 8],
    // What is evaluated once counts at every step.
    ['temp @ 60', 6, 6],
    // Of a subquery count the windows, not what they were made of.
    ['max_over_time(x_total[2m:1m])', 5, 6],
    ['1', 0, 3],
  ] as const)('of %s are %d samples read', async ([query, queryable]) => {
    const { statistics } = await engineOver(notation).range({
      tenant,
      query,
      startMs: 0,
      endMs: 120_000,
      stepMs: 60_000,
    });
    expect(statistics.totalQueryableSamples).toBe(queryable);
  });

  test.for([
    // 168 bytes, a span, two buckets: by 16 that is 12 samples. Without buckets it is 11.
    ['h', 24],
    ['histogram_count(h)', 22],
    ['histogram_quantile(0.5, h)', 24],
    ['rate(h[2m])', 36],
    ['histogram_count(rate(h[2m]))', 33],
    ['count_over_time(h[2m:1m])', 36],
    // A float is one sample, and so is a time.
    ['timestamp(h)', 2],
  ] as const)('count native histograms by their size: %s', async ([query, queryable]) => {
    const { statistics } = await engineOver(
      'h {{count:2 sum:3 buckets:[1 1]}}+{{count:2 sum:3 buckets:[1 1]}}x2',
    ).range({
      tenant,
      query,
      startMs: 0,
      endMs: 60_000,
      stepMs: 60_000,
    });
    expect(statistics.totalQueryableSamples).toBe(queryable);
  });

  // Two series of `up`. A function takes the values of a step beside those of its arguments, and then gives its own.
  test.for([
    ['up', 2],
    ['-up', 2],
    ['abs(up)', 2 + 2 + 2],
    ['up + 1', 2 + 1 + 3 + 2],
    ['sum(up)', 2],
    ['topk(1, up)', 1 + 2],
    ['sum(up) + sum(temp)', 1 + 1 + 2 + 1],
    ['vector(1)', 1 + 1 + 1],
    ['absent(up)', 2 + 2],
    ['timestamp(up)', 2 + 2],
    ['label_replace(up, "x", "y", "", "")', 2],
    // Of a range vector it is the window of one series beside the results so far.
    ['rate(x_total[10m])', 6 + 1],
    ['quantile_over_time(0.5, x_total[10m])', 1 + 6 + 1],
    ['max_over_time(x_total[10m:1m])', 6 + 6 + 1],
  ] as const)('hold the peak of samples at a time, as Prometheus counts it: %s', async ([query, peak]) => {
    const timeMs = query.includes('x_total') ? 300_000 : 0;
    const { statistics } = await engineOver(notation).instant({ tenant, query, timeMs, withExactPeak: true });
    expect(statistics.peakSamples).toBe(peak);
  });
});

test.for([
  ['temp', 5],
  ['temp * temp', 11],
  ['sum_over_time(vector(1)[1h:1s])', 3_000],
  ['sum by (room) (temp)', 5],
] as const)('%s fails above %d samples', async ([query, maxSamples]) => {
  const answer = engineOver(notation, { maxSamples }).range({
    tenant,
    query,
    startMs: 0,
    endMs: 120_000,
    stepMs: 60_000,
  });
  await expect(answer).rejects.toMatchObject({
    code: 'too-many-samples',
    message: 'query processing would load too many samples into memory in query execution',
  });
});

describe('a subquery of very many steps', () => {
  // 262,144 steps is where they begin to be evaluated in stretches.
  test.for([
    ['sum_over_time(temp[10y:1s])', 'sum_over_time(temp[10m:1s])'],
    ['max_over_time(sum by (room) (temp)[1y:1s])', 'max_over_time(sum by (room) (temp)[10m:1s])'],
    ['count_over_time(rate(x_total[2m])[30d:1s])', 'count_over_time(rate(x_total[2m])[10m:1s])'],
    ['last_over_time((temp * 2)[4d:1s])', 'last_over_time((temp * 2)[10m:1s])'],
    ['sum_over_time(max_over_time(temp[2y:1s])[1h:1m])', 'sum_over_time(max_over_time(temp[2h:1s])[1h:1m])'],
    ['count_over_time(absent(nothing)[4d:1s]) > 345000', 'vector(345600)'],
  ] as const)('%s is %s', async ([query, short]) => {
    const engine = engineOver(notation);
    const steps = { startMs: 0, endMs: 240_000, stepMs: 60_000 };
    const [one, other] = await Promise.all(
      [query, short].map((text) => engine.range({ tenant, query: text, ...steps })),
    );
    expect(describeValue(one!.value)).toEqual(describeValue(other!.value));
    expect(one!.value).toMatchObject({ series: expect.arrayContaining([expect.anything()]) });
  });

  test('is refused at once when it has a value at every step', async () => {
    const answer = engineOver(notation).instant({ tenant, query: 'sum_over_time(vector(1)[10y:1s])', timeMs: 0 });
    await expect(answer).rejects.toMatchObject({ code: 'too-many-samples' });
  });

  test('counts the samples that it has', async () => {
    const engine = engineOver(notation, { maxSamples: 400 });
    const answer = engine.instant({ tenant, query: 'sum_over_time(temp[10y:1s])', timeMs: 240_000 });
    await expect(answer).rejects.toMatchObject({ code: 'too-many-samples' });
    const sparse = await engine.instant({ tenant, query: 'sum_over_time(temp[10y:1m])', timeMs: 240_000 });
    expect(sparse.statistics.peakSamples).toBeLessThan(100);
  });

  test('ends when it is called off', async () => {
    const controller = new AbortController();
    const query = 'sum_over_time(temp[200y:1ms])';
    const answer = engineOver(notation).instant({ tenant, query, timeMs: 0, signal: controller.signal });
    setImmediate(() => controller.abort(new DOMException('stop', 'AbortError')));
    await expect(answer).rejects.toMatchObject({ code: 'query-cancelled' });
  });
});

test('an aggregation lets go of what it has folded', async () => {
  const engine = engineOver(notation, { maxSamples: 10 });
  const query = 'sum(temp) + sum(temp) + sum(temp)';
  const { value } = await engine.range({ tenant, query, startMs: 0, endMs: 60_000, stepMs: 60_000 });
  expect(describeValue(value)).toEqual(['{} 0:75 60000:NaN']);
});

function sourceOf(select: () => SeriesSet): SeriesSource {
  return {
    select,
    *selectInSlices() {
      return select();
    },
  };
}

describe('a query that is interrupted', () => {
  test.for([
    [new DOMException('stop', 'AbortError'), 'query-cancelled', 'query was canceled in expression evaluation'],
    [new DOMException('late', 'TimeoutError'), 'query-timeout', 'query timed out in expression evaluation'],
    [new PocketCortexError('internal', 'shutting down'), 'internal', 'shutting down'],
  ] as const)('by %s ends as %s', async ([reason, code, message]) => {
    const controller = new AbortController();
    // Reading all of these takes far longer than a slice.
    const labels = new Array<Labels>(100_000).fill(Labels.EMPTY);
    const source = sourceOf(() => ({ labels, read: (_index: number, into: SampleColumns) => into.clear() }));
    const steps = { startMs: 0, endMs: 10_000_000, stepMs: 1000 };
    const engine = engineOver('', { source });
    const answer = engine.range({ tenant, query: 'count(x)', ...steps, signal: controller.signal });
    controller.abort(reason);
    await expect(answer).rejects.toMatchObject({ code, message });
  });

  test('before it starts reads nothing', async () => {
    const source = sourceOf(() => {
      throw new Error('must not be asked');
    });
    const answer = engineOver('', { source }).instant({ tenant, query: 'up', timeMs: 0, signal: AbortSignal.abort() });
    await expect(answer).rejects.toMatchObject({ code: 'query-cancelled' });
  });
});

test('what a store throws comes out as it is', async () => {
  const broken = new Error('disk on fire');
  const source = sourceOf(() => {
    throw broken;
  });
  await expect(engineOver('', { source }).instant({ tenant, query: 'up', timeMs: 0 })).rejects.toBe(broken);
});

test.for([
  [
    'rate(temp[2m])',
    [],
    ['PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "temp" (1:6)'],
  ],
  ['rate(x_total[2m])', [], []],
  ['quantile(1.5, temp)', ['PromQL warning: quantile value should be between 0 and 1, got 1.5 (1:10)'], []],
] as const)('%s comes with its annotations', async ([query, warnings, infos]) => {
  const { annotations } = await engineOver(notation).instant({ tenant, query, timeMs: 120_000 });
  expect({ warnings: annotations.warnings, infos: annotations.infos }).toEqual({ warnings, infos });
});

test.for([
  ['up{', 'parse-error'],
  ['up + "text"', 'parse-error'],
  ['up[5m] + 1', 'parse-error'],
  ['topk(NaN, up)', 'execution-error'],
] as const)('%s is refused with a code', async ([query, code]) => {
  await expect(engineOver(notation).instant({ tenant, query, timeMs: 0 })).rejects.toMatchObject({ code });
});

test('a join skips the many series that find no partner', async () => {
  const many = Array.from({ length: 300 }, (_, i) => `many{n="${i}"} ${i} ${i}`).join('\n');
  const engine = engineOver(`${many}\none{n="7"} 2 3\none{n="200"} 4 5\nother{m="1"} 1 1`);
  const steps = { startMs: 0, endMs: 60_000, stepMs: 60_000 };
  const answers = ['many * on (n) one', 'one * on (n) many', 'many * on (n) other'].map(async (query) => {
    const { value, statistics } = await engine.range({ tenant, query, ...steps });
    return { series: describeValue(value), read: statistics.totalQueryableSamples };
  });
  const series = ['{n="200"} 0:800 60000:1000', '{n="7"} 0:14 60000:21'];
  expect(await Promise.all(answers)).toEqual([
    { series, read: 604 },
    { series, read: 604 },
    { series: [], read: 602 },
  ]);
});
