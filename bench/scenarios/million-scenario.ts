import { Agent } from 'node:http';
import { createCorpus } from '../data/corpus.ts';
import { push, SAMPLES_PER_REQUEST } from '../data/push.ts';
import { SEED } from '../data/random.ts';
import { ShardEncoder } from '../data/shards.ts';
import { folderBytes, residentBytes, summarise } from '../measure.ts';
import { askNumber, QueryClient } from '../query-client.ts';
import type { RowCollector } from '../report/rows.ts';
import type { Scenario } from '../scenario.ts';
import type { Target, TargetKind } from '../targets/target.ts';

const SERIES_COUNT = 1_000_000;
const CONNECTION_COUNT = 5;
const SCRAPE_COUNT = 2;
const SCRAPE_INTERVAL_MS = 15_000;
const QUERIES = 20;

/** A few series of an instance, by equality and by an expression. */
const selectiveQueries = [
  { name: 'selective query', query: 'sum(rate(requests_total{instance="10.0.77.17:8080"}[1m]))' },
  { name: 'selective query, regex', query: 'requests_total{instance=~"10.0.7[0-3].17:8080",handler="/login"}' },
];

export const millionScenario: Scenario = {
  name: 'million',
  about: '1,000,000 series of eleven labels with two samples each: load, selective queries, restart, memory',
  isExtra: true,
  async run({ rows, targets, isSmoke, log }) {
    const seriesCount = isSmoke ? 20_000 : SERIES_COUNT;
    for (const kind of targets) {
      log(kind.name);
      await measure(kind, seriesCount, rows, log);
    }
  },
};

async function measure(
  kind: TargetKind,
  seriesCount: number,
  rows: RowCollector,
  log: (text: string) => void,
): Promise<void> {
  const { name } = kind;
  const endMs = Math.floor(Date.now() / 60_000) * 60_000;
  let target = await kind.start();
  let mostMb = 0;
  const watch = setInterval(() => {
    mostMb = Math.max(mostMb, residentMb(target));
  }, 250);
  try {
    const loadSeconds = await load(target, seriesCount, endMs);
    log(`loaded in ${loadSeconds.toFixed(1)} s`);
    rows.add(
      name,
      { name: 'new series, and a sample more of each', unit: 'thousand samples/s', isMoreBetter: true },
      (seriesCount * SCRAPE_COUNT) / loadSeconds / 1000,
    );
    await target.settle();
    rows.add(name, { name: 'resident after loading', unit: 'MB' }, residentMb(target));
    await query(target, { seriesCount, endMs, rows, when: '' });
    await target.end();
    rows.add(name, { name: 'disk', unit: 'bytes/series' }, folderBytes(target.folder) / seriesCount);
    target = await target.restart();
    log(`restarted in ${Math.round(target.readyAfterMs)} ms`);
    rows.add(name, { name: 'restart, until ready', unit: 's' }, target.readyAfterMs / 1000);
    // Who is ready may yet have to read what it knows of its series.
    const readyMs = performance.now();
    await assertAllThere(target, { seriesCount, endMs, when: ' right after the restart' });
    const answeredAfterMs = target.readyAfterMs + performance.now() - readyMs;
    log(`all series answered after ${Math.round(answeredAfterMs)} ms`);
    rows.add(name, { name: 'restart, until all series answer', unit: 's' }, answeredAfterMs / 1000);
    await target.settle();
    rows.add(name, { name: 'resident after the restart', unit: 'MB' }, residentMb(target));
    await query(target, { seriesCount, endMs, rows, when: ', after the restart' });
    rows.add(name, { name: 'resident, at most', unit: 'MB' }, mostMb);
  } finally {
    clearInterval(watch);
    await target.stop();
  }
}

/** Returns the seconds it took. The requests are built while it runs: all of them would not fit into memory. */
async function load(target: Target, seriesCount: number, endMs: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTION_COUNT });
  let waitedMs = 0;
  try {
    for (let scrape = 0; scrape < SCRAPE_COUNT; scrape++) {
      const timestampMs = endMs - (SCRAPE_COUNT - 1 - scrape) * SCRAPE_INTERVAL_MS;
      for (let from = 0; from < seriesCount; from += SAMPLES_PER_REQUEST * CONNECTION_COUNT) {
        const bodies: Uint8Array[] = [];
        for (let i = 0; i < CONNECTION_COUNT && from + i * SAMPLES_PER_REQUEST < seriesCount; i++) {
          bodies.push(bodyOf(from + i * SAMPLES_PER_REQUEST, scrape, timestampMs));
        }
        const startedMs = performance.now();
        await Promise.all(bodies.map((body) => push(target, body, { agent })));
        waitedMs += performance.now() - startedMs;
      }
    }
    return waitedMs / 1000;
  } finally {
    agent.destroy();
  }
}

function bodyOf(firstIndex: number, scrape: number, timestampMs: number): Uint8Array {
  const group = { metric: 'requests_total', kind: 'counter', seriesCount: SAMPLES_PER_REQUEST, firstIndex } as const;
  return new ShardEncoder(createCorpus([group], SCRAPE_COUNT, SEED + firstIndex)).encode(scrape, timestampMs);
}

async function assertAllThere(
  target: Target,
  { seriesCount, endMs, when }: { readonly seriesCount: number; readonly endMs: number; readonly when: string },
): Promise<void> {
  const client = new QueryClient(target);
  const found = await askNumber(client, 'count(requests_total)', endMs);
  client.close();
  if (found !== seriesCount) throw new Error(`${target.name} has ${found} series instead of ${seriesCount}${when}`);
}

async function query(
  target: Target,
  {
    seriesCount,
    endMs,
    rows,
    when,
  }: { readonly seriesCount: number; readonly endMs: number; readonly rows: RowCollector; readonly when: string },
): Promise<void> {
  await assertAllThere(target, { seriesCount, endMs, when });
  const client = new QueryClient(target);
  for (const { name, query: text } of selectiveQueries) {
    const timesMs: number[] = [];
    for (let run = 0; run < QUERIES; run++) {
      const startedMs = performance.now();
      await client.ask({ query: text, endMs });
      timesMs.push(performance.now() - startedMs);
    }
    // The first one counts too: it is what a person waits for.
    const { medianMs, fastestMs } = summarise(timesMs);
    const spread = [fastestMs, Math.max(...timesMs)] as const;
    rows.add(target.name, { name: `${name}${when}`, unit: 'ms' }, medianMs, spread);
  }
  client.close();
}

function residentMb({ pid }: Target): number {
  return (residentBytes(pid) ?? 0) / 1e6;
}
