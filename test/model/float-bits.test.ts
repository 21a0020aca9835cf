import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exponentOf, mantissaOf, powerOfTwo, scaleByPowerOfTwo } from '../../src/model/float-bits.ts';

const normal = fc.double({ min: 2 ** -1022, noDefaultInfinity: true, noNaN: true });

test('a positive normal number is its mantissa times two to its exponent', () => {
  fc.assert(
    fc.property(normal, (value) => {
      const mantissa = mantissaOf(value);
      expect(mantissa >= 0.5 && mantissa < 1).toBe(true);
      // In two steps: the exponent of the largest numbers is that of no double.
      expect(mantissa * 2 * 2 ** (exponentOf(value) - 1)).toBe(value);
    }),
  );
});

test.for([-1022, -1021, -1, 0, 1, 52, 1023])('two to the power of %i is exact', (exponent) => {
  expect(powerOfTwo(exponent)).toBe(2 ** exponent);
});

test.for([
  { value: 1, exponent: 1024, expected: Infinity },
  { value: 1.5, exponent: 1023, expected: 1.5 * 2 ** 1023 },
  { value: 2 ** -100, exponent: 1100, expected: 2 ** 1000 },
  { value: 2 ** 1000, exponent: -2074, expected: 2 ** -1074 },
  { value: 1, exponent: -1075, expected: 0 },
  { value: 1 + 2 ** -52, exponent: -1075, expected: 2 ** -1074 },
  { value: 1.75, exponent: -1074, expected: 2 ** -1073 },
  // Digits that are dropped in two steps would round to an even number twice: 3 * 2^-1074.
  { value: 2.5 - 2 ** -50, exponent: -1074, expected: 2 ** -1073 },
  { value: 2.5 + 2 ** -50, exponent: -1074, expected: 3 * 2 ** -1074 },
  { value: 1, exponent: -100_000, expected: 0 },
  { value: 1, exponent: 100_000, expected: Infinity },
])('$value times two to the power of $exponent is $expected, rounded once', ({ value, exponent, expected }) => {
  expect(scaleByPowerOfTwo(value, exponent)).toBe(expected);
});
