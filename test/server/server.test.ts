import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { type ClientRequest, request } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../../src/config/logger.ts';
import { type Config, defaultConfig } from '../../src/config/settings.ts';
import { SystemClock } from '../../src/model/clock.ts';
import { type RunningServer, startServer } from '../../src/server.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pocket-cortex-server-'));
});
afterEach(() => rm(folder, { recursive: true }));

const clock = new SystemClock();
const logger = createLogger({ format: 'json', level: 'silent', clock, write: () => {} });

function start(settings: Partial<Config['server']> = {}): Promise<RunningServer> {
  const server = { ...defaultConfig.server, httpListenPort: 0, httpListenAddress: '127.0.0.1', dataFile: ':memory:' };
  return startServer({ ...defaultConfig, server: { ...server, ...settings } }, { clock, logger });
}

test('says where it listens, and answers there until it is closed', async () => {
  const server = await start();
  expect(server).toMatchObject({ address: '127.0.0.1', url: `http://127.0.0.1:${server.port}` });
  const response = await fetch(`${server.url}/ready`);
  expect([response.status, await response.text()]).toEqual([200, 'ready']);
  await Promise.all([server.close(), server.close()]);
  await expect(fetch(`${server.url}/ready`)).rejects.toThrow();
});

test('without an address it listens on all, IPv4 included', async () => {
  const server = await start({ httpListenAddress: '' });
  expect(server.url).toBe(`http://localhost:${server.port}`);
  expect((await fetch(`http://127.0.0.1:${server.port}/ready`)).status).toBe(200);
  await server.close();
});

test('makes the directory of its data file, and keeps rules in it', async () => {
  const dataFile = join(folder, 'a', 'b', 'data.db');
  const headers = { 'X-Scope-OrgID': 'team-a' };
  const body = 'name: g\nrules: [{record: r, expr: "1"}]\n';
  const before = await start({ dataFile });
  expect((await fetch(`${before.url}/api/v1/rules/ns`, { method: 'POST', headers, body })).status).toBe(202);
  await before.close();
  expect((await stat(dataFile)).isFile()).toBe(true);
  const after = await start({ dataFile });
  const response = await fetch(`${after.url}/api/v1/rules/ns/g`, { headers });
  expect(await response.text()).toBe('name: g\nrules:\n    - record: r\n      expr: "1"\n');
  await after.close();
});

describe('refuses to start, in a line that says what to do,', () => {
  test('on a port that is taken', async () => {
    const blocker = createTcpServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    await expect(start({ httpListenPort: port })).rejects.toMatchObject({
      code: 'bad-config',
      message: `port ${port} of 127.0.0.1 is in use by another program; choose another with -server.http-listen-port`,
    });
    blocker.close();
  });

  test('on an address that is not there', async () => {
    await expect(start({ httpListenAddress: 'nowhere.invalid' })).rejects.toMatchObject({
      code: 'bad-config',
      message: 'nowhere.invalid is no address of this machine (-server.http-listen-address)',
    });
  });

  test('with a directory that cannot be made', async () => {
    await expect(start({ dataFile: '/dev/null/data/x.db' })).rejects.toMatchObject({
      code: 'bad-config',
      message: expect.stringMatching(/^cannot create the data directory \/dev\/null\/data: /),
    });
  });

  test('on a folder', async () => {
    await expect(start({ dataFile: folder })).rejects.toMatchObject({
      code: 'bad-config',
      message: `${folder} is a folder, and the data goes to a file (-pocket.data-file)`,
    });
  });

  test('on a file that another server has open, and that one goes on', async () => {
    const dataFile = join(folder, 'data.db');
    const first = await start({ dataFile });
    await expect(start({ dataFile })).rejects.toMatchObject({ code: 'storage-locked' });
    expect((await fetch(`${first.url}/ready`)).status).toBe(200);
    await first.close();
  });
});

describe('closing', () => {
  test('lets a request in flight end', async () => {
    const server = await start();
    const post = await beginPost(server);
    const closed = server.close();
    post.end('rules: [{record: r, expr: "1"}]\n');
    const [response] = await once(post, 'response');
    expect(response.statusCode).toBe(202);
    await closed;
  });

  test('cuts off a request that takes too long', async () => {
    const server = await start({ gracefulShutdownTimeoutMs: 50 });
    const post = await beginPost(server);
    const failure = once(post, 'error');
    await server.close();
    expect((await failure)[0]).toMatchObject({ code: 'ECONNRESET' });
  });
});

/** Posts the first part of a rule group; resolves when the server has the request in hand. */
async function beginPost(server: RunningServer): Promise<ClientRequest> {
  // The server's 100 says that it has seen the head and called the handler.
  const headers = { 'X-Scope-OrgID': 'team-a', Expect: '100-continue', Connection: 'close' };
  const post = request(`${server.url}/api/v1/rules/ns`, { method: 'POST', headers });
  post.flushHeaders();
  await once(post, 'continue');
  post.write('name: g\n');
  return post;
}
