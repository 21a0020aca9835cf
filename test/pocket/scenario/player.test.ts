import { expect, test } from 'vitest';
import { type PocketCortex, startPocketCortex } from '../../../src/index.ts';

const nowMs = Date.UTC(2026, 0, 5, 12);
const text = `
name: fleet
start: 2026-01-05T12:00:00Z
history: 30m
tenants: [{name: a}, {name: b, traffic: x2}]
services: [{name: api, pods: 1, requests: 20, noise: 10%, native: true}]
incidents:
- {kind: deploy, at: +2m, for: 1m}
- {kind: outage, at: +3m, for: 5m, errors: 50%}
rules:
- name: g
  interval: 1m
  rules:
  - record: errors
    expr: sum(rate(http_requests_total{code="500"}[5m])) / sum(rate(http_requests_total[5m]))
  - {alert: Errors, expr: errors > 0.1, for: 1m}
expect:
- {at: +6m, alert: Errors}
- {at: +6m, alert: Errors, state: pending}
- {at: +6m, query: errors, at_least: 0.2, at_most: 0.6}
- {at: -10m, query: errors, at_most: 0.01}
- {at: +6m, tenant: b, query: 'vector(1) > 2', value: 1}
`;

/** All that a tenant has. */
async function exported(cortex: PocketCortex, tenant: string): Promise<string> {
  const answer = await cortex.request({ path: '/pocket/v1/export?format=jsonl&match[]={__name__!=""}', tenant });
  expect(answer.status).toBe(200);
  return answer.body;
}

test('the past and what comes live are one: the same bytes, whenever it was started', async () => {
  await using early = await startPocketCortex({ nowMs });
  await early.scenario({ text });
  await early.advance('10m');
  // It begins when all is past.
  await using late = await startPocketCortex({ nowMs: nowMs + 10 * 60_000 });
  const played = await late.scenario({ text });
  expect(played).toMatchObject({ name: 'fleet', tenants: ['a', 'b'], startMs: nowMs, beginMs: nowMs - 30 * 60_000 });
  for (const tenant of ['a', 'b']) {
    const lines = (await exported(early, tenant)).trim().split('\n').sort();
    expect(lines.length).toBeGreaterThan(40);
    expect((await exported(late, tenant)).trim().split('\n').sort()).toEqual(lines);
  }
});

test('rules have their past, and alerts fire as the clock goes on', async () => {
  await using cortex = await startPocketCortex({ nowMs });
  const tenant = cortex.tenant();
  await tenant.scenario({ text }, { from: 'b' });
  const past = await tenant.queryRange('errors', { start: nowMs - 20 * 60_000, step: '1m' });
  expect(past.map(({ values }) => values.length)).toEqual([21]);
  expect(tenant.alerts()).toEqual([]);
  await cortex.advance('7m');
  expect(tenant.alerts()).toMatchObject([{ name: 'Errors', state: 'firing' }]);
  expect(tenant.rules.list().map(({ namespace, name }) => [namespace, name])).toEqual([['fleet', 'g']]);
});

test('what plays ends when it is told to, when its tenant is reset, and when it is still', async () => {
  await using cortex = await startPocketCortex({ nowMs });
  const [stopped, reset, still] = [cortex.tenant('stopped'), cortex.tenant('reset'), cortex.tenant('still')];
  await stopped.scenario({ text });
  await reset.scenario({ text });
  await still.scenario({ text }, { isStill: true });
  const listed = async (): Promise<unknown> => {
    const answer = await cortex.request({ path: '/pocket/v1/scenarios' });
    return JSON.parse(answer.body).scenarios.map(({ tenants }: { tenants: string[] }) => tenants.join());
  };
  expect(await listed()).toEqual(['stopped', 'reset']);
  await cortex.request({ method: 'DELETE', path: '/pocket/v1/tenants/stopped/scenario' });
  await reset.reset();
  expect(await listed()).toEqual([]);
  await cortex.advance('1m');
  const newest = 'max(timestamp(up))';
  expect([await stopped.query(newest), await still.query(newest)]).toMatchObject([
    [{ value: nowMs / 1000 }],
    [{ value: nowMs / 1000 }],
  ]);
  expect(await reset.query('up')).toEqual([]);
});

test('a tenant that is reset while its past is made does not come back', async () => {
  await using cortex = await startPocketCortex({ nowMs });
  const tenant = cortex.tenant('gone');
  const playing = tenant.scenario({ text: text.replace('history: 30m', 'history: 2d') });
  await tenant.waitFor('count_over_time(up[3d])');
  await tenant.reset();
  await playing;
  await cortex.advance('1m');
  const answer = await cortex.request({ path: '/distributor/all_user_stats', headers: { accept: 'application/json' } });
  expect([JSON.parse(answer.body), tenant.rules.list()]).toEqual([[], []]);
});

test.for([
  [{ text: 'name: x' }, undefined, 'scenario:1:1: expected one tenant or more'],
  ['nowhere/fleet.yaml', undefined, /^cannot read the scenario: ENOENT/],
  [{ text }, 'c', 'the scenario fleet has no tenant c; it has a, b'],
  [
    { text: 'name: x\ntenants: [{name: a}]\nservices: [{name: s, pods: 900}]\nhistory: 300d\n' },
    undefined,
    'the scenario x is too large: about 8942 million samples of history, and at most 500 million are made',
  ],
  [
    {
      text: 'name: x\ntenants: [{name: a}]\nservices: [{name: s}]\nincidents: [{kind: bomb, at: +1h, series: 2000000}]\n',
    },
    undefined,
    'the scenario x is too large: about 2000046 series at a time, and at most 1000000 are made',
  ],
] as const)('%j of tenant %s is refused', async ([source, from, message]) => {
  await using cortex = await startPocketCortex({ nowMs });
  await expect(cortex.tenant().scenario(source, from === undefined ? {} : { from })).rejects.toThrow(message);
});

test('a scenario that is wrong is told over HTTP with its places', async () => {
  await using cortex = await startPocketCortex({ nowMs });
  const body = 'name: x\ntenants: [{name: a}]\nservices: [{name: api, podz: 3}]\n';
  const answer = await cortex.request({ method: 'POST', path: '/pocket/v1/scenarios', body });
  const error = 'scenario:3:24: unknown field podz, did you mean pods?';
  expect([answer.status, JSON.parse(answer.body)]).toEqual([400, { status: 'error', code: 'bad-data', error }]);
});
