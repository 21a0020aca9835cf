import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ABSENT, createStepColumn, FLOAT, type StepColumn, WholeColumns } from '../../../src/model/columns.ts';
import { accumulators } from '../../../src/promql/operators/accumulators.ts';

const STEP_COUNT = 7;
const GROUP_COUNT = 2;
const treatment = { notes: { warn: () => {}, inform: () => {} }, isCompensated: false };

/** What the values of a group at one step come to, one after the other, as Prometheus's loops have it. */
type Definition = (values: readonly number[]) => number;

const cases: readonly (readonly [op: keyof typeof accumulators, definition: Definition])[] = [
  ['sum', compensatedSum],
  ['avg', mean],
  ['min', (values) => values.reduce((min, value) => (value < min || Number.isNaN(min) ? value : min))],
  ['max', (values) => values.reduce((max, value) => (value > max || Number.isNaN(max) ? value : max))],
  ['count', (values) => values.length],
  ['group', () => 1],
  ['stdvar', variance],
  ['stddev', (values) => Math.sqrt(variance(values))],
];

const value = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: -1e3, max: 1e3, noNaN: true }) },
  { weight: 1, arbitrary: fc.double() },
  { weight: 2, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, 1e308, -1e308, 1e100, 0.1) },
);
const wholeColumn = fc.array(value, { minLength: STEP_COUNT, maxLength: STEP_COUNT });
const partialColumn = fc.array(fc.option(value), { minLength: STEP_COUNT, maxLength: STEP_COUNT });
const series = fc.array(fc.record({ group: fc.nat(GROUP_COUNT - 1), values: fc.oneof(wholeColumn, partialColumn) }), {
  maxLength: 12,
});

describe.for(cases)('%s', ([op, definition]) => {
  test('agrees with its definition, whether columns are whole or not', () => {
    const columns = new WholeColumns(STEP_COUNT);
    fc.assert(
      fc.property(series, (added) => {
        const accumulator = accumulators[op]({ groupCount: GROUP_COUNT, stepCount: STEP_COUNT }, treatment);
        for (const { group, values } of added) {
          const column = columnOf(values);
          if (columns.isWhole(column.present)) accumulator.addWhole(group, column.values);
          else accumulator.add(group, column, 'x');
        }
        for (let group = 0; group < GROUP_COUNT; group++) {
          const out = createStepColumn(STEP_COUNT);
          accumulator.finish(group, out);
          expect(valuesOf(out)).toEqual(
            Array.from({ length: STEP_COUNT }, (_, step) => {
              const own = added.filter((one) => one.group === group).map(({ values }) => values[step]);
              const there = own.filter((one) => one !== null && one !== undefined);
              return there.length === 0 ? undefined : unsigned(definition(there));
            }),
          );
        }
      }),
    );
  });
});

function columnOf(values: readonly (number | null)[]): StepColumn {
  const column = createStepColumn(STEP_COUNT);
  for (const [step, one] of values.entries()) {
    column.present[step] = one === null ? ABSENT : FLOAT;
    column.values[step] = one ?? -12345;
  }
  return column;
}

function valuesOf({ values, present }: StepColumn): (number | undefined)[] {
  return Array.from(values, (one, step) => (present[step] === ABSENT ? undefined : unsigned(one)));
}

/** A negative zero is as good as a positive one here: nobody sees which of two equal values was kept. */
function unsigned(one: number): number {
  return one === 0 ? 0 : one;
}

function kahanAdd([sum, lost]: readonly [number, number], added: number): [number, number] {
  const next = sum + added;
  if (Math.abs(next) === Infinity) return [next, 0];
  return [next, Math.abs(sum) >= Math.abs(added) ? lost + (sum - next + added) : lost + (added - next + sum)];
}

function compensatedSum(values: readonly number[]): number {
  const [sum, lost] = values.slice(1).reduce<[number, number]>(kahanAdd, [values[0]!, 0]);
  return sum + lost;
}

/** Where the sum would overflow, the mean is kept up to date from there on. */
function mean(values: readonly number[]): number {
  let state: [number, number] = [values[0]!, 0];
  let isMean = false;
  for (let i = 1; i < values.length; i++) {
    const count = i + 1;
    const next = kahanAdd(state, values[i]!);
    if (!isMean && Math.abs(next[0]) !== Infinity) {
      state = next;
      continue;
    }
    if (!isMean) state = [state[0] / i, state[1] / i];
    isMean = true;
    const share = (count - 1) / count;
    state = kahanAdd([share * state[0], share * state[1]], values[i]! / count);
  }
  return isMean ? state[0] + state[1] : state[0] / values.length + state[1] / values.length;
}

function variance(values: readonly number[]): number {
  let average = values[0]!;
  let squares = Number.isFinite(average) ? 0 : NaN;
  values.slice(1).forEach((one, i) => {
    const distance = one - average;
    average += distance / (i + 2);
    squares += distance * (one - average);
  });
  return squares / values.length;
}
