import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lazyAlertmanagers } from '../../src/alertmanager/lazy-alertmanagers.ts';
import { createApp } from '../../src/http/app.ts';
import { type AppDependencies, defaultHttpSettings } from '../../src/http/dependencies.ts';
import { Distributor } from '../../src/ingest/distributor.ts';
import { HaTracker } from '../../src/ingest/ha-tracker.ts';
import { IngesterLifecycle } from '../../src/ingest/ingester-lifecycle.ts';
import { Limits } from '../../src/limits/limits.ts';
import { Annotations } from '../../src/model/annotations.ts';
import { ManualClock } from '../../src/model/clock.ts';
import { createStepColumn, FLOAT } from '../../src/model/columns.ts';
import { Labels } from '../../src/model/labels.ts';
import type { QueryResult } from '../../src/model/query-result.ts';
import { QuietWatch } from '../../src/model/quiet-watch.ts';
import { runInSlices, type Work } from '../../src/model/work.ts';
import type { Engine, RangeQuery } from '../../src/promql/engine.ts';
import type { Ruler } from '../../src/ruler/ruler.ts';
import { openStore } from '../../src/storage/sqlite-store.ts';
import { encodeRemoteWrite } from '../../src/wire/remote-write-encode.ts';
import { compressSnappy } from '../../src/wire/snappy.ts';

/** A server on a port whose engine does what the test says. */
const clock = new ManualClock(1_700_000_000_000);
let app: ReturnType<typeof createApp>;
let port: number;
let metrics: Registry;
let evaluate: (query: RangeQuery) => Promise<QueryResult>;

beforeEach(async () => {
  metrics = new Registry();
  const limits = new Limits();
  const store = openStore({
    path: ':memory:',
    clock,
    retentionMs: 0,
    checkpointIntervalMs: 60_000,
    decodedCacheBytes: 0,
  });
  const deps: AppDependencies = {
    store,
    reads: store,
    engine: {
      instant: (query: RangeQuery) => evaluate(query),
      range: (query: RangeQuery) => evaluate(query),
    } as unknown as Engine,
    distributor: new Distributor({ store, limits, clock, metrics }),
    ingester: new IngesterLifecycle(),
    ruler: { tenants: () => [] } as unknown as Ruler,
    alertmanagers: lazyAlertmanagers({ store, clock, fallbackFile: '' }),
    limits,
    haTracker: new HaTracker({ clock, limits, metrics, isEnabled: false, updateTimeoutMs: 15_000 }),
    clock,
    logger: pino({ level: 'silent' }),
    metrics,
    quiet: new QuietWatch(clock, 1000),
    settings: { ...defaultHttpSettings, maxRecvMsgSizeBytes: 100_000 },
    configYaml: () => '',
    services: () => [],
  };
  app = createApp(deps);
  await app.listen({ port: 0, host: '127.0.0.1' });
  port = (app.server.address() as AddressInfo).port;
});
afterEach(() => app.close());

function get(path: string): Promise<IncomingMessage> {
  const sent = httpRequest({ port, path, headers: { 'x-scope-orgid': 'test' } });
  sent.end();
  return once(sent, 'response').then(([response]) => response as IncomingMessage);
}

/** The bytes that the server sends for `text` until it closes the connection or `end` has come. */
async function exchange(socket: Socket, text: string, end: RegExp): Promise<string> {
  socket.write(text);
  let received = '';
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    received += chunk;
    if (end.test(received)) break;
  }
  return received;
}

function* forEver(): Work<never> {
  for (;;) yield;
}

test('a client that goes away ends its query', async () => {
  const aborted = new Promise<unknown>((resolve) => {
    evaluate = ({ signal }) => {
      socket.destroy();
      return runInSlices(forEver(), signal).catch((reason: unknown) => {
        resolve(reason);
        throw reason;
      });
    };
  });
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /prometheus/api/v1/query?query=1 HTTP/1.1\r\nHost: x\r\nX-Scope-OrgID: test\r\n\r\n');
  expect(await aborted).toMatchObject({ code: 'query-cancelled' });
  expect((await get('/ready')).statusCode).toBe(200);
  expect(await metrics.metrics()).toContain('route="prometheus_api_v1_query",status_code="499"');
});

test('a query that takes too long is ended by the clock', async () => {
  evaluate = ({ signal }) => {
    void clock.advance(defaultHttpSettings.queryTimeoutMs);
    return runInSlices(forEver(), signal);
  };
  const response = await get('/prometheus/api/v1/query?query=1');
  const body = Buffer.concat(await response.toArray()).toString();
  expect({ status: response.statusCode, body: JSON.parse(body) }).toEqual({
    status: 503,
    body: { status: 'error', errorType: 'timeout', error: 'query timed out in expression evaluation' },
  });
});

