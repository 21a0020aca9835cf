import { Agent, get, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defaultConfig } from '../../src/config/settings.ts';
import { requestIds } from '../../src/http/request-id.ts';
import { ManualClock } from '../../src/model/clock.ts';
import { createServer } from '../../src/server.ts';
import { encodeRemoteWrite } from '../../src/wire/remote-write-encode.ts';
import { compressSnappy } from '../../src/wire/snappy.ts';
import { createTestApp, START_MS, type TestApp } from '../support/test-app.ts';

const body = Buffer.from(
  compressSnappy(encodeRemoteWrite({ series: [{ labels: [['__name__', 'm']], samples: [[START_MS, 7]] }] })),
);
const QUERY = `/prometheus/api/v1/query?query=m&time=${START_MS / 1000}`;

describe('connections', () => {
  let app: TestApp;
  let port: number;
  let connectionCount: number;
  beforeEach(async () => {
    app = await createTestApp();
    await app.http.listen({ port: 0, host: '127.0.0.1' });
    port = (app.http.server.address() as { port: number }).port;
    connectionCount = 0;
    app.http.server.on('connection', () => {
      connectionCount += 1;
    });
  });
  afterEach(() => app.close());

  /** All that comes back until the server closes, which the last request asks for. */
  function sendRaw(...parts: readonly (string | Buffer)[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const socket = connect(port, '127.0.0.1');
      socket.on('data', (chunk) => chunks.push(chunk));
      socket.on('end', () => resolve(Buffer.concat(chunks).toString()));
      socket.on('error', reject);
      socket.write(Buffer.concat(parts.map((part) => Buffer.from(part as string))));
    });
  }

  const head = (line: string, ...headers: readonly string[]): string =>
    `${[`${line} HTTP/1.1`, 'Host: x', 'X-Scope-OrgID: t', ...headers].join('\r\n')}\r\n\r\n`;

  test('answers requests that came in one piece one after the other, in their order', async () => {
    const push = head('POST /api/v1/push', `Content-Length: ${body.length}`);
    const all = await sendRaw(
      head('GET /ready'),
      push,
      body,
      head(`GET ${QUERY}`),
      head('POST /api/v1/push', 'Content-Length: 3'),
      'bad',
      head('GET /nope', 'Connection: close'),
    );
    const answers = all.split(/(?=HTTP\/1\.1 )/);
    expect(answers.map((answer) => answer.slice(9, 12))).toEqual(['200', '200', '200', '400', '404']);
    expect(answers[2]).toContain(`"value":[${START_MS / 1000},"7"]`);
  });

  test('takes a body in chunks, and one that is sent when the server says to go on', async () => {
    const chunks = [`${body.length.toString(16)}\r\n`, body, '\r\n0\r\n\r\n'];
    const answers = await sendRaw(
      head('POST /api/v1/push', 'Transfer-Encoding: chunked'),
      ...chunks,
      head('POST /api/v1/push', `Content-Length: ${body.length}`, 'Expect: 100-continue', 'Connection: close'),
      body,
    );
    expect([...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['200', '100', '200']);
  });

  test('keeps one connection for hundreds of requests, refused ones included', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const statuses = new Set<number>();
    for (let i = 0; i < 100; i++) {
      for (const path of ['/ready', QUERY, '/nope', '/api/v1/push']) {
        const headers = { 'x-scope-orgid': 't' };
        const options = { port, path, agent, headers, method: path === '/api/v1/push' ? 'POST' : 'GET' };
        statuses.add(
          await statusOf((answer) => httpRequest(options, answer).end(path === '/api/v1/push' ? 'bad' : '')),
        );
      }
    }
    agent.destroy();
    expect(statuses).toEqual(new Set([200, 400, 404]));
    expect(connectionCount).toBe(1);
  });

  test('serves many connections at a time', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 50 });
    const options = { port, path: QUERY, agent, headers: { 'x-scope-orgid': 't' } };
    const answers = Array.from({ length: 400 }, () => statusOf((answer) => get(options, answer)));
    expect(new Set(await Promise.all(answers))).toEqual(new Set([200]));
    agent.destroy();
  });
});

function statusOf(
  send: (onAnswer: (answer: IncomingMessage) => void) => {
    on(event: 'error', handler: (error: Error) => void): unknown;
  },
): Promise<number> {
  return new Promise((resolve, reject) => {
    send((answer) => answer.resume().on('end', () => resolve(answer.statusCode!))).on('error', reject);
  });
}

