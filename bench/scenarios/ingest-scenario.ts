import { createCorpus, createFleet, fleet } from '../data/corpus.ts';
import { pushInOrder, SAMPLES_PER_REQUEST, type WriteVersion } from '../data/push.ts';
import { SEED } from '../data/random.ts';
import { shardsOf } from '../data/shards.ts';
import { medianOf, processorMs, residentBytes, summarise } from '../measure.ts';
import { askNumber, QueryClient } from '../query-client.ts';
import type { RowCollector } from '../report/rows.ts';
import type { Scenario } from '../scenario.ts';
import type { Target, TargetKind } from '../targets/target.ts';

const CONNECTION_COUNT = 5;
/** Scrapes before the clock starts: by then every series is known, and a server does what it does as one that has been in use. */
const WARM_UP_SCRAPES = 20;
const ROUNDS = 3;
const NEW_SERIES = 50_000;
const VISIBLE_LIMIT_MS = 60_000;

/** Requests and what is to be found when they have arrived. */
interface Load {
  readonly version: WriteVersion;
  readonly lastMs: number;
  /** Of each connection, in order. */
  readonly warmUp: readonly (readonly Uint8Array[])[];
  readonly measured: readonly (readonly Uint8Array[])[];
  readonly measuredCount: number;
  /** A query that counts all, and what it finds at the end. */
  readonly countQuery: string;
  readonly count: number;
}

interface Found {
  readonly perSecond: number[];
  readonly processorSeconds: number[];
  readonly visibleAfterMs: number[];
  readonly residentMb: number[];
}

export const ingestScenario: Scenario = {
  name: 'ingest',
  about: `remote write 1.0 and 2.0 of 10,000 known series, ${SAMPLES_PER_REQUEST} samples a request, ${CONNECTION_COUNT} connections; 50,000 new series`,
  async run({ rows, targets, isSmoke, begin, only = '' }) {
    for (const version of [1, 2] as const) {
      const title = `warm series, ${version}.0`;
      if (!title.includes(only)) continue;
      begin(title);
      const load = createWarmLoad(version, isSmoke ? 5 : 120, isSmoke ? 10 : 1);
      const kinds = targets.filter(({ writeVersions }) => writeVersions.includes(version));
      for (const [kind, found] of await measureInTurn(kinds, load, isSmoke ? 1 : ROUNDS)) {
        addRates(rows, kind, { name: title, unit: 'thousand samples/s' }, found.perSecond);
        const processor = `processor per million samples, ${version}.0`;
        rows.add(kind, { name: processor, unit: 's' }, medianOf(found.processorSeconds));
        rows.add(kind, { name: `resident after it, ${version}.0`, unit: 'MB' }, medianOf(found.residentMb));
        if (version === 1) {
          rows.add(kind, { name: 'visible after the last answer', unit: 'ms' }, medianOf(found.visibleAfterMs));
        }
      }
    }
    if ('new series'.includes(only)) {
      begin('new series');
      const load = createNewSeries(isSmoke ? 2000 : NEW_SERIES);
      for (const [kind, found] of await measureInTurn(targets, load, isSmoke ? 1 : ROUNDS)) {
        addRates(rows, kind, { name: 'new series', unit: 'thousand series/s' }, found.perSecond);
        rows.add(kind, { name: 'processor per million new series', unit: 's' }, medianOf(found.processorSeconds));
        rows.add(kind, { name: 'resident after 50,000 series', unit: 'MB' }, medianOf(found.residentMb));
      }
    }
  },
};

function addRates(rows: RowCollector, kind: string, head: { name: string; unit: string }, perSecond: number[]): void {
  const { fastestMs: lowest } = summarise(perSecond);
  rows.add(kind, { ...head, isMoreBetter: true }, medianOf(perSecond), [lowest, Math.max(...perSecond)]);
}

