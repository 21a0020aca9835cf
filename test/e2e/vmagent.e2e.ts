import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from '../support/child-process.ts';
import { eventually } from '../support/eventually.ts';
import { type Peer, startVmagent } from '../support/peers.ts';
import { type ApiSeries, apiGet, instantQuery, type QueryApi } from '../support/query-api.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

const program = findProgram('vmagent');
const because = program ? '' : ' (skipped: no vmagent on PATH)';
const patience = { timeoutMs: 40_000, everyMs: 100 };

describe.skipIf(!program)(`remote write from a vmagent${because}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'pocket-cortex-vmagent-'));
  let server: ServerProcess;
  let target: Server;

  beforeAll(async () => {
    server = await startServerProcess({ dataPath: join(folder, 'pocket-cortex.db') });
    target = countingTarget();
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  });

  afterAll(async () => {
    target?.close();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** How many requests of vmagent got each status. */
  async function statuses(vmagent: Peer): Promise<Record<string, number>> {
    const text = await (await fetch(`${vmagent.baseUrl}/metrics`)).text();
    const lines = text.matchAll(/^vmagent_remotewrite_requests_total\{.*status_code="(\w+)".*\} (\d+)$/gm);
    const counted = [...lines].map(([, status, count]) => [status!, Number(count)] as const);
    return Object.fromEntries(counted.filter(([, count]) => count > 0));
  }

  const ways: readonly (readonly [about: string, tenant: string, flags: readonly string[], refused: boolean])[] = [
    ['in its own protocol first, with zstd, and falls back when that is refused', 'own', [], true],
    ["in Prometheus's protocol from the start", 'prometheus', ['-remoteWrite.forcePromProto=true'], false],
  ];
  test.for(ways)('sends %s', async ([, tenant, flags, isRefused]) => {
    const vmagent = await startVmagent({
      program: program!,
      folder: join(folder, tenant),
      config: `
global: { scrape_interval: 500ms }
scrape_configs:
  - job_name: counting
    static_configs: [{ targets: ["127.0.0.1:${(target.address() as AddressInfo).port}"] }]
    metrics_path: /${tenant}
`,
      arguments: [
        `-remoteWrite.url=${server.baseUrl}/api/v1/push`,
        `-remoteWrite.headers=X-Scope-OrgID: ${tenant}`,
        '-remoteWrite.flushInterval=200ms',
        ...flags,
      ],
    });
    const api: QueryApi = { baseUrl: `${server.baseUrl}/prometheus`, tenant };
    try {
      const values = await eventually(
        'eight scrapes have arrived',
        async () => {
          const { result } = await instantQuery(api, 'scrapes_total[1m]', Date.now());
          const [series] = result as readonly ApiSeries[];
          const seen = series?.values?.map(([, value]) => Number(value)) ?? [];
          return seen.length >= 8 ? seen : undefined;
        },
        patience,
      );
      // The target counts its scrapes: none is missing, none is there twice.
      expect(values).toEqual(values.map((_, i) => i + 1));
      const { 415: refusals = 0, ...others } = await statuses(vmagent);
      expect(refusals > 0).toBe(isRefused);
      expect(Object.keys(others)).toEqual(['2XX']);
      expect(await apiGet(api, 'metadata', { metric: 'scrapes_total' })).toMatchObject({
        scrapes_total: [{ type: 'counter', help: 'How often it was scraped.' }],
      });
    } finally {
      await vmagent.stop();
    }
    // What a target leaves behind when its agent goes.
    await eventually(
      'the series ends with a staleness marker',
      async () => ((await instantQuery(api, 'scrapes_total', Date.now())).result as readonly unknown[]).length === 0,
      patience,
    );
  });
});

/** Counts how often each path is scraped. */
function countingTarget(): Server {
  const counts = new Map<string, number>();
  return createServer((request, response) => {
    const path = request.url ?? '';
    const count = (counts.get(path) ?? 0) + 1;
    counts.set(path, count);
    const lines = ['# HELP scrapes_total How often it was scraped.', '# TYPE scrapes_total counter'];
    response.end(`${lines.join('\n')}\nscrapes_total{path="é"} ${count}\n`);
  });
}
