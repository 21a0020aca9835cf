import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApp, START_MS, type TestApp } from '../support/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ limits: { maxExemplars: 10 } });
});
afterAll(() => app.close());

const noTenant = { 'x-scope-orgid': '' };
const reads = [
  'query?query=1',
  'query_range?query=1',
  'query_exemplars?query=m',
  'series?match[]=m',
  'labels',
  'label/a/values',
  'metadata',
  'format_query?query=1',
  'parse_query?query=1',
];

describe('without a tenant', () => {
  const paths = [
    ...reads,
    '/api/prom/api/v1/labels',
    '/api/v1/rules',
    '/prometheus/api/v1/rules',
    '/api/v1/user_stats',
  ];
  test.for(paths)('is a 401: %s', async (path) => {
    const { status, text, headers } = await app.get(path, {}, { ...noTenant, origin: 'https://a.example' });
    expect({ status, text }).toEqual({ status: 401, text: 'no org id\n' });
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  test('a push is a 401, whatever is in it', async () => {
    const { status, text } = await app.pushBytes(Buffer.from('junk'), noTenant);
    expect({ status, text }).toEqual({ status: 401, text: 'no org id\n' });
  });

  test.for(['/', '/ready', '/metrics', '/services', '/config', '/distributor/all_user_stats', '/ruler/rule_groups'])(
    'pages of the process answer: %s',
    async (path) => {
      expect((await app.get(path, {}, noTenant)).status).toBe(200);
    },
  );
});

describe('a malformed tenant', () => {
  const ids = [
    ['a b', "tenant ID 'a b' contains unsupported character ' '"],
    ['a/b', "tenant ID 'a/b' contains unsupported character '/'"],
    ['a|b', "tenant ID 'a|b' contains unsupported character '|'"],
    ['..', "tenant ID is '.' or '..'"],
    ['__markers__', "tenant ID '__markers__' is not allowed"],
    ['x'.repeat(151), 'tenant ID is too long: max 150 characters'],
  ] as const;
  test.for(ids)('is answered by each part in its own way: %s', async ([id, reason]) => {
    const as = { 'x-scope-orgid': id };
    const answers = {
      query: await app.get('query', { query: '1' }, as),
      metadata: await app.get('metadata', {}, as),
      push: await app.push({ series: [] }, as),
      rules: await app.get('/api/v1/rules', {}, as),
      rulesStatus: await app.get('rules', {}, as),
      userStats: await app.get('/api/v1/user_stats', {}, as),
    };
    const seen = Object.entries(answers).map(([part, { status, text }]) => `${part}: ${status} ${text.trimEnd()}`);
    expect(seen).toEqual([
      `query: 400 ${reason}`,
      `metadata: 400 ${reason}`,
      `push: 500 ${reason}`,
      'rules: 400 {"status":"error","errorType":"bad_data","error":"no org id"}',
      'rulesStatus: 400 {"status":"error","errorType":"bad_data","error":"no valid org id found"}',
      `userStats: 500 ${reason}`,
    ]);
  });

  test('comes after a bad body on push', async () => {
    const { status, text } = await app.pushBytes(Buffer.from('junk'), { 'x-scope-orgid': 'a/b' });
    expect({ status, text }).toEqual({ status: 400, text: 'snappy: corrupt input\n' });
  });
});

test('every character that Cortex allows may stand in an id', async () => {
  const { status } = await app.push({ series: [] }, { 'x-scope-orgid': "aZ09!-_.*'()" });
  expect(status).toBe(200);
});

test('of two headers the first counts', async () => {
  const response = await app.http.inject({
    method: 'GET',
    url: '/prometheus/api/v1/labels',
    headers: { 'x-scope-orgid': ['a/b', 'fine'] as unknown as string },
  });
  expect(response.body).toBe("tenant ID 'a/b' contains unsupported character '/'\n");
});

test('with authentication off everybody is the tenant fake', async () => {
  const open = await createTestApp({ server: { authEnabled: false } });
  await open.push(
    { series: [{ labels: [['__name__', 'm']], samples: [[START_MS, 1]] }] },
    { 'x-scope-orgid': 'other' },
  );
  expect(open.server.store.tenants()).toEqual(['fake']);
  expect((await open.get('labels', {}, noTenant)).json).toEqual({ status: 'success', data: ['__name__'] });
  await open.close();
});

describe('two tenants with the same series', () => {
  const a = { 'x-scope-orgid': 'team-a' };
  const b = { 'x-scope-orgid': 'team-b' };
  const stranger = { 'x-scope-orgid': 'team-c' };

  beforeAll(async () => {
    for (const [tenant, value, own] of [
      [a, 1, 'only-a'],
      [b, 2, 'only-b'],
    ] as const) {
      await app.push(
        {
          series: [
            {
              labels: [
                ['__name__', 'm'],
                ['job', 'shared'],
              ],
              samples: [[START_MS, value]],
              exemplars: [{ labels: [['trace', own]], value, timestampMs: START_MS }],
            },
            {
              labels: [
                ['__name__', 'm'],
                ['job', own],
              ],
              samples: [[START_MS, value * 10]],
            },
            {
              labels: [
                ['__name__', own.replace('-', '_')],
                [own.replace('-', '_'), 'x'],
              ],
              samples: [[START_MS, value]],
            },
          ],
          metadata: [{ metric: 'm', type: 'gauge', help: own, unit: '' }],
        },
        tenant,
      );
      await app.send(
        'POST',
        '/api/v1/rules/ns',
        `name: g-${own}\nrules: [{record: "r:${own.replace('-', '_')}", expr: m}]`,
        tenant,
      );
    }
  });

  const views = [
    'query?query=m',
    'query?query=sum(m)',
    'query?query=count({__name__=~".%2B"})',
    `query_range?query=m&start=${START_MS / 1000}&end=${START_MS / 1000}&step=1`,
    `query?query=m[5m]`,
    'query_exemplars?query=m',
    'series?match[]=m',
    'labels',
    'labels?match[]=m',
    'label/job/values',
    'label/__name__/values',
    'metadata',
    'rules',
    'alerts',
    '/api/prom/api/v1/label/job/values',
    '/api/v1/rules',
    '/api/v1/rules/ns',
    '/api/v1/user_stats',
  ];
  test.for(views)('never see each other: %s', async (path) => {
    const own = await app.get(path, {}, a);
    const other = await app.get(path, {}, b);
    const nobody = await app.get(path, {}, stranger);
    expect(own.text).not.toMatch(/only[-_]b/);
    expect(other.text).not.toMatch(/only[-_]a/);
    expect(nobody.text).not.toMatch(/only[-_]|shared|"2?[0-9]?[12]0?"\]/);
  });

  test('have their own values under one name', async () => {
    const sumOf = async (tenant: typeof a) => (await app.get('query', { query: 'sum(m)' }, tenant)).json;
    const answer = (value: string) => ({
      status: 'success',
      data: { resultType: 'vector', result: [{ metric: {}, value: [START_MS / 1000, value] }] },
    });
    expect(await sumOf(a)).toEqual(answer('11'));
    expect(await sumOf(b)).toEqual(answer('22'));
  });

  test('cannot delete what is the other’s', async () => {
    await app.send('DELETE', '/api/v1/rules/ns', undefined, stranger);
    await app.send('POST', '/ruler/delete_tenant_config', undefined, stranger);
    expect((await app.get('/api/v1/rules/ns', {}, a)).status).toBe(200);
  });

  test('know case and nothing but the header', async () => {
    expect(
      (await app.get('label/job/values', { 'X-Scope-OrgID': 'team-a' }, { 'x-scope-orgid': 'TEAM-A' })).json,
    ).toEqual({
      status: 'success',
      data: [],
    });
  });
});
