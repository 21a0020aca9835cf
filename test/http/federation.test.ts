import { afterEach, describe, expect, test } from 'vitest';
import { createTestApp, START_MS, type TestApp } from '../support/test-app.ts';

let app: TestApp;
afterEach(() => app.server.close());

const header = (tenants: string) => ({ 'x-scope-orgid': tenants });
const time = START_MS / 1000;

/** Tenants `a` and `b`, who write what is their own and what both have. */
async function twoTenants(server = {}): Promise<void> {
  app = await createTestApp({
    server: { tenantFederationEnabled: true, ...server },
    limits: { enableNativeHistograms: true, maxExemplars: 10 },
  });
  for (const [index, tenant] of ['a', 'b'].entries()) {
    const answer = await app.push(
      {
        series: [
          {
            labels: [['__name__', 'm']],
            samples: [[START_MS, index + 1]],
            exemplars: [{ labels: [['id', tenant]], timestampMs: START_MS, value: 1 }],
          },
          { labels: [['__name__', `only_${tenant}`]], samples: [[START_MS, 1]] },
          {
            labels: [['__name__', 'h']],
            histograms: [
              {
                timestampMs: START_MS,
                isInteger: true,
                schema: 0,
                count: 2,
                sum: 3,
                zeroThreshold: 0,
                zeroCount: 0,
                positiveSpans: [{ offset: 0, length: 1 }],
                positiveCounts: [2],
              },
            ],
          },
        ],
        metadata: [{ metric: 'm', type: 'gauge', help: `of ${tenant}`, unit: '' }],
      },
      header(tenant),
    );
    expect(answer.status).toBe(200);
  }
}

async function vector(query: string, tenants: string): Promise<unknown> {
  const { json } = await app.get('query', { query, time }, header(tenants));
  return (json as { data: { result: { metric: object; value?: [number, string] }[] } }).data.result.map(
    ({ metric, value }) => [metric, value?.[1]],
  );
}

describe('queries of several tenants', () => {
  const cases: [query: string, tenants: string, expected: unknown][] = [
    ['m', 'a', [[{ __name__: 'm' }, '1']]],
    ['m', 'a|a', [[{ __name__: 'm' }, '1']]],
    ['m', 'a|', [[{ __name__: 'm' }, '1']]],
    [
      'm',
      'b|a',
      [
        [{ __name__: 'm', __tenant_id__: 'a' }, '1'],
        [{ __name__: 'm', __tenant_id__: 'b' }, '2'],
      ],
    ],
    ['sum(m)', 'a|b', [[{}, '3']]],
    ['only_b', 'a|b', [[{ __name__: 'only_b', __tenant_id__: 'b' }, '1']]],
    ['m{__tenant_id__!="a"}', 'a|b', [[{ __name__: 'm', __tenant_id__: 'b' }, '2']]],
    ['m{__tenant_id__=~"x.*"}', 'a|b', []],
    ['m', 'a|nobody', [[{ __name__: 'm', __tenant_id__: 'a' }, '1']]],
    ['histogram_count(sum(h))', 'a|b', [[{}, '4']]],
    ['histogram_sum(h{__tenant_id__="b"})', 'a|b', [[{ __tenant_id__: 'b' }, '3']]],
  ];
  test.for(cases)('%s for %s', async ([query, tenants, expected]) => {
    await twoTenants();
    expect(await vector(query, tenants)).toEqual(expected);
  });

  test('a label of their own keeps its value under another name, and can be asked for', async () => {
    app = await createTestApp({ server: { tenantFederationEnabled: true } });
    const labels: [string, string][] = [
      ['__name__', 'm'],
      ['__tenant_id__', 'own'],
    ];
    await app.push({ series: [{ labels, samples: [[START_MS, 1]] }] }, header('a'));
    const expected = [[{ __name__: 'm', __tenant_id__: 'a', original___tenant_id__: 'own' }, '1']];
    expect(await vector('m', 'a|b')).toEqual(expected);
    expect(await vector('m{original___tenant_id__="own"}', 'a|b')).toEqual(expected);
    expect(await vector('m{original___tenant_id__="other"}', 'a|b')).toEqual([]);
    const names = await app.get('labels', {}, header('a|b'));
    expect(names.json).toMatchObject({ data: ['__name__', '__tenant_id__', 'original___tenant_id__'] });
    const values = await app.get('label/original___tenant_id__/values', {}, header('a|b'));
    expect(values.json).toMatchObject({ data: ['own'] });
  });

  const lists: [path: string, query: Record<string, string>, data: unknown][] = [
    ['labels', {}, ['__name__', '__tenant_id__']],
    ['label/__tenant_id__/values', {}, ['a', 'b']],
    ['label/__name__/values', { 'match[]': '{__tenant_id__="b"}' }, ['h', 'm', 'only_b']],
    [
      'series',
      { 'match[]': 'm' },
      [
        { __name__: 'm', __tenant_id__: 'a' },
        { __name__: 'm', __tenant_id__: 'b' },
      ],
    ],
    [
      'metadata',
      {},
      {
        m: [
          { type: 'gauge', help: 'of a', unit: '' },
          { type: 'gauge', help: 'of b', unit: '' },
        ],
      },
    ],
    [
      'query_exemplars',
      { query: 'm{__tenant_id__="b"}' },
      [
        {
          seriesLabels: { __name__: 'm', __tenant_id__: 'b' },
          exemplars: [{ labels: { id: 'b' }, value: '1', timestamp: time }],
        },
      ],
    ],
  ];
  test.for(lists)('%s %j', async ([path, query, data]) => {
    await twoTenants();
    expect((await app.get(path, query, header('a|b'))).json).toEqual({ status: 'success', data });
  });
});

