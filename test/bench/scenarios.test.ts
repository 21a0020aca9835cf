import { expect, test } from 'vitest';
import { chunksScenario } from '../../bench/micro/chunks-scenario.ts';
import { postingsScenario } from '../../bench/micro/postings-scenario.ts';
import { type Row, RowCollector } from '../../bench/report/rows.ts';
import type { Scenario } from '../../bench/scenario.ts';
import { ingestScenario } from '../../bench/scenarios/ingest-scenario.ts';
import { panelsScenario } from '../../bench/scenarios/panels-scenario.ts';
import { queryScenario } from '../../bench/scenarios/query-scenario.ts';
import { targetInProcess } from '../support/bench-target.ts';

/** The smoke run of a scenario over two servers of ours. */
async function smoke({ run }: Scenario, only?: string): Promise<Row[]> {
  const rows = new RowCollector('s');
  await run({
    rows,
    targets: [targetInProcess('ours'), targetInProcess('theirs')],
    isSmoke: true,
    begin: () => {},
    log: () => {},
    ...(only !== undefined && { only }),
  });
  return rows.rows();
}

/** The names of rows that have a figure of both. */
function measured(rows: readonly Row[]): string[] {
  return rows.filter(({ figures }) => 'ours' in figures && 'theirs' in figures).map(({ name }) => name);
}

test('ingest measures every version and new series, and finds all samples', { timeout: 60_000 }, async () => {
  expect(measured(await smoke(ingestScenario))).toEqual(
    expect.arrayContaining(['warm series, 1.0', 'warm series, 2.0', 'new series', 'visible after the last answer']),
  );
});

test('query asks what was chosen in every number of steps, all answers agree, and means are taken', {
  timeout: 60_000,
}, async () => {
  const rows = await smoke(queryScenario, 'topk(');
  expect(rows.filter(({ notes }) => notes)).toEqual([]);
  expect(measured(rows)).toEqual(
    expect.arrayContaining([
      'topk(1, a_hundred), instant',
      'topk(1, a_hundred), 100 steps',
      'topk(5, a_thousand), 1,000 steps',
      'mean, 1,000 steps',
      'mean of the family topk',
    ]),
  );
});

test('panels are all asked', async () => {
  expect(measured(await smoke(panelsScenario))).toEqual(['all panels there', 'a panel, p50', 'a panel, p90']);
});

test.for([chunksScenario, postingsScenario])('$name measures a part by itself', async (scenario) => {
  const rows = await smoke(scenario);
  expect(rows.length).toBeGreaterThan(3);
  expect(rows.every(({ figures }) => Object.keys(figures).join() === 'pocket-cortex')).toBe(true);
});
