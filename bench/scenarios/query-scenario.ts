import { bulkRounds, pushRounds } from '../data/bulk.ts';
import { querySets } from '../data/query-sets.ts';
import { geometricMeanOf, processorMs, repeatInTurn } from '../measure.ts';
import { checkAnswers, type Verdict } from '../queries/check.ts';
import { engineQueries } from '../queries/engine-queries.ts';
import { fleetQueries } from '../queries/fleet-queries.ts';
import { timeListCalls } from '../queries/list-calls.ts';
import { ALL_STEP_COUNTS, type BenchQuery, stepsMs } from '../queries/query.ts';
import { type Query, QueryClient } from '../query-client.ts';
import { type RowCollector, type RowHead, ratioTo } from '../report/rows.ts';
import { formatNumber } from '../report/table.ts';
import type { Scenario, ScenarioOptions } from '../scenario.ts';
import type { Target } from '../targets/target.ts';

/** How long each query is measured on each target, unless it is a very quick or a very slow one. */
const REPETITION = { minRuns: 3, maxRuns: 25, totalMs: 200, limitMs: 3000 };
const ONCE = { minRuns: 1, maxRuns: 1, totalMs: 0 };

const allQueries: readonly BenchQuery[] = [...engineQueries, ...fleetQueries];

export const queryScenario: Scenario = {
  name: 'query',
  about: `${allQueries.length} queries, instant and over 100 and 1,000 steps: the families with which Prometheus measures its engine, over up to a day, and what dashboards ask of 10,000 series; series and label calls`,
  async run(options) {
    const { targets: kinds, isSmoke, begin } = options;
    const endMs = Math.floor(Date.now() / 60_000) * 60_000;
    const rounds = bulkRounds(querySets(endMs, isSmoke));
    const targets: Target[] = [];
    try {
      // Peers that put their data in order in the background have time for it while the others are loaded.
      for (const kind of [...kinds].reverse()) {
        const target = await kind.start();
        targets.unshift(target);
        begin(`loading ${kind.name}`);
        await pushRounds(target, rounds);
      }
      for (const target of targets) await target.settle();
      await measureAll(targets, endMs, options);
    } finally {
      for (const target of targets) await target.stop();
    }
  },
};

async function measureAll(targets: readonly Target[], endMs: number, options: ScenarioOptions): Promise<void> {
  const { rows, isSmoke, begin, log, only = '' } = options;
  const clients = targets.map((target) => new QueryClient(target));
  const names = targets.map(({ name }) => name);
  const chosen = allQueries.filter(({ family, query }) => family.includes(only) || query.includes(only));
  begin('warming up');
  await warmUp(clients, chosen, endMs);
  for (const stepCount of ALL_STEP_COUNTS) {
    const mode = modeName(stepCount);
    begin(mode);
    const processorsMs = targets.map(() => 0);
    for (const bench of chosen) {
      if (!(bench.stepCounts ?? ALL_STEP_COUNTS).includes(stepCount)) continue;
      const head: RowHead = { name: `${bench.query}, ${mode}`, unit: 'ms', family: bench.family, stepCount };
      const asked = queryOf(bench, stepCount, endMs);
      const usedMs = await timeOne({ rows, head, asked, bench, clients, isSmoke, log });
      for (const [i, ms] of usedMs.entries()) processorsMs[i]! += ms;
    }
    for (const [i, name] of names.entries()) {
      rows.add(name, { name: `processor for all of them once, ${mode}`, unit: 'ms' }, processorsMs[i]);
    }
    addMeans(rows, names, stepCount);
    log(`mean, ${mode}: ${shortText(rows, `mean, ${mode}`, names)}`);
  }
  if (only === '' || 'calls'.includes(only)) {
    begin('label and series calls');
    const repetition = isSmoke ? ONCE : REPETITION;
    await timeListCalls({ rows, clients, endMs, repetition, log });
  }
  for (const client of clients) client.close();
  addFamilies(rows, names);
}

/** Asks everything a few times: all are measured as servers that have been in use for a while. */
async function warmUp(clients: readonly QueryClient[], chosen: readonly BenchQuery[], endMs: number): Promise<void> {
  for (const stepCount of [1, 1, 100] as const) {
    for (const bench of chosen) {
      if (!(bench.stepCounts ?? ALL_STEP_COUNTS).includes(stepCount)) continue;
      const asked = queryOf(bench, stepCount, endMs);
      // Who does not know a function is told so later.
      for (const client of clients) await client.ask(asked).catch(() => undefined);
    }
  }
}

