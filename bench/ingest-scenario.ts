import { createCorpus, type SeriesGroup } from './corpus.ts';
import { folderBytes, processorMs, residentBytes } from './measure.ts';
import { pushInOrder, SAMPLES_PER_REQUEST, shardsOf, type WriteVersion } from './push.ts';
import { QueryClient } from './query-client.ts';
import { RowCollector, type Scenario, SEED } from './scenario.ts';
import type { Target, TargetKind } from './targets.ts';

const SCRAPE_INTERVAL_MS = 15_000;
const SHARD_COUNT = 4;

const metrics: readonly SeriesGroup[] = [
  { metric: 'http_requests_total', kind: 'counter', seriesCount: 4000 },
  { metric: 'http_request_duration_seconds_bucket', kind: 'histogram', seriesCount: 2000 },
  { metric: 'process_memory_megabytes', kind: 'gauge', seriesCount: 2000 },
];

interface Load {
  readonly version: WriteVersion;
  readonly lastMs: number;
  readonly sampleCount: number;
  readonly seriesCount: number;
  /** The requests of each shard, in order. */
  readonly bodies: readonly (readonly Uint8Array[])[];
}

export const ingestScenario: Scenario = {
  name: 'ingest',
  about: `remote write 1.0 and 2.0, ${SAMPLES_PER_REQUEST} samples a request, ${SHARD_COUNT} connections, series of ten to twelve labels`,
  async run({ targets, isSmoke, log }) {
    const rows = new RowCollector('ingest');
    for (const version of [1, 2] as const) {
      const load = createLoad(version, isSmoke ? 5 : 250);
      const [samples, series] = [load.sampleCount, load.seriesCount].map((count) => count.toLocaleString('en-US'));
      log(`version ${version}.0: ${samples} samples of ${series} series`);
      for (const kind of targets) await measure(kind, load, rows);
    }
    return rows.rows();
  },
};

function createLoad(version: WriteVersion, scrapeCount: number): Load {
  const seriesCount = SHARD_COUNT * SAMPLES_PER_REQUEST;
  const series = createCorpus(metrics, scrapeCount, SEED);
  const lastMs = Math.floor(Date.now() / 60_000) * 60_000;
  const firstMs = lastMs - (scrapeCount - 1) * SCRAPE_INTERVAL_MS;
  const bodies = shardsOf(series, version).map((shard) =>
    Array.from({ length: scrapeCount }, (_, scrape) => shard.encode(scrape, firstMs + scrape * SCRAPE_INTERVAL_MS)),
  );
  return { version, lastMs, sampleCount: seriesCount * scrapeCount, seriesCount, bodies };
}

async function measure(kind: TargetKind, load: Load, rows: RowCollector): Promise<void> {
  const target = await kind.start();
  try {
    const processorBeforeMs = processorMs(target.pid) ?? 0;
    const startedMs = performance.now();
    await Promise.all(load.bodies.map((bodies) => pushInOrder(target, bodies, load.version)));
    const tookMs = performance.now() - startedMs;
    const processorAfterMs = processorMs(target.pid);
    await check(target, load);
    const millions = load.sampleCount / 1e6;
    // Version 1 came first, and its figures keep their names.
    const named = (name: string) => (load.version === 1 ? name : `${name}, 2.0`);
    const thousandsPerSecond = load.sampleCount / tookMs;
    rows.add(
      kind.name,
      { name: named('throughput'), unit: 'thousand samples/s', isMoreBetter: true },
      thousandsPerSecond,
    );
    if (processorAfterMs !== undefined) {
      const seconds = (processorAfterMs - processorBeforeMs) / 1000;
      rows.add(kind.name, { name: named('processor per million samples'), unit: 's' }, seconds / millions);
    }
    const bytes = residentBytes(target.pid);
    rows.add(kind.name, { name: named('resident after ingest'), unit: 'MB' }, bytes && bytes / 1e6);
    rows.add(
      kind.name,
      { name: named('disk, log included'), unit: 'bytes/sample' },
      folderBytes(target.folder) / load.sampleCount,
    );
  } finally {
    await target.stop();
  }
}

/** Whether all samples are there: the throughput of a server that drops them is worth nothing. */
async function check(target: Target, { lastMs, sampleCount, seriesCount }: Load): Promise<void> {
  const client = new QueryClient(target);
  const total = async (queryOf: (metric: string) => string): Promise<number> => {
    let sum = 0;
    for (const { metric } of metrics) {
      const answer = JSON.parse(await client.ask({ query: queryOf(metric), endMs: lastMs })) as {
        data: { result: { value: [number, string] }[] };
      };
      sum += Number(answer.data.result[0]?.value[1]);
    }
    return sum;
  };
  try {
    const found = [
      await total((metric) => `count(${metric})`),
      await total((metric) => `sum(count_over_time(${metric}[1d]))`),
    ];
    const expected = [seriesCount, sampleCount];
    if (found.join() !== expected.join()) {
      throw new Error(`${target.name} has ${found} series and samples instead of ${expected}`);
    }
  } finally {
    client.close();
  }
}
