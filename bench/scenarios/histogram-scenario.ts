import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { HistogramMessage } from '../../src/wire/histogram-encode.ts';
import { encodeRemoteWrite } from '../../src/wire/remote-write-encode.ts';
import { compressSnappy } from '../../src/wire/snappy.ts';
import { pushInOrder } from '../data/push.ts';
import { createRandom, SEED } from '../data/random.ts';
import { folderBytes, processorMs } from '../measure.ts';
import { QueryClient } from '../query-client.ts';
import type { RowCollector } from '../report/rows.ts';
import type { Scenario } from '../scenario.ts';
import type { Target, TargetKind } from '../targets/target.ts';

const SCRAPE_INTERVAL_MS = 15_000;
const SCRAPES_PER_REQUEST = 10;
const BUCKET_COUNT = 40;
const FIRST_BUCKET = -20;
const OBSERVATIONS_PER_SCRAPE = 5;
/** Prometheus looks every minute whether there is something to compact. */
const COMPACTION_LIMIT_MS = 150_000;

interface Load {
  readonly lastMs: number;
  readonly seriesCount: number;
  readonly scrapeCount: number;
  readonly bodies: readonly Uint8Array[];
}

export const histogramScenario: Scenario = {
  name: 'histogram',
  about: `native histograms of ${BUCKET_COUNT} buckets that see about ${OBSERVATIONS_PER_SCRAPE} observations a scrape: remote write, disk, a quantile`,
  isExtra: true,
  async run({ rows, targets, isSmoke, log }) {
    const load = createLoad(isSmoke ? { seriesCount: 5, scrapeCount: 50 } : { seriesCount: 50, scrapeCount: 5760 });
    log(`${(load.seriesCount * load.scrapeCount).toLocaleString('en-US')} histograms of ${load.seriesCount} series`);
    for (const kind of targets) {
      if (kind.hasNativeHistograms) await measure(kind, load, { rows, isSmoke });
    }
  },
};

function createLoad({ seriesCount, scrapeCount }: { seriesCount: number; scrapeCount: number }): Load {
  const random = createRandom(SEED);
  const lastMs = Math.floor(Date.now() / 60_000) * 60_000;
  const series = Array.from({ length: seriesCount }, (_, i) => new GrowingHistogram(i, random));
  const bodies: Uint8Array[] = [];
  for (let scrape = 0; scrape < scrapeCount; scrape += SCRAPES_PER_REQUEST) {
    const times = Array.from(
      { length: Math.min(SCRAPES_PER_REQUEST, scrapeCount - scrape) },
      (_, i) => lastMs - (scrapeCount - 1 - scrape - i) * SCRAPE_INTERVAL_MS,
    );
    const request = series.map((one) => ({ labels: one.labels, histograms: times.map((timeMs) => one.next(timeMs)) }));
    bodies.push(compressSnappy(encodeRemoteWrite({ series: request })));
  }
  return { lastMs, seriesCount, scrapeCount, bodies };
}

/** Latencies around a middle, in buckets that all have something in them from the begin. */
class GrowingHistogram {
  readonly labels: readonly (readonly [string, string])[];
  readonly #random: () => number;
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(number: number, random: () => number) {
    this.labels = Object.entries({ __name__: 'rpc_duration_seconds', instance: `10.0.0.${number}:9100`, job: 'api' });
    this.#random = random;
    this.#counts = Float64Array.from({ length: BUCKET_COUNT }, () => 1 + Math.floor(random() * 5));
  }

