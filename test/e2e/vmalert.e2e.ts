import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from '../support/child-process.ts';
import { eventually } from '../support/eventually.ts';
import { type Peer, startVmalert } from '../support/peers.ts';
import { push } from '../support/push.ts';
import { type ApiSeries, instantQuery, type QueryApi } from '../support/query-api.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

const program = findProgram('vmalert');
const because = program ? '' : ' (skipped: no vmalert on PATH)';

const tenant = 'vmalert';
const patience = { timeoutMs: 40_000, everyMs: 100 };

const rules = `
groups:
  - name: g
    interval: 1s
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
      - alert: Down
        expr: up == 0
        for: 2s
        labels: { severity: page }
        annotations: { summary: "{{ $labels.job }} is down" }
`;

interface AlertOfVmalert {
  readonly name: string;
  readonly state: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly activeAt: string;
}

describe.skipIf(!program)(`as data source and storage of a vmalert${because}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'pocket-cortex-e2e-'));
  let server: ServerProcess;
  let vmalert: Peer;
  let api: QueryApi;

  beforeAll(async () => {
    server = await startServerProcess({ dataPath: join(folder, 'pocket-cortex.db') });
    api = { baseUrl: `${server.baseUrl}/prometheus`, tenant };
    const series = [
      ['api', 1],
      ['db', 0],
    ].map(([job, value]) => ({
      labels: [
        ['__name__', 'up'],
        ['job', String(job)],
      ] as const,
      samples: [[Date.now(), Number(value)]] as const,
    }));
    expect((await push({ baseUrl: server.baseUrl, tenant }, { series })).status).toBe(200);
    vmalert = await start();
  });

  afterAll(async () => {
    await Promise.all([server?.stop(), vmalert?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  /** Without `-remoteRead.url`: what it asks there is in a language of VictoriaMetrics that no Cortex knows. */
  function start(): Promise<Peer> {
    const ofTenant = (what: string, url: string) => [`-${what}.url=${url}`, `-${what}.headers=X-Scope-OrgID:${tenant}`];
    return startVmalert({
      program: program!,
      folder: join(folder, 'vmalert'),
      rules,
      arguments: [
        ...ofTenant('datasource', `${server.baseUrl}/prometheus`),
        ...ofTenant('remoteWrite', `${server.baseUrl}/api/v1/push`),
        '-remoteWrite.disablePathAppend',
        '-remoteWrite.flushInterval=200ms',
        '-rule.evalDelay=0s',
        '-notifier.blackhole',
      ],
    });
  }

  /** The series that an expression gives now, by all their labels. */
  async function seriesNow(query: string): Promise<Record<string, string>> {
    const { result } = await instantQuery(api, query, Date.now());
    const series = result as readonly ApiSeries[];
    return Object.fromEntries(series.map(({ metric, value }) => [JSON.stringify(metric), value![1]]));
  }

  async function alertOfVmalert(): Promise<AlertOfVmalert | undefined> {
    const response = await fetch(`${vmalert.baseUrl}/api/v1/alerts`);
    const { data } = (await response.json()) as { data: { alerts: AlertOfVmalert[] } };
    return data.alerts.find(({ state }) => state === 'firing');
  }

  test('its recording rules read from and write to the tenant', async () => {
    await eventually(
      'the recorded series are there',
      async () => {
        expect(await seriesNow('job:up:sum')).toEqual({
          '{"__name__":"job:up:sum","job":"api"}': '1',
          '{"__name__":"job:up:sum","job":"db"}': '0',
        });
        return true;
      },
      patience,
    );
  });

  test('its alerts fire and are written as series', async () => {
    const alert = await eventually('the alert fires', alertOfVmalert, patience);
    expect(alert).toMatchObject({ name: 'Down', labels: { job: 'db', severity: 'page' } });
    const isWritten = async () =>
      (await seriesNow('count(ALERTS{alertname="Down",alertstate="firing",job="db"})'))['{}'] || undefined;
    expect(await eventually('ALERTS is written', isWritten, patience)).toBe('1');
    const activeAtSeconds = Object.values(await seriesNow('ALERTS_FOR_STATE{alertname="Down"}')).map(Number);
    expect(activeAtSeconds).toEqual([Math.floor(Date.parse(alert.activeAt) / 1000)]);
  });

  test('it has met no error', async () => {
    const response = await fetch(`${vmalert.baseUrl}/api/v1/rules`);
    const { data } = (await response.json()) as {
      data: { groups: { rules: { health: string; lastError: string }[] }[] };
    };
    const healths = data.groups.flatMap(({ rules }) => rules.map(({ health, lastError }) => [health, lastError]));
    expect(healths).toEqual([
      ['ok', ''],
      ['ok', ''],
    ]);
    expect(vmalert.output()).not.toMatch(/\t(error|warn)\t/);
  });
});
