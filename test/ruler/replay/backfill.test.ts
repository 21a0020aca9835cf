import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TenantId } from '../../../src/model/tenant.ts';
import { loadNotation } from '../../../src/pocket/fixture/load.ts';
import { ruleFile, slotAt, slotsOf } from '../../../src/ruler/slots.ts';
import { allSamples } from '../../support/all-samples.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeAlertmanager } from '../../support/fake-alertmanager.ts';
import { createTestApp, START_MS, type TestApp, type TestAppOptions } from '../../support/test-app.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const tenant = 'test' as TenantId;
const slots = slotsOf({ file: ruleFile('/rules', 'test', 'ns'), name: 'chain' }, MINUTE_MS);
/** A slot of the group, so that the evaluation at once is one of those. */
const beginMs = slotAt(slots, START_MS) + MINUTE_MS;

/** Instances that come and go, and counters that are reset. */
const source = `
  requests_total{job="api", instance="a"} 0+7x240 3+11x240
  requests_total{job="api", instance="b"} _x100 5+13x120 stale _x60 1+2x100
  requests_total{job="web", instance="c"} 0+1x60 _x40 stale 0+9x200 NaN 4x30
  errors_total{job="api", instance="a"} 0x100 0+3x100 300x100 300+5x180
  errors_total{job="web", instance="c"} 0.1+0.3x60 _x60 0.7+0.1x300
`;

/** A rule that reads a rule before it, an aggregation of what was recorded, an alert on a recorded rate, and what alerts say. */
const chain = `
name: chain
interval: 1m
labels: {team: own}
rules:
  - {record: 'instance:requests:rate', expr: 'rate(requests_total[5m])'}
  - {record: 'instance:errors:ratio', expr: 'rate(errors_total[5m]) / on (job, instance) instance:requests:rate', labels: {kind: ratio}}
  - {record: 'job:requests:rate', expr: 'sum by (job) (instance:requests:rate)'}
  - alert: Errors
    expr: 'avg_over_time(instance:errors:ratio[10m]) > 0.3'
    for: 5m
    keep_firing_for: 7m
    labels: {severity: page}
    annotations: {summary: '{{ $labels.job }} has {{ $value }}'}
  - {record: 'alerts:count', expr: 'count by (alertstate) (ALERTS)'}
`;

async function appAt(timeMs: number, options: TestAppOptions = {}): Promise<TestApp> {
  const app = await createTestApp(options);
  await app.clock.advance(timeMs - START_MS);
  await loadNotation(app.server.store, tenant, source, { startMs: beginMs - 10 * MINUTE_MS, stepMs: 15_000 });
  return app;
}

test('a chain of five rules that is replayed has sample for sample what it has live', async () => {
  const passedMs = 3 * HOUR_MS;
  const live = await appAt(beginMs);
  expect((await live.send('POST', '/api/v1/rules/ns', chain)).status).toBe(202);
  await live.clock.advance(passedMs);
  const replayed = await appAt(beginMs + passedMs);
  expect((await replayed.send('POST', '/api/v1/rules/ns?backfill=3h', chain)).status).toBe(202);
  const written = allSamples(live.server.store, 'test', '.+:.+|ALERTS.*');
  expect(allSamples(replayed.server.store, 'test', '.+:.+|ALERTS.*')).toEqual(written);
  expect(written.length).toBeGreaterThan(1000);
  for (const part of ['Errors', 'pending', 'firing', 'stale']) expect(written.join()).toContain(part);
  const rulesOf = async (app: TestApp) => (await app.get('rules')).json;
  expect(await rulesOf(replayed)).toEqual(await rulesOf(live));
  // They go on as if nothing had been.
  for (const app of [live, replayed]) await app.clock.advance(HOUR_MS);
  expect(allSamples(replayed.server.store, 'test', '.+')).toEqual(allSamples(live.server.store, 'test', '.+'));
  expect(await rulesOf(replayed)).toEqual(await rulesOf(live));
  await Promise.all([live.close(), replayed.close()]);
});

test('native histograms are replayed as they are evaluated live', async () => {
  const limits = { enableNativeHistograms: true };
  const histograms = `
    latency{job="api"} {{schema:0 sum:5 count:4 buckets:[1 2 1]}}+{{schema:0 sum:3 count:2 buckets:[1 0 1]}}x300
    latency{job="web"} {{schema:1 sum:1 count:1 buckets:[1]}}x100 _x20 {{schema:1 sum:2 count:2 buckets:[1 1]}}x100`;
  const group = `{name: chain, interval: 1m, rules: [
    {record: 'job:latency:rate', expr: 'sum by (job) (rate(latency[5m]))'},
    {record: 'job:latency:p90', expr: 'histogram_quantile(0.9, job:latency:rate)'}]}`;
  const [live, replayed] = await Promise.all([appAt(beginMs, { limits }), appAt(beginMs + HOUR_MS, { limits })]);
  for (const { server } of [live, replayed]) {
    await loadNotation(server.store, tenant, histograms, { startMs: beginMs - 10 * MINUTE_MS, stepMs: 15_000 });
  }
  await live.send('POST', '/api/v1/rules/ns', group);
  await live.clock.advance(HOUR_MS);
  await replayed.send('POST', '/api/prom/rules/ns?backfill=1h', group);
  const written = allSamples(live.server.store, 'test', '.+:.+');
  expect(allSamples(replayed.server.store, 'test', '.+:.+')).toEqual(written);
  expect(written.length).toBeGreaterThan(200);
  await Promise.all([live.close(), replayed.close()]);
});

