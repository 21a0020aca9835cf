import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestApp, START_MS, type TestApp } from '../support/test-app.ts';

let folder: string;
let app: TestApp;

const files: Readonly<Record<string, string>> = {
  '_all/shared.yaml': `
groups:
  - name: fleet
    interval: 15s
    labels: { customer: "{{tenant}}" }
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
      - alert: Down
        expr: up == 0
        annotations: { summary: "{{ $labels.job }} of {{tenant}} is down" }
`,
  'team-*/broken.yaml': 'groups: [{name: double, rules: [{record: one, expr: up * on () group_left () up}]}]',
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pocket-cortex-rules-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  app = await createTestApp({ server: { provisionedRulesDir: folder } });
  await app.server.warmUp();
});
afterEach(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

const as = (tenant: string) => ({ 'x-scope-orgid': tenant });

async function push(tenant: string, up: Readonly<Record<string, number>>): Promise<void> {
  const series = Object.entries(up).map(([job, value]) => ({
    labels: [
      ['__name__', 'up'],
      ['job', job],
    ] as [string, string][],
    samples: [[app.clock.nowMs(), value]] as [number, number][],
  }));
  expect((await app.push({ series }, as(tenant))).status).toBe(200);
}

async function query(tenant: string, expr: string): Promise<unknown> {
  const { json } = await app.get('query', { query: expr, time: app.clock.nowMs() / 1000 }, as(tenant));
  return (
    json as { data: { result: readonly { metric: object; value: readonly [number, string] }[] } }
  ).data.result.map(({ metric, value: [, text] }) => [metric, text]);
}

test('a tenant that writes for the first time has the rules, evaluated, with its name in them', async () => {
  await push('late', { api: 1, db: 0 });
  await app.clock.advance(0);
  expect(await query('late', 'job:up:sum')).toEqual([
    [{ __name__: 'job:up:sum', customer: 'late', job: 'api' }, '1'],
    [{ __name__: 'job:up:sum', customer: 'late', job: 'db' }, '0'],
  ]);
  await app.clock.advance(60_000);
  expect(await query('late', 'count_over_time(job:up:sum{job="api"}[1m])')).toEqual([
    [{ customer: 'late', job: 'api' }, '4'],
  ]);
  const { json } = await app.get('alerts', {}, as('late'));
  expect(json).toMatchObject({
    data: {
      alerts: [
        {
          labels: { alertname: 'Down', customer: 'late', job: 'db' },
          annotations: { summary: 'db of late is down' },
          state: 'firing',
        },
      ],
    },
  });
});

test('they show in the rules as read-only, and are nothing that a tool could delete', async () => {
  await push('guest', { api: 1 });
  const own = 'name: own\nrules: [{record: own, expr: "1"}]\n';
  expect((await app.send('POST', '/api/v1/rules/_all%2Fshared.yaml', own, as('guest'))).status).toBe(202);
  const groupsOf = async () => {
    const { json } = await app.get('rules', {}, as('guest'));
    return (json as { data: { groups: readonly Record<string, unknown>[] } }).data.groups.map(
      ({ file, name, readOnly, source }) => ({ file, name, readOnly, source }),
    );
  };
  const fleet = { file: '_all/shared.yaml', name: 'fleet', readOnly: true, source: '_all/shared.yaml' };
  expect(await groupsOf()).toEqual([fleet, { file: '_all/shared.yaml', name: 'own' }]);
  const listed = await app.get('/api/v1/rules', {}, as('guest'));
  expect(listed.text).toBe(
    '_all/shared.yaml:\n    - name: own\n      rules:\n        - record: own\n          expr: "1"\n',
  );
  for (const path of ['/api/v1/rules/_all%2Fshared.yaml/fleet', '/api/v1/rules/_all%2Fshared.yaml']) {
    expect((await app.send('DELETE', path, undefined, as('guest'))).status).toBe(202);
  }
  await app.send('POST', '/ruler/delete_tenant_config', undefined, as('guest'));
  expect(await groupsOf()).toEqual([fleet]);
});

test('a file that breaks goes on in its last good form, and the rules say so', async () => {
  await push('guest', { api: 1 });
  writeFileSync(join(folder, '_all/shared.yaml'), 'groups: [{name: fleet, rules: {}}]');
  await app.clock.advance(15_200);
  const { json } = await app.get('rules', {}, as('guest'));
  expect(json).toMatchObject({
    data: {
      groups: [
        {
          name: 'fleet',
          readOnly: true,
          sourceError: "1:10: rule group 'fleet' has no rules; 1:31: expected a list",
          rules: [{}, {}],
        },
      ],
    },
  });
});

test('a deleted tenant has no rules any more, and nothing brings it back', async () => {
  await push('guest', { api: 1 });
  await app.clock.advance(30_000);
  app.server.store.deleteTenant('guest' as Parameters<typeof app.server.store.deleteTenant>[0]);
  await app.clock.advance(60_000);
  expect([app.server.store.tenants(), app.server.ruler.runningTenants()]).toEqual([[], []]);
});

test('the overview shows every group of every tenant with its last result', async () => {
  await push('guest', { api: 1 });
  await push('team-a', { api: 1, db: 0 });
  await app.clock.advance(0);
  const at = new Date(START_MS).toISOString();
  const line = {
    isProvisioned: true,
    health: 'ok',
    ruleCount: 2,
    firingCount: 0,
    pendingCount: 0,
    lastEvaluation: at,
    evaluationSeconds: 0,
    intervalSeconds: 15,
    errors: [],
  };
  const shared = { ...line, namespace: '_all/shared.yaml', group: 'fleet' };
  const overview = {
    provisioning: {
      folder,
      error: '',
      files: [
        { path: '_all/shared.yaml', groups: ['fleet'], error: '', loadedAt: at },
        { path: 'team-*/broken.yaml', groups: ['double'], error: '', loadedAt: at },
      ],
    },
    groups: [
      { ...shared, tenant: 'guest' },
      { ...shared, tenant: 'team-a', firingCount: 1 },
      {
        ...line,
        tenant: 'team-a',
        namespace: 'team-*/broken.yaml',
        group: 'double',
        health: 'err',
        ruleCount: 1,
        intervalSeconds: 60,
        errors: [expect.stringMatching(/^one: found duplicate series for the match group \{\}/)],
      },
    ],
  };
  expect((await app.get('/pocket/rules', { format: 'json' })).json).toEqual(overview);
  const accepting = await app.get('/pocket/rules', { tenant: 'team-a', health: 'err' }, { accept: 'application/json' });
  expect(accepting.json).toEqual({ ...overview, groups: [overview.groups[2]] });
  const page = await app.get('/pocket/rules', {}, { 'x-scope-orgid': '' });
  expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.text).toContain('3 groups of 2 tenants, 1 of them with errors');
  expect(page.text).toContain('<td>team-a</td><td>_all/shared.yaml</td><td>fleet</td><td>folder</td><td>ok</td>');
});
