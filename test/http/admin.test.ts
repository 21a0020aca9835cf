import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApp, START_MS, type TestApp } from '../support/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
  await app.push({
    series: [
      {
        labels: [['__name__', 'm']],
        samples: [
          [START_MS, 1],
          [START_MS + 1, 2],
        ],
      },
    ],
  });
});
afterAll(() => app.close());

test.for(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'])('/ready takes %s', async (method) => {
  const { status, text, headers } = await app.send(method, '/ready');
  expect({ status, text, type: headers['content-type'] }).toEqual({
    status: 200,
    text: method === 'HEAD' ? '' : 'ready',
    type: 'text/plain',
  });
});

describe('/metrics', () => {
  test('has Cortex’s names', async () => {
    const { text, headers } = await app.get('/metrics');
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8; escaping=underscores');
    const lines = text.split('\n');
    expect(lines).toContain('cortex_distributor_received_samples_total{type="float",user="test"} 2');
    expect(lines).toContain('cortex_ingester_memory_series 1');
    expect(lines).toContain('cortex_ingester_active_series{user="test"} 1');
    expect(text).toContain('cortex_build_info{');
    expect(text).toContain(
      'cortex_request_duration_seconds_count{method="POST",route="api_v1_push",status_code="200",ws="false"} 1',
    );
  });

  test('counts a path that nobody knows under one name', async () => {
    await app.get('/nope/1');
    await app.get('/nope/2');
    expect((await app.get('/metrics')).text).toContain(
      'cortex_request_duration_seconds_count{method="GET",route="other",status_code="404",ws="false"} 2',
    );
  });

  test('compresses for those who take it', async () => {
    const { headers, rawPayload } = await app.http.inject({
      url: '/metrics',
      headers: { 'accept-encoding': 'gzip' },
    });
    expect(headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(rawPayload).toString()).toContain('cortex_build_info');
  });
});

test('/services is a page and JSON', async () => {
  const page = await app.get('/services');
  expect(page.text).toContain('<title>Cortex Services Status</title>');
  expect(page.text).toContain('<td>Running</td>');
  const { json } = await app.get('/services', {}, { accept: 'application/json' });
  expect(json).toEqual({ services: expect.arrayContaining([{ name: 'query-frontend', status: 'Running' }]) });
});

test('/config shows all, what differs, and the defaults', async () => {
  const all = await app.get('/config');
  expect(all.headers['content-type']).toBe('text/plain; charset=utf-8');
  expect(all.text).toContain('auth_enabled: true');
  const { text: diff } = await app.get('/config?mode=diff');
  expect(diff).not.toContain('auth_enabled');
  // On by default here, and off in Cortex.
  expect(diff).toContain('ruler:\n  enable_api: true\n');
  expect((await app.get('/config?mode=defaults')).text).toContain('ingestion_rate: 25000');
});

test('every link of the first page leads somewhere', async () => {
  const { text } = await app.get('/');
  // What is dangerous is tried in administration.test.ts.
  const [harmless = ''] = text.split('<h2>Dangerous</h2>');
  const paths = [...harmless.matchAll(/href="([^"]+)"/g)].map(([, path]) => path!);
  expect(paths.length).toBeGreaterThan(15);
  for (const path of paths) expect((await app.get(path)).status).toBe(200);
});

describe('usage', () => {
  const usage = {
    ingestionRate: 0,
    numSeries: 1,
    APIIngestionRate: 0,
    RuleIngestionRate: 0,
    activeSeries: 1,
    loadedBlocks: 0,
    queriedIngesters: 0,
  };

  test('of one tenant', async () => {
    expect((await app.get('/api/v1/user_stats')).json).toEqual(usage);
    expect((await app.get('/api/prom/user_stats')).json).toEqual(usage);
    expect((await app.get('/api/v1/user_stats', {}, { 'x-scope-orgid': 'empty' })).json).toEqual({
      ...usage,
      numSeries: 0,
      activeSeries: 0,
    });
  });

  test('of all tenants, as a page and as JSON that calls itself text', async () => {
    const page = await app.get('/distributor/all_user_stats');
    expect(page.text).toContain('<td>test</td>');
    const { text, headers } = await app.get('/all_user_stats', {}, { accept: 'application/json' });
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(JSON.parse(text)).toEqual([{ userID: 'test', ...usage, queriedIngesters: 1 }]);
  });
});

test('build info is there when it is switched on', async () => {
  const open = await createTestApp({ server: { buildInfoEnabled: true } });
  const { status, text, headers } = await open.get('status/buildinfo');
  expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'text/plain; charset=utf-8' });
  expect(JSON.parse(text)).toMatchObject({ status: 'success', data: { version: '1.21.1' } });
  await open.close();
});
