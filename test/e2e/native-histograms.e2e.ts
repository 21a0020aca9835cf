import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiDifferences } from '../support/api-difference.ts';
import { findProgram } from '../support/child-process.ts';
import { eventually } from '../support/eventually.ts';
import { type Peer, startPrometheus } from '../support/peers.ts';
import { type ApiSeries, instantQuery, type QueryApi, rangeQuery, singleValue } from '../support/query-api.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

const program = findProgram('prometheus');
const because = program ? '' : ' (skipped: prometheus not on PATH)';
/** How long Prometheus scrapes before its target goes away, and after it has come back. */
const collectMs = 20_000;
const tolerance = 1e-9;
const tenant = 'end-to-end';
const feature = '--enable-feature=native-histograms';

/** One that both have, one that only the target has; Prometheus sends no custom buckets by remote write 1.0. */
const selectors = [
  'prometheus_http_request_duration_seconds{job="target"}',
  '{__name__=~"prometheus_.*_seconds",handler!=""}',
];

/** Over all of the time, the restart included. */
const queries: readonly string[] = selectors.flatMap((selector) => [
  selector,
  `avg without (handler) (${selector})`,
  `histogram_quantile(0.9, ${selector})`,
  `histogram_fraction(0, 0.01, ${selector})`,
  `histogram_count(${selector})`,
  `histogram_sum(sum by (job) (${selector}))`,
  `histogram_avg(${selector})`,
  `histogram_stddev(${selector})`,
  `histogram_stdvar(sum(${selector}))`,
  `resets(${selector}[50s])`,
  `count_over_time(${selector}[20s])`,
  `sum_over_time(${selector}[5s])`,
  `avg_over_time(${selector}[5s])`,
  `last_over_time(${selector}[10s])`,
  `present_over_time(${selector}[10s])`,
  `irate(${selector}[10s])`,
  `count by (job) (${selector})`,
  `${selector} * 2`,
  `${selector} - ${selector} offset 5s`,
]);

/**
 * Over the last seconds only: a Prometheus before 3.9 extrapolates rates of histograms to before their counters were 0,
 * which shows right after a start.
 */
const rateQueries: readonly string[] = selectors.flatMap((selector) => [
  `rate(${selector}[5s])`,
  `increase(${selector}[6s])`,
  `sum by (job) (rate(${selector}[5s]))`,
  `histogram_quantile(0.9, rate(${selector}[5s]))`,
  `histogram_quantile(0.5, sum(rate(${selector}[6s])))`,
  `histogram_fraction(0, 0.01, rate(${selector}[5s]))`,
  `histogram_sum(rate(${selector}[5s]))`,
  `rate(${selector}[4s]) / 2 + rate(${selector}[4s])`,
]);

describe.skipIf(!program)(`native histograms beside a real Prometheus${because}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'pocket-cortex-histograms-'));
  let server: ServerProcess;
  let target: Peer;
  let prometheus: Peer;
  let pocketApi: QueryApi;
  let prometheusApi: QueryApi;
  /** Everything is asked at or before this moment, up to which both hold the same samples. */
  let endMs = 0;

  beforeAll(async () => {
    server = await startServerProcess({
      dataPath: join(folder, 'pocket-cortex.db'),
      arguments: ['-blocks-storage.tsdb.enable-native-histograms=true'],
    });
    target = await startTarget();
    prometheus = await startPrometheus({
      program: program!,
      folder: join(folder, 'prometheus'),
      config: configOf(server, target),
      arguments: [feature],
    });
    pocketApi = { baseUrl: `${server.baseUrl}/prometheus`, tenant };
    prometheusApi = { baseUrl: prometheus.baseUrl };
    await eventually(
      'Prometheus scrapes all targets',
      async () => (await singleValue(prometheusApi, 'sum(up)', Date.now())) === 2 || undefined,
    );
    await browse(target, Date.now() + collectMs);
    // It goes away and comes back: staleness markers, and counters that begin again.
    await target.stop();
    await new Promise((resolve) => setTimeout(resolve, 4000));
    target = await startTarget(target.port);
    await browse(target, Date.now() + collectMs);
    endMs = Math.floor(Date.now() / 1000) * 1000 - 3000;
    await allSamplesArrive();
  });

  afterAll(async () => {
    await Promise.all([server, prometheus, target].map((running) => running?.stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  function startTarget(port?: number): Promise<Peer> {
    const config = 'global: {}\n';
    const own = join(folder, `target-${port ?? 'first'}`);
    return startPrometheus({ program: program!, folder: own, config, arguments: [feature], ...(port && { port }) });
  }

  /** Remote write lags behind: waits until every sample is there, floats and histograms of all series. */
  async function allSamplesArrive(): Promise<void> {
    const query = '{__name__=~".+"}[5m]';
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

  test('histograms were scraped from before and after the restart', async () => {
    const { result } = await instantQuery(pocketApi, `${selectors[1]}[5m]`, endMs);
    const withHistograms = (result as readonly ApiSeries[]).filter(({ histograms = [] }) => histograms.length > 30);
    const jobs = new Set(withHistograms.map(({ metric }) => metric['job']));
    console.log(`${withHistograms.length} series of native histograms`);
    expect([...jobs].sort()).toEqual(['itself', 'target']);
    expect(await singleValue(pocketApi, `max(resets(${selectors[0]}[5m]))`, endMs)).toBe(1);
  });

  test.for([...queries, ...rateQueries])('instant: %s', async (query) => {
    const expected = await instantQuery(prometheusApi, query, endMs);
    expect((expected.result as readonly unknown[]).length).toBeGreaterThan(0);
    expect(apiDifferences(await instantQuery(pocketApi, query, endMs), expected, { tolerance })).toEqual([]);
  });

  test.for([
    ...queries.map((query) => ({ query, spanMs: 45_000 })),
    ...rateQueries.map((query) => ({ query, spanMs: 8000 })),
  ])('range: $query', async ({ query, spanMs }) => {
    const range = { query, startMs: endMs - spanMs, endMs, stepMs: 1500 };
    const expected = await rangeQuery(prometheusApi, range);
    expect(apiDifferences(await rangeQuery(pocketApi, range), expected, { tolerance })).toEqual([]);
  });
});

/** Lets a server answer this and that, so that its histograms move. */
async function browse({ baseUrl }: Peer, untilMs: number): Promise<void> {
  for (let i = 0; Date.now() < untilMs; i++) {
    await instantQuery({ baseUrl }, 'sum(up)', Date.now());
    await fetch(`${baseUrl}/api/v1/${['labels', 'rules', 'targets', 'status/tsdb'][i % 4]}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function configOf(server: ServerProcess, target: Peer): string {
  return `
global: { scrape_interval: 1s, scrape_timeout: 900ms }
scrape_configs:
  - job_name: itself
    static_configs: [{ targets: ["127.0.0.1:PORT"] }]
  - job_name: target
    static_configs: [{ targets: ["127.0.0.1:${target.port}"] }]
remote_write:
  - url: ${server.baseUrl}/api/v1/push
    headers: { X-Scope-OrgID: ${tenant} }
    send_native_histograms: true
    queue_config: { batch_send_deadline: 200ms }
`;
}
