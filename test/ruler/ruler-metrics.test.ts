import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { FetchStatistics } from '../../src/limits/fetch-statistics.ts';
import { ManualClock } from '../../src/model/clock.ts';
import type { TenantId } from '../../src/model/tenant.ts';
import { QueryStatistics } from '../../src/ruler/query-statistics.ts';
import { createTestApp, START_MS, type TestApp } from '../support/test-app.ts';

/** Two groups of three rules in all; what they read has two series. */
async function runRules(app: TestApp): Promise<void> {
  const rules = (records: readonly string[]) =>
    records.map((record) => `- {record: '${record}', expr: source * 2}`).join('\n');
  const series = ['a', 'bc'].map((job) => ({
    labels: Object.entries({ __name__: 'source', job }),
    samples: [[START_MS, 1] as const],
  }));
  await app.push({ series });
  for (const [name, records] of [
    ['g', ['a:b']],
    ['h', ['a:c', 'a:d']],
  ] as const) {
    const yaml = `name: ${name}\ninterval: 1m\nrules:\n${rules(records)}\n`;
    expect((await app.send('POST', '/api/v1/rules/ns', yaml)).status).toBe(202);
  }
  await app.clock.advance(0);
}

/** The page's lines about these metrics. */
async function metrics(app: TestApp, names: RegExp): Promise<string[]> {
  const { text } = await app.get('/metrics');
  return text.split('\n').filter((line) => names.test(line) && !line.startsWith('#'));
}

test('metrics of groups are sums over a tenant without the label rule_group, gauges too', async () => {
  const app = await createTestApp({ server: { rulerDisableRuleGroupLabel: true } });
  await runRules(app);
  const ofGroups = /^cortex_prometheus_(rule_(evaluations|group_(interval|rules|iterations|last_eval))|last_eval)/;
  const lines = [
    'cortex_prometheus_rule_evaluations_total{user="test"} 3',
    'cortex_prometheus_rule_group_iterations_total{user="test"} 2',
    'cortex_prometheus_rule_group_iterations_missed_total{user="test"} 0',
    'cortex_prometheus_rule_group_interval_seconds{user="test"} 120',
    `cortex_prometheus_rule_group_last_evaluation_timestamp_seconds{user="test"} ${(START_MS / 1000) * 2}`,
    'cortex_prometheus_last_evaluation_samples{user="test"} 6',
    'cortex_prometheus_rule_group_rules{user="test"} 3',
  ];
  expect(await metrics(app, ofGroups)).toEqual(lines);
  expect(await metrics(app, ofGroups)).toEqual(lines);
  await app.send('DELETE', '/api/v1/rules/ns/g');
  expect(await metrics(app, /^cortex_prometheus_rule_group_rules/)).toEqual([
    'cortex_prometheus_rule_group_rules{user="test"} 2',
  ]);
  await app.close();
});

test('a tenant with rules says when they were taken over', async () => {
  const app = await createTestApp();
  await runRules(app);
  const reload = /^cortex_ruler_config_last_reload/;
  expect(await metrics(app, reload)).toEqual([
    'cortex_ruler_config_last_reload_successful{user="test"} 1',
    `cortex_ruler_config_last_reload_successful_seconds{user="test"} ${START_MS / 1000}`,
  ]);
  await app.send('DELETE', '/api/v1/rules/ns');
  expect(await metrics(app, reload)).toEqual([]);
  await app.close();
});

test('what queries of rules fetch is counted when that is asked for', async () => {
  const fetched = /^cortex_ruler_(query_seconds|fetched|samples)/;
  const app = await createTestApp({ server: { rulerQueryStatsEnabled: true } });
  await runRules(app);
  expect(await metrics(app, fetched)).toEqual([
    'cortex_ruler_query_seconds_total{user="test"} 0',
    'cortex_ruler_fetched_series_total{user="test"} 6',
    'cortex_ruler_samples_total{user="test"} 6',
    'cortex_ruler_fetched_chunks_bytes_total{user="test"} 156',
    'cortex_ruler_fetched_data_bytes_total{user="test"} 339',
  ]);
  await app.send('DELETE', '/api/v1/rules/ns');
  expect(await metrics(app, fetched)).toEqual([]);
  await app.close();
  const without = await createTestApp();
  await runRules(without);
  expect(await metrics(without, fetched)).toEqual([]);
  await without.close();
});

test('each query of a rule is logged with what it fetched, a failed one too', async () => {
  const logged: unknown[] = [];
  const statistics = new QueryStatistics({
    clock: new ManualClock(0),
    metrics: new Registry(),
    logger: { info: (...line) => logged.push(line) },
    countedEngine: () => {
      const fetched = Object.assign(new FetchStatistics(), { seriesCount: 1, sampleCount: 2, chunkCount: 3 });
      return { fetched, engine: { instant: async () => Promise.reject(new Error('no')) } };
    },
  });
  const rule = { kind: 'recording', name: 'a:b', expr: 'up', labels: {} } as const;
  const origin = { tenant: 'team-a' as TenantId, namespace: 'ns', group: 'g', rule };
  await expect(statistics.instant(origin, { tenant: origin.tenant, query: 'up', timeMs: 0 })).rejects.toThrow('no');
  expect(logged).toEqual([
    [
      {
        tenant: 'team-a',
        rule_group: 'g',
        namespace: 'ns',
        rule: 'a:b',
        rule_kind: 'recording',
        query: 'up',
        cortex_ruler_query_seconds_total: 0,
        fetched_series_count: 1,
        fetched_chunks_count: 3,
        fetched_samples_count: 2,
        fetched_chunks_bytes: 0,
        fetched_data_bytes: 0,
      },
      'query stats',
    ],
  ]);
});
