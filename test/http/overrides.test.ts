import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestApp, START_MS, type TestApp } from '../support/test-app.ts';

const FILE = `overrides:
  one:
    max_series_per_user: 2
hard_overrides:
  bound:
    ingestion_rate: 100
api_allowed_limits: [ingestion_rate, ingestion_burst_size, query_rejection]
`;

let folder: string;
let file: string;
let app: TestApp;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'overrides-'));
  file = join(folder, 'runtime.yaml');
  writeFileSync(file, FILE);
  app = await start();
});
afterEach(async () => {
  await app.server.close();
  rmSync(folder, { recursive: true });
});

const start = () =>
  createTestApp({
    server: { target: 'all,overrides', runtimeConfigFile: 'runtime.yaml', runtimeConfigDirectory: folder },
  });

const url = '/api/v1/user-overrides';
const header = (tenant: string) => ({ 'x-scope-orgid': tenant });
const set = (body: string, tenant = 'test') => app.send('POST', url, body, header(tenant));

async function push(tenant: string, metrics: readonly string[]): Promise<[number, string]> {
  const series = metrics.map((name) => ({ labels: [['__name__', name]] as const, samples: [[START_MS, 1]] as const }));
  const { status, text } = await app.push({ series }, header(tenant));
  return [status, text];
}

const overLimit = (limit: number) =>
  `maxFailure (quorum) on a given error family, addr=127.0.0.1:9095 state=ACTIVE zone=, rpc error: code = Code(400) desc = user=one: per-user series limit of ${limit} exceeded, please contact administrator to raise it (local limit: ${limit} global limit: 0 actual local limit: ${limit})\n`;

describe('the runtime configuration file', () => {
  test('gives single tenants limits of their own', async () => {
    expect(await push('one', ['a', 'b', 'c'])).toEqual([400, overLimit(2)]);
    expect(await push('two', ['a', 'b', 'c'])).toEqual([200, '']);
  });

  test('is read again after its period, and not before', async () => {
    await push('one', ['a', 'b']);
    writeFileSync(file, FILE.replace('max_series_per_user: 2', 'max_series_per_user: 3'));
    await app.clock.advance(9_999);
    expect(await push('one', ['c'])).toEqual([400, overLimit(2)]);
    await app.clock.advance(1);
    expect(await push('one', ['c'])).toEqual([200, '']);
    expect(await push('one', ['d'])).toEqual([400, overLimit(3)]);
  });

  test('gives single tenants a retention of their own', async () => {
    const old = { series: [{ labels: [['__name__', 'old']] as const, samples: [[START_MS, 1]] as const }] };
    await app.push(old, header('one'));
    await app.push(old, header('two'));
    const oneHour = 'compactor_blocks_retention_period: 1h';
    writeFileSync(file, FILE.replace('max_series_per_user: 2', oneHour));
    for (let hour = 0; hour < 5; hour++) await app.clock.advance(3_600_000);
    const query = { query: 'old', time: START_MS / 1000 };
    expect((await app.get('query', query, header('one'))).json).toMatchObject({ data: { result: [] } });
    expect((await app.get('query', query, header('two'))).json).toMatchObject({ data: { result: [{}] } });
  });

  const bad: [what: string, text: string][] = [
    ['no YAML', 'overrides: {'],
    ['an unknown limit', 'overrides: { one: { no_such_limit: 1 } }'],
    ['an unknown section', 'overides: {}'],
    ['a value of the wrong type', 'overrides: { one: { max_series_per_user: many } }'],
    ['limits that contradict the settings', 'overrides: { one: { max_global_series_per_user: 1 } }'],
  ];
  test.for(bad)('with %s leaves the last good one in force and says so', async ([, text]) => {
    writeFileSync(file, text);
    await app.clock.advance(10_000);
    expect(await push('one', ['a', 'b', 'c'])).toEqual([400, overLimit(2)]);
    expect((await app.get('/metrics')).text).toContain('cortex_runtime_config_last_reload_successful 0\n');
    writeFileSync(file, FILE);
    await app.clock.advance(10_000);
    expect((await app.get('/metrics')).text).toContain('cortex_runtime_config_last_reload_successful 1\n');
  });

  test('that cannot be used keeps a server from starting', async () => {
    writeFileSync(file, 'overrides: { one: { no_such_limit: 1 } }');
    await expect(start()).rejects.toMatchObject({
      code: 'bad-config',
      message:
        'failed to load runtime config: yaml: unmarshal errors:\n  line 1: field no_such_limit not found in type validation.plain',
    });
    rmSync(file);
    await expect(start()).rejects.toMatchObject({ code: 'bad-config' });
    writeFileSync(file, '');
  });

  test('that is empty gives nothing', async () => {
    writeFileSync(file, '');
    await app.clock.advance(10_000);
    expect(await push('one', ['a', 'b', 'c'])).toEqual([200, '']);
    expect((await app.get('/runtime_config')).text).toBe('{}\n');
  });

  test('is shown with every limit, or what differs', async () => {
    const { text } = await app.get('/runtime_config');
    expect(text).toMatch(/^overrides:\n {2}one:\n {4}ingestion_rate: 25000\n/);
    expect(text).toContain('    max_series_per_user: 2\n');
    expect(text).toContain('api_allowed_limits:\n- ingestion_rate\n- ingestion_burst_size\n- query_rejection\n');
    expect((await app.get('/runtime_config', { mode: 'diff' })).text).toBe(
      [
        'api_allowed_limits:',
        '- ingestion_rate',
        '- ingestion_burst_size',
        '- query_rejection',
        'hard_overrides:',
        '  bound:',
        '    ingestion_rate: 100',
        'overrides:',
        '  one:',
        '    max_series_per_user: 2',
        '',
      ].join('\n'),
    );
  });
});

