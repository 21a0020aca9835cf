import { summarise, type Timing } from '../measure.ts';
import type { Scenario } from '../scenario.ts';

const SERIES = 10_000;
const SAMPLES = 20;

/** The library as a test uses it: all in this process, no port. */
export const fixtureScenario: Scenario = {
  name: 'fixture',
  about: 'the library: start in memory, a tenant, copying and emptying one of 10,000 series',
  async run({ rows, isSmoke }) {
    const built = new URL('../../dist/src/index.js', import.meta.url).href;
    const { startPocketCortex } = (await import(built)) as typeof import('../../src/index.ts');
    const rounds = isSmoke ? 3 : 50;
    const add = (name: string, timesMs: readonly number[]): void => {
      const { medianMs, fastestMs, slowMs }: Timing = summarise(timesMs);
      rows.add('pocket-cortex', { name, unit: 'ms' }, medianMs, [fastestMs, slowMs]);
    };
    const times = { starts: [] as number[], tenants: [] as number[], forks: [] as number[], resets: [] as number[] };
    for (let round = 0; round < rounds; round++) {
      const startedMs = performance.now();
      const cortex = await startPocketCortex();
      const readyMs = performance.now();
      cortex.tenant();
      times.starts.push(readyMs - startedMs);
      times.tenants.push(performance.now() - readyMs);
      await cortex.close();
    }
    const cortex = await startPocketCortex({ nowMs: 1_767_225_600_000 });
    const timestampsMs = Array.from({ length: SAMPLES }, (_, i) => cortex.nowMs - i * 15_000);
    const series = Array.from({ length: SERIES }, (_, i) => ({
      labels: { __name__: `metric_${i % 100}`, job: `job-${i % 10}`, pod: `pod-${i}` },
      timestampsMs,
      values: timestampsMs,
    }));
    const tenant = cortex.tenant();
    await tenant.load(series);
    for (let round = 0; round < rounds; round++) {
      const startedMs = performance.now();
      const fork = await tenant.fork();
      const forkedMs = performance.now();
      await fork.reset();
      times.forks.push(forkedMs - startedMs);
      times.resets.push(performance.now() - forkedMs);
    }
    await cortex.close();
    add('start in memory', times.starts);
    add('tenant()', times.tenants);
    add('fork of 10,000 series', times.forks);
    add('reset of 10,000 series', times.resets);
  },
};
