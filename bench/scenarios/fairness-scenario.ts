import { Agent } from 'node:http';
import { createCorpus } from '../data/corpus.ts';
import { pushInOrder } from '../data/push.ts';
import { SEED } from '../data/random.ts';
import { shardsOf } from '../data/shards.ts';
import { exchange } from '../http.ts';
import { summarise } from '../measure.ts';
import { type Query, QueryClient } from '../query-client.ts';
import type { Scenario } from '../scenario.ts';
import type { Target } from '../targets/target.ts';

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
  isExtra: true,
  async run({ rows, targets: kinds, isSmoke, log }) {
    const endMs = Math.floor(Date.now() / 60_000) * 60_000;
    for (const kind of kinds) {
      const target = await kind.start();
      try {
        log(`loading ${kind.name}`);
        await load(target, endMs, isSmoke ? 10 : 1);
        await target.settle();
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
      await exchange(target.readyUrl, { agent });
      timesMs.push(performance.now() - startedMs);
    }
    await working;
    return summarise(timesMs);
  } finally {
    agent.destroy();
  }
}
