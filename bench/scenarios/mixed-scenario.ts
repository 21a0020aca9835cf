import { Agent } from 'node:http';
import { createFleet } from '../data/corpus.ts';
import { push, SAMPLES_PER_REQUEST } from '../data/push.ts';
import { shardsOf } from '../data/shards.ts';
import { askOk, exchange } from '../http.ts';
import { medianOf, percentileOf, processorMs, residentBytes } from '../measure.ts';
import { dashboardQueries } from '../queries/dashboards.ts';
import { QueryClient } from '../query-client.ts';
import type { RowCollector } from '../report/rows.ts';
import type { Scenario } from '../scenario.ts';
import { SELF, type Target } from '../targets/target.ts';
import { fleetRounds, loadFleet } from './load-fleet.ts';
import { askPanels } from './panels-scenario.ts';

const SAMPLES_PER_SECOND = 20_000;
const PUSH_EVERY_MS = (SAMPLES_PER_REQUEST / SAMPLES_PER_SECOND) * 1000;
const PANELS_EVERY_MS = 2000;
const READY_EVERY_MS = 50;
/** Before it counts: the first time of everything. */
const WARM_UP_MS = 4000;
const MEASURED_MS = 30_000;

interface Times {
  readonly pushMs: number[];
  readonly panelMs: number[];
  readonly readyMs: number[];
}

export const mixedScenario: Scenario = {
  name: 'mixed',
  about: `${SAMPLES_PER_SECOND.toLocaleString('en-US')} samples/s come in for 10,000 series that have an hour of samples, ${dashboardQueries.length} panels every ${PANELS_EVERY_MS / 1000} s, and somebody asks whether it is ready`,
  async run({ rows, targets, isSmoke, begin }) {
    for (const kind of targets) {
      begin(`loading ${kind.name}`);
      const target = await kind.start();
      try {
        await loadFleet(target, fleetRounds(Date.now() - 1000, isSmoke ? 20 : 1));
        begin('all at once');
        await measure(target, rows, isSmoke);
      } finally {
        await target.stop();
      }
    }
  },
};

async function measure(target: Target, rows: RowCollector, isSmoke: boolean): Promise<void> {
  const { name } = target;
  const shards = shardsOf(createFleet(isSmoke ? 20 : 1, 1));
  await runLoad(target, shards, isSmoke ? 500 : WARM_UP_MS);
  const processorBeforeMs = processorMs(target.pid) ?? Number.NaN;
  // Reading it starts it anew.
  if (name === SELF) await eventLoopDelayMs(target);
  const measuredMs = isSmoke ? 1000 : MEASURED_MS;
  const { pushMs, panelMs, readyMs } = await runLoad(target, shards, measuredMs);
  const share = ((processorMs(target.pid) ?? Number.NaN) - processorBeforeMs) / measuredMs;
  for (const [what, timesMs] of [
    ['push', pushMs],
    ['panel', panelMs],
    ['ready', readyMs],
  ] as const) {
    rows.add(name, { name: `${what}, p50`, unit: 'ms' }, medianOf(timesMs));
    rows.add(name, { name: `${what}, p99`, unit: 'ms' }, percentileOf(timesMs, 0.99));
  }
  if (name === SELF) rows.add(name, { name: 'event-loop delay, p99', unit: 'ms' }, await eventLoopDelayMs(target));
  rows.add(name, { name: 'processor, of one core', unit: '%' }, share * 100);
  rows.add(name, { name: 'resident at the end', unit: 'MB' }, (residentBytes(target.pid) ?? Number.NaN) / 1e6);
}

/** Everything at its own pace, whether or not what was asked before has been answered. */
async function runLoad(target: Target, shards: ReturnType<typeof shardsOf>, durationMs: number): Promise<Times> {
  const times: Times = { pushMs: [], panelMs: [], readyMs: [] };
  const requests = encodeRequests(shards, durationMs);
  // A shard sends its next request when the one before is answered, as a sender does who keeps samples in order.
  const last: Promise<void>[] = shards.map(() => Promise.resolve());
  const agent = new Agent({ keepAlive: true });
  const client = new QueryClient(target, { connectionCount: dashboardQueries.length, mayBeRemembered: true });
  const endMs = performance.now() + durationMs;
  let turn = 0;
  try {
    await Promise.all([
      every(PUSH_EVERY_MS, endMs, async () => {
        const shard = turn % shards.length;
        const body = requests[turn++];
        if (body === undefined) return;
        const before = last[shard]!;
        last[shard] = timed(times.pushMs, () => before.then(() => push(target, body, { agent })));
        await last[shard];
      }),
      every(PANELS_EVERY_MS, endMs, async () => {
        times.panelMs.push(...(await askPanels(client, Date.now())));
      }),
      every(READY_EVERY_MS, endMs, () => timed(times.readyMs, () => exchange(target.readyUrl, { agent }))),
    ]);
  } finally {
    agent.destroy();
    client.close();
  }
  return times;
}

/** What is sent while it lasts, the shards in turn; made before, as whoever encodes is late with looking at answers. */
function encodeRequests(shards: ReturnType<typeof shardsOf>, durationMs: number): Uint8Array[] {
  const startMs = Date.now();
  return Array.from({ length: Math.ceil(durationMs / PUSH_EVERY_MS) }, (_, i) =>
    shards[i % shards.length]!.encode(0, startMs + i * PUSH_EVERY_MS),
  );
}

async function timed(timesMs: number[], work: () => Promise<unknown>): Promise<void> {
  const startedMs = performance.now();
  await work();
  timesMs.push(performance.now() - startedMs);
}

/** Starts `work` every `intervalMs` until `endMs`; resolves when all of it is done. */
async function every(intervalMs: number, endMs: number, work: () => Promise<void>): Promise<void> {
  const running: Promise<void>[] = [];
  for (let dueMs = performance.now(); dueMs < endMs; dueMs += intervalMs) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
    running.push(work());
  }
  await Promise.all(running);
}

/** The timer with which Node looks at its event loop rings so often; what it counts is the time between two looks. */
const LOOK_EVERY_MS = 10;

/** By how much the event loop was late in the worst of a hundred looks since this was last asked. */
async function eventLoopDelayMs(target: Target): Promise<number> {
  const text = await askOk(target.metricsUrl);
  const seconds = Number(/^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(text)?.[1]);
  return Math.max(0, seconds * 1000 - LOOK_EVERY_MS);
}
