import { createFleet, fleet } from '../data/corpus.ts';
import { pushInOrder } from '../data/push.ts';
import { shardsOf } from '../data/shards.ts';
import { folderBytes, residentBytes, summarise } from '../measure.ts';
import { askNumber, QueryClient } from '../query-client.ts';
import type { Scenario } from '../scenario.ts';
import type { Target } from '../targets/target.ts';

const RESTARTS = 5;
/** How long a server is left alone before its memory is read. */
const IDLE_MS = 3000;

/** What a server took that was loaded, and then started again and again. */
interface Findings {
  readonly loadedMb: number;
  readonly restartedMb: number;
  readonly restartsMs: readonly number[];
  readonly bytesPerSample: number;
  readonly longTermBytesPerSample: number;
}

export const corpusScenario: Scenario = {
  name: 'corpus',
  about: '10,000 series of ten to twelve labels with 240 samples each: memory, restart, disk',
  async run({ rows, targets: kinds, isSmoke, log }) {
    const divisor = isSmoke ? 20 : 1;
    const series = createFleet(divisor);
    const sampleCount = series.length * fleet.scrapeCount;
    const lastMs = Math.floor(Date.now() / 60_000) * 60_000;
    const firstMs = lastMs - (fleet.scrapeCount - 1) * fleet.intervalMs;
    const bodies = shardsOf(series).map((shard) =>
      Array.from({ length: fleet.scrapeCount }, (_, scrape) =>
        shard.encode(scrape, firstMs + scrape * fleet.intervalMs),
      ),
    );
    for (const kind of kinds) {
      log(`${kind.name}: ${sampleCount.toLocaleString('en-US')} samples`);
      const target = await kind.start();
      try {
        await Promise.all(bodies.map((shard) => pushInOrder(target, shard)));
        await target.settle();
        const found = await measure(target, { lastMs, sampleCount, isSmoke });
        const { medianMs, fastestMs, slowMs } = summarise(found.restartsMs);
        rows.add(kind.name, { name: 'resident after loading', unit: 'MB' }, found.loadedMb);
        rows.add(kind.name, { name: 'restart with the corpus', unit: 'ms' }, medianMs, [fastestMs, slowMs]);
        rows.add(kind.name, { name: 'resident after the restart', unit: 'MB' }, found.restartedMb);
        rows.add(kind.name, { name: 'disk after a clean stop', unit: 'bytes/sample' }, found.bytesPerSample);
        rows.add(kind.name, { name: 'disk, long-term form', unit: 'bytes/sample' }, found.longTermBytesPerSample);
      } finally {
        await target.stop();
      }
    }
  },
};

async function measure(
  loaded: Target,
  {
    lastMs,
    sampleCount,
    isSmoke,
  }: { readonly lastMs: number; readonly sampleCount: number; readonly isSmoke: boolean },
): Promise<Findings> {
  let target = loaded;
  try {
    await checkCount(target, lastMs, sampleCount);
    await idle(isSmoke);
    const loadedMb = residentMb(target);
    const restartsMs: number[] = [];
    let bytesPerSample = Number.NaN;
    let restartedMb = Number.NaN;
    for (let run = 0; run < (isSmoke ? 1 : RESTARTS); run++) {
      await target.end();
      if (run === 0) bytesPerSample = folderBytes(target.folder) / sampleCount;
      target = await target.restart();
      restartsMs.push(target.readyAfterMs);
      if (run > 0) continue;
      await idle(isSmoke);
      restartedMb = residentMb(target);
      await checkCount(target, lastMs, sampleCount);
    }
    const longTermBytesPerSample = (await target.longTermBytes()) / sampleCount;
    return { loadedMb, restartedMb, restartsMs, bytesPerSample, longTermBytesPerSample };
  } finally {
    await target.end();
  }
}

/** Whether all samples are there. @throws when they are not */
async function checkCount(target: Target, lastMs: number, sampleCount: number): Promise<void> {
  const client = new QueryClient(target);
  let found = 0;
  for (const { metric } of fleet.groups) {
    found += await askNumber(client, `sum(count_over_time(${metric}[1d]))`, lastMs);
  }
  client.close();
  if (found !== sampleCount) throw new Error(`${target.name} has ${found} samples instead of ${sampleCount}`);
}

function idle(isSmoke: boolean): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, isSmoke ? 100 : IDLE_MS));
}

function residentMb({ pid }: Target): number {
  return (residentBytes(pid) ?? Number.NaN) / 1e6;
}
