import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiDifferences } from '../support/api-difference.ts';
import { findProgram } from '../support/child-process.ts';
import { eventually } from '../support/eventually.ts';
import { type Peer, startNodeExporter, startPrometheus } from '../support/peers.ts';
import {
  type ApiSeries,
  apiGet,
  instantQuery,
  parseValue,
  type QueryApi,
  rangeQuery,
  singleValue,
} from '../support/query-api.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { comparedQueries } from './queries.ts';

const prometheusProgram = findProgram('prometheus');
const nodeExporterProgram = findProgram('prometheus-node-exporter') ?? findProgram('node_exporter');
const missing = [
  ...(prometheusProgram ? [] : ['prometheus']),
  ...(nodeExporterProgram ? [] : ['prometheus-node-exporter']),
];
const because = missing.length > 0 ? ` (skipped: ${missing.join(' and ')} not on PATH)` : '';

/** How long Prometheus scrapes and writes before the first question. */
const collectMs = 68_000;
const tolerance = 1e-9;
const tenant = 'end-to-end';

/**
 * The rules are given to both servers. They look 10 s back, to samples that have arrived in pocket-cortex when its rules run,
 * so that their result is that of their expression, whenever it is evaluated.
 */
const ruleGroup = {
  name: 'compared',
  rules: [
    { record: 'rule:cpu:rate', expr: 'sum by (mode) (rate(node_cpu_seconds_total[10s] offset 10s))' },
    { record: 'rule:up', expr: 'up offset 10s', labels: 'origin: a-rule' },
    { record: 'rule:samples:total', expr: 'sum(scrape_samples_scraped offset 10s)' },
  ],
};

function ruleGroupYaml(indent: string): string {
  const lines = [`name: ${ruleGroup.name}`, 'interval: 2s', 'rules:'];
  for (const { record, expr, labels } of ruleGroup.rules) {
    lines.push(`  - record: ${record}`, `    expr: ${expr}`, ...(labels ? [`    labels: { ${labels} }`] : []));
  }
  return lines.map((line) => `${indent}${line}\n`).join('');
}