/** Every target once a round, each time a fresh one. */
async function measureInTurn(kinds: readonly TargetKind[], load: Load, rounds: number): Promise<Map<string, Found>> {
  const found = new Map<string, Found>();
  for (let round = 0; round < rounds; round++) {
    for (const kind of kinds) {
      const own = found.get(kind.name) ?? { perSecond: [], processorSeconds: [], visibleAfterMs: [], residentMb: [] };
      found.set(kind.name, own);
      await measure(kind, load, { found: own, round });
    }
  }
  return found;
}

async function measure(
  kind: TargetKind,
  load: Load,
  { found, round }: { readonly found: Found; readonly round: number },
): Promise<void> {
  const target = await kind.start();
  try {
    await pushAll(target, load.warmUp, load.version);
    const processorBeforeMs = processorMs(target.pid) ?? Number.NaN;
    const startedMs = performance.now();
    await pushAll(target, load.measured, load.version);
    const tookMs = performance.now() - startedMs;
    const processorAfterMs = processorMs(target.pid) ?? Number.NaN;
    found.residentMb.push((residentBytes(target.pid) ?? Number.NaN) / 1e6);
    // Some take ten seconds for it: once is enough.
    if (round > 0) await target.settle();
    const visibleMs = await visibleAfterMs(target, load);
    if (round === 0) found.visibleAfterMs.push(visibleMs);
    found.perSecond.push(load.measuredCount / tookMs);
    found.processorSeconds.push(((processorAfterMs - processorBeforeMs) / load.measuredCount) * 1000);
  } finally {
    await target.stop();
  }
}

async function pushAll(target: Target, shards: Load['measured'], version: WriteVersion): Promise<void> {
  await Promise.all(shards.map((bodies) => pushInOrder(target, bodies, version)));
}

/** How long until everything is found: the throughput of a server that drops samples is worth nothing. */
async function visibleAfterMs(target: Target, { lastMs, countQuery, count }: Load): Promise<number> {
  const client = new QueryClient(target);
  const startedMs = performance.now();
  try {
    for (;;) {
      const found = await askNumber(client, countQuery, lastMs);
      const tookMs = performance.now() - startedMs;
      if (found === count) return tookMs;
      if (tookMs > VISIBLE_LIMIT_MS) throw new Error(`${target.name} has ${found} instead of ${count} (${countQuery})`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  } finally {
    client.close();
  }
}

function createWarmLoad(version: WriteVersion, scrapeCount: number, divisor: number): Load {
  const allCount = scrapeCount + WARM_UP_SCRAPES;
  const series = createFleet(divisor, allCount);
  const { lastMs, firstMs } = spanOf(allCount);
  const shards = shardsOf(series, version).map((shard) =>
    Array.from({ length: allCount }, (_, scrape) => shard.encode(scrape, firstMs + scrape * fleet.intervalMs)),
  );
  return {
    version,
    lastMs,
    warmUp: shards.map((bodies) => bodies.slice(0, WARM_UP_SCRAPES)),
    measured: shards.map((bodies) => bodies.slice(WARM_UP_SCRAPES)),
    measuredCount: series.length * scrapeCount,
    // The last of each series is the last to arrive.
    countQuery: 'count(last_over_time({job="kubernetes-pods"}[1s]))',
    count: series.length,
  };
}

function createNewSeries(seriesCount: number): Load {
  const series = createCorpus([{ metric: 'requests_total', kind: 'counter', seriesCount }], 1, SEED);
  const { lastMs } = spanOf(1);
  const bodies = shardsOf(series).map((shard) => shard.encode(0, lastMs));
  const measured = Array.from({ length: CONNECTION_COUNT }, (_, connection) =>
    bodies.filter((_body, i) => i % CONNECTION_COUNT === connection),
  );
  return {
    ...{ version: 1, lastMs, warmUp: [], measured, measuredCount: seriesCount },
    countQuery: 'count(requests_total)',
    count: seriesCount,
  };
}

/** Ends a minute ago: some servers leave out what is younger. */
function spanOf(scrapeCount: number): { readonly firstMs: number; readonly lastMs: number } {
  const lastMs = Math.floor(Date.now() / 60_000) * 60_000 - 60_000;
  return { lastMs, firstMs: lastMs - (scrapeCount - 1) * fleet.intervalMs };
}
