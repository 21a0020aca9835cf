import { expect, test } from 'vitest';
import { createTestApp, START_MS } from '../support/test-app.ts';

const MINUTE_MS = 60_000;

const groupYaml = [
  'name: day',
  'interval: 1m',
  'rules:',
  ...Array.from({ length: 7 }, (_, index) => `  - {record: 'r:${index}', expr: 'sum by (job) (source) + ${index}'}`),
  "  - {record: 'r:each', expr: 'source * 2'}",
  "  - {alert: High, expr: 'source > 90', for: 5m, annotations: {summary: '{{ $labels.job }} has {{ $value }}'}}",
  "  - {alert: Any, expr: 'sum(r:0) > 1', keep_firing_for: 10m}",
].join('\n');

/** So long of a group of 10 rules over 100 series: all that was written and what the rules say at the end. */
async function pass(minutes: number): Promise<string[]> {
  const app = await createTestApp({ limits: { ingestionRate: 1e9, ingestionBurstSize: 1e9 } });
  expect((await app.send('POST', '/api/v1/rules/ns', groupYaml)).status).toBe(202);
  for (let minute = 0; minute < minutes; minute++) {
    if (minute % 4 === 0) {
      const series = Array.from({ length: 100 }, (_, index) => ({
        labels: Object.entries({ __name__: 'source', instance: `i${index}`, job: `j${index % 10}` }),
        samples: [[app.clock.nowMs(), (index + minute) % 97] as const],
      }));
      await app.push({ series });
    }
    await app.clock.advance(MINUTE_MS);
  }
  const metrics = await app.get('/metrics');
  expect(metrics.text).toContain(
    'cortex_prometheus_rule_group_iterations_missed_total{user="test",rule_group="/rules/test/ns;day"} 0',
  );
  const range = { start: START_MS / 1000, end: app.clock.nowMs() / 1000, step: 300 };
  const written = await app.get('query_range', { query: '{__name__=~"r:.+|ALERTS.*"}', ...range });
  const samples = await app.get('query', { query: `count_over_time(r:0{job="j1"}[${minutes}m])`, time: range.end });
  const rules = await app.get('rules');
  await app.close();
  expect(samples.json).toMatchObject({ data: { result: [{ value: [range.end, `${minutes}`] }] } });
  return [written.text, rules.text];
}

test('a day by hand passes in seconds, every minute of it evaluated', { timeout: 120_000 }, async () => {
  const [written] = await pass(24 * 60);
  expect(written!.length).toBeGreaterThan(100_000);
});

test('what passes by hand is twice the same', { timeout: 60_000 }, async () => {
  expect(await pass(150)).toEqual(await pass(150));
});
