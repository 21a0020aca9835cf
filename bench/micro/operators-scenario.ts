import { SampleColumns } from '../../src/model/columns.ts';
import { Labels } from '../../src/model/labels.ts';
import { FAKE_TENANT } from '../../src/model/tenant.ts';
import { MemorySource } from '../../src/pocket/promtest/memory-source.ts';
import { Engine } from '../../src/promql/engine.ts';
import { createFleet, fleet } from '../data/corpus.ts';
import type { Scenario } from '../scenario.ts';
import { measureInto } from './measure-work.ts';

const END_MS = 1_700_000_000_000 - (1_700_000_000_000 % 60_000);
const STEP_COUNT = 1000;
const STEP_MS = 3000;

/** One operator or function each, over columns that are at hand. */
const queries: readonly string[] = [
  'sum(requests_total)',
  'sum(rate(requests_total[5m]))',
  'sum by (handler, code) (requests_total)',
  'quantile(0.9, memory_megabytes)',
  'topk(5, memory_megabytes)',
  'max(max_over_time(memory_megabytes[10m]))',
  'sum(stddev_over_time(memory_megabytes[10m]))',
  'sum(memory_megabytes + memory_megabytes)',
  'count(memory_megabytes and memory_megabytes)',
  'sum(abs(memory_megabytes))',
  'histogram_quantile(0.9, sum by (le) (rate(latency_seconds_bucket[5m])))',
  'sum(label_replace(memory_megabytes, "host", "$1", "instance", "(.*):.*"))',
  'sum(sum_over_time(memory_megabytes[10m:1m]))',
];

export const operatorsScenario: Scenario = {
  name: 'operators',
  about: `the engine without a store and without HTTP: 2,000 to 4,000 series over ${STEP_COUNT} steps`,
  async run({ rows, isSmoke, only = '' }) {
    const measure = measureInto(rows, isSmoke, 600);
    const source = new MemorySource();
    const startMs = END_MS - (fleet.scrapeCount - 1) * fleet.intervalMs;
    const timestampsMs = Float64Array.from({ length: fleet.scrapeCount }, (_, i) => startMs + i * fleet.intervalMs);
    for (const { labels, values } of createFleet(isSmoke ? 20 : 1)) {
      source.add(Labels.of(labels), SampleColumns.over(timestampsMs, values));
    }
    const engine = new Engine({ source, lookbackMs: 300_000, defaultStepMs: 60_000, maxSamples: 50_000_000 });
    const range = { startMs: END_MS - (STEP_COUNT - 1) * STEP_MS, endMs: END_MS, stepMs: STEP_MS };
    for (const query of queries.filter((one) => one.includes(only))) {
      const { value } = await engine.range({ tenant: FAKE_TENANT, query, ...range });
      if (value.kind !== 'matrix' || value.series.length === 0) throw new Error(`${query} has no answer`);
      await measure(query, () => engine.range({ tenant: FAKE_TENANT, query, ...range }));
    }
  },
};