describe('what is refused', () => {
  const cases: [tenants: string, server: object, status: number, text: string][] = [
    ['a|b|c', { tenantFederationMaxTenant: 2 }, 400, 'too many tenants, max: 2, actual: 3\n'],
    ['a|b@c', {}, 400, "tenant ID 'b@c' contains unsupported character '@'\n"],
    ['|', {}, 500, '{"status":"error","errorType":"server_error","error":"no queue found"}'],
    ['a|b', { tenantFederationEnabled: false }, 400, "tenant ID 'a|b' contains unsupported character '|'\n"],
    ['(a', { tenantFederationRegexEnabled: true }, 400, 'invalid regex present\n'],
    [
      '.+',
      { tenantFederationRegexEnabled: true, tenantFederationMaxTenant: 1 },
      400,
      'too many tenants, max: 1, actual: 2\n',
    ],
  ];
  test.for(cases)('a query of %s with %j: %d', async ([tenants, server, status, text]) => {
    await twoTenants(server);
    const answer = await app.get('query', { query: 'm', time }, header(tenants));
    expect([answer.status, answer.text]).toEqual([status, text]);
  });

  test('a push of two tenants, and it writes nothing', async () => {
    await twoTenants();
    const { status, text } = await app.push(
      { series: [{ labels: [['__name__', 'm']], samples: [[0, 1]] }] },
      header('a|b'),
    );
    expect([status, text]).toEqual([500, 'multiple org IDs present\n']);
    expect(app.server.store.tenants()).toEqual(['a', 'b']);
  });
});

describe('tenants by an expression', () => {
  test('are those whose ids match as a whole, also one that has written a moment ago', async () => {
    await twoTenants({ tenantFederationRegexEnabled: true });
    const both = [
      [{ __name__: 'm', __tenant_id__: 'a' }, '1'],
      [{ __name__: 'm', __tenant_id__: 'b' }, '2'],
    ];
    expect(await vector('m', '.+')).toEqual(both);
    expect(await vector('m', 'a|b')).toEqual(both);
    expect(await vector('m', 'a.*')).toEqual([[{ __name__: 'm' }, '1']]);
    expect(await vector('m', 'nobody')).toEqual([]);
    expect(await vector('m', 'x.+y')).toEqual([]);
    await app.push({ series: [{ labels: [['__name__', 'm']], samples: [[START_MS, 3]] }] }, header('ab'));
    expect(await vector('sum(m)', 'a.*')).toEqual([[{}, '4']]);
  });
});
