import { expect, test } from 'vitest';
import type { TenantId } from '../../../src/model/tenant.ts';
import { loadNotation } from '../../../src/pocket/fixture/load.ts';
import { allSamples } from '../../support/all-samples.ts';
import { FakeAlertmanager } from '../../support/fake-alertmanager.ts';
import { createTestApp, START_MS, type TestApp } from '../../support/test-app.ts';

const MINUTE_MS = 60_000;
const tenant = 'test' as TenantId;

const source = `
  requests_total{job="api", instance="a"} 0+7x240 3+11x540
  requests_total{job="api", instance="b"} _x100 5+13x120 stale _x60 1+2x400
  errors_total{job="api", instance="a"} 0x100 0+3x100 300x100 300+5x380
`;

/** Groups that read each other, at intervals of their own; `r:self` reads itself, `r:late` what comes behind it. */
const groups = [
  `{name: first, interval: 1m, rules: [
    {record: 'r:rate', expr: 'sum by (job) (rate(requests_total[5m]))'},
    {record: 'r:late', expr: 'r:sum + 1'},
    {record: 'r:sum', expr: 'sum(r:rate) + sum(s:ratio or vector(0))'}]}`,
  `{name: second, interval: 90s, query_offset: 20s, rules: [
    {record: 's:ratio', expr: 'sum by (job) (rate(errors_total[5m])) / r:rate'},
    {record: 'r:self', expr: 'count(r:self offset 1m) + 1 or vector(1)'},
    {alert: Errors, expr: 's:ratio > 0.3', for: 4m, keep_firing_for: 3m, labels: {severity: page}, annotations: {summary: 'at {{ $value }}'}},
    {alert: Errors, expr: 's:ratio > 0.1', for: 1m, labels: {severity: '{{ $labels.job }}'}}]}`,
];

async function appOf(alertmanager: FakeAlertmanager): Promise<TestApp> {
  const app = await createTestApp({ server: { rulerAlertmanagerUrl: alertmanager.url } });
  await loadNotation(app.server.store, tenant, source, { startMs: START_MS - 5 * MINUTE_MS, stepMs: 15_000 });
  for (const group of groups) expect((await app.send('POST', '/api/v1/rules/ns', group)).status).toBe(202);
  return app;
}

const durations =
  /^cortex_(prometheus_rule_group_duration|prometheus_rule_evaluation_duration|ingester_ingested|ruler_write)/;

/** What the ruler says of itself, but for how long things took and in how many writes. */
function metricsOf(text: string): string[] {
  return text
    .replaceAll(/127\.0\.0\.1:\d+/g, 'alertmanager')
    .split('\n')
    .filter((line) => /^cortex_(prometheus|ruler)_/.test(line) && !durations.test(line));
}

test('time that is moved far gives what minute by minute gives: samples, alerts, what receivers are told and when', async () => {
  const alertmanagers = [await FakeAlertmanager.start(), await FakeAlertmanager.start()] as const;
  const far = await appOf(alertmanagers[0]);
  const near = await appOf(alertmanagers[1]);
  for (const byMs of [150 * MINUTE_MS, 1, 31 * MINUTE_MS]) {
    await far.clock.advance(byMs);
    const untilMs = near.clock.nowMs() + byMs;
    while (near.clock.nowMs() < untilMs) {
      await near.clock.advance(Math.min(untilMs - near.clock.nowMs(), MINUTE_MS / 4));
    }
  }
  const samples = allSamples(near.server.store, 'test', '.:.+|ALERTS.*');
  expect(allSamples(far.server.store, 'test', '.:.+|ALERTS.*')).toEqual(samples);
  for (const part of ['r:late', 'r:self', 's:ratio', 'firing', 'stale']) expect(samples.join()).toContain(part);
  expect((await far.get('rules')).json).toEqual((await near.get('rules')).json);
  expect(metricsOf((await far.get('/metrics')).text)).toEqual(metricsOf((await near.get('/metrics')).text));
  expect(alertmanagers[0].alerts.length).toBeGreaterThan(20);
  expect(alertmanagers[0].alerts).toEqual(alertmanagers[1].alerts);
  await Promise.all([far.close(), near.close()]);
  await Promise.all(alertmanagers.map((alertmanager) => alertmanager.stop()));
});

test('what may change data on the way is not overtaken', async () => {
  const app = await createTestApp();
  await app.send('POST', '/api/v1/rules/ns', "{name: g, interval: 1m, rules: [{record: seen, expr: 'x'}]}");
  // Somebody writes every minute, on this clock.
  let written = 0;
  const write = async (): Promise<void> => {
    const series = [{ labels: [['__name__', 'x']] as const, samples: [[app.clock.nowMs(), written++] as const] }];
    await app.push({ series });
    app.clock.setTimer(write, MINUTE_MS);
  };
  app.clock.setTimer(write, 0);
  await app.clock.advance(30 * MINUTE_MS);
  const seen = allSamples(app.server.store, 'test', 'seen').map((line) => Number(line.split(' ').at(-2)));
  // At first nothing was there, and then always the latest.
  expect(seen).toEqual(Array.from({ length: seen.length }, (_, index) => index));
  expect(seen.length).toBeGreaterThan(28);
  await app.close();
});
