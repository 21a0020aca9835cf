import { afterEach, beforeEach, expect, test } from 'vitest';
import { FAKE_TENANT } from '../../../src/model/tenant.ts';
import { FaultRule } from '../../../src/pocket/faults/fault-rule.ts';
import { reportFaults } from '../../../src/pocket/faults/report.ts';
import { SampleLog } from '../../../src/pocket/faults/sample-log.ts';
import { decodeRemoteWrite } from '../../../src/wire/remote-write.ts';
import { encodeRemoteWrite } from '../../../src/wire/remote-write-encode.ts';
import { compressSnappy } from '../../../src/wire/snappy.ts';
import { createTestApp, START_MS, type TestApp } from '../../support/test-app.ts';

let app: TestApp;
beforeEach(async () => {
  app = await createTestApp();
});
afterEach(() => app.close());

const text = (script: string, query = '?tenant=test') =>
  app.send('PUT', `/pocket/v1/faults${query}`, script, { 'x-scope-orgid': '' });

const upAt = (seconds: number, value = 1) => ({
  series: [
    {
      labels: [
        ['__name__', 'up'],
        ['job', 'api'],
      ] as [string, string][],
      samples: [[START_MS + seconds * 1000, value]] as [number, number][],
    },
  ],
});

const statusOfPush = async (seconds: number, value?: number) => (await app.push(upAt(seconds, value))).status;

async function report(query = '?tenant=test') {
  return (await app.send('GET', `/pocket/v1/faults/report${query}`, undefined, { 'x-scope-orgid': '' }))
    .json as Readonly<Record<string, unknown>>;
}

test('answers as the script says, one step a request, and then as ever', async () => {
  const set = await text('429 retry-after=2 x2, 400 "no, thanks", 503');
  expect([set.status, set.json]).toEqual([
    200,
    {
      tenant: 'test',
      path: '/api/v1/push',
      attempts: 0,
      isOver: false,
      steps: [
        { step: '429 retry-after=2', used: 0 },
        { step: '400 "no, thanks"', used: 0 },
        { step: '503', used: 0 },
      ],
    },
  ]);
  const answers = [];
  for (let i = 0; i < 5; i++) {
    const { status, text: body, headers } = await app.push(upAt(0));
    answers.push([status, body, headers['retry-after'], headers['x-pocket-cortex-fault']]);
  }
  expect(answers).toEqual([
    [429, 'fault script of /api/v1/push: 429\n', '2', '429 retry-after=2'],
    [429, 'fault script of /api/v1/push: 429\n', '2', '429 retry-after=2'],
    [400, 'no, thanks\n', undefined, '400 "no, thanks"'],
    [503, 'fault script of /api/v1/push: 503\n', undefined, '503'],
    [200, '', undefined, undefined],
  ]);
});

test('is for its tenant and path only; the script that says more wins', async () => {
  await text('500 forever', '?path=/api/*');
  await text('503', '?tenant=test&path=/api/v1/push');
  expect(await statusOfPush(0)).toBe(503);
  expect(await statusOfPush(0)).toBe(200);
  expect((await app.push(upAt(0), { 'x-scope-orgid': 'other' })).status).toBe(500);
  expect((await app.send('GET', '/api/v1/rules')).status).toBe(500);
  expect((await app.get('query', { query: 'up' })).status).toBe(200);
  expect((await app.send('DELETE', '/pocket/v1/faults', undefined, { 'x-scope-orgid': '' })).json).toEqual({
    removed: 2,
  });
  expect((await app.push(upAt(0), { 'x-scope-orgid': 'other' })).status).toBe(200);
});

test('keeps from the store what it refuses, and stores what only its answer is refused for', async () => {
  await text('500, stored 503');
  expect([await statusOfPush(1, 1), await statusOfPush(2, 2), await statusOfPush(3, 3)]).toEqual([500, 503, 200]);
  const { json } = await app.get('query', { query: 'up[1m]', time: START_MS / 1000 + 10 });
  expect(json).toMatchObject({
    data: { result: [{ values: [2, 3].map((n) => [START_MS / 1000 + n, `${n}`]) }] },
  });
});

test('delays by the clock of the server', async () => {
  await text('delay 3s');
  let status: number | undefined;
  const pushed = statusOfPush(0).then((got) => {
    status = got;
  });
  while (app.server.pocket.faults.rules[0]!.attemptCount === 0) await new Promise((resolve) => setImmediate(resolve));
  await app.clock.advance(2999);
  expect(status).toBeUndefined();
  await app.clock.advance(1);
  await pushed;
  expect(status).toBe(200);
});

