import { expect, test } from 'vitest';
import { goalNames, goalsTable, judgeGoals } from '../../bench/report/goals.ts';
import { type Row, RowCollector } from '../../bench/report/rows.ts';
import { shortfalls } from '../../bench/report/shortfalls.ts';

function rowsOf(scenario: string, lines: readonly [name: string, ours: number, prometheus?: number][]): Row[] {
  const rows = new RowCollector(scenario);
  for (const [name, ours, prometheus] of lines) {
    const head = { name, unit: 'ms', ...(name.startsWith('query') && { stepCount: 1 }) };
    rows.add('pocket-cortex', head, ours);
    rows.add('prometheus', head, prometheus);
  }
  return rows.rows();
}

test('only goals for which something was measured are judged', () => {
  expect(judgeGoals([])).toEqual([]);
  expect(judgeGoals(rowsOf('start', [['ready after', 150]]))).toEqual([
    { what: 'ready after process start', goal: '<= 150 ms', measured: '150 ms', holds: true },
  ]);
});

test('a figure over its limit does not hold', () => {
  expect(judgeGoals(rowsOf('corpus', [['disk after a clean stop', 2.01]]))).toMatchObject([{ holds: false }]);
});

test('being ahead on every line takes every line, and names the worst', () => {
  const lines: [string, number, number][] = [
    ['query a', 1, 2],
    ['query b', 4, 1],
    ['mean, instant', 1, 2],
  ];
  expect(judgeGoals(rowsOf('query', lines))).toMatchObject([
    {
      what: 'queries',
      goal: 'faster than Prometheus on every line',
      measured: '1 of 2 lines, 0.71x in the mean; query b (0.25x)',
      holds: false,
    },
    { what: 'queries, instant', goal: '>= 1.5x Prometheus', measured: '2.00x', holds: true },
  ]);
});

test('the table says which goals hold', () => {
  const goals = [
    { what: 'a', goal: '<= 1', measured: '1', holds: true },
    { what: 'b', goal: '<= 1', measured: '2', holds: false },
  ];
  expect(goalsTable(goals).split('\n')).toEqual([
    '| what | goal | measured | holds |',
    '| --- | --- | --- | --- |',
    '| a | <= 1 | 1 | yes |',
    '| b | <= 1 | 2 | NO |',
  ]);
});

test('beside those that do not hold it says why, where that is known', () => {
  const goals = [
    { what: 'a', goal: '<= 1', measured: '1', holds: true },
    { what: 'b', goal: '<= 1', measured: '2', holds: false, reason: 'b is large' },
  ];
  expect(goalsTable(goals).split('\n').slice(2)).toEqual([
    '| a | <= 1 | 1 | yes |  |',
    '| b | <= 1 | 2 | NO | b is large |',
  ]);
});

test('reasons are given for goals that there are', () => {
  expect(Object.keys(shortfalls).filter((name) => !goalNames.includes(name))).toEqual([]);
});
