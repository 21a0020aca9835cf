import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../support/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ server: { querierMaxSubquerySteps: 20, querierDefaultEvaluationIntervalMs: 30_000 } });
});
afterAll(() => app.close());

test.for(['max_over_time(m[10m:30s])', 'max_over_time(m[10m:])', 'sum(m)', 'max_over_time(m[1d])'])(
  '%s has few enough steps',
  async (query) => {
    expect((await app.get('query', { query, time: 0 })).status).toBe(200);
  },
);

test.for([
  'max_over_time(m[11m:30s])',
  'max_over_time(m[11m:])',
  'sum by (a) (1 + -max_over_time((sum(m))[1h:1m]))',
  'max_over_time(rate(m[1m])[11m:30s])',
  'avg_over_time(max_over_time(m[11m:30s])[1m:30s])',
])('%s has too many', async (query) => {
  const error =
    'exceeded maximum resolution of 20 points per timeseries in subquery. Try increasing the step size of your subquery';
  for (const path of ['query', 'query_range']) {
    const { status, json } = await app.postForm(`/prometheus/api/v1/${path}`, { query, start: 0, end: 60, step: 60 });
    expect({ status, json }).toEqual({ status: 400, json: { status: 'error', errorType: 'bad_data', error } });
  }
});

test('a broken query is told as such', async () => {
  expect((await app.get('query', { query: 'max_over_time(m[11m:1s]', time: 0 })).text).toContain('parse error');
});
