import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fusedMultiplyAdd } from '../../src/model/fused-multiply-add.ts';

// Whole numbers, so that whole-number arithmetic says what is right.
const whole = fc.tuple(fc.bigInt(-(2n ** 53n), 2n ** 53n), fc.integer({ min: 0, max: 60 }));

test('a product and a sum are rounded once', () => {
  fc.assert(
    fc.property(whole, whole, whole, ([a, aShift], [b, bShift], [c, cShift]) => {
      const [left, right, addend] = [a << BigInt(aShift), b << BigInt(bShift), c << BigInt(cShift)];
      // Number() of a whole number rounds to the nearest double, to the even one of two.
      expect(fusedMultiplyAdd(Number(left), Number(right), Number(addend))).toBe(Number(left * right + addend));
    }),
    { numRuns: 5000 },
  );
});

// The product lies in the middle between two doubles, or all but: the addend decides.
test.for([
  { a: 2 ** 27 + 1, b: 2 ** 27 + 1, c: -1, expected: 2 ** 54 + 2 ** 28 },
  { a: 2 ** 27 + 1, b: 2 ** 27 + 1, c: 1, expected: 2 ** 54 + 2 ** 28 },
  { a: 2 ** 27 + 1, b: 2 ** 27 + 1, c: 1 + 2 ** -52, expected: 2 ** 54 + 2 ** 28 + 4 },
  { a: 2 ** 27 + 1, b: 2 ** 27 + 1, c: 1 - 2 ** -53, expected: 2 ** 54 + 2 ** 28 },
  { a: -(2 ** 27) - 1, b: 2 ** 27 + 1, c: -1 - 2 ** -52, expected: -(2 ** 54) - 2 ** 28 - 4 },
  { a: 1 + 2 ** -30, b: 1 + 2 ** -23, c: 2 ** -80, expected: 1 + 2 ** -23 + 2 ** -30 + 2 ** -52 },
  { a: 1 + 2 ** -30, b: 1 + 2 ** -23, c: -(2 ** -80), expected: 1 + 2 ** -23 + 2 ** -30 },
  { a: 0.1, b: 10, c: -1, expected: 2 ** -54 },
])('$a * $b + $c is $expected', ({ a, b, c, expected }) => {
  expect(fusedMultiplyAdd(a, b, c)).toBe(expected);
});
