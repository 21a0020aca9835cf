import { expect, test } from 'vitest';
import { formatG } from '../../../src/promql/functions/annotate.ts';

test.for([
  [2, '2'],
  [-0.5, '-0.5'],
  [100_000, '100000'],
  [1e6, '1e+06'],
  [123_456_789, '1.23456789e+08'],
  [0.0001, '0.0001'],
  [-0.000_01, '-1e-05'],
  [1e22, '1e+22'],
  [5e-324, '5e-324'],
  [NaN, 'NaN'],
  [Infinity, '+Inf'],
  [-Infinity, '-Inf'],
] as const)("prints %d as Go's %%g does", ([value, text]) => {
  expect(formatG(value)).toBe(text);
});