test.for(['gzip', 'zstd', 'deflate', 'Snappy'])('remote write in %s is refused, as in Cortex', async (encoding) => {
  const app = await createTestApp();
  const { status, text } = await app.pushBytes(gzipSync('x'), { 'content-encoding': encoding });
  expect({ status, text }).toEqual({
    status: 415,
    text: `${encoding} encoding (compression) is not accepted by this server; only snappy is acceptable\n`,
  });
  await app.close();
});

describe('other origins', () => {
  const origin = 'http://page.example';
  const asking = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-scope-orgid' };

  test('get no answer to a preflight, as in Cortex', async () => {
    const app = await createTestApp();
    const { status, headers } = await app.send('OPTIONS', '/prometheus/api/v1/query', undefined, asking);
    expect([status, headers['access-control-allow-origin']]).toEqual([405, undefined]);
    expect((await app.send('OPTIONS', '/ready', undefined, asking)).text).toBe('ready');
    await app.close();
  });

  test.for(['/prometheus/api/v1/query', '/api/v1/push', '/api/v1/rules/n', '/alertmanager/api/v2/alerts', '/ready'])(
    'may send requests with a tenant to %s when that is switched on',
    async (path) => {
      const app = await createTestApp({ server: { corsPreflight: true } });
      const { status, text, headers } = await app.send('OPTIONS', path, undefined, { ...asking, 'x-scope-orgid': '' });
      expect({ status, text, origin: headers['access-control-allow-origin'], vary: headers.vary }).toEqual({
        status: 204,
        text: '',
        origin,
        vary: 'Origin',
      });
      expect(headers['access-control-allow-headers']).toContain('X-Scope-OrgID');
      expect(headers['access-control-allow-methods']).toContain('POST');
      const { headers: answered } = await app.send('POST', path, '', { origin, 'x-scope-orgid': '' });
      expect(answered['access-control-allow-origin']).toBe(origin);
      await app.close();
    },
  );

  test('that the expression does not match may not', async () => {
    const server = { corsPreflight: true, corsOrigin: 'https://good\\.example' };
    const app = await createTestApp({ server });
    const { headers } = await app.send('OPTIONS', '/api/v1/push', undefined, asking);
    expect(headers['access-control-allow-origin']).toBeUndefined();
    expect(headers['access-control-allow-headers']).not.toContain('X-Scope-OrgID');
    await app.close();
  });
});

describe('the id of a request', () => {
  const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  test.for([
    ['X-Request-ID', { 'x-request-id': 'abc' }, 'abc'],
    ['X-Request-ID', { 'x-request-id': 'x'.repeat(999) }, 'x'.repeat(200)],
    ['X-Request-ID', { traceparent: trace }, '4bf92f3577b34da6a3ce929d0e0e4736'],
    ['', { 'x-request-id': 'abc', traceparent: trace }, '4bf92f3577b34da6a3ce929d0e0e4736'],
    ['', {}, expect.stringMatching(/^[\da-f-]{36}$/)],
    ['', { traceparent: 'nonsense' }, expect.stringMatching(/^[\da-f-]{36}$/)],
  ] as const)('with "%s" of %j', ([header, headers, id]) => {
    expect(requestIds(header)({ headers } as unknown as IncomingMessage)).toEqual(id);
  });

  test('and its tenant stand in the log of what failed', async () => {
    const lines: string[] = [];
    const logger = pino(new Writable({ write: (chunk, _encoding, done) => done(void lines.push(`${chunk}`)) }));
    const config = { ...defaultConfig, server: { ...defaultConfig.server, dataFile: ':memory:' } };
    const server = await createServer(config, { clock: new ManualClock(START_MS), logger });
    await server.store.close();
    const headers = { 'x-scope-orgid': 'team-a', traceparent: trace };
    expect(
      (await (await server.http()).inject({ method: 'POST', url: '/purger/delete_tenant', headers })).statusCode,
    ).toBe(500);
    expect(lines.map((line) => JSON.parse(line)).at(-1)).toMatchObject({
      requestId: '4bf92f3577b34da6a3ce929d0e0e4736',
      tenant: 'team-a',
      path: '/purger/delete_tenant',
    });
    await server.close();
  });
});