test('cuts the connection; a request that hangs is cut when its script is removed', async () => {
  await text('reset, hang, stored reset');
  await expect(app.push(upAt(0))).rejects.toThrow('socket hang up');
  const hanging = app.push(upAt(1)).catch((error: Error) => error.message);
  await app.clock.advance(3_600_000);
  await expect(app.push(upAt(2))).rejects.toThrow('socket hang up');
  expect(await report()).toMatchObject({
    attempts: { count: 3, byEnd: { reset: 2, pending: 1 } },
    samples: { sent: 3, stored: 1, lost: 2 },
  });
  await app.send('DELETE', '/pocket/v1/faults?tenant=test');
  expect(await hanging).toBe('socket hang up');
});

test('reports attempts, gaps, Retry-After, and what was lost, doubled or changed', async () => {
  await text('429 retry-after=2 x2, 500, stored 503, ok, 400');
  const attempts: readonly (readonly [afterMs: number, seconds: number, value: number, status: number])[] = [
    [0, 1, 1, 429],
    [2000, 1, 1, 429],
    [500, 1, 1, 500],
    [100, 1, 1, 503],
    [100, 1, 1, 200],
    [0, 2, 2, 400],
    [0, 3, 3, 200],
  ];
  for (const [afterMs, seconds, value, status] of attempts) {
    await app.clock.advance(afterMs);
    expect(await statusOfPush(seconds, value)).toBe(status);
  }
  const line = (attempt: number, delivery: number, rest: object) => ({
    attempt,
    tenant: 'test',
    delivery,
    samples: 1,
    ...rest,
  });
  expect(await report()).toEqual({
    tenant: 'test',
    path: '/api/v1/push',
    isOver: true,
    steps: [
      { step: '429 retry-after=2', used: 2 },
      { step: '500', used: 1 },
      { step: 'stored 503', used: 1 },
      { step: 'ok', used: 1 },
      { step: '400', used: 1 },
    ],
    attempts: { count: 7, byEnd: { 200: 2, 400: 1, 429: 2, 500: 1, 503: 1 } },
    deliveries: { count: 3, acceptedCount: 2, retriedCount: 1, shortestGapMs: 100, longestGapMs: 2000 },
    retryAfter: { asked: 2, honoured: 1, tooEarly: 1, notRetried: 0 },
    samples: {
      sent: 3,
      stored: 2,
      lost: 1,
      doubled: 1,
      changed: 0,
      sentAgain: 1,
      untracked: 0,
      tenants: [{ tenant: 'test', sent: 3, stored: 2, lost: 1, doubled: 1, changed: 0, sentAgain: 1 }],
      examples: [
        {
          what: 'doubled',
          tenant: 'test',
          series: '{__name__="up", job="api"}',
          timestampMs: START_MS + 1000,
          attempts: [1, 2, 3, 4, 5],
        },
        {
          what: 'lost',
          tenant: 'test',
          series: '{__name__="up", job="api"}',
          timestampMs: START_MS + 2000,
          attempts: [6],
        },
      ],
    },
    log: [
      line(1, 1, { atMs: START_MS, gapMs: null, step: '429 retry-after=2', end: 429, serverStatus: null }),
      line(2, 1, { atMs: START_MS + 2000, gapMs: 2000, step: '429 retry-after=2', end: 429, serverStatus: null }),
      line(3, 1, { atMs: START_MS + 2500, gapMs: 500, step: '500', end: 500, serverStatus: null }),
      line(4, 1, { atMs: START_MS + 2600, gapMs: 100, step: 'stored 503', end: 503, serverStatus: 200 }),
      line(5, 1, { atMs: START_MS + 2700, gapMs: 100, step: 'ok', end: 200, serverStatus: 200 }),
      line(6, 2, { atMs: START_MS + 2700, gapMs: null, step: '400', end: 400, serverStatus: null }),
      line(7, 3, { atMs: START_MS + 2700, gapMs: null, step: null, end: 200, serverStatus: 200 }),
    ],
  });
});