describe.skipIf(missing.length > 0)(`beside a real Prometheus${because}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'pocket-cortex-e2e-'));
  let server: ServerProcess;
  let prometheus: Peer;
  let nodeExporter: Peer;
  let pocketApi: QueryApi;
  let prometheusApi: QueryApi;
  /** Everything is asked at or before this moment, up to which both hold the same samples. */
  let endMs = 0;

  beforeAll(async () => {
    server = await startServerProcess({ dataPath: join(folder, 'pocket-cortex.db') });
    nodeExporter = await startNodeExporter(nodeExporterProgram!);
    prometheus = await startPrometheus({
      program: prometheusProgram!,
      folder: join(folder, 'prometheus'),
      config: prometheusConfig({ server, nodeExporter }),
      files: { 'rules.yml': `groups:\n  - ${ruleGroupYaml('    ').trimStart()}` },
    });
    pocketApi = { baseUrl: `${server.baseUrl}/prometheus`, tenant };
    prometheusApi = { baseUrl: prometheus.baseUrl };
    const posted = await fetch(`${server.baseUrl}/api/v1/rules/e2e`, {
      method: 'POST',
      headers: { 'X-Scope-OrgID': tenant },
      body: ruleGroupYaml(''),
    });
    expect([posted.status, await posted.text()]).toEqual([202, expect.stringContaining('success')]);

    // Prometheus takes its time before the first scrape.
    await eventually(
      'Prometheus scrapes all targets',
      async () => (await singleValue(prometheusApi, 'sum(up)', Date.now())) === 3 || undefined,
    );
    const startMs = Date.now();
    await browse(prometheusApi, startMs + collectMs / 2);
    // A target that is away for a while and comes back: staleness markers, `up` of 0, and counters that begin again.
    await nodeExporter.stop();
    await browse(prometheusApi, startMs + collectMs / 2 + 4000);
    nodeExporter = await startNodeExporter(nodeExporterProgram!, nodeExporter.port);
    await browse(prometheusApi, startMs + collectMs);

    // A few seconds back: scrapes take up to one, and then a remote write has to happen.
    endMs = Math.floor(Date.now() / 1000) * 1000 - 3000;
    await allSamplesArrive();
  });

  afterAll(async () => {
    await Promise.all([server, prometheus, nodeExporter].map((program) => program?.stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  /** Remote write lags behind: waits until every sample is there. */
  async function allSamplesArrive(): Promise<void> {
    const query = '{__name__=~".+",__name__!~"rule:.*"}[5m]';
    const expected = await instantQuery(prometheusApi, query, endMs);
    await eventually(
      'all samples have arrived',
      async () => {
        const differences = apiDifferences(await instantQuery(pocketApi, query, endMs), expected, { tolerance: 0 });
        if (differences.length > 0) throw new Error(differences.slice(0, 20).join('\n'));
        return true;
      },
      { timeoutMs: 20_000, everyMs: 500 },
    );
  }

  test('Prometheus wrote for a minute, more than a thousand series', async () => {
    const seriesCount = await singleValue(pocketApi, 'count({__name__!=""})', endMs);
    const scrapeCount = await singleValue(pocketApi, 'max(count_over_time(up[5m]))', endMs);
    console.log(`${seriesCount} series, ${scrapeCount} scrapes each`);
    expect(seriesCount).toBeGreaterThan(1000);
    expect(scrapeCount).toBeGreaterThanOrEqual(60);
  });

  test.for(comparedQueries)('$family, instant: $query', async ({ query, isOrdered }) => {
    const expected = await instantQuery(prometheusApi, query, endMs);
    const actual = await instantQuery(pocketApi, query, endMs);
    expect(apiDifferences(actual, expected, { tolerance, isOrdered })).toEqual([]);
  });

  test.for(comparedQueries)('$family, range: $query', async ({ query }) => {
    const range = { query, startMs: endMs - 50_000, endMs, stepMs: 3500 };
    const expected = await rangeQuery(prometheusApi, range);
    const actual = await rangeQuery(pocketApi, range);
    expect(apiDifferences(actual, expected, { tolerance })).toEqual([]);
  });

  test('the compared queries give something', async () => {
    const empty: string[] = [];
    for (const { query } of comparedQueries) {
      const { result } = await rangeQuery(prometheusApi, { query, startMs: endMs - 50_000, endMs, stepMs: 3500 });
      if ((result as readonly unknown[]).length === 0) empty.push(query);
    }
    expect(empty).toEqual(['absent(up{job="node"})']);
    console.log(
      `${comparedQueries.length} queries, instant and range; without a result: ${empty.join('; ') || 'none'}`,
    );
  });

  test('label names, label values and series are the same', async () => {
    for (const path of ['labels', 'label/__name__/values', 'label/job/values', 'label/mode/values']) {
      const match = { 'match[]': '{__name__=~".+",__name__!~"rule:.*"}' };
      const ofPrometheus = (await apiGet(prometheusApi, path, match)) as string[];
      expect(await apiGet(pocketApi, path, match)).toEqual(ofPrometheus);
    }
    const match = { 'match[]': 'node_cpu_seconds_total' };
    const sorted = (data: unknown) =>
      (data as object[]).map((series) => JSON.stringify(Object.entries(series).sort())).sort();
    expect(sorted(await apiGet(pocketApi, 'series', match))).toEqual(
      sorted(await apiGet(prometheusApi, 'series', match)),
    );
  });

  test.for(ruleGroup.rules)(
    'the rule $record gives the series that it gives in Prometheus',
    async ({ record, expr }) => {
      // Prometheus and pocket-cortex evaluate a group at moments of their own, so both are held against the expression.
      const bySeries = async (api: QueryApi) => {
        const { result } = await instantQuery(api, `${record}[30s]`, endMs);
        const series = result as readonly ApiSeries[];
        expect(series.length).toBeGreaterThan(0);
        for (const { metric, values = [] } of series) {
          expect(values.length).toBeGreaterThanOrEqual(14);
          const { __name__: _name, origin: _origin, ...ofExpression } = metric;
          const selected = Object.entries(ofExpression);
          for (const [timeSeconds, text] of values) {
            const there = (await instantQuery(prometheusApi, expr, timeSeconds * 1000)).result as readonly ApiSeries[];
            const same = there.find(
              ({ metric: { __name__: _other, ...labels } }) =>
                selected.length === Object.keys(labels).length &&
                selected.every(([name, value]) => labels[name] === value),
            );
            const expected = parseValue(same?.value?.[1] ?? 'nothing');
            expect([record, metric, timeSeconds, closeTo(parseValue(text), expected)]).toEqual([
              record,
              metric,
              timeSeconds,
              expected,
            ]);
          }
        }
        return series.map(({ metric }) => JSON.stringify(Object.entries(metric).sort())).sort();
      };
      expect(await bySeries(pocketApi)).toEqual(await bySeries(prometheusApi));
    },
  );

  test('the rules page shows the group, healthy and evaluated', async () => {
    const { groups } = (await apiGet(pocketApi, 'rules', {})) as { groups: readonly Record<string, unknown>[] };
    expect(groups).toMatchObject([
      {
        name: ruleGroup.name,
        file: 'e2e',
        interval: 2,
        rules: ruleGroup.rules.map(({ record }) => ({ name: record, type: 'recording', health: 'ok' })),
      },
    ]);
  });

  test('another tenant sees nothing of it', async () => {
    const other = { ...pocketApi, tenant: 'somebody-else' };
    expect(await instantQuery(other, '{__name__!=""}', endMs)).toEqual({ resultType: 'vector', result: [] });
    expect(await apiGet(other, 'labels', {})).toEqual([]);
  });
});

/** `actual` where it lies further from `expected` than allowed, else `expected`. */
function closeTo(actual: number, expected: number): number {
  return Math.abs(actual - expected) <= tolerance * Math.abs(expected) ? expected : actual;
}

/** Lets Prometheus answer this and that until `untilMs`, so that its own counters and histograms move. */
async function browse(api: QueryApi, untilMs: number): Promise<void> {
  while (Date.now() < untilMs) {
    await instantQuery(api, 'sum(up)', Date.now());
    await rangeQuery(api, { query: 'rate(up[5s])', startMs: Date.now() - 60_000, endMs: Date.now(), stepMs: 1000 });
    await fetch(`${api.baseUrl}/api/v1/query?query=${encodeURIComponent('sum(')}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function prometheusConfig({ server, nodeExporter }: { server: ServerProcess; nodeExporter: Peer }): string {
  return `
global: { scrape_interval: 1s, scrape_timeout: 900ms, evaluation_interval: 2s }
rule_files: [rules.yml]
scrape_configs:
  - job_name: prometheus
    static_configs: [{ targets: ["127.0.0.1:PORT"] }]
  - job_name: node
    static_configs: [{ targets: ["127.0.0.1:${nodeExporter.port}"] }]
  - job_name: pocket-cortex
    static_configs: [{ targets: ["127.0.0.1:${server.port}"] }]
remote_write:
  - url: ${server.baseUrl}/api/v1/push
    headers: { X-Scope-OrgID: ${tenant} }
    queue_config: { batch_send_deadline: 200ms }
    # pocket-cortex evaluates the same rules itself.
    write_relabel_configs: [{ source_labels: [__name__], regex: "rule:.*", action: drop }]
`;
}
