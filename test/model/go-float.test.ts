import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatFloat, formatFloatCompact, formatFloatFixed, parseGoFloat } from '../../src/model/go-float.ts';

const fixed: readonly [value: number, text: string][] = [
  [0, '0'],
  [-0, '-0'],
  [1, '1'],
  [-1.5, '-1.5'],
  [0.1 + 0.2, '0.30000000000000004'],
  [1e6, '1000000'],
  [1e20, '100000000000000000000'],
  [1e21, '1000000000000000000000'],
  [1.5e21, '1500000000000000000000'],
  [-1.25e25, '-12500000000000000000000000'],
  [673_822_534_999_377e12, '673822534999377000000000000'],
  [1e-6, '0.000001'],
  [1e-7, '0.0000001'],
  [-1.25e-9, '-0.00000000125'],
  [Number.MAX_VALUE, `17976931348623157${'0'.repeat(292)}`],
  [Number.MIN_VALUE, `0.${'0'.repeat(323)}5`],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
];

test.for(fixed)('prints %d without an exponent as %s', ([value, text]) => {
  expect(formatFloat(value)).toBe(text);
});

test.for<[value: number, text: string]>([
  [0, '0.000000'],
  [-0, '-0.000000'],
  [-1e-9, '-0.000000'],
  [2.5, '2.500000'],
  [2.0000005, '2.000001'],
  [1e21, '1000000000000000000000.000000'],
  [-(2 ** 77), '-151115727451828646838272.000000'],
  [Number.NaN, 'NaN'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
])('prints %d with six digits behind the point as %s', ([value, text]) => {
  expect(formatFloatFixed(value)).toBe(text);
});

const compact: readonly [value: number, text: string][] = [
  [0, '0'],
  [2, '2'],
  [0.5, '0.5'],
  [123_456, '123456'],
  [1e5, '100000'],
  // Go decides by six digits, however many the number has.
  [1e6, '1e+06'],
  [1_234_567, '1.234567e+06'],
  [55_631_016, '5.5631016e+07'],
  [-2.5e21, '-2.5e+21'],
  [1e100, '1e+100'],
  [0.0001, '0.0001'],
  [0.00001, '1e-05'],
  [1.5e-10, '1.5e-10'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
];

test.for(compact)('prints %d in the compact form as %s', ([value, text]) => {
  expect(formatFloatCompact(value)).toBe(text);
});

test('prints digits that read back as the same number, in either form', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (value) => {
      expect(parseGoFloat(formatFloat(value))).toBe(value);
      expect(parseGoFloat(formatFloatCompact(value))).toBe(value);
      expect(formatFloat(value)).not.toContain('e');
    }),
  );
});

const numbers: readonly [text: string, value: number | undefined][] = [
  ['1', 1],
  ['-1.5', -1.5],
  ['+2', 2],
  ['.5', 0.5],
  ['5.', 5],
  ['1e3', 1000],
  ['1E-3', 0.001],
  ['0x10p0', 16],
  ['0x1.8p1', 3],
  ['-0X1P-2', -0.25],
  ['inf', Number.POSITIVE_INFINITY],
  ['+Inf', Number.POSITIVE_INFINITY],
  ['-infinity', Number.NEGATIVE_INFINITY],
  ['nan', Number.NaN],
  ['NaN', Number.NaN],
  ['1e-999', 0],
  ['', undefined],
  ['.', undefined],
  ['-', undefined],
  ['e5', undefined],
  ['1e', undefined],
  ['1_000', undefined],
  ['0x10', undefined],
  ['0xp1', undefined],
  [' 1', undefined],
  ['1s', undefined],
  ['-NaN', undefined],
  ['infi', undefined],
  // Out of range is an error in Go, not infinity.
  ['1e999', undefined],
  ['-1e400', undefined],
  ['0x1p9999', undefined],
];

test.for(numbers)('reads %j as %s', ([text, value]) => {
  expect(parseGoFloat(text)).toBe(value);
});
