import { expect, test } from 'vitest';
import type { TenantId } from '../../../src/model/tenant.ts';
import { loadNotation } from '../../../src/pocket/fixture/load.ts';
import { ruleFile, slotAt, slotsOf } from '../../../src/ruler/slots.ts';
import { allSamples } from '../../support/all-samples.ts';
import { createTestApp, START_MS, type TestApp } from '../../support/test-app.ts';

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

async function appAt(timeMs: number): Promise<TestApp> {
  const app = await createTestApp();
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
