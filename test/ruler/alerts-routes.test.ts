import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeAlertmanager } from '../support/fake-alertmanager.ts';
import { createTestApp, START_MS, type TestApp } from '../support/test-app.ts';

const MINUTE_MS = 60_000;
let app: TestApp;
beforeEach(async () => {
  app = await createTestApp({
    limits: { rulerExternalLabels: { cluster: 'local' } },
    server: { rulerExternalUrl: 'http://cortex' },
  });
});
afterEach(() => app.close());

const groupYaml = `
name: g
rules:
  - alert: Kept
    expr: source{id="kept"}
    keep_firing_for: 10m
    labels: {level: "{{ if gt $value 5.0 }}high{{ else }}low{{ end }}"}
    annotations: {summary: "{{ $labels.id }} of {{ $externalLabels.cluster }} at {{ $externalURL }}: {{ $value }}"}
  - alert: Waiting
    expr: source{id="waiting"} < 100
    for: 1h
  - alert: Never
    expr: source > 1e6
  - record: r
    expr: source
`;

/** Sets the group when the sources have samples, and then lets \`kept\` end. */
async function evaluate(): Promise<void> {
  const push = (id: string, value: number) =>
    app.push({
      series: [{ labels: Object.entries({ __name__: 'source', id }), samples: [[app.clock.nowMs(), value]] }],
    });
  await push('kept', 7);
  await push('waiting', 0.25);
  expect((await app.send('POST', '/api/v1/rules/ns', groupYaml)).status).toBe(202);
  await app.clock.advance(0);
  await app.clock.advance(4 * MINUTE_MS);
  await push('waiting', 0.5);
  // The lookback of 5 minutes ends, and a minute later the next evaluation has been.
  await app.clock.advance(2 * MINUTE_MS);
}

const kept = {
  labels: { alertname: 'Kept', id: 'kept', level: 'high' },
  annotations: { summary: 'kept of local at http://cortex: 7' },
  state: 'firing',
  activeAt: new Date(START_MS).toISOString().replace('.000Z', 'Z'),
  keepFiringSince: expect.stringMatching(/^2023-11-14T22:1[89]:\d\d(\.\d+)?Z$/),
  value: '7e+00',
};
const waiting = {
  labels: { alertname: 'Waiting', id: 'waiting' },
  annotations: {},
  state: 'pending',
  activeAt: kept.activeAt,
  value: '5e-01',
};

test.for(['/prometheus', '/api/prom'])('alerts that are pending or firing stand under %s', async (prefix) => {
  await evaluate();
  const alerts = await app.get(`${prefix}/api/v1/alerts`);
  expect(alerts.json).toEqual({ status: 'success', data: { alerts: [kept, waiting] } });
  const rules = await app.get(`${prefix}/api/v1/rules`, { type: 'alert' });
  expect(rules.json).toMatchObject({
    data: {
      groups: [
        {
          rules: [
            { name: 'Kept', state: 'firing', keepFiringFor: 600, alerts: [kept] },
            { name: 'Waiting', state: 'pending', duration: 3600, alerts: [waiting] },
            { name: 'Never', state: 'inactive', alerts: [] },
          ],
        },
      ],
    },
  });
});

test('another tenant sees none of them', async () => {
  await evaluate();
  const { json } = await app.get('alerts', {}, { 'x-scope-orgid': 'other' });
  expect(json).toEqual({ status: 'success', data: { alerts: [] } });
});

const filters: [query: Record<string, string>, shown: string][] = [
  [{ state: 'firing' }, 'Kept:1'],
  [{ state: 'PENDING' }, 'Waiting:1'],
  [{ state: 'inactive' }, 'Never:0'],
  [{ state: 'unknown' }, ''],
  [{ exclude_alerts: 'true' }, 'Kept:0 Waiting:0 Never:0 r'],
  [{ exclude_alerts: 'F', type: 'alert' }, 'Kept:1 Waiting:1 Never:0'],
  [{ 'match[]': '{level=~".+"}' }, 'Kept:1'],
  [{ 'rule_name[]': 'r' }, 'r'],
];
test.for(filters)('rules with %j are %s', async ([query, shown]) => {
  await evaluate();
  const { json } = await app.get('rules', query);
  const { groups } = (json as { data: { groups: { rules: { name: string; alerts?: unknown[] }[] }[] } }).data;
  const rules = groups.flatMap((group) => group.rules);
  expect(rules.map(({ name, alerts }) => name + (alerts ? `:${alerts.length}` : '')).join(' ')).toBe(shown);
});

test('a tenant waits for no group of another one', async () => {
  const slow = `name: slow\ninterval: 10s\nrules: [${Array.from({ length: 20 }, (_, index) => `{record: "s:${index}", expr: "count_over_time(vector(1)[3h:1s])"}`).join(', ')}]`;
  const quick = 'name: quick\ninterval: 10s\nrules: [{record: q, expr: vector(1)}]';
  expect((await app.send('POST', '/api/v1/rules/ns', slow, { 'x-scope-orgid': 'slow' })).status).toBe(202);
  const evaluation = app.clock.advance(0);
  expect((await app.send('POST', '/api/v1/rules/ns', quick, { 'x-scope-orgid': 'quick' })).status).toBe(202);
  const order: string[] = [];
  const isSlowDone = evaluation.then(() => order.push('slow'));
  void app.clock.advance(0).then(() => order.push('quick'));
  await isSlowDone;
  expect(order).toEqual(['quick', 'slow']);
});

test("alerts link to where the tenant's template says", async () => {
  const alertmanager = await FakeAlertmanager.start();
  const rulerAlertGeneratorUrlTemplate = '{{ .ExternalURL }}/explore?q={{ urlquery .Expression }}';
  const linking = await createTestApp({
    limits: { rulerAlertGeneratorUrlTemplate },
    server: { rulerExternalUrl: 'http://cortex', rulerAlertmanagerUrl: alertmanager.url },
  });
  await linking.send('POST', '/api/v1/rules/ns', 'name: g\nrules: [{alert: A, expr: "vector(1)  > 0"}]');
  await linking.clock.advance(MINUTE_MS);
  const [notice] = JSON.parse(alertmanager.requests[0]!.body) as [{ generatorURL: string }];
  expect(notice.generatorURL).toBe('http://cortex/explore?q=vector%281%29+%3E+0');
  await linking.close();
  await alertmanager.stop();
});
