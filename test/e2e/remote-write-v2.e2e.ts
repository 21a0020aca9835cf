import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiDifferences } from '../support/api-difference.ts';
import { findProgram } from '../support/child-process.ts';
import { eventually } from '../support/eventually.ts';
import { type Peer, startPrometheus } from '../support/peers.ts';
import { apiGet, instantQuery, type QueryApi, rangeQuery, singleValue } from '../support/query-api.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

const program = findProgram('prometheus');
const because = program ? '' : ' (skipped: prometheus not on PATH)';
const collectMs = Number(process.env['E2E_COLLECT_SECONDS'] ?? 20) * 1000;
const tolerance = 1e-9;
const tenant = 'remote-write-v2';

const queries: readonly string[] = [
  'up',
  '{job="itself",__name__=~"prometheus_tsdb.*"}',
  'sum by (job) (rate(prometheus_http_requests_total[10s]))',
  'rate(process_cpu_seconds_total[15s])',
  'jobs_done_total',
  'increase(jobs_done_total[10s])',
  'quantile by (job) (0.75, {__name__=~".*_seconds_total"})',
  'max_over_time(rate(process_cpu_seconds_total[10s])[15s:2s])',
  'histogram_quantile(0.9, rate(prometheus_http_response_size_bytes_bucket{job="itself"}[10s]))',
  // Native: exponential ones, and classic ones that Prometheus made custom buckets of.
  'prometheus_http_request_duration_seconds{job="itself"}',
  'histogram_quantile(0.9, sum(rate(prometheus_http_request_duration_seconds{job="itself"}[8s])))',
  'histogram_count(prometheus_http_response_size_bytes{job="custom"})',
  'histogram_quantile(0.5, sum(rate(prometheus_http_response_size_bytes{job="custom"}[8s])))',
];

/** A Prometheus loses the bounds of custom buckets in what it reads remotely as samples, and fails to print them. */
const notReadBack = ['prometheus_http_response_size_bytes{job="custom"}'];

