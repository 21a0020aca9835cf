import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ruleFile, slotAt, slotsOf } from '../../src/ruler/slots.ts';
import { apiDifferences } from '../support/api-difference.ts';
import { findProgram } from '../support/child-process.ts';
import { eventually } from '../support/eventually.ts';
import { type Peer, startPrometheus } from '../support/peers.ts';
import { push } from '../support/push.ts';
import { type ApiSeries, apiGet, instantQuery, type QueryApi, rangeQuery } from '../support/query-api.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { comparedGroups, groupYaml, intervalSeconds, ruleFileYaml, samplesOf } from './rule-scenario.ts';

const program = findProgram('prometheus');
const because = program ? '' : ' (skipped: prometheus not on PATH)';
/** How long both evaluate the same rules over the same data; more is asked for by hand. */
const scenarioSeconds = Number(process.env['POCKET_CORTEX_RULES_SECONDS'] ?? 75);
const tenant = 'compared';
const written = '{__name__=~"rule:.+|ALERTS.*"}';

describe.skipIf(!program)(`rules beside a real Prometheus${because}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'pocket-cortex-rules-'));
  let server: ServerProcess;
  let prometheus: Peer;
  let pocketApi: QueryApi;
  let prometheusApi: QueryApi;
  let scenarioStartMs = Infinity;
  let endMs = 0;

  beforeAll(
    async () => {
      server = await startServerProcess({ dataPath: join(folder, 'pocket-cortex.db') });
      prometheus = await startPrometheus({
        program: program!,
        folder: join(folder, 'prometheus'),
        config: 'rule_files: [rules.yml]\n',
        files: { 'rules.yml': ruleFileYaml() },
        arguments: ['--web.enable-remote-write-receiver', '--rules.alert.for-grace-period=1s'],
      });
      pocketApi = { baseUrl: `${server.baseUrl}/prometheus`, tenant };
      prometheusApi = { baseUrl: prometheus.baseUrl };
      const sending = sendUntil(() => endMs);

      // Prometheus looks for the state of an earlier process first, and until then does not write alerts.
      await pause(4 * intervalSeconds * 1000);
      for (const group of comparedGroups) {
        const slotMs = await latestSlot(group.name);
        await post(namespaceWithSlot(group.name, slotMs), groupYaml(group));
      }
      scenarioStartMs = Math.ceil(Date.now() / 1000) * 1000 + 2 * intervalSeconds * 1000;
      endMs = scenarioStartMs + scenarioSeconds * 1000;
      await sending;
      await pause(3 * intervalSeconds * 1000);
    },
    (scenarioSeconds + 90) * 1000,
  );

  afterAll(async () => {
    await Promise.all([server, prometheus].map((running) => running?.stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  /** Gives both servers the same samples, once a second. */
  async function sendUntil(lastMs: () => number): Promise<void> {
    for (let timestampMs = Math.ceil(Date.now() / 1000) * 1000; ; timestampMs += 1000) {
      if (lastMs() > 0 && timestampMs > lastMs() + 2000) return;
      await pause(timestampMs - Date.now());
      const second = scenarioStartMs === Infinity ? -1 : Math.floor((timestampMs - scenarioStartMs) / 1000);
      const series = samplesOf(second, timestampMs);
      const answers = await Promise.all([
        push({ baseUrl: server.baseUrl, tenant }, { series }),
        push({ baseUrl: prometheus.baseUrl, tenant, path: '/api/v1/write' }, { series }),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([200, 204]);
    }
  }

  /** When Prometheus evaluated a group last, to the millisecond: the time of what it wrote. */
  async function latestSlot(group: string): Promise<number> {
    const record = group === 'recorded' ? 'rule:slot' : 'rule:alerted:slot';
    return eventually(`${record} is there`, async () => {
      const { result } = await instantQuery(prometheusApi, `${record}[1m]`, Date.now());
      const last = (result as readonly ApiSeries[])[0]?.values?.at(-1);
      return last && Math.round(last[0] * 1000);
    });
  }

  /** Both spread groups by a hash of their names, but of other bytes: one namespace of many has the same slots. */
  function namespaceWithSlot(name: string, slotMs: number): string {
    for (let number = 0; ; number++) {
      const slots = slotsOf({ file: ruleFile('/rules', tenant, `n${number}`), name }, intervalSeconds * 1000);
      if (slotAt(slots, slotMs) === slotMs) return `n${number}`;
    }
  }

  async function post(namespace: string, body: string): Promise<void> {
    const url = `${server.baseUrl}/api/v1/rules/${namespace}`;
    const answer = await fetch(url, { method: 'POST', headers: { 'X-Scope-OrgID': tenant }, body });
    expect([answer.status, await answer.text()]).toEqual([202, '{"status":"success"}']);
  }

  test('the same series have the same values at the same times', async () => {
    const query = `${written}[${scenarioSeconds - 1}s]`;
    const expected = await instantQuery(prometheusApi, query, endMs);
    const series = expected.result as readonly ApiSeries[];
    const sampleCount = series.reduce((sum, { values = [] }) => sum + values.length, 0);
    console.log(`${series.length} series, ${sampleCount} samples in ${scenarioSeconds} s`);
    expect(series.length).toBeGreaterThan(60);
    expect(apiDifferences(await instantQuery(pocketApi, query, endMs), expected, { tolerance: 1e-12 })).toEqual([]);
  });

  test('series end at the same times', async () => {
    const range = { query: `count by (__name__) (${written})`, startMs: scenarioStartMs, endMs, stepMs: 500 };
    const expected = await rangeQuery(prometheusApi, range);
    expect(apiDifferences(await rangeQuery(pocketApi, range), expected, { tolerance: 0 })).toEqual([]);
  });

  test('alerts of every kind were pending, firing and resolved on the way', async () => {
    const changes = await instantQuery(
      pocketApi,
      `count by (alertname, alertstate) (count_over_time(ALERTS[10m]))`,
      endMs,
    );
    const seen = (changes.result as readonly ApiSeries[]).map(
      ({ metric }) => `${metric['alertname']} ${metric['alertstate']}`,
    );
    expect(seen.sort()).toEqual([
      'Graded firing',
      'Kept firing',
      'Late firing',
      'Late pending',
      'Missing firing',
      'Missing pending',
      'Never pending',
      'Now firing',
      'Slow firing',
      'Slow pending',
      'Soon firing',
      'Soon pending',
      'TooMany firing',
      'TooMany pending',
      'Zones firing',
    ]);
  });

  test('the rules say the same of themselves', async () => {
    // Both are asked one after the other: an evaluation may come in between.
    await eventually(
      'rules are the same',
      async () => {
        expect(await statesOf(pocketApi)).toEqual(await statesOf(prometheusApi));
        return true;
      },
      { timeoutMs: 20_000, everyMs: 300 },
    );
  });
});

interface ApiRule {
  readonly name: string;
  readonly query: string;
  readonly state?: string;
  readonly health: string;
  readonly lastError?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly alerts?: readonly { readonly activeAt: string; readonly labels: object }[];
}

/** What both APIs say of rules, by group; what they write differently is made the same. */
async function statesOf(api: QueryApi): Promise<unknown> {
  const { groups } = (await apiGet(api, 'rules', {})) as { groups: { name: string; rules: ApiRule[] }[] };
  return Object.fromEntries(
    groups.map(({ name, rules }) => [
      name,
      rules.map(({ name: ruleName, query, state, health, lastError = '', labels = {}, alerts = [] }) => ({
        ...{ ruleName, query, state, health, lastError, labels },
        alerts: alerts
          .map((alert) => ({ ...alert, activeAt: new Date(alert.activeAt).toISOString() }))
          .sort((a, b) => (JSON.stringify(a.labels) < JSON.stringify(b.labels) ? -1 : 1)),
      })),
    ]),
  );
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
