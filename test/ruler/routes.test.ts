import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PocketCortex, type PocketCortexRequest, startPocketCortex } from '../../src/index.ts';

const startMs = Date.UTC(2026, 0, 1);
let cortex: PocketCortex;
beforeAll(async () => {
  cortex = await startPocketCortex({ nowMs: startMs });
});
afterAll(() => cortex.close());

let tenantCount = 0;
/** A tenant that no other test has. */
function newTenant(): string {
  tenantCount += 1;
  return `tenant-${tenantCount}`;
}

/** `status content-type body` of the answer. */
async function answer(request: PocketCortexRequest): Promise<string> {
  const { status, headers, body } = await cortex.request(request);
  return `${status} ${headers['content-type']} ${body}`;
}

const notFoundPage = '404 text/plain; charset=utf-8 404 page not found\n';
const accepted = '202 application/json {"status":"success"}';
const group = 'name: g\nrules:\n    - record: a:b\n      expr: vector(1)\n';

describe.for(['/api/v1/rules', '/api/prom/rules'])('under %s', (prefix) => {
  test('a group can be set, listed, read and deleted', async () => {
    const tenant = newTenant();
    const list = { path: prefix, tenant };
    const none = '404 text/plain; charset=utf-8 no rule groups found\n';
    expect(await answer(list)).toBe(none);
    expect(await answer({ method: 'POST', path: `${prefix}/ns`, tenant, body: group })).toBe(accepted);
    const nested = 'ns:\n    - name: g\n      rules:\n        - record: a:b\n          expr: vector(1)\n';
    expect(await answer(list)).toBe(`200 application/yaml ${nested}`);
    expect(await answer({ path: `${prefix}/ns`, tenant })).toBe(`200 application/yaml ${nested}`);
    expect(await answer({ path: `${prefix}/ns/g`, tenant })).toBe(`200 application/yaml ${group}`);
    expect(await answer({ method: 'DELETE', path: `${prefix}/ns/g`, tenant })).toBe(accepted);
    expect(await answer(list)).toBe(none);
  });

  const refused: [what: string, request: Omit<PocketCortexRequest, 'path'> & { path: string }, expected: string][] = [
    ['no tenant', { path: '' }, '401 text/plain; charset=utf-8 no org id\n'],
    [
      'a malformed tenant',
      { path: '', tenant: 'a b' },
      '400 application/json {"status":"error","errorType":"bad_data","error":"no org id"}',
    ],
    [
      'an unknown group',
      { path: '/ns/nope', tenant: 'nobody' },
      '404 text/plain; charset=utf-8 group does not exist\n',
    ],
    [
      'an unknown namespace',
      { method: 'DELETE', path: '/nope', tenant: 'nobody' },
      '404 text/plain; charset=utf-8 group namespace does not exist\n',
    ],
    [
      'no YAML',
      { method: 'POST', path: '/ns', tenant: 'nobody', body: 'name: [' },
      '400 text/plain; charset=utf-8 unable to decoded rule group\n',
    ],
    [
      'no UTF-8',
      { method: 'POST', path: '/ns', tenant: 'nobody', body: Uint8Array.of(0x6e, 0xff) },
      '400 text/plain; charset=utf-8 unable to decoded rule group\n',
    ],
    [
      'a broken expression',
      { method: 'POST', path: '/ns', tenant: 'nobody', body: 'name: g\nrules: [{record: a, expr: "sum("}]' },
      '400 text/plain; charset=utf-8 \n',
    ],
    ['a namespace without a name', { path: '/', tenant: 'nobody' }, notFoundPage],
    [
      'a group posted to its own path',
      { method: 'POST', path: '/ns/g', tenant: 'nobody', body: group },
      '405 undefined ',
    ],
    ['a deletion of everything', { method: 'DELETE', path: '', tenant: 'nobody' }, '405 undefined '],
  ];
  test.for(refused)('%s is refused', async ([, request, expected]) => {
    expect(await answer({ ...request, path: prefix + request.path })).toBe(expected);
  });
});

test('names may hold slashes, spaces and any letters', async () => {
  const tenant = newTenant();
  const path = `/api/v1/rules/${encodeURIComponent('my/ns ä')}`;
  const body = 'name: "gr/oup y"\nrules: [{record: a, expr: up}]\n';
  expect(await answer({ method: 'POST', path, tenant, body })).toBe(accepted);
  expect(await answer({ path: `${path}/${encodeURIComponent('gr/oup y')}`, tenant })).toBe(
    '200 application/yaml name: gr/oup y\nrules:\n    - record: a\n      expr: up\n',
  );
});

test('all rules of a tenant can be deleted, and those of all tenants listed', async () => {
  const tenant = newTenant();
  await cortex.request({ method: 'POST', path: '/api/v1/rules/ns', tenant, body: group });
  const page = await cortex.request({ path: '/ruler/rule_groups' });
  expect(page.body).toContain(`${tenant}:\n    ns:\n        - name: g\n          rules:\n            - record: a:b\n`);
  expect(await answer({ method: 'POST', path: '/ruler/delete_tenant_config', tenant })).toBe('200 undefined ');
  expect((await cortex.request({ path: '/api/v1/rules', tenant })).status).toBe(404);
});

