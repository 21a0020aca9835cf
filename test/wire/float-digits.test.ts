import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatFloat } from '../../src/model/go-float.ts';
import { roomFor, writeFloat } from '../../src/wire/float-digits.ts';

function written(value: number): string {
  const bytes = Buffer.alloc(roomFor(value));
  const end = writeFloat(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, value);
  expect(end).toBeLessThanOrEqual(bytes.length);
  return bytes.toString('latin1', 0, end);
}

/** A negative zero loses its sign in a sample. */
const expected = (value: number): string => (value === 0 ? '0' : formatFloat(value));

const values: readonly (readonly [value: number, text: string])[] = [
  [0, '0'],
  [-0, '0'],
  [-1, '-1'],
  [0.5, '0.5'],
  [0.1 + 0.2, '0.30000000000000004'],
  [0.0125, '0.0125'],
  [0.00001, '0.00001'],
  [123.4567, '123.4567'],
  [99_999.9999, '99999.9999'],
  [1 / 3, '0.3333333333333333'],
  [-2 / 3, '-0.6666666666666666'],
  [23.266666666666666, '23.266666666666666'],
  [99_999.99999999999, '99999.99999999999'],
  [9.999999999999998, '9.999999999999998'],
  [123_456_789_012_345, '123456789012345'],
  [2 ** 53 - 1, '9007199254740991'],
  [2 ** 53, '9007199254740992'],
  [4_503_599_627_370_495.5, '4503599627370495.5'],
  [1e-6, '0.000001'],
  [9.5367431640625e-7, '0.00000095367431640625'],
  [1e21, '1000000000000000000000'],
  [NaN, 'NaN'],
  [Infinity, '+Inf'],
  [-Infinity, '-Inf'],
];

test.for(values)('writes %d as %s', ([value, text]) => {
  expect(written(value)).toBe(text);
});

test('writes every double as its shortest text', () => {
  fc.assert(
    fc.property(fc.double(), (value) => {
      expect(written(value)).toBe(expected(value));
    }),
    { numRuns: 2000 },
  );
});

test('writes decimals of a few digits', () => {
  const decimal = fc.tuple(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), fc.integer({ min: 0, max: 12 }));
  fc.assert(
    fc.property(decimal, ([digits, places]) => {
      expect(written(digits / 10 ** places)).toBe(expected(digits / 10 ** places));
    }),
    { numRuns: 5000 },
  );
});

/** What averages and rates are: quotients, and their neighbours. */
test('writes quotients and what is next to them', () => {
  const bits = new DataView(new ArrayBuffer(8));
  const quotient = fc.tuple(fc.integer({ min: -(2 ** 31), max: 2 ** 31 }), fc.integer({ min: 1, max: 1_000_000 }));
  fc.assert(
    fc.property(quotient, fc.integer({ min: -3, max: 3 }), ([dividend, divisor], step) => {
      bits.setFloat64(0, dividend / divisor);
      bits.setInt32(4, bits.getInt32(4) + step);
      const value = bits.getFloat64(0);
      expect(written(value)).toBe(expected(value));
    }),
    { numRuns: 5000 },
  );
});
