import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from '../support/child-process.ts';
import { eventually } from '../support/eventually.ts';
import { type Peer, startPrometheus } from '../support/peers.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

const program = findProgram('prometheus');
const because = program ? '' : ' (skipped: prometheus not on PATH)';

/** What Prometheus is known to do: it tries again after 5xx, a cut connection and 429 with `retry_on_http_429`, never after 400. */
const script = '429 retry-after=2 x2, 500, 503 retry-after=1, reset, stored 500, stored reset, 400 "not this one"';

interface Report {
  readonly isOver: boolean;
  readonly attempts: { readonly count: number; readonly byEnd: Readonly<Record<string, number>> };
  readonly deliveries: { readonly count: number; readonly acceptedCount: number; readonly retriedCount: number };
  readonly retryAfter: Readonly<Record<'asked' | 'honoured' | 'tooEarly' | 'notRetried', number>>;
  readonly samples: {
    readonly [what in 'sent' | 'stored' | 'lost' | 'doubled' | 'changed' | 'sentAgain' | 'untracked']: number;
  };
  readonly log: readonly {
    readonly delivery: number;
    readonly gapMs: number | null;
    readonly step: string | null;
    readonly end: number | string;
    readonly samples: number;
  }[];
}

describe.skipIf(!program)(`fault scripts and a real Prometheus${because}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'pocket-cortex-faults-'));
  let server: ServerProcess;
  let prometheus: Peer;
  let report: Report;

  const pocket = (path: string, init?: RequestInit) => fetch(`${server.baseUrl}/pocket/v1/${path}`, init);

  beforeAll(async () => {
    server = await startServerProcess({ dataPath: join(folder, 'pocket-cortex.db') });
    const set = await pocket('faults?tenant=team-a', { method: 'PUT', body: script });
    expect(set.status).toBe(200);
    prometheus = await startPrometheus({
      program: program!,
      folder: join(folder, 'prometheus'),
      config: `
global: { scrape_interval: 1s }
scrape_configs:
  - job_name: itself
    static_configs: [{ targets: ['127.0.0.1:PORT'] }]
    metric_relabel_configs: [{ source_labels: [__name__], regex: 'up|process_.*', action: keep }]
remote_write:
  - url: ${server.baseUrl}/api/v1/push
    headers: { X-Scope-OrgID: team-a }
    queue_config: { min_shards: 1, max_shards: 1, batch_send_deadline: 1s, min_backoff: 50ms, max_backoff: 200ms, retry_on_http_429: true }
    metadata_config: { send: false }
`,
    });
    const ask = async () => (await (await pocket('faults/report?tenant=team-a')).json()) as Report;
    report = await eventually(
      'the script is over and deliveries get through again',
      async () => {
        const now = await ask();
        const wasRefused = now.log.some(({ end }) => end === 400);
        return (
          (now.isOver && wasRefused && now.log.filter(({ step }) => step === null).length >= 3 && now) || undefined
        );
      },
      { timeoutMs: 60_000 },
    );
    await prometheus.stop();
    // What it had in flight when it was stopped.
    report = await ask();
  });
  afterAll(async () => {
    await prometheus?.stop();
    await server?.stop();
    rmSync(folder, { recursive: true });
  });

  /** How many samples the server has, staleness markers included, and how many it was given by pushes. */
  async function contentOf(): Promise<{ readonly exportedCount: number; readonly givenCount: number }> {
    const exported = await fetch(`${server.baseUrl}/pocket/v1/export?match[]={}&format=jsonl`, {
      headers: { 'X-Scope-OrgID': 'team-a' },
    });
    const lines = (await exported.text()).split('\n').filter((line) => line !== '');
    const rows = lines.map((line) => JSON.parse(line) as { timestamps?: unknown[] });
    const metrics = await (await fetch(`${server.baseUrl}/metrics`)).text();
    const given = /^cortex_distributor_received_samples_total\{.*user="team-a".*\} (\d+)$/m.exec(metrics);
    return {
      exportedCount: rows.reduce((sum, { timestamps = [] }) => sum + timestamps.length, 0),
      givenCount: Number(given?.[1]),
    };
  }

  test('the first delivery came through all steps that a sender tries again after', () => {
    const first = report.log.filter(({ delivery }) => delivery === 1);
    expect(first.slice(0, 8).map(({ step, end }) => `${step}: ${end}`)).toEqual([
      '429 retry-after=2: 429',
      '429 retry-after=2: 429',
      '500: 500',
      '503 retry-after=1: 503',
      'reset: reset',
      'stored 500: 500',
      'stored reset: reset',
      '400 "not this one": 400',
    ]);
    expect(first.length).toBe(8);
  });

  test('Retry-After was honoured', () => {
    expect(report.retryAfter).toEqual({ asked: 3, honoured: 3, tooEarly: 0, notRetried: 0 });
    const gapsMs = report.log.slice(1, 5).map(({ gapMs }) => gapMs!);
    expect(gapsMs[0]).toBeGreaterThanOrEqual(1999);
    expect(gapsMs[1]).toBeGreaterThanOrEqual(1999);
    expect(gapsMs[2]).toBeLessThan(1000);
    expect(gapsMs[3]).toBeGreaterThanOrEqual(999);
  });

  test('what it says of samples is what the server has', async () => {
    const firstSamples = report.log[0]!.samples;
    expect(report.samples).toMatchObject({
      // The first delivery was stored twice, though its sender was told 400 in the end and gave up.
      doubled: firstSamples,
      sentAgain: firstSamples,
      changed: 0,
      untracked: 0,
      lost: 0,
    });
    const sent = new Set(report.log.map(({ delivery }) => delivery)).size;
    expect(report.deliveries).toMatchObject({ count: sent, acceptedCount: sent - 1, retriedCount: 1 });
    const content = await contentOf();
    expect(content.exportedCount).toBeGreaterThan(firstSamples);
    expect(content.exportedCount).toBe(report.samples.stored);
    expect(content.givenCount).toBe(report.samples.stored + report.samples.doubled);
    expect(report.samples.stored).toBe(report.samples.sent);
  });
});
