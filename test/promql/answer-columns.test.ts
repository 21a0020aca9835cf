import { expect, test } from 'vitest';
import { ABSENT, FLOAT, type StepColumn, setHistogram } from '../../src/model/columns.ts';
import { AnswerColumns } from '../../src/promql/answer-columns.ts';
import { histogram } from '../support/native-histograms.ts';

const _ = undefined;

/** Keeps each row in turn; `undefined` is an absent step. */
function keepAll(rows: readonly (readonly (number | undefined)[])[]): (StepColumn | undefined)[] {
  const columns = new AnswerColumns(4);
  return rows.map((row) => {
    for (const [step, value] of row.entries()) {
      columns.open.present[step] = value === undefined ? ABSENT : FLOAT;
      columns.open.values[step] = value ?? 99;
    }
    return columns.keep();
  });
}

function valuesOf(column: StepColumn | undefined): (number | undefined)[] | undefined {
  return column && Array.from(column.present, (kind, step) => (kind === ABSENT ? undefined : column.values[step]));
}

const rows: readonly (readonly (number | undefined)[])[] = [
  [_, _, _, _],
  [1, 1, 1, 1],
  [1, 1, 1, 1],
  [1, 1, 1, 2],
  [_, 1, 1, _],
  [_, _, _, _],
  [_, 1, 1, _],
  [_, 1, _, 1],
  [_, 1, 1, 1],
  [1, _, _, _],
  [0, 0, 0, 0],
  [-0, -0, -0, -0],
  [NaN, NaN, NaN, NaN],
  [NaN, NaN, NaN, NaN],
];

test('every series has its own values, whoever shares its column', () => {
  expect(keepAll(rows).map(valuesOf)).toEqual(
    rows.map((row) => (row.some((value) => value !== undefined) ? row : undefined)),
  );
});

test('series with one number over the same run of steps share a column', () => {
  const columns = keepAll(rows);
  const firstPlaces = columns.map((column) => column && columns.indexOf(column));
  expect(firstPlaces).toEqual([_, 1, 1, 3, 4, _, 4, 7, 8, 9, 10, 11, 12, 13]);
});

test('a native histogram is no number', () => {
  const columns = new AnswerColumns(2);
  const kept = [1, 2].map(() => {
    setHistogram(columns.open, 0, histogram({ positive: { 1: 2 } }));
    return columns.keep();
  });
  expect(kept[0]).not.toBe(kept[1]);
});