test('what is there already stays: the same replay again changes nothing, a longer one adds the past', async () => {
  const app = await appAt(beginMs + 2 * HOUR_MS);
  const samplesAfter = async (backfill: string): Promise<string[]> => {
    expect((await app.send('POST', `/api/v1/rules/ns?backfill=${backfill}`, chain)).status).toBe(202);
    return allSamples(app.server.store, 'test', 'job:requests:rate');
  };
  const first = await samplesAfter('1h');
  expect(await samplesAfter('1h')).toEqual(first);
  const more = await samplesAfter('90m');
  expect(more.length).toBeGreaterThan(first.length);
  expect(more).toEqual(expect.arrayContaining(first));
  expect(new Set(more).size).toBe(more.length);
  await app.close();
});

test.for([
  ['yesterday', 400, 'invalid parameter "backfill": not a valid duration string: "yesterday"'],
  ['', 400, 'invalid parameter "backfill": empty duration string'],
  ['-1h', 400, 'invalid parameter "backfill": not a valid duration string: "-1h"'],
  ['20y', 400, 'a backfill of 20y is 10512000 evaluations of group chain every 1m, and at most 3000000 are replayed'],
  ['0', 202, '{"status":"success"}'],
] as const)('a backfill of %j is answered with %i', async ([backfill, status, text]) => {
  const app = await createTestApp();
  const answer = await app.send('POST', `/api/v1/rules/ns?backfill=${backfill}`, chain);
  expect([answer.status, answer.text.trim()]).toEqual([status, text]);
  expect((await app.get('/api/v1/rules')).status).toBe(status === 202 ? 200 : 404);
  await app.close();
});

test('receivers are told of what fires now, and of nothing that was', async () => {
  const alertmanager = await FakeAlertmanager.start();
  const app = await appAt(beginMs + HOUR_MS, { server: { rulerAlertmanagerUrl: alertmanager.url } });
  const group = (name: string, expr: string) => `{name: ${name}, interval: 1m, rules: [{alert: A, expr: '${expr}'}]}`;
  const overSince = beginMs / 1000 + 1800;
  await app.send(
    'POST',
    '/api/v1/rules/ns?backfill=1h',
    group('was', `vector(1) and on () vector(time()) < ${overSince}`),
  );
  await app.send(
    'POST',
    '/api/v1/rules/ns?backfill=1h',
    group('is', `vector(2) and on () vector(time()) > ${overSince}`),
  );
  await app.clock.advance(2 * MINUTE_MS);
  const startedAt = alertmanager.alerts.map((alert) => (alert as { startsAt: string }).startsAt);
  expect(startedAt.length).toBeGreaterThan(0);
  for (const time of startedAt) {
    expect(Math.abs(Date.parse(time) / 1000 - overSince)).toBeLessThanOrEqual(60);
  }
  await app.close();
  await alertmanager.stop();
});

test('a replay keeps nobody waiting, and ends when its group is deleted or replaced', async () => {
  const app = await appAt(beginMs + 3 * HOUR_MS);
  const long = chain.replace('interval: 1m', 'interval: 100ms');
  const replaced = app.send('POST', '/api/v1/rules/ns?backfill=3d', long);
  const deleted = app.send('POST', '/api/v1/rules/other?backfill=3d', long);
  const push = await app.push({ series: [{ labels: [['__name__', 'y']], samples: [[app.clock.nowMs(), 1]] }] });
  expect(push.status).toBe(200);
  expect((await app.send('DELETE', '/api/v1/rules/other')).status).toBe(202);
  expect((await app.send('POST', '/api/v1/rules/ns', chain)).status).toBe(202);
  const brokenOff = [409, 'the backfill was broken off: the group was changed'];
  for (const { status, text } of await Promise.all([replaced, deleted]))
    expect([status, text.trim()]).toEqual(brokenOff);
  expect((await app.get('/api/v1/rules')).text).toContain('interval: 1m');
  await app.close();
});

test('provisioned groups that are new to a tenant are replayed together, once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rules-'));
  await mkdir(join(folder, '_all'));
  const file = `groups:\n  - ${chain.trim().replaceAll('\n', '\n    ')}`;
  await writeFile(join(folder, '_all', 'rules.yaml'), file);
  const app = await createTestApp({
    server: { provisionedRulesDir: folder, provisionedRulesBackfillMs: HOUR_MS },
  });
  await loadNotation(app.server.store, tenant, source, { startMs: START_MS - HOUR_MS, stepMs: 15_000 });
  const recorded = (name: string) => allSamples(app.server.store, 'test', name);
  await eventually('the replay', async () => recorded('job:requests:rate')[50]);
  const times = recorded('job:requests:rate').map((line) => Number(line.split(' ').at(-3)));
  expect(Math.min(...times)).toBeLessThan(START_MS - 50 * MINUTE_MS);
  await app.close();
  await rm(folder, { recursive: true });
});
