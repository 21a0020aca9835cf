import { Agent, get } from 'node:http';
import { createCorpus } from './corpus.ts';
import { summarise } from './measure.ts';
import { pushInOrder, shardsOf } from './push.ts';
import { type Query, QueryClient } from './query-client.ts';
import { RowCollector, type Scenario, SEED } from './scenario.ts';
import type { Target } from './targets.ts';

const SCRAPE_INTERVAL_MS = 15_000;
const SAMPLES_PER_SERIES = 60;

/** What is asked while somebody else wants to know whether the server is ready. */
const heavyQueries = [
  { name: '10,000 series of 1,000 steps', query: 'requests_total', stepCount: 1000 },
  { name: 'quantiles of 7,500 buckets', query: 'histogram_quantile(0.9, rate(latency_bucket[5m]))', stepCount: 100 },
  { name: 'sort of 10,000 series', query: 'sort(requests_total)', stepCount: 1 },
] as const;

export const fairnessScenario: Scenario = {
  name: 'fairness',
  about: 'how long an answer of /ready takes while a heavy query runs, again and again: nobody waits for somebody else',
  async run({ targets: kinds, isSmoke, log }) {
    const rows = new RowCollector('fairness');
    const endMs = Math.floor(Date.now() / 60_000) * 60_000;
    for (const kind of kinds) {
      const target = await kind.start();
      try {
        log(`loading ${kind.name}`);
        await load(target, endMs, isSmoke ? 10 : 1);
        const client = new QueryClient(target);
        for (const { name, query, stepCount } of heavyQueries) {
          const range = { startMs: endMs - (stepCount - 1) * 900, stepMs: 900 };
          const asked: Query = { query, endMs, ...(stepCount > 1 && { range }) };
          // Once for whatever is slow the first time only.
          await client.ask(asked);
          const { medianMs, fastestMs, slowMs } = await readyDuring(target, async () => {
            for (let run = 0; run < (isSmoke ? 1 : 5); run++) await client.ask(asked);
          });
          rows.add(kind.name, { name: `ready during ${name}`, unit: 'ms' }, medianMs, [fastestMs, slowMs]);
        }
        client.close();
      } finally {
        await target.stop();
      }
    }
    return rows.rows();
  },
};

async function load(target: Target, endMs: number, divisor: number): Promise<void> {
  const series = createCorpus(
    [
      { metric: 'requests_total', kind: 'counter', seriesCount: 10_000 / divisor },
      { metric: 'latency_bucket', kind: 'histogram', seriesCount: 7500 / divisor },
    ],
    SAMPLES_PER_SERIES,
    SEED,
  );
  const startMs = endMs - (SAMPLES_PER_SERIES - 1) * SCRAPE_INTERVAL_MS;
  const requests = Array.from({ length: SAMPLES_PER_SERIES }, (_, scrape) => scrape);
  await Promise.all(
    shardsOf(series).map((shard) => {
      function* bodies(): Generator<Uint8Array> {
        for (const scrape of requests) yield shard.encode(scrape, startMs + scrape * SCRAPE_INTERVAL_MS);
      }
      return pushInOrder(target, bodies());
    }),
  );
}

/** Asks one `/ready` after the other until `work` is done. */
async function readyDuring(target: Target, work: () => Promise<void>) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const timesMs: number[] = [];
  let isDone = false;
  const working = work().finally(() => {
    isDone = true;
  });
  try {
    while (!isDone) {
      const startedMs = performance.now();
      await askReady(target, agent);
      timesMs.push(performance.now() - startedMs);
    }
    await working;
    return summarise(timesMs);
  } finally {
    agent.destroy();
  }
}

function askReady({ readyUrl }: Target, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    get(readyUrl, { agent }, (response) => response.resume().on('end', resolve)).on('error', reject);
  });
}
