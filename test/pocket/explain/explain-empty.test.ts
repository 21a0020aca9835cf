import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestApp, START_MS, type TestApp } from '../../support/test-app.ts';

let app: TestApp;

const series = (labels: Readonly<Record<string, string>>, seconds: readonly number[]) => ({
  labels: Object.entries(labels),
  samples: seconds.map((second): [number, number] => [START_MS + second * 1000, 7]),
});

beforeAll(async () => {
  app = await createTestApp();
  await app.push({
    series: [
      series({ __name__: 'http_requests_total', job: 'api', region: 'eu' }, [-60, 0]),
      series({ __name__: 'http_requests_total', job: 'web', region: 'us' }, [-60, 0]),
      series({ __name__: 'up', job: 'api' }, [0]),
      series({ __name__: 'old_total', job: 'api' }, [-1800]),
    ],
  });
  await app.push({ series: [series({ __name__: 'secret_metric' }, [0])] }, { 'x-scope-orgid': 'other' });
});
afterAll(() => app.close());

async function explain(query: string, headers = {}) {
  const { json } = await app.get('query', { query, time: START_MS / 1000, explain: 'empty' }, headers);
  return json as { readonly data: unknown; readonly explanation?: readonly Record<string, unknown>[] };
}

test.for<[query: string, explanation: readonly Record<string, unknown>[]]>([
  [
    'http_request_total{job="api"}',
    [
      {
        reason: 'unknown-metric',
        expr: 'http_request_total{job="api"}',
        message: 'there is no metric http_request_total; perhaps http_requests_total',
        nearest: ['http_requests_total'],
      },
    ],
  ],
  [
    'sum(rate(http_requests_total{job="apo"}[5m]))',
    [
      {
        reason: 'unknown-value',
        expr: 'http_requests_total{job="apo"}',
        message: 'no series of http_requests_total has job="apo"; job is api, …',
        nearest: ['api'],
      },
    ],
  ],
  [
    'http_requests_total{jb="api"}',
    [
      {
        reason: 'unknown-label',
        expr: 'http_requests_total{jb="api"}',
        message: 'no series of http_requests_total has a label jb; perhaps job',
        nearest: ['job'],
      },
    ],
  ],
  [
    'http_requests_total{job="api",region="us"}',
    [
      {
        reason: 'never-together',
        expr: 'http_requests_total{job="api",region="us"}',
        message:
          'each label has such values, but no series has all of them; closest: {__name__="http_requests_total", job="api", region="eu"}, {__name__="http_requests_total", job="web", region="us"}',
        nearest: [
          '{__name__="http_requests_total", job="api", region="eu"}',
          '{__name__="http_requests_total", job="web", region="us"}',
        ],
      },
    ],
  ],
  [
    'old_total',
    [
      {
        reason: 'no-samples-in-time',
        expr: 'old_total',
        message:
          'old_total has series, but no samples in the time that was asked for (a query looks back 5m): the last one before is 30m old (2023-11-14T21:43:20.000Z)',
        nearest: ['{__name__="old_total", job="api"}'],
        lastBeforeMs: START_MS - 1_800_000,
      },
    ],
  ],
  [
    'up offset 1h',
    [
      {
        reason: 'no-samples-in-time',
        expr: 'up',
        message:
          'up has series, but no samples in the time that was asked for (a query looks back 5m): the first one behind is 1h later (2023-11-14T22:13:20.000Z)',
        nearest: ['{__name__="up", job="api"}'],
        firstAfterMs: START_MS,
      },
    ],
  ],
  [
    'rate(http_requests_total[30s])',
    [
      {
        reason: 'one-sample',
        expr: 'http_requests_total',
        message:
          'rate() needs two samples, and there is one in the 30s of http_requests_total: a longer range would help',
      },
    ],
  ],
  [
    'sum(up > 9)',
    [
      {
        reason: 'filtered',
        expr: 'up > 9',
        message: 'nothing of up passes >; it has {__name__="up", job="api"} 7',
        nearest: ['{__name__="up", job="api"} 7'],
      },
    ],
  ],
  [
    'http_requests_total + on (region) up',
    [
      {
        reason: 'unmatched',
        expr: 'http_requests_total + on (region) up',
        message:
          'no element of the left side of + has a partner on (region), or none passes; left: {__name__="http_requests_total", job="api", region="eu"}, {__name__="http_requests_total", job="web", region="us"}; right: {__name__="up", job="api"}',
        nearest: [
          '{__name__="http_requests_total", job="api", region="eu"}',
          '{__name__="http_requests_total", job="web", region="us"}',
          '{__name__="up", job="api"}',
        ],
      },
    ],
  ],
])('says why %s gives nothing', async ([query, explanation]) => {
  const { data, explanation: given } = await explain(query);
  expect(data).toMatchObject({ result: [] });
  expect(given).toEqual(explanation);
});

test('is not there unless it is asked for, nor where there is a result', async () => {
  expect(await explain('up')).not.toHaveProperty('explanation');
  const { json } = await app.get('query', { query: 'upp', time: START_MS / 1000 });
  expect(json).toEqual({ status: 'success', data: { resultType: 'vector', result: [] } });
});

test('range queries are explained too', async () => {
  const { json } = await app.get('query_range', {
    query: 'upp',
    start: START_MS / 1000 - 60,
    end: START_MS / 1000,
    step: 15,
    explain: 'empty',
  });
  expect(json).toMatchObject({
    data: { resultType: 'matrix', result: [] },
    explanation: [{ reason: 'unknown-metric', nearest: ['up'] }],
  });
});

test('never tells of other tenants', async () => {
  const { explanation } = await explain('secret_metric');
  expect(explanation).toEqual([
    { reason: 'unknown-metric', expr: 'secret_metric', message: 'there is no metric secret_metric', nearest: [] },
  ]);
  expect((await explain('up', { 'x-scope-orgid': 'nobody' })).explanation).toEqual([
    { reason: 'no-data', expr: 'up', message: 'tenant nobody has no series at all' },
  ]);
});
