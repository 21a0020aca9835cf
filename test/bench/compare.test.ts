import { expect, test } from 'vitest';
import { firstDifference, sampleCountOf } from '../../bench/compare.ts';

const vector = (...series: [metric: Record<string, string>, value: string][]): string =>
  JSON.stringify({
    data: { resultType: 'vector', result: series.map(([metric, value]) => ({ metric, value: [5, value] })) },
  });
const matrix = (...values: [number, string][]): string =>
  JSON.stringify({ data: { resultType: 'matrix', result: [{ metric: { a: '1' }, values }] } });
const scalar = (value: string): string => JSON.stringify({ data: { resultType: 'scalar', result: [5, value] } });

const cases: readonly { name: string; actual: string; expected: string; difference: string | undefined }[] = [
  {
    name: 'takes another order of series and labels for the same',
    actual: vector([{ a: '1', b: '2' }, '1'], [{ a: '2' }, '2']),
    expected: vector([{ a: '2' }, '2'], [{ b: '2', a: '1' }, '1']),
    difference: undefined,
  },
  {
    name: 'takes values that differ by rounding for the same',
    actual: matrix([1, '0.30000000000000004'], [2, 'NaN'], [3, '1e+21']),
    expected: matrix([1, '0.3'], [2, 'NaN'], [3, '1000000000000000000000']),
    difference: undefined,
  },
  {
    name: 'tells another value',
    actual: matrix([1, '1'], [2, '2.00001']),
    expected: matrix([1, '1'], [2, '2']),
    difference: '2.00001 instead of 2 at 2 in [["a","1"]]',
  },
  {
    name: 'tells NaN from a number',
    actual: matrix([1, 'NaN']),
    expected: matrix([1, '0']),
    difference: 'NaN instead of 0 at 1 in [["a","1"]]',
  },
  {
    name: 'tells a sample at another time',
    actual: matrix([1, '1']),
    expected: matrix([2, '1']),
    difference: 'a sample at 1 instead of 2 in [["a","1"]]',
  },
  {
    name: 'tells missing samples',
    actual: matrix([1, '1']),
    expected: matrix([1, '1'], [2, '1']),
    difference: '1 samples instead of 2 in [["a","1"]]',
  },
  {
    name: 'tells missing series',
    actual: vector([{ a: '1' }, '1']),
    expected: vector([{ a: '1' }, '1'], [{ a: '2' }, '1']),
    difference: '1 series instead of 2',
  },
  {
    name: 'tells other series',
    actual: vector([{ a: '1' }, '1']),
    expected: vector([{ a: '2' }, '1']),
    difference: 'no series [["a","2"]]',
  },
  { name: 'compares scalars', actual: scalar('1'), expected: scalar('1'), difference: undefined },
];

test.for(cases)('$name', ({ actual, expected, difference }) => {
  expect(firstDifference(actual, expected)).toBe(difference);
});

test('counts the samples of an answer', () => {
  expect([
    sampleCountOf(vector()),
    sampleCountOf(vector([{}, '1'])),
    sampleCountOf(matrix([1, '1'], [2, '1'])),
  ]).toEqual([0, 1, 2]);
});
