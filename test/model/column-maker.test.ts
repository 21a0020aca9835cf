import { expect, test } from 'vitest';
import { ColumnMaker } from '../../src/model/column-maker.ts';
import { ABSENT, createStepColumn, FLOAT } from '../../src/model/columns.ts';

test.for([1, 7, 8, 100, 20_000])('columns of %i steps are empty and do not touch each other', (stepCount) => {
  const maker = new ColumnMaker(stepCount);
  const columns = Array.from({ length: 300 }, () => maker.create());
  expect(columns.at(-1)).toEqual(createStepColumn(stepCount));
  for (const [index, { values, present }] of columns.entries()) {
    values.fill(index);
    present.fill(index % 2 === 0 ? FLOAT : ABSENT);
  }
  for (const [index, column] of columns.entries()) {
    expect(column.values.every((value) => value === index)).toBe(true);
    expect(column.present.every((kind) => kind === (index % 2 === 0 ? FLOAT : ABSENT))).toBe(true);
    expect([column.values.length, column.present.length]).toEqual([stepCount, stepCount]);
  }
});

test('a range without steps has columns too', () => {
  expect(new ColumnMaker(0).create()).toEqual(createStepColumn(0));
});
