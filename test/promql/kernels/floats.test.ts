import { expect, test } from 'vitest';
import { createStepColumn } from '../../../src/model/columns.ts';
import { clampFloats, goMax, goMin, roundFloats } from '../../../src/promql/kernels/floats.ts';
import { valuesOf } from './windows.ts';

test('an infinity wins over NaN where it must win anyway', () => {
  expect([goMax(NaN, Infinity), goMin(-Infinity, NaN), goMax(NaN, -Infinity), goMin(NaN, 1)]).toEqual([
    Infinity,
    -Infinity,
    NaN,
    NaN,
  ]);
});

test('leaves nothing where the bounds of clamp are crossed, step by step', () => {
  const clamped = valuesOf(4, (out) => {
    out.values.set([5, -5, 0, NaN]);
    clampFloats(out, Float64Array.of(-1, -1, 2, -1), Float64Array.of(1, 1, 1, 1));
  });
  expect(clamped).toEqual([1, -1, undefined, NaN]);
});

test('rounds halves up, also negative ones, and to any step', () => {
  const rounded = valuesOf(5, (out) => {
    out.values.set([0.5, -0.5, -1.5, 2.26, 7]);
    roundFloats(out, Float64Array.of(1, 1, 1, 0.1, 5));
  });
  expect(rounded).toEqual([1, 0, -1, 2.3, 5]);
});

test('knows no values but floats', () => {
  const column = createStepColumn(1);
  roundFloats(column, undefined);
  expect(column.present[0]).toBe(0);
});
