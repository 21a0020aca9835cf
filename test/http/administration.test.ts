import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestApp, START_MS, type TestApp } from '../support/test-app.ts';

let app: TestApp;
beforeEach(async () => {
  app = await createTestApp();
});
afterEach(() => app.close());

const request = {
  series: [{ labels: [['__name__', 'm'] as [string, string]], samples: [[START_MS, 1] as [number, number]] }],
};
const NOBODY = { 'x-scope-orgid': '' };

async function answerOf(method: string, path: string, body?: string) {
  const { status, text } = await app.send(method, path, body, {
    ...NOBODY,
    ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
  });
  return { status, text };
}

describe('rings', () => {
  test.for([
    ['/ingester/ring', 'text/html; charset=utf-8', '<td>ACTIVE</td>'],
    ['/ring', 'text/html; charset=utf-8', 'Show Tokens'],
    ['/ring?tokens=true', 'text/html; charset=utf-8', 'Hide Tokens'],
    ['/distributor/ring', 'text/html', '<title>Cortex Distributor Status</title>'],
    ['/ruler/ring', 'text/html', '<title>Cortex Ruler Status</title>'],
    ['/ruler_ring', 'text/html', '<title>Cortex Ruler Status</title>'],
    ['/store-gateway/ring', 'text/html; charset=utf-8', 'has no ring because sharding is disabled'],
    ['/compactor/ring', 'text/html; charset=utf-8', 'has no ring because sharding is disabled'],
    ['/multitenant_alertmanager/ring', 'text/html; charset=utf-8', 'has no ring because sharding is disabled'],
    ['/multitenant_alertmanager/status', 'text/html; charset=utf-8', 'clustering is disabled'],
  ] as const)('%s is a page', async ([path, type, part]) => {
    const { status, text, headers } = await app.get(path, {}, NOBODY);
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type });
    expect(text).toContain(part);
  });

  test('of the ingester is one instance with all tokens', async () => {
    const { json } = await app.get('/ingester/ring', {}, { accept: 'application/json', ...NOBODY });
    const { shards } = json as { shards: readonly { tokens: readonly number[] }[] };
    expect(shards).toMatchObject([{ state: 'ACTIVE', zone: '', timestamp: '2023-11-14 22:13:20 +0000 UTC' }]);
    expect(new Set(shards[0]!.tokens).size).toBe(512);
  });

  test('kept in a memberlist have one member', async () => {
    expect((await app.get('/memberlist', {}, NOBODY)).text).toBe("This instance doesn't use memberlist.");
    const gossiping = await createTestApp({ server: { haTrackerStore: 'memberlist' } });
    const { text, headers } = await gossiping.get('/memberlist');
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(text).toContain('<h1>Cortex Memberlist Status</h1>');
    await gossiping.close();
  });

  test('forget nobody, and lead back', async () => {
    const { status, headers } = await app.send('POST', '/ingester/ring', 'forget=x', NOBODY);
    expect({ status, location: headers.location }).toEqual({ status: 302, location: '#' });
  });

  test.for(['/parquet-converter/ring', '/api/prom/configs/rules', '/status'])('%s is no part of all', async (path) => {
    expect((await app.get(path)).status).toBe(404);
  });
});

describe('the ingester', () => {
  test.for([
    ['GET', '/ingester/mode', undefined, 400, 'invalid mode input: '],
    ['GET', '/ingester/mode?mode=sleepy', undefined, 400, 'invalid mode input: SLEEPY'],
    ['GET', '/ingester/mode?mode=%3Cb%3E', undefined, 400, 'invalid mode input: &lt;B&gt;'],
    ['DELETE', '/ingester/mode', undefined, 405, ''],
    ['GET', '/ingester/mode?mode=readonly', undefined, 200, 'Ingester mode READONLY'],
    ['POST', '/ingester/mode', 'mode=ACTIVE', 200, 'Ingester mode ACTIVE'],
    ['GET', '/ingester/renewTokens', undefined, 204, ''],
    ['POST', '/flush', undefined, 204, ''],
    ['GET', '/ingester/flush?wait=true', undefined, 204, ''],
  ] as const)('%s %s %s', async ([method, path, body, status, text]) => {
    expect(await answerOf(method, path, body)).toEqual({ status, text });
  });

  test('takes no writes while it is read-only, and answers queries', async () => {
    await app.push(request);
    await answerOf('GET', '/ingester/mode?mode=READONLY');
    const { status, text } = await app.push(request);
    expect({ status, text }).toEqual({
      status: 500,
      text: 'at least 1 live replicas required, could only find 0 - unhealthy instances: 127.0.0.1:9095\n',
    });
    expect((await app.get('query', { query: 'count(m)', time: START_MS / 1000 })).text).toContain('"1"');
    await answerOf('GET', '/ingester/mode?mode=ACTIVE');
    expect((await app.push(request)).status).toBe(200);
  });

  test('is gone after a shutdown, while the rest goes on', async () => {
    await app.push(request);
    expect(await answerOf('POST', '/ingester/shutdown')).toEqual({ status: 204, text: '' });
    expect(await answerOf('GET', '/ready')).toEqual({
      status: 503,
      text: 'Some services are not Running:\nTerminated: 1\nRunning: 9\n\n',
    });
    expect((await app.push(request)).text).toBe('DoBatch: InstancesCount <= 0\n');
    expect((await app.get('query', { query: 'm' })).json).toEqual({
      status: 'error',
      errorType: 'server_error',
      error: 'expanding series: empty ring',
    });
    expect((await app.get('labels')).json).toMatchObject({ status: 'error', error: 'empty ring' });
    expect((await app.get('query', { query: '1' })).status).toBe(200);
    await answerOf('GET', '/ingester/mode?mode=ACTIVE');
    expect((await app.push(request)).status).toBe(500);
    expect(await answerOf('GET', '/shutdown')).toEqual({ status: 204, text: '' });
  });

  test('flushes one tenant, whose series are out of its memory then', async () => {
    await app.push(request);
    await app.push(request, { 'x-scope-orgid': 'other' });
    await answerOf('POST', '/ingester/flush?wait=true&tenant=test&tenant=..&tenant=nobody');
    expect((await app.get('/api/v1/user_stats')).json).toMatchObject({ numSeries: 0, activeSeries: 1 });
    expect((await app.get('/api/v1/user_stats', {}, { 'x-scope-orgid': 'other' })).json).toMatchObject({
      numSeries: 1,
    });
    expect((await app.get('/purger/delete_tenant_status')).json).toEqual({ tenant_id: 'test', blocks_deleted: false });
    expect((await app.get('query', { query: 'm', time: START_MS / 1000 })).text).toContain('"1"');
  });
});

