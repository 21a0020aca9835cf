import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ruleFile, slotAt, slotsOf } from '../../src/ruler/slots.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { type ApiSeries, instantQuery, type QueryApi, singleValue } from '../support/query-api.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

const tenant = 'killed';
const intervalMs = 2000;
const slots = slotsOf({ file: ruleFile('/rules', tenant, 'ns'), name: 'ticks' }, intervalMs);
const ruleCount = 12;
const lifeCount = 5;
const lifeMs = 8000;
/** Longer than the process ever lives. */
const forSeconds = 12;

/** What a rule is to take: long enough for a process to be killed between two, all of them far less than the interval. */
const ruleMs = 60;

/** `hours` of seconds to look at decide how long a rule takes. */
function slowExpr(hours: number): string {
  return `time() + 0 * max_over_time(vector(1)[${hours}h:1s])`;
}

function groupYaml(hours: number): string {
  return [
    'name: ticks',
    `interval: ${intervalMs / 1000}s`,
    'rules:',
    ...Array.from({ length: ruleCount }, (_, index) => `  - {record: 'tick:${index}', expr: '${slowExpr(hours)}'}`),
    `  - {alert: Always, expr: 'vector(1)', for: ${forSeconds}s}`,
  ].join('\n');
}

/** How many hours make a rule take `ruleMs` on this machine as it is now. */
async function calibrate(api: QueryApi): Promise<number> {
  const probeHours = 24;
  let fastestMs = Infinity;
  for (let attempt = 0; attempt < 5; attempt++) {
    const startedMs = performance.now();
    await instantQuery(api, slowExpr(probeHours), Date.now());
    fastestMs = Math.min(fastestMs, performance.now() - startedMs);
  }
  return Math.max(1, Math.min(1000, Math.round((probeHours * ruleMs) / fastestMs)));
}

describe('kill -9 in the middle of an evaluation of rules', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pocket-cortex-rules-kill-'));
  let server: ServerProcess;
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('loses no evaluation, repeats none with another result, and `for` goes on', { timeout: 120_000 }, async () => {
    const port = await freePort();
    const api: QueryApi = { baseUrl: `http://127.0.0.1:${port}/prometheus`, tenant };
    const start = () =>
      startServerProcess({
        dataPath: join(folder, 'pocket-cortex.db'),
        port,
        arguments: ['-ruler.for-grace-period=1s'],
      });
    server = await start();
    const posted = await fetch(`${server.baseUrl}/api/v1/rules/ns`, {
      method: 'POST',
      headers: { 'X-Scope-OrgID': tenant },
      body: groupYaml(await calibrate(api)),
    });
    expect(posted.status).toBe(202);
    const beginMs = slotAt(slots, Date.now()) + intervalMs;
    let interruptedCount = 0;
    for (let life = 1; life < lifeCount; life++) {
      const killMs = slotAt(slots, Date.now() + lifeMs);
      await pause(killMs - Date.now());
      // The first rules of this slot have written, the last ones have not.
      await eventually(
        'an evaluation has begun',
        async () => {
          const newestSeconds = await singleValue(api, 'timestamp(tick:2)', Date.now());
          return newestSeconds === killMs / 1000 || undefined;
        },
        { everyMs: 2 },
      );
      const lastSeconds = await singleValue(api, `timestamp(tick:${ruleCount - 1})`, Date.now());
      if (lastSeconds !== killMs / 1000) interruptedCount += 1;
      await server.stop('SIGKILL');
      server = await start();
    }
    const endMs = slotAt(slots, Date.now() + lifeMs);
    await pause(endMs - Date.now());
    await eventually('the last slot is evaluated', async () => {
      const newestSeconds = await singleValue(api, `timestamp(tick:${ruleCount - 1})`, Date.now());
      return newestSeconds === endMs / 1000 || undefined;
    });

    const seconds: string[] = [];
    for (let slotMs = beginMs; slotMs <= endMs; slotMs += intervalMs) seconds.push(`${slotMs / 1000} ${slotMs / 1000}`);
    const { result } = await instantQuery(api, `{__name__=~"tick:.+"}[${endMs - beginMs + 1}ms]`, endMs);
    const ticks = (result as readonly ApiSeries[]).map(({ values = [] }) => values.map((sample) => sample.join(' ')));
    expect(ticks).toEqual(Array.from({ length: ruleCount }, () => seconds));

    const fired = await instantQuery(api, 'count_over_time(ALERTS{alertstate="firing"}[2m])', endMs);
    expect((fired.result as readonly ApiSeries[]).map(({ metric }) => metric['alertname'])).toEqual(['Always']);
    console.log(`${seconds.length} evaluations, ${lifeCount - 1} kills, ${interruptedCount} of them within one`);
    expect(interruptedCount).toBeGreaterThan(0);
  });
});

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