describe('the rules of the Prometheus API', () => {
  const groups = async (tenant: string, of = cortex): Promise<unknown> => {
    const { body } = await of.request({ path: '/prometheus/api/v1/rules', tenant });
    return JSON.parse(body).data.groups;
  };

  test('show how rules are doing', async () => {
    const tenant = newTenant();
    // Its rules begin with their next slot after a poll: before that they were never evaluated.
    await using polling = await startPocketCortex({ nowMs: startMs, flags: { 'pocket.rules-wait-for-poll': true } });
    const rules =
      '[{record: "a:b", expr: "sum(up)by(job)"}, {alert: A, expr: "up > 0", for: 90s, labels: {l: "1"}, annotations: {c: d}}]';
    await polling.request({
      method: 'POST',
      path: '/api/v1/rules/ns',
      tenant,
      body: `name: g\ninterval: 30s\nlimit: 7\nrules: ${rules}`,
    });
    await polling.advance('1m');
    const never = { lastEvaluation: '0001-01-01T00:00:00Z', evaluationTime: 0 };
    const recording = { name: 'a:b', query: 'sum by (job) (up)', labels: {}, lastError: '', type: 'recording' };
    const alerting = {
      name: 'A',
      query: 'up > 0',
      duration: 90,
      keepFiringFor: 0,
      labels: { l: '1' },
      annotations: { c: 'd' },
      alerts: [],
      lastError: '',
      type: 'alerting',
    };
    expect(await groups(tenant, polling)).toEqual([
      {
        name: 'g',
        file: 'ns',
        rules: [
          { ...recording, health: 'unknown', ...never },
          { state: 'unknown', ...alerting, health: 'unknown', ...never },
        ],
        interval: 30,
        ...never,
        limit: 7,
      },
    ]);
    await polling.advance('30s');
    const now = { lastEvaluation: expect.stringMatching(/^2026-01-01T00:01:/), evaluationTime: 0 };
    expect(await groups(tenant, polling)).toEqual([
      {
        name: 'g',
        file: 'ns',
        rules: [
          { ...recording, health: 'ok', ...now },
          { state: 'inactive', ...alerting, health: 'ok', ...now },
        ],
        interval: 30,
        ...now,
        limit: 7,
      },
    ]);
  });

  test('show what is wrong with a rule', async () => {
    const tenant = newTenant();
    const body = 'name: g\nrules: [{record: r, expr: "up[5m]"}]';
    await cortex.request({ method: 'POST', path: '/api/v1/rules/ns', tenant, body });
    await cortex.advance(0);
    expect(await groups(tenant)).toMatchObject([
      { rules: [{ health: 'err', lastError: 'rule result is not a vector or scalar' }] },
    ]);
  });

  const badData = (error: string): string =>
    `400 application/json ${JSON.stringify({ status: 'error', errorType: 'bad_data', error })}`;
  const refused: [query: string, expected: string][] = [
    ['type=x', badData('unsupported rule type "x"')],
    ['state=x', badData('unsupported state value "x"')],
    ['health=x', badData('unsupported health value "x"')],
    ['match[]={', badData('error parsing match params 1:2: parse error: unexpected end of input inside braces')],
    ['match[]={a=""}', badData('error parsing match params match[] must contain at least one non-empty matcher')],
    [
      'exclude_alerts=x',
      badData(
        'invalid parameter "exclude_alerts": error converting exclude_alerts: strconv.ParseBool: parsing "x": invalid syntax',
      ),
    ],
    ['group_limit=x', badData('group_limit needs to be a valid number')],
    ['group_limit=0', badData('group_limit needs to be greater than 0')],
    ['group_next_token=x', badData('group_limit needs to be present in order to paginate over the groups')],
  ];
  test.for(refused)('refuse %s', async ([query, expected]) => {
    expect(await answer({ path: `/prometheus/api/v1/rules?${query}`, tenant: 'nobody' })).toBe(expected);
  });

  test.for(['/prometheus', '/api/prom'])('are there under %s, alerts too', async (prefix) => {
    const tenant = newTenant();
    expect(await answer({ path: `${prefix}/api/v1/rules?type=ALERT`, tenant })).toBe(
      '200 application/json {"status":"success","data":{"groups":[]}}',
    );
    expect(await answer({ path: `${prefix}/api/v1/alerts`, tenant })).toBe(
      '200 application/json {"status":"success","data":{"alerts":[]}}',
    );
    expect(await answer({ path: `${prefix}/api/v1/rules` })).toBe('401 text/plain; charset=utf-8 no org id\n');
    expect(await answer({ method: 'POST', path: `${prefix}/api/v1/rules`, tenant })).toBe('405 undefined ');
  });
});