describe('tenant deletion', () => {
  test('leaves nothing of the tenant, and others alone', async () => {
    for (const tenant of ['test', 'other']) {
      const headers = { 'x-scope-orgid': tenant };
      await app.push(request, headers);
      await app.send('POST', '/api/v1/rules/n', 'name: g\nrules: [{record: r, expr: "1"}]', headers);
    }
    expect((await app.send('POST', '/purger/delete_tenant')).status).toBe(200);
    expect((await app.get('query', { query: 'm', time: START_MS / 1000 })).json).toMatchObject({
      data: { result: [] },
    });
    expect((await app.get('series', { 'match[]': 'm' })).json).toEqual({ status: 'success', data: [] });
    expect((await app.get('/api/v1/rules')).status).toBe(404);
    expect((await app.get('/purger/delete_tenant_status')).json).toEqual({ tenant_id: 'test', blocks_deleted: true });
    const other = { 'x-scope-orgid': 'other' };
    expect((await app.get('query', { query: 'm', time: START_MS / 1000 }, other)).text).toContain('"1"');
    expect((await app.get('/api/v1/rules', {}, other)).status).toBe(200);
    expect((await app.push(request)).status).toBe(200);
  });

  test.for([
    ['POST', '/purger/delete_tenant', '', 401, 'no org id\n'],
    ['GET', '/purger/delete_tenant_status', '', 401, 'no org id\n'],
    ['POST', '/purger/delete_tenant', 'a/b', 401, "tenant ID 'a/b' contains unsupported character '/'\n"],
    ['GET', '/purger/delete_tenant_status', 'a/b', 400, "tenant ID 'a/b' contains unsupported character '/'\n"],
    ['GET', '/purger/delete_tenant', 'a', 405, ''],
    ['POST', '/purger/delete_tenant_status', 'a', 405, ''],
  ] as const)('%s %s as "%s" is %d', async ([method, path, tenant, status, text]) => {
    const answer = await app.send(method, path, undefined, { 'x-scope-orgid': tenant });
    expect({ status: answer.status, text: answer.text }).toEqual({ status, text });
  });
});

describe('profiles', () => {
  test('list what there is', async () => {
    const { text } = await app.get('/debug/pprof/', {}, NOBODY);
    for (const kind of ['heap', 'goroutine', 'profile']) expect(text).toContain(`<a href="${kind}">`);
  });

  test.for([
    ['/debug/pprof/profile?seconds=1', 'application/octet-stream', ['cpu', 'nanoseconds', 'busy']],
    ['/debug/fgprof?seconds=1', 'application/x-gzip', ['cpu', 'nanoseconds', 'busy']],
    ['/debug/pprof/heap', 'application/octet-stream', ['inuse_space', 'bytes']],
    ['/debug/pprof/goroutine', 'application/octet-stream', ['goroutine', 'event loop']],
    ['/debug/pprof/mutex', 'application/octet-stream', ['contentions']],
  ] as const)('%s is what go tool pprof reads', async ([path, type, strings]) => {
    const { statusCode, headers, rawPayload } = await whileWorking(inject(path));
    expect({ statusCode, type: headers['content-type'] }).toEqual({ statusCode: 200, type });
    const text = gunzipSync(rawPayload).toString('latin1');
    for (const part of strings) expect(text).toContain(part);
  });

  test('come as V8 has them, too', async () => {
    const { body } = await whileWorking(inject('/debug/pprof/trace?seconds=1'));
    expect(JSON.parse(body)).toMatchObject({ nodes: expect.any(Array), samples: expect.any(Array) });
  });
});

/** Asks at once: `inject` waits until somebody wants its answer. */
async function inject(url: string) {
  return await app.http.inject({ url });
}

/** Lets the time of a profile pass, in which there is something to see. */
async function whileWorking<Answer>(answering: Promise<Answer>): Promise<Answer> {
  let isAnswered = false;
  void answering.then(() => {
    isAnswered = true;
  });
  while (!isAnswered) {
    busy();
    await new Promise((resolve) => setImmediate(resolve));
    await app.clock.advance(100);
  }
  return answering;
}

function busy(): number {
  let sum = 0;
  for (let i = 0; i < 1_000_000; i++) sum += Math.sqrt(i);
  return sum;
}
