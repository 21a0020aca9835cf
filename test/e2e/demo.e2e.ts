import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningProgram, startProgram } from '../support/child-process.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';

const mainPath = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const DAY_S = 86_400;
const HOUR_S = 3600;
const tenants = ['logistics', 'payments', 'storefront'];

interface Demo extends RunningProgram {
  readonly url: string;
  readonly startedMs: number;
}

async function startDemo(...flags: readonly string[]): Promise<Demo> {
  const port = await freePort();
  const startedMs = performance.now();
  const own = [`-server.http-listen-port=${port}`, '-server.http-listen-address=127.0.0.1'];
  const program = startProgram(process.execPath, [mainPath, 'demo', ...own, ...flags]);
  return { ...program, url: `http://127.0.0.1:${port}`, startedMs };
}

interface Matrix {
  readonly data: { readonly result: readonly { readonly values: readonly (readonly [number, string])[] }[] };
}

async function get(url: string, tenant: string): Promise<Response> {
  return fetch(url, { headers: { 'X-Scope-OrgID': tenant } });
}

/** The series of a query over a week, if each of them has all of it. */
async function wholeWeek({ url }: Demo, tenant: string, query: string, endS: number): Promise<Matrix | undefined> {
  const times = { start: `${endS - 7 * DAY_S}`, end: `${endS}`, step: `${HOUR_S}` };
  const answer = await get(`${url}/prometheus/api/v1/query_range?${new URLSearchParams({ query, ...times })}`, tenant);
  const matrix = (await answer.json()) as Matrix;
  const { result } = matrix.data;
  // The first step may lie before the first rate.
  return result.length > 0 && result.every(({ values }) => values.length >= 168) ? matrix : undefined;
}

function summaryOf(demo: Demo): Promise<string> {
  const summary = async (): Promise<string | undefined> =>
    demo.output().includes('Stop: Ctrl-C') ? demo.output() : undefined;
  return eventually('the demo is complete', summary, { timeoutMs: 60_000 });
}

/** What lies before the start of a demo, as a hash of the text of all its samples. */
async function pastOf({ url }: Demo, tenant: string, endS: number): Promise<string> {
  const text = createHash('sha256');
  const window = new URLSearchParams({ 'match[]': '{__name__!=""}', start: `${endS - 6 * HOUR_S}`, end: `${endS}` });
  const exported = await get(`${url}/pocket/v1/export?format=jsonl&${window}`, tenant);
  expect(exported.status).toBe(200);
  text.update((await exported.text()).trim().split('\n').sort().join('\n'));
  for (const query of ['sum by (service) (rate(http_requests_total[5m]))', 'service:http_errors:ratio_3d', 'ALERTS']) {
    const times = { start: `${endS - 7 * DAY_S}`, end: `${endS}`, step: '600' };
    const answer = await get(
      `${url}/prometheus/api/v1/query_range?${new URLSearchParams({ query, ...times })}`,
      tenant,
    );
    text.update(JSON.stringify(((await answer.json()) as Matrix).data));
  }
  return text.digest('hex');
}

describe('pocket-cortex demo', () => {
  let demo: Demo;
  beforeAll(async () => {
    demo = await startDemo();
  });
  afterAll(async () => {
    expect(await demo.stop('SIGINT')).toMatchObject({ exitCode: 0 });
  });

  test('answers a query of the last seven days within five seconds of its start', async () => {
    const endS = Math.floor(Date.now() / 1000);
    const ask = (): Promise<Matrix | undefined> =>
      wholeWeek(demo, 'storefront', 'sum by (cluster) (rate(http_requests_total[5m]))', endS);
    const { data } = await eventually('a week of requests', ask, { timeoutMs: 60_000, everyMs: 100 });
    const tookMs = performance.now() - demo.startedMs;
    expect(data.result).toHaveLength(2);
    expect(tookMs).toBeLessThan(5000);
  });

  test('has the past of its rules, for every tenant', async () => {
    await summaryOf(demo);
    const endS = Math.floor(Date.now() / 1000);
    for (const tenant of tenants) {
      for (const query of ['service:http_errors:ratio_rate5m', 'service:http_errors:ratio_3d']) {
        expect(await wholeWeek(demo, tenant, `sum(${query})`, endS)).toBeDefined();
      }
    }
    const users = await (
      await fetch(`${demo.url}/distributor/all_user_stats`, { headers: { Accept: 'application/json' } })
    ).json();
    expect((users as { userID: string }[]).map(({ userID }) => userID).sort()).toEqual(tenants);
  });

  test('says where its page is, which is there', async () => {
    const links = [...(await summaryOf(demo)).matchAll(/http:\/\/\S+\/graph\?\S+/g)].map(([link]) => link);
    expect(links.length).toBeGreaterThan(5);
    for (const link of links) {
      const page = new URL(link);
      expect((await fetch(link)).status).toBe(200);
      const query = page.searchParams.get('g0.expr');
      if (query === null) continue;
      const answer = await get(
        `${demo.url}/prometheus/api/v1/query?${new URLSearchParams({ query })}`,
        page.searchParams.get('tenant')!,
      );
      const { data } = (await answer.json()) as { data: { result: unknown[] } };
      expect([query, data.result.length > 0]).toEqual([query, true]);
    }
  });

  test('has an alert that becomes pending and fires while one watches', async () => {
    // What is going on at the start is over after a quarter of an hour of a clock that can be moved.
    await fetch(`${demo.url}/pocket/v1/clock/advance?by=4m`, { method: 'POST' });
    const answer = await get(`${demo.url}/prometheus/api/v1/alerts`, 'storefront');
    const { data } = (await answer.json()) as { data: { alerts: { labels: Record<string, string>; state: string }[] } };
    const ours = data.alerts.find(({ labels }) => labels['alertname'] === 'HighErrorRate');
    expect(ours).toMatchObject({ state: 'firing', labels: { service: 'checkout', cluster: 'eu-west-1' } });
  });
});

test('the same seed gives the same bytes, another one others', async () => {
  const endS = Math.floor(Date.now() / 60_000) * 60;
  const pasts: string[][] = [];
  for (const flags of [[], [], ['-seed=2']]) {
    const demo = await startDemo(...flags);
    await summaryOf(demo);
    const past: string[] = [];
    for (const tenant of tenants) past.push(await pastOf(demo, tenant, endS));
    pasts.push(past);
    expect(await demo.stop()).toMatchObject({ exitCode: 0 });
  }
  expect(pasts[1]).toEqual(pasts[0]);
  for (const [index, hash] of pasts[2]!.entries()) expect(hash).not.toBe(pasts[0]![index]);
});