test('tells tenants apart, though they send the same', async () => {
  await text('503 x2, ok', '');
  for (const tenant of ['a', 'b', 'a', 'b']) await app.push(upAt(1), { 'x-scope-orgid': tenant });
  await app.push(upAt(2), { 'x-scope-orgid': 'b' });
  await text('503', '?tenant=c');
  await app.push(upAt(1), { 'x-scope-orgid': 'c' });
  const none = { changed: 0, doubled: 0, lost: 0 };
  expect(await report('')).toMatchObject({
    tenant: null,
    attempts: { count: 5 },
    deliveries: { count: 3, acceptedCount: 3, retriedCount: 2 },
    samples: {
      sent: 3,
      stored: 3,
      lost: 0,
      tenants: [
        { tenant: 'a', sent: 1, stored: 1, sentAgain: 1, ...none },
        { tenant: 'b', sent: 2, stored: 2, sentAgain: 1, ...none },
      ],
    },
    log: [
      { tenant: 'a', delivery: 1 },
      { tenant: 'b', delivery: 2 },
      { tenant: 'a', delivery: 1 },
      { tenant: 'b', delivery: 2 },
      { tenant: 'b', delivery: 3 },
    ],
  });
  expect(await report('?tenant=c')).toMatchObject({ samples: { sent: 1, stored: 0, lost: 1 } });
});

test('the same sent to two paths is two deliveries', async () => {
  await text('ok', '?tenant=test&path=/api/*');
  await app.push(upAt(1));
  const [body, type] = [compressSnappy(encodeRemoteWrite(upAt(1))), 'application/x-protobuf'];
  await app.send('POST', '/api/prom/push', body, { 'content-type': type, 'content-encoding': 'snappy' });
  expect(await report('?tenant=test&path=/api/*')).toMatchObject({
    deliveries: { count: 2, retriedCount: 0 },
    samples: { sent: 1, doubled: 1 },
  });
});

test('who waits while the clock of the server stands still has waited', async () => {
  const rule = new FaultRule({ tenant: undefined, path: '/api/v1/push' }, '429 retry-after=2 x3');
  for (const machineMs of [0, 2000, 3000]) {
    const moment = { serverMs: 7, machineMs };
    rule.begin({ arrivedMs: 7, arrived: moment, tenant: undefined, text: 'POST /api/v1/push' }).ended = moment;
  }
  expect(await reportFaults(rule, { source: app.server.store })).toMatchObject({
    retryAfter: { asked: 3, honoured: 1, tooEarly: 1, notRetried: 1 },
    log: [{ gapMs: null }, { gapMs: 2000 }, { gapMs: 1000 }],
  });
});

test('a sample that another value came for later is told', async () => {
  await text('ok x2');
  expect([await statusOfPush(1, 1), await statusOfPush(1, 2)]).toEqual([200, 400]);
  expect(await report()).toMatchObject({
    samples: { sent: 1, stored: 1, lost: 0, doubled: 0, changed: 1, sentAgain: 1 },
  });
});

test('says what is wrong with a request', async () => {
  expect((await text('maybe')).json).toMatchObject({ code: 'bad-data' });
  expect((await text('ok', '?tenant=a/b')).status).toBe(400);
  expect((await text('ok', '?tenants=a')).json).toMatchObject({
    error: 'unknown parameter "tenants": there are tenant, path',
  });
  expect((await app.send('GET', '/pocket/v1/faults/report?tenant=x')).json).toMatchObject({
    code: 'not-found',
    error: 'no fault script for tenant x on /api/v1/push: there are none',
  });
});

test('is off where the prefix is off', async () => {
  const without = await createTestApp({ server: { pocketApiEnabled: false } });
  const statuses = [];
  for (const path of ['faults', 'openapi.json', 'export'])
    statuses.push((await without.send('GET', `/pocket/v1/${path}`)).status);
  expect(statuses).toEqual([404, 404, 404]);
  await without.close();
});

test('of more series than it has room for only the number of samples is known', () => {
  const log = new SampleLog();
  for (const from of [0, 40_000, 80_000]) {
    const series = Array.from({ length: 40_000 }, (_, i) => ({
      labels: [['i', `${from + i}`]] as const,
      samples: [[START_MS, 1]] as const,
    }));
    log.add({ attempt: 0, tenant: FAKE_TENANT }, decodeRemoteWrite(encodeRemoteWrite({ series })));
  }
  expect([log.series.length, log.count, log.untrackedCount]).toEqual([80_000, 80_000, 40_000]);
});
