import { firstDifference, sampleCountOf } from './compare.ts';
import { createCorpus } from './corpus.ts';
import { processorMs, repeatInTurn, summarise } from './measure.ts';
import { pushInOrder, shardsOf } from './push.ts';
import { dashboardQueries } from './queries.ts';
import { type Query, QueryClient } from './query-client.ts';
import { RowCollector, type Scenario, SEED } from './scenario.ts';
import type { Target } from './targets.ts';

const SCRAPE_INTERVAL_MS = 15_000;
const SAMPLES_PER_SERIES = 240;
/** How long each query is measured on each target, unless it is a very quick or a very slow one. */
const MEASURE_MS = 600;

/** The ways each query is asked: over the last 50 minutes of the hour that is loaded. */
const modes = [
  { name: 'instant', stepMs: undefined, stepCount: 1 },
  { name: '100 steps', stepMs: 30_000, stepCount: 100 },
  { name: '1,000 steps', stepMs: 3_000, stepCount: 1000 },
] as const;

export const queryScenario: Scenario = {
  name: 'query',
  about: `${dashboardQueries.length} dashboard queries over 13,000 series of ${SAMPLES_PER_SERIES} samples; all targets have to agree`,
  async run({ targets: kinds, isSmoke, log }) {
    const endMs = Math.floor(Date.now() / 60_000) * 60_000;
    const targets: Target[] = [];
    try {
      for (const kind of kinds) {
        const target = await kind.start();
        targets.push(target);
        log(`loading ${kind.name}`);
        await load(target, endMs, isSmoke ? 10 : 1);
      }
      return await measureAll(targets, endMs, isSmoke, log);
    } finally {
      for (const target of targets) await target.stop();
    }
  },
};

async function load(target: Target, endMs: number, divisor: number): Promise<void> {
  const series = createCorpus(
    [
      { metric: 'requests_total', kind: 'counter', seriesCount: 1000 / divisor },
      { metric: 'latency_seconds_bucket', kind: 'histogram', seriesCount: 1000 / divisor },
      { metric: 'memory_megabytes', kind: 'gauge', seriesCount: 1000 / divisor },
      { metric: 'fleet_requests_total', kind: 'counter', seriesCount: 10_000 / divisor },
    ],
    SAMPLES_PER_SERIES,
    SEED,
  );
  const startMs = endMs - (SAMPLES_PER_SERIES - 1) * SCRAPE_INTERVAL_MS;
  await Promise.all(
    shardsOf(series).map((shard) => {
      function* bodies(): Generator<Uint8Array> {
        for (let scrape = 0; scrape < SAMPLES_PER_SERIES; scrape++) {
          yield shard.encode(scrape, startMs + scrape * SCRAPE_INTERVAL_MS);
        }
      }
      return pushInOrder(target, bodies());
    }),
  );
}

async function measureAll(targets: readonly Target[], endMs: number, isSmoke: boolean, log: (text: string) => void) {
  const rows = new RowCollector('query');
  const clients = targets.map((target) => new QueryClient(target));
  const repetition = isSmoke
    ? { minRuns: 1, maxRuns: 1, totalMs: 0 }
    : { minRuns: 5, maxRuns: 40, totalMs: MEASURE_MS };
  for (const mode of modes) {
    const ratios: number[] = [];
    const processorPerQueryMs = targets.map(() => 0);
    for (const { name, query } of dashboardQueries) {
      const asked: Query = {
        query,
        endMs,
        ...(mode.stepMs && { range: { startMs: endMs - (mode.stepCount - 1) * mode.stepMs, stepMs: mode.stepMs } }),
      };
      await checkAnswers(asked, clients, targets);
      const processorBeforeMs = targets.map(({ pid }) => processorMs(pid) ?? Number.NaN);
      const timings = await repeatInTurn(
        clients.map((client) => () => client.ask(asked)),
        repetition,
      );
      for (const [i, { medianMs, fastestMs, slowMs, runs }] of timings.entries()) {
        const { name: target, pid } = targets[i]!;
        rows.add(target, { name: `${name}, ${mode.name}`, unit: 'ms' }, medianMs, [fastestMs, slowMs]);
        // The first run is not timed, but it works too.
        processorPerQueryMs[i]! += ((processorMs(pid) ?? Number.NaN) - processorBeforeMs[i]!) / (runs + 1);
      }
      ratios.push(timings.at(-1)!.medianMs / timings[0]!.medianMs);
    }
    for (const [i, processor] of processorPerQueryMs.entries()) {
      if (Number.isNaN(processor)) continue;
      rows.add(targets[i]!.name, { name: `processor for all of them once, ${mode.name}`, unit: 'ms' }, processor);
    }
    const ratio = targets.length > 1 ? `, median ratio ${summarise(ratios).medianMs.toFixed(2)}x` : '';
    log(`${mode.name}: done${ratio}`);
  }
  for (const client of clients) client.close();
  return rows.rows();
}

/** An empty answer would be quick, and a wrong one too. */
async function checkAnswers(asked: Query, clients: readonly QueryClient[], targets: readonly Target[]): Promise<void> {
  const expected = await clients[0]!.ask(asked);
  if (sampleCountOf(expected) === 0) throw new Error(`${targets[0]!.name} has no answer to ${asked.query}`);
  for (let i = 1; i < clients.length; i++) {
    const difference = firstDifference(expected, await clients[i]!.ask(asked));
    if (difference === undefined) continue;
    const steps = asked.range ? ` in steps of ${asked.range.stepMs} ms` : '';
    throw new Error(`${targets[0]!.name} and ${targets[i]!.name} differ on ${asked.query}${steps}: ${difference}`);
  }
}