describe.skipIf(!program)(`remote write 2.0 from a real Prometheus${because}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'pocket-cortex-write-v2-'));
  let server: ServerProcess;
  let streaming: ServerProcess;
  let target: Server;
  let sender: Peer;
  let reader: Peer;
  let streamReader: Peer;
  let pocketApi: QueryApi;
  let senderApi: QueryApi;
  let readerApi: QueryApi;
  let streamReaderApi: QueryApi;
  let endMs = 0;

  beforeAll(async () => {
    const flags = [
      '-distributor.remote-writev2-enabled=true',
      '-blocks-storage.tsdb.enable-native-histograms=true',
      '-ingester.max-exemplars=100000',
      // Prometheus sends exemplars apart from the samples of their series, which Cortex refuses.
      '-pocket.accept-exemplar-only-series=true',
    ];
    server = await startServerProcess({ dataPath: join(folder, 'samples.db'), arguments: flags });
    streaming = await startServerProcess({
      dataPath: join(folder, 'chunks.db'),
      arguments: [...flags, '-pocket.remote-read-streaming=true'],
    });
    target = await startTarget();
    const features = ['native-histograms', 'exemplar-storage', 'metadata-wal-records'];
    sender = await startPrometheus({
      program: program!,
      folder: join(folder, 'sender'),
      config: senderConfig([server, streaming], (target.address() as AddressInfo).port),
      arguments: [`--enable-feature=${features.join(',')}`],
    });
    reader = await startPrometheus({
      program: program!,
      folder: join(folder, 'reader'),
      config: readerConfig(server),
    });
    streamReader = await startPrometheus({
      program: program!,
      folder: join(folder, 'stream-reader'),
      config: readerConfig(streaming),
    });
    pocketApi = { baseUrl: `${server.baseUrl}/prometheus`, tenant };
    senderApi = { baseUrl: sender.baseUrl };
    readerApi = { baseUrl: reader.baseUrl };
    streamReaderApi = { baseUrl: streamReader.baseUrl };
    await eventually(
      'Prometheus scrapes all targets',
      async () => (await singleValue(senderApi, 'sum(up)', Date.now())) === 3 || undefined,
    );
    const untilMs = Date.now() + collectMs;
    while (Date.now() < untilMs) {
      await instantQuery(senderApi, 'sum(up)', Date.now());
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    endMs = Math.floor(Date.now() / 1000) * 1000 - 2000;
    const all = '{__name__=~".+"}[5m]';
    const expected = await instantQuery(senderApi, all, endMs);
    await eventually(
      'all samples have arrived',
      async () => {
        for (const { baseUrl } of [server, streaming]) {
          const actual = await instantQuery({ baseUrl: `${baseUrl}/prometheus`, tenant }, all, endMs);
          const differences = apiDifferences(actual, expected, { tolerance: 0 });
          if (differences.length > 0) throw new Error(differences.slice(0, 20).join('\n'));
        }
        return true;
      },
      { timeoutMs: 20_000, everyMs: 500 },
    );
  });

  afterAll(async () => {
    await Promise.all([server, streaming, sender, reader, streamReader].map((running) => running?.stop()));
    target?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('all requests came in as version 2 and none was refused', async () => {
    const url = '{job="itself",__name__=~"prometheus_remote_storage_(samples|histograms|exemplars)_failed_total"}';
    expect(await singleValue(senderApi, `sum(${url})`, endMs)).toBe(0);
    const sent = 'prometheus_remote_storage_histograms_total{job="itself"}';
    expect(await singleValue(senderApi, `min(${sent})`, endMs)).toBeGreaterThan(100);
    const exemplars = 'prometheus_remote_storage_exemplars_total{job="itself"}';
    expect(await singleValue(senderApi, `min(${exemplars})`, endMs)).toBeGreaterThan(5);
  });

  test.for([...queries, ...notReadBack])('instant: %s', async (query) => {
    const expected = await instantQuery(senderApi, query, endMs);
    expect((expected.result as readonly unknown[]).length).toBeGreaterThan(0);
    expect(apiDifferences(await instantQuery(pocketApi, query, endMs), expected, { tolerance })).toEqual([]);
  });

  test.for(queries)('read back by another Prometheus: %s', async (query) => {
    const range = { query, startMs: endMs - 8000, endMs, stepMs: 1500 };
    const expected = await rangeQuery(senderApi, range);
    expect((expected.result as readonly unknown[]).length).toBeGreaterThan(0);
    expect(apiDifferences(await rangeQuery(readerApi, range), expected, { tolerance })).toEqual([]);
  });

  test.for([...queries, ...notReadBack])('read back in chunks by another Prometheus: %s', async (query) => {
    const range = { query, startMs: endMs - 8000, endMs, stepMs: 1500 };
    const expected = await rangeQuery(senderApi, range);
    expect(apiDifferences(await rangeQuery(streamReaderApi, range), expected, { tolerance })).toEqual([]);
  });

  test('exemplars are those that Prometheus has', async () => {
    const query = { query: 'jobs_done_total', start: (endMs - collectMs) / 1000, end: endMs / 1000 };
    const expected = (await apiGet(senderApi, 'query_exemplars', query)) as readonly {
      exemplars: readonly unknown[];
    }[];
    expect(expected[0]!.exemplars.length).toBeGreaterThan(5);
    expect(await apiGet(pocketApi, 'query_exemplars', query)).toEqual(expected);
  });

  test.for([
    ['jobs_done_total', 'jobs_done'],
    ['go_goroutines', 'go_goroutines'],
    ['prometheus_http_request_duration_seconds', 'prometheus_http_request_duration_seconds'],
  ] as const)('metadata of %s came along', async ([metric, family]) => {
    const expected = (await apiGet(senderApi, 'targets/metadata', { metric: family, limit: 1 })) as readonly Metadata[];
    const { type, help, unit } = expected[0]!;
    expect(await apiGet(pocketApi, 'metadata', { metric })).toEqual({ [metric]: [{ type, help, unit }] });
  });
});

interface Metadata {
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

/** Counts how often it is scraped, and leaves an exemplar each time. */
async function startTarget(): Promise<Server> {
  let count = 0;
  const target = createServer((_request, response) => {
    count += 1;
    response.setHeader('content-type', 'application/openmetrics-text; version=1.0.0; charset=utf-8');
    response.end(
      [
        '# HELP jobs_done Jobs that were done.',
        '# TYPE jobs_done counter',
        `jobs_done_total{queue="a"} ${count} # {trace_id="t${count}"} 1 ${Date.now() / 1000}`,
        '# EOF\n',
      ].join('\n'),
    );
  });
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  return target;
}

function senderConfig(servers: readonly ServerProcess[], targetPort: number): string {
  return `
global: { scrape_interval: 1s, scrape_timeout: 900ms }
scrape_configs:
  - job_name: itself
    static_configs: [{ targets: ["127.0.0.1:PORT"] }]
  - job_name: custom
    convert_classic_histograms_to_nhcb: true
    static_configs: [{ targets: ["127.0.0.1:PORT"] }]
  - job_name: exemplars
    static_configs: [{ targets: ["127.0.0.1:${targetPort}"] }]
remote_write:
${servers.map(remoteWrite).join('')}`;
}

function remoteWrite({ baseUrl }: ServerProcess): string {
  return `
  - url: ${baseUrl}/api/v1/push
    protobuf_message: io.prometheus.write.v2.Request
    headers: { X-Scope-OrgID: ${tenant} }
    send_native_histograms: true
    send_exemplars: true
    queue_config: { batch_send_deadline: 200ms }
`;
}

function readerConfig(server: ServerProcess): string {
  return `
remote_read:
  - url: ${server.baseUrl}/prometheus/api/v1/read
    headers: { X-Scope-OrgID: ${tenant} }
    read_recent: true
`;
}