interface Timed {
  readonly rows: RowCollector;
  readonly head: RowHead;
  readonly asked: Query;
  readonly bench: BenchQuery;
  readonly clients: readonly QueryClient[];
  readonly isSmoke: boolean;
  readonly log: (text: string) => void;
}

/** Returns the processor time of one run on each target. */
async function timeOne({ rows, head, asked, bench, clients, isSmoke, log }: Timed): Promise<number[]> {
  const names = clients.map(({ target }) => target.name);
  const usedMs = clients.map(() => 0);
  let verdicts: Verdict[];
  try {
    verdicts = await checkAnswers(asked, bench, clients);
  } catch (error) {
    // The other lines are worth having.
    verdicts = clients.map(() => ({ isTimed: false, isWrong: false }));
    const note = error instanceof Error ? error.message : String(error);
    verdicts[0] = { isTimed: false, isWrong: true, note };
  }
  for (const [i, { note, isWrong }] of verdicts.entries()) {
    const { name } = clients[i]!.target;
    if (note !== undefined) rows.note(name, head, note);
    if (!isWrong) continue;
    log(`${head.name}: ${name}: ${note}`);
    process.exitCode = 1;
  }
  const timed = clients.filter((_, i) => verdicts[i]!.isTimed);
  const before = timed.map(({ target }) => processorMs(target.pid) ?? Number.NaN);
  const timings = await repeatInTurn(
    timed.map((client) => () => client.ask(asked)),
    isSmoke ? ONCE : REPETITION,
  );
  for (const [i, { medianMs, fastestMs, slowMs, runs }] of timings.entries()) {
    const { target } = timed[i]!;
    rows.add(target.name, head, medianMs, [fastestMs, slowMs]);
    const used = ((processorMs(target.pid) ?? Number.NaN) - before[i]!) / runs;
    usedMs[clients.indexOf(timed[i]!)] = used;
    rows.addProcessor(target.name, head, Math.round(used * 1000) / 1000);
  }
  log(`${head.name}: ${shortText(rows, head.name, names)}`);
  return usedMs;
}

/** Our time and how many times longer the others take. */
function shortText(rows: RowCollector, line: string, [self, ...peers]: readonly string[]): string {
  const row = rows.rows().find(({ name }) => name === line);
  const ms = row?.figures[self!]?.value;
  if (!row || ms === undefined) return 'nothing';
  const ratios = peers.map((peer) => `${ratioTo(row, self!, peer)?.toFixed(2) ?? '-'}x`);
  return [`${formatNumber(ms)} ms`, ...ratios].join(' ');
}

function queryOf({ query, corpus }: BenchQuery, stepCount: (typeof ALL_STEP_COUNTS)[number], endMs: number): Query {
  if (stepCount === 1) return { query, endMs };
  const stepMs = stepsMs[corpus][stepCount];
  return { query, endMs, range: { startMs: endMs - (stepCount - 1) * stepMs, stepMs } };
}

function modeName(stepCount: number): string {
  return stepCount === 1 ? 'instant' : `${stepCount.toLocaleString('en-US')} steps`;
}

/** The geometric means over all lines that every target has. */
function addMeans(rows: RowCollector, names: readonly string[], stepCount: number): void {
  const lines = rows.rows().filter((row) => row.stepCount === stepCount && names.every((name) => name in row.figures));
  for (const name of names) {
    const mean = geometricMeanOf(lines.map(({ figures }) => figures[name]!.value));
    rows.add(name, { name: `mean, ${modeName(stepCount)}`, unit: 'ms' }, mean);
  }
}

function addFamilies(rows: RowCollector, names: readonly string[]): void {
  const all = rows.rows().filter((row) => row.stepCount !== undefined && names.every((name) => name in row.figures));
  for (const family of new Set(all.map((row) => row.family))) {
    const lines = all.filter((row) => row.family === family);
    for (const name of names) {
      const mean = geometricMeanOf(lines.map(({ figures }) => figures[name]!.value));
      rows.add(name, { name: `mean of the family ${family}`, unit: 'ms' }, mean);
    }
  }
}
