import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanPath } from '../../src/http/paths.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const noTenant = { 'x-scope-orgid': '' };

describe('a method that a path does not have', () => {
  const cases = [
    'GET /api/v1/push',
    'PUT /api/v1/push',
    'HEAD /api/v1/push',
    'OPTIONS /api/v1/push',
    'DELETE /prometheus/api/v1/query',
    'PATCH /prometheus/api/v1/query',
    'OPTIONS /prometheus/api/v1/query',
    'HEAD /prometheus/api/v1/labels',
    'POST /prometheus/api/v1/metadata',
    'POST /prometheus/api/v1/label/a/values',
    'PATCH /api/v1/rules/ns',
    'POST /api/prom/user_stats',
  ];
  test.for(cases)('is a 405 before anybody asks for a tenant: %s', async (line) => {
    const [method, path] = line.split(' ') as [string, string];
    const { status, text } = await app.send(method, path, undefined, noTenant);
    expect({ status, text }).toEqual({ status: 405, text: '' });
  });
});

describe('a path that nobody knows', () => {
  const cases = [
    '/nope',
    '/api/v1',
    '/api/v1/write',
    '/api/v1/push/',
    '/prometheus',
    '/prometheus/api/v1/query/',
    '/api/prom/query',
    '/prometheus%2Fapi/v1/query',
    '/prometheus/api/v1/status/buildinfo',
    '/prometheus/api/v1/targets',
  ];
  test.for(cases)('is a 404 before anybody asks for a tenant: %s', async (path) => {
    const { status, text, headers } = await app.get(path, {}, noTenant);
    expect({ status, text }).toEqual({ status: 404, text: '404 page not found\n' });
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(headers['x-content-type-options']).toBe('nosniff');
  });
});

describe('an unclean path', () => {
  const cases = [
    ['//api/v1/rules', '/api/v1/rules'],
    ['/prometheus//api/v1/query?query=1', '/prometheus/api/v1/query?query=1'],
    ['/prometheus/api/v1/label//values', '/prometheus/api/v1/label/values'],
    ['/api/v1//', '/api/v1/'],
  ] as const;
  test.for(cases)('is redirected to the clean one: %s', async ([path, location]) => {
    const { status, text, headers } = await app.get(path);
    expect({ status, text, location: headers.location }).toEqual({ status: 301, text: '', location });
  });

  test('may have dots inside its query', async () => {
    expect((await app.get('query', { query: '"a//b/../c"' })).status).toBe(200);
  });
});

// `inject` cleans dots before the server sees them, so these go to the function.
test.for([
  ['/prometheus/api/v1/../v1/query', '/prometheus/api/v1/query'],
  ['/./a/', '/a/'],
  ['/../../etc/passwd', '/etc/passwd'],
  ['/api/v1/rules/%2e%2e/x', '/api/v1/rules/%2e%2e/x'],
] as const)('cleans %s', ([path, clean]) => {
  expect(cleanPath(path)).toBe(clean);
});

test('a label name of any length and with escaped slashes is one segment', async () => {
  expect((await app.get(`label/${'x'.repeat(5000)}/values`)).json).toEqual({ status: 'success', data: [] });
  expect((await app.get('label/a%2Fb/values')).json).toEqual({ status: 'success', data: [] });
});

test('a path with a broken escape is a 400', async () => {
  expect((await app.get('/prometheus/api/v1/label/%zz/values')).status).toBe(400);
});

test('other prefixes serve the same API', async () => {
  const other = await createTestApp({
    server: { httpPrefix: '/legacy', prometheusHttpPrefix: '/prom', buildInfoEnabled: true },
  });
  const statuses = await Promise.all(
    ['/prom/api/v1/labels', '/legacy/api/v1/labels', '/prom/api/v1/status/buildinfo', '/prometheus/api/v1/labels'].map(
      async (path) => (await other.get(path)).status,
    ),
  );
  expect(statuses).toEqual([200, 200, 200, 404]);
  await other.close();
});