test('a client that reads slowly holds the answer back, and gets all of it', async () => {
  const stepCount = 11_000;
  const seriesCount = 150;
  const column = createStepColumn(stepCount);
  column.present.fill(FLOAT);
  let madeCount = 0;
  const series = Array.from({ length: seriesCount }, (_, i) => ({
    get labels() {
      madeCount += 1;
      return Labels.fromRecord({ i: `${i}` });
    },
    column,
  }));
  evaluate = async ({ startMs, stepMs }) => ({
    value: { kind: 'matrix', grid: { startMs, stepMs, count: stepCount }, series },
    annotations: new Annotations(),
    statistics: { totalQueryableSamples: 0, peakSamples: 0 },
  });
  const response = await get('/prometheus/api/v1/query_range?query=1&start=0&end=10999&step=1');
  // Nothing has been read yet: what fits into the buffers between us has been made, and no more.
  expect((await get('/ready')).statusCode).toBe(200);
  expect(madeCount).toBeLessThan(seriesCount / 2);
  const body = Buffer.concat(await response.toArray()).toString();
  expect(madeCount).toBe(seriesCount);
  expect(JSON.parse(body).data.result).toHaveLength(seriesCount);
});

test('large answers that go out at the same time do not mix, whoever goes away', async () => {
  const stepCount = 11_000;
  evaluate = async ({ query, startMs, stepMs }) => {
    const column = createStepColumn(stepCount);
    column.present.fill(FLOAT);
    column.values.fill(Number(query));
    const series = Array.from({ length: 60 }, (_, i) => ({ labels: Labels.fromRecord({ i: `${i}` }), column }));
    return {
      value: { kind: 'matrix', grid: { startMs, stepMs, count: stepCount }, series },
      annotations: new Annotations(),
      statistics: { totalQueryableSamples: 0, peakSamples: 0 },
    };
  };
  const ask = (value: number) => get(`/prometheus/api/v1/query_range?query=${value}&start=0&end=10999&step=1`);
  const valuesOf = async (response: IncomingMessage) => {
    const { data } = JSON.parse(Buffer.concat(await response.toArray()).toString()) as {
      data: { result: { values: [number, string][] }[] };
    };
    return [...new Set(data.result.flatMap(({ values }) => values.map(([, text]) => text)))];
  };
  const [gone, second, third] = await Promise.all([ask(111), ask(222), ask(333)]);
  gone.destroy();
  const fourth = await ask(444);
  expect(await Promise.all([second, third, fourth].map(valuesOf))).toEqual([['222'], ['333'], ['444']]);
});

test('a query of a hundred kilobytes may come in the URL', async () => {
  evaluate = async () => ({
    value: { kind: 'scalar', timestampMs: 0, value: 1 },
    annotations: new Annotations(),
    statistics: { totalQueryableSamples: 0, peakSamples: 0 },
  });
  const response = await get(`/prometheus/api/v1/query?query=${'1%2B'.repeat(25_000)}1`);
  response.resume();
  expect(response.statusCode).toBe(200);
});

test('a body may come in chunks', async () => {
  const body = compressSnappy(
    encodeRemoteWrite({ series: [{ labels: [['__name__', 'm']], samples: [[clock.nowMs(), 1]] }] }),
  );
  const sent = httpRequest({ port, path: '/api/v1/push', method: 'POST', headers: { 'x-scope-orgid': 'test' } });
  for (const byte of body) sent.write(Uint8Array.of(byte));
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  expect(response.statusCode).toBe(200);
});

test('a body without an end is cut off at the limit', async () => {
  const sent = httpRequest({ port, path: '/api/v1/push', method: 'POST', headers: { 'x-scope-orgid': 'test' } });
  const answered = once(sent, 'response');
  // The server may close while we are still writing.
  sent.on('error', () => {});
  for (let i = 0; i < 20; i++) sent.write(Buffer.alloc(10_000, 'x'));
  const [response] = (await answered) as [IncomingMessage];
  const text = Buffer.concat(await response.toArray()).toString();
  expect({ status: response.statusCode, text }).toEqual({
    status: 400,
    text: 'received message larger than max (100001 vs 100000)\n',
  });
  sent.destroy();
});

test('a connection is of use after a body that nobody read', async () => {
  const socket = connect(port, '127.0.0.1');
  const unread = 'x'.repeat(50_000);
  const first = `PUT /api/v1/push HTTP/1.1\r\nHost: x\r\nContent-Length: ${unread.length}\r\n\r\n${unread}`;
  expect(await exchange(socket, first, /\r\n\r\n/)).toMatch(/^HTTP\/1\.1 405 /);
  const second = 'GET /ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
  expect(await exchange(socket, second, /ready$/)).toMatch(/^HTTP\/1\.1 200 /);
  socket.destroy();
});

test('a client that goes away in the middle of a body changes nothing', async () => {
  const socket = connect(port, '127.0.0.1');
  socket.write('POST /api/v1/push HTTP/1.1\r\nHost: x\r\nX-Scope-OrgID: test\r\nContent-Length: 1000\r\n\r\nabc');
  await once(app.server, 'request');
  socket.destroy();
  await once(socket, 'close');
  expect((await get('/ready')).statusCode).toBe(200);
});
