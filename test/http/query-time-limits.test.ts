import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApp, START_MS, type TestApp } from '../support/test-app.ts';

const MINUTE_MS = 60_000;
const now = START_MS / 1000;
const MINUTE = 60;
const HOUR = 3600;

let app: TestApp;

/** Samples of `m`, so many minutes old. */
async function pushSamples(minutesAgo: readonly number[]): Promise<void> {
  const samples = minutesAgo.map((minutes) => [START_MS - minutes * MINUTE_MS, minutes] as const);
  expect(await app.push({ series: [{ labels: [['__name__', 'm']], samples }] })).toMatchObject({ status: 200 });
}

const tooLong = (length: string): string =>
  `the query time range exceeds the limit (query length: ${length}, limit: 2h0m0s)`;

describe('a query of more than max_query_length', () => {
  beforeAll(async () => {
    app = await createTestApp({ limits: { maxQueryLengthMs: 120 * MINUTE_MS } });
    await pushSamples([50, 1]);
  });
  afterAll(() => app.close());

  test.for([
    ['m', 'ok'],
    ['1', 'ok'],
    ['rate(m[2h])', 'ok'],
    ['rate(m[121m])', tooLong('2h1m0s')],
    ['max_over_time(m[1h:1m] offset 1h)', 'ok'],
    ['max_over_time(m[2h:1m])', tooLong('2h5m0s')],
    ['max_over_time(rate(m[1h])[1h1m:1m])', tooLong('2h1m0s')],
    // What two selectors look at counts once, a gap between them does not count.
    ['rate(m[90m]) + rate(m[2h])', 'ok'],
    ['rate(m[90m]) + rate(m[90m] offset 1h)', tooLong('2h30m0s')],
    ['rate(m[1h]) + rate(m[1h] offset 1d)', 'ok'],
    ['rate(m[1h]) + rate(m[1h1m] offset 1d)', tooLong('2h1m0s')],
    ['m + m @ 1000', 'ok'],
    ['sum(rate(m[61m])) + sum(rate(m[1h] @ 100000))', tooLong('2h1m0s')],
    ['max_over_time(rate(m[1h] @ 1000)[1d:1h])', 'ok'],
    ['max_over_time(rate(m[1h])[1d:1h] @ 1000)', tooLong('25h0m0s')],
  ] as const)('over selectors: %s', async ([query, expected]) => {
    const { status, json } = await app.get('query', { query, time: now });
    if (expected === 'ok') expect(status).toBe(200);
    else
      expect({ status, json }).toEqual({
        status: 400,
        json: { status: 'error', errorType: 'bad_data', error: expected },
      });
  });

  test.for([
    [115, 200, undefined],
    [120, 422, { status: 'error', errorType: 'execution', error: `expanding series: ${tooLong('2h4m59.999s')}` }],
    [121, 400, { status: 'error', errorType: 'bad_data', error: tooLong('2h1m0s') }],
  ] as const)('over %d minutes is answered with %d', async ([minutes, expectedStatus, body]) => {
    const range = { start: now - minutes * MINUTE, end: now, step: 60 };
    const { status, json } = await app.get('query_range', { query: 'm', ...range });
    expect(status).toBe(expectedStatus);
    if (body) expect(json).toEqual(body);
  });

  test('that has a mistake in it is told of the mistake', async () => {
    const { json } = await app.get('query', { query: 'rate(m[3h]', time: now });
    expect(json).toMatchObject({ error: expect.stringContaining('unclosed left parenthesis') });
  });

  test.for(['series', 'labels', 'label/__name__/values'])('asks %s for 422, unless it has no start', async (path) => {
    const selector = path === 'series' ? { 'match[]': 'm' } : {};
    const long = await app.get(path, { ...selector, start: now - 2.5 * HOUR, end: now });
    expect({ status: long.status, json: long.json }).toEqual({
      status: 422,
      json: { status: 'error', errorType: 'execution', error: tooLong('2h30m0s') },
    });
    // Without an end it is ten minutes from now.
    expect(await app.get(path, { ...selector, start: now - 2 * HOUR })).toMatchObject({
      json: { error: tooLong('2h10m0s') },
    });
    expect(await app.get(path, { ...selector, end: now })).toMatchObject({ status: 200 });
    expect(await app.get(path, { ...selector, start: now - HOUR, end: now })).toMatchObject({ status: 200 });
  });
});

describe('behind max_query_lookback', () => {
  beforeAll(async () => {
    app = await createTestApp({ limits: { maxQueryLookbackMs: 10 * MINUTE_MS } });
    await pushSamples([15, 12, 9, 1]);
  });
  afterAll(() => app.close());

  test.for([
    ['m', now, '1'],
    ['count_over_time(m[1h])', now, '2'],
    ['sum_over_time(m[1h])', now, '10'],
    ['m offset 9m', now, '9'],
    ['m @ start()', now - 10 * MINUTE, undefined],
    ['m', now - 12 * MINUTE, undefined],
    ['max_over_time(m[1h:1m])', now, '9'],
    ['1', now - HOUR, '1'],
  ] as const)('%s at %d is %s', async ([query, time, expected]) => {
    const { status, json } = await app.get('query', { query: `${query}`, time });
    expect(status).toBe(200);
    const { result } = (json as { data: { result: readonly unknown[] } }).data;
    const value = typeof result[0] === 'number' ? result[1] : (result[0] as { value: unknown[] } | undefined)?.value[1];
    expect(value).toBe(expected);
  });

  test('a range begins where it is allowed to', async () => {
    const { json } = await app.get('query_range', { query: 'm', start: now - HOUR, end: now, step: 4 * MINUTE });
    expect(json).toMatchObject({
      data: {
        result: [
          {
            values: [[now - 6 * MINUTE, '9']],
          },
        ],
      },
    });
  });

  test('a range that lies before it is empty', async () => {
    const { json } = await app.get('query_range', { query: 'm', start: now - 2 * HOUR, end: now - HOUR, step: 60 });
    expect(json).toEqual({ status: 'success', data: { resultType: 'matrix', result: [] } });
  });

  test.for(['series', 'labels', 'label/__name__/values'])('%s finds nothing', async (path) => {
    const selector = path === 'series' ? { 'match[]': 'm' } : {};
    const before = await app.get(path, { ...selector, start: now - 2 * HOUR, end: now - HOUR });
    expect(before.json).toEqual({ status: 'success', data: [] });
    const within = await app.get(path, { ...selector, start: now - 2 * HOUR, end: now });
    expect((within.json as { data: unknown[] }).data).not.toEqual([]);
  });
});
