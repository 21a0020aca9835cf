import { expect, test } from 'vitest';
import { createStepColumn, SampleColumns, writeValueBits } from '../../src/model/columns.ts';

test('grows, and keeps what stands there', () => {
  const columns = new SampleColumns(1);
  for (let i = 0; i < 100; i++) columns.push(i, i / 2);
  columns.append(Float64Array.of(7, 100, 101), Float64Array.of(0, 1, 2), 1, 3);
  expect(columns.count).toBe(102);
  expect([...columns.timestampsMs.subarray(98, 102)]).toEqual([98, 99, 100, 101]);
  expect([...columns.values.subarray(98, 102)]).toEqual([49, 49.5, 1, 2]);
});

test('tells staleness markers from other NaNs, also after growing and copying', () => {
  const columns = new SampleColumns(1);
  columns.push(1, Number.NaN);
  columns.pushStaleMarker(2);
  columns.push(3, 1);
  const copy = new SampleColumns(0);
  copy.append(columns.timestampsMs, columns.values, 0, 3);
  const over = SampleColumns.over(copy.timestampsMs.slice(0, 3), copy.values.slice(0, 3));
  for (const each of [columns, copy, over]) {
    expect([each.isStale(0), each.isStale(1), each.isStale(2)]).toEqual([false, true, false]);
  }
});

test('writes a value by its bits', () => {
  const values = new Float64Array(2);
  writeValueBits(new Uint32Array(values.buffer), 1, 0x3ff80000, 0);
  expect([...values]).toEqual([0, 1.5]);
});

test('forgets its samples and keeps its room', () => {
  const columns = new SampleColumns(4);
  columns.push(1, 1);
  columns.clear();
  expect([columns.count, columns.values.length]).toEqual([0, 4]);
});

test('starts a step column with every step absent', () => {
  expect([...createStepColumn(3).present]).toEqual([0, 0, 0]);
});
