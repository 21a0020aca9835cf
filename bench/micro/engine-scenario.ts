import { SystemClock } from '../../src/model/clock.ts';
import type { QueryResult } from '../../src/model/query-result.ts';
import { FAKE_TENANT } from '../../src/model/tenant.ts';
import { Engine } from '../../src/promql/engine.ts';
import { openStore } from '../../src/storage/sqlite-store.ts';
import { fillStore } from '../data/fill-store.ts';
import { querySets } from '../data/query-sets.ts';
import { engineQueries } from '../queries/engine-queries.ts';
import { fleetQueries } from '../queries/fleet-queries.ts';
import { ALL_STEP_COUNTS, type BenchQuery, stepsMs } from '../queries/query.ts';
import type { Scenario } from '../scenario.ts';
import { measureInto } from './measure-work.ts';

const END_MS = 1_700_000_000_000 - (1_700_000_000_000 % 60_000);
const allQueries: readonly BenchQuery[] = [...engineQueries, ...fleetQueries];

export const engineScenario: Scenario = {
  name: 'engine',
  about:
    'the queries of the scenario query, asked of the engine over a store in memory: what HTTP and JSON have no part in',
  isExtra: true,
  async run({ rows, isSmoke, only = '' }) {
    const measure = measureInto(rows, isSmoke, 200);
    const store = openStore({
      path: ':memory:',
      clock: new SystemClock(),
      retentionMs: 0,
      checkpointIntervalMs: 3_600_000,
      decodedCacheBytes: 64 << 20,
    });
    try {
      for (const set of querySets(END_MS, isSmoke)) await fillStore(store, FAKE_TENANT, set);
      const parse = { enableExperimentalFunctions: true };
      const limits = { lookbackMs: 300_000, defaultStepMs: 60_000, maxSamples: 50_000_000 };
      const engine = new Engine({ source: store, ...limits, parse });
      for (const stepCount of ALL_STEP_COUNTS) {
        for (const bench of allQueries) {
          if (!(bench.query.includes(only) || bench.family.includes(only))) continue;
          if (!(bench.stepCounts ?? ALL_STEP_COUNTS).includes(stepCount)) continue;
          const ask = () => askEngine(engine, bench, stepCount);
          const isEmpty = isEmptyAnswer(await ask());
          if (!isSmoke && isEmpty !== (bench.isEmpty ?? false)) {
            throw new Error(`${bench.query} has ${isEmpty ? 'no answer' : 'an answer, but should have none'}`);
          }
          await measure(`${bench.query}, ${stepCount === 1 ? 'instant' : `${stepCount} steps`}`, ask);
        }
      }
    } finally {
      await store.close();
    }
  },
};

function askEngine(
  engine: Engine,
  { query, corpus }: BenchQuery,
  stepCount: (typeof ALL_STEP_COUNTS)[number],
): Promise<QueryResult> {
  if (stepCount === 1) return engine.instant({ tenant: FAKE_TENANT, query, timeMs: END_MS });
  const stepMs = stepsMs[corpus][stepCount];
  const startMs = END_MS - (stepCount - 1) * stepMs;
  return engine.range({ tenant: FAKE_TENANT, query, startMs, endMs: END_MS, stepMs });
}

function isEmptyAnswer({ value }: QueryResult): boolean {
  return 'series' in value ? value.series.length === 0 : 'labels' in value && value.labels.length === 0;
}