  next(timestampMs: number): HistogramMessage {
    const counts = this.#counts;
    const observationCount = Math.floor(this.#random() * 2 * OBSERVATIONS_PER_SCRAPE + 0.5);
    for (let i = 0; i < observationCount; i++) {
      // The mean of three is somewhat like a bell.
      const place = (this.#random() + this.#random() + this.#random()) / 3;
      const bucket = Math.floor(place * BUCKET_COUNT);
      counts[bucket]! += 1;
      this.#sum += 2 ** ((bucket + FIRST_BUCKET) / 4) * (0.9 + this.#random() * 0.1);
    }
    return {
      ...{ timestampMs, isInteger: true, schema: 2, zeroThreshold: 2 ** -128, sum: this.#sum },
      count: counts.reduce((total, count) => total + count),
      positiveSpans: [{ offset: FIRST_BUCKET, length: BUCKET_COUNT }],
      positiveCounts: counts.slice(),
    };
  }
}

async function measure(
  kind: TargetKind,
  load: Load,
  { rows, isSmoke }: { readonly rows: RowCollector; readonly isSmoke: boolean },
): Promise<void> {
  const target = await kind.start();
  try {
    const sampleCount = load.seriesCount * load.scrapeCount;
    const processorBeforeMs = processorMs(target.pid) ?? 0;
    const startedMs = performance.now();
    await pushInOrder(target, load.bodies);
    const tookMs = performance.now() - startedMs;
    const processorAfterMs = processorMs(target.pid);
    rows.add(kind.name, { name: 'throughput', unit: 'thousand samples/s', isMoreBetter: true }, sampleCount / tookMs);
    if (processorAfterMs !== undefined) {
      const seconds = (processorAfterMs - processorBeforeMs) / 1000;
      rows.add(kind.name, { name: 'processor per million samples', unit: 's' }, (seconds / sampleCount) * 1e6);
    }
    await check(target, load);
    await measureQuery(target, load, (medianMs) =>
      rows.add(kind.name, { name: 'quantile, a day', unit: 'ms' }, medianMs),
    );
    if (kind.name === 'prometheus' && !isSmoke) await awaitBlocks(target, load);
    await target.end();
    // Of a server that has blocks by now, what its log still has counts little: it would be gone tomorrow.
    const unneededBytes = folderBytesIfThere(join(target.folder, 'data', 'wal'));
    rows.add(
      kind.name,
      { name: 'disk, without a log', unit: 'bytes/sample' },
      (folderBytes(target.folder) - unneededBytes) / sampleCount,
    );
  } finally {
    await target.stop();
  }
}

async function check(target: Target, { lastMs, seriesCount, scrapeCount }: Load): Promise<void> {
  const client = new QueryClient(target);
  const query = 'sum(count_over_time(rpc_duration_seconds[2d]))';
  const answer = JSON.parse((await client.ask({ query, endMs: lastMs })).toString());
  client.close();
  const found = Number(answer.data.result[0]?.value[1]);
  if (found !== seriesCount * scrapeCount)
    throw new Error(`${target.name} has ${found} of ${seriesCount * scrapeCount}`);
}

async function measureQuery(target: Target, { lastMs }: Load, add: (medianMs: number) => void): Promise<void> {
  const client = new QueryClient(target);
  const query = 'histogram_quantile(0.9, sum(rate(rpc_duration_seconds[5m])))';
  const range = { startMs: lastMs - 24 * 3_600_000, stepMs: 300_000 };
  const timesMs: number[] = [];
  for (let run = 0; run < 5; run++) {
    const startedMs = performance.now();
    await client.ask({ query, endMs: lastMs, range });
    timesMs.push(performance.now() - startedMs);
  }
  client.close();
  add(timesMs.sort((a, b) => a - b)[2]!);
}

/** Until all but the last hours are in blocks. */
async function awaitBlocks({ folder }: Target, { scrapeCount }: Load): Promise<void> {
  const hours = (scrapeCount * SCRAPE_INTERVAL_MS) / 3_600_000;
  const giveUpMs = performance.now() + COMPACTION_LIMIT_MS;
  let known = -1;
  let since = performance.now();
  while (performance.now() < giveUpMs) {
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const count = readdirSync(join(folder, 'data')).filter((name) => name.startsWith('01')).length;
    if (count !== known) since = performance.now();
    known = count;
    if ((count > 0 || hours < 3) && performance.now() - since > 20_000) return;
  }
}

function folderBytesIfThere(folder: string): number {
  try {
    return folderBytes(folder);
  } catch {
    return 0;
  }
}
