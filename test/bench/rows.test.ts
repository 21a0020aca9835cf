import { expect, test } from 'vitest';
import { type Row, RowCollector, ratioTo } from '../../bench/report/rows.ts';
import { formatTable, markdownTable, targetsIn } from '../../bench/report/table.ts';

const collect = (fill: (rows: RowCollector) => void): Row[] => {
  const rows = new RowCollector('s');
  fill(rows);
  return rows.rows();
};

test('collects figures of several targets under one name, and leaves out what was not measured', () => {
  const rows = collect((into) => {
    into.add('ours', { name: 'a', unit: 'ms', family: 'f', stepCount: 1 }, 2, [1, 3]);
    into.add('theirs', { name: 'a', unit: 'ms' }, 4);
    into.add('theirs', { name: 'b', unit: 'ms' }, Number.NaN);
    into.note('theirs', { name: 'a', unit: 'ms' }, 'differs');
  });
  expect(rows).toEqual([
    {
      ...{ scenario: 's', name: 'a', unit: 'ms', isMoreBetter: false, family: 'f', stepCount: 1 },
      figures: { ours: { value: 2, spread: [1, 3] }, theirs: { value: 4 } },
      notes: { theirs: 'differs' },
    },
  ]);
});

test.for([
  { name: 'half the time is twice as good', isMoreBetter: false, ours: 2, theirs: 4, ratio: 2 },
  { name: 'half the throughput is half as good', isMoreBetter: true, ours: 2, theirs: 4, ratio: 0.5 },
  { name: 'nothing is not compared', isMoreBetter: true, ours: 2, theirs: undefined, ratio: undefined },
])('$name', ({ isMoreBetter, ours, theirs, ratio }) => {
  const [row] = collect((into) => {
    into.add('ours', { name: 'a', unit: 'x', isMoreBetter }, ours);
    into.add('theirs', { name: 'a', unit: 'x', isMoreBetter }, theirs);
  });
  expect(ratioTo(row!, 'ours', 'theirs')).toBe(ratio);
});

test('tables have a column for each target that was measured, one for each ratio, and the notes', () => {
  const rows = collect((into) => {
    into.add('ours', { name: 'a|b', unit: 'ms' }, 1);
    into.add('theirs', { name: 'a|b', unit: 'ms' }, 1234.5, [1000, 2000]);
    into.note('theirs', { name: 'a|b', unit: 'ms' }, 'slow');
    into.add('ours', { name: 'count', unit: '' }, 5);
  });
  const targets = targetsIn(rows, ['ours', 'absent', 'theirs']);
  expect(targets).toEqual(['ours', 'theirs']);
  expect(formatTable(rows, targets).split('\n')).toEqual([
    '          ours                theirs  / theirs  notes',
    'a|b (ms)  1.00  1,235 [1,000..2,000]  1234.50x  theirs: slow',
    'count     5.00                     -         -',
  ]);
  expect(markdownTable(rows, targets).split('\n')).toEqual([
    '|  | ours | theirs | / theirs | notes |',
    '| --- | --: | --: | --: | --- |',
    '| a\\|b (ms) | 1.00 | 1,235 [1,000..2,000] | 1234.50x | theirs: slow |',
    '| count | 5.00 | - | - |  |',
  ]);
});