describe('the overrides API', () => {
  test('sets limits that hold at once, are kept in the file and shown', async () => {
    expect((await set('{"ingestion_rate":2,"ingestion_burst_size":2}')).status).toBe(200);
    expect(await push('test', ['a', 'b', 'c'])).toEqual([
      429,
      'ingestion rate limit (2) exceeded while adding 3 samples and 0 metadata\n',
    ]);
    expect(readFileSync(file, 'utf8')).toContain('  test:\n    ingestion_rate: 2\n');
    const { json } = await app.get(url);
    expect(json).toMatchObject({ ingestion_rate: 2, ingestion_burst_size: 2, max_series_per_user: 5_000_000 });
    expect((await app.get(url, {}, header('one'))).json).toMatchObject({ max_series_per_user: 2 });
  });

  test('keeps what was set before, and takes it all back', async () => {
    await set('{"ingestion_rate":2}');
    await set('{"ingestion_burst_size":3}');
    expect((await app.get(url)).json).toMatchObject({ ingestion_rate: 2, ingestion_burst_size: 3 });
    expect((await app.send('DELETE', url)).status).toBe(200);
    expect(await app.get(url)).toMatchObject({ status: 400, text: 'user not found\n' });
    expect((await app.send('DELETE', url)).status).toBe(200);
  });

  test('takes limits that have a structure', async () => {
    await set('{"query_rejection":{"enabled":true,"query_attributes":[{"regex":"bad"}]}}');
    const { json } = await app.get(url);
    expect(json).toMatchObject({
      query_rejection: { enabled: true, query_attributes: [{ regex: 'bad', api_type: '' }] },
    });
  });

  const refused: [body: string, tenant: string, status: number, text: string][] = [
    ['{"max_series_per_user":1}', 'test', 400, 'Invalid overrides\n'],
    ['{"ingestion_rate":1,"no_such_limit":1}', 'test', 400, 'Invalid overrides\n'],
    ['{"ingestion_rate":101}', 'bound', 400, 'Invalid overrides\n'],
    ['{"ingestion_rate":', 'test', 400, 'invalid JSON\n'],
    ['', 'test', 400, 'invalid JSON\n'],
    ['[1]', 'test', 400, 'invalid JSON\n'],
    ['{"ingestion_rate":"fast"}', 'test', 500, 'Internal server error\n'],
    ['{"ingestion_rate":1}', '', 401, 'no org id\n'],
    ['{"ingestion_rate":1}', 'a@b', 400, "tenant ID 'a@b' contains unsupported character '@'\n"],
  ];
  test.for(refused)('refuses %s of %j with %d, and changes nothing', async ([body, tenant, status, text]) => {
    expect(await set(body, tenant)).toMatchObject({ status, text });
    expect(readFileSync(file, 'utf8')).toBe(FILE);
  });

  test('allows the hard limit itself', async () => {
    expect((await set('{"ingestion_rate":100}', 'bound')).status).toBe(200);
  });

  test('is no part of the target all', async () => {
    await app.server.close();
    app = await createTestApp();
    expect(await app.get(url)).toMatchObject({ status: 404, text: '404 page not found\n' });
    expect(await app.get('/runtime_config')).toMatchObject({ status: 404 });
  });
});
