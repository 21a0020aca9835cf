import { parseExpr } from '../../grammar/promql.ts';
import { FAKE_TENANT } from '../../src/model/tenant.ts';
import { MemorySource } from '../../src/pocket/promtest/memory-source.ts';
import { Engine } from '../../src/promql/engine.ts';
import { repeat } from '../measure.ts';
import { dashboardQueries } from '../queries/dashboards.ts';
import type { Scenario } from '../scenario.ts';

/** A single query is too short to time. */
const BATCH_SIZE = 100;
/** Until the machine code of the parser is there. */
const WARM_UP_ROUNDS = 500;
/** Whose figures these are: nobody else takes part. */
const SELF = 'pocket-cortex';

export const parseScenario: Scenario = {
  name: 'parse',
  about: 'queries of dashboards parsed and checked, and planned and run over no series at all, once warm',
  async run({ rows, isSmoke }) {
    const options = isSmoke ? { minRuns: 1, maxRuns: 1, totalMs: 0 } : { minRuns: 10, maxRuns: 200, totalMs: 150 };
    const engine = new Engine({
      source: new MemorySource(),
      lookbackMs: 300_000,
      defaultStepMs: 60_000,
      maxSamples: 50_000_000,
    });
    const tenant = FAKE_TENANT;
    const measure = async (name: string, work: () => unknown): Promise<void> => {
      const batch = async (): Promise<void> => {
        for (let i = 0; i < BATCH_SIZE; i++) await work();
      };
      const { medianMs, fastestMs, slowMs } = await repeat(batch, options);
      const inMicroseconds = (ms: number): number => (ms * 1000) / BATCH_SIZE;
      const spread = [inMicroseconds(fastestMs), inMicroseconds(slowMs)] as const;
      rows.add(SELF, { name, unit: 'µs' }, inMicroseconds(medianMs), spread);
    };
    for (let i = 0; i < (isSmoke ? 1 : WARM_UP_ROUNDS); i++) {
      for (const { query } of dashboardQueries) await engine.range({ tenant, query, startMs: 0, endMs: 0, stepMs: 1 });
    }
    for (const { name, query } of dashboardQueries) {
      await measure(`parse: ${name}`, () => parseExpr(query));
      const times = { startMs: 0, endMs: 0, stepMs: 60_000 };
      const { value } = await engine.range({ tenant, query, ...times });
      if (value.kind !== 'matrix' || value.series.length > 0) throw new Error(`${query} has an answer over no series`);
      await measure(`parse, plan, run: ${name}`, () => engine.range({ tenant, query, ...times }));
    }
  },
};
