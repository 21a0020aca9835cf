import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDecimal } from '../../../src/wire/text/decimal.ts';

function parse(text: string): number | undefined {
  const bytes = Buffer.from(` ${text} `);
  return parseDecimal(bytes, 1, bytes.length - 1);
}

test.for([
  ['1', 1],
  ['-0', -0],
  ['+.5', 0.5],
  ['5.', 5],
  ['1e-7', 1e-7],
  ['999999999999999.5', 999999999999999.5],
  ['0.1234567890123456789', Number('0.1234567890123456789')],
  ['+Inf', Infinity],
  ['-infinity', -Infinity],
  ['NaN', NaN],
  ['', undefined],
  ['-', undefined],
  ['.', undefined],
  ['1.2.3', undefined],
  ['1_000', undefined],
  ['0x1p3', undefined],
  ['1e999', undefined],
  ['1 ', undefined],
  ['1'.repeat(401), undefined],
] as const)('reads %j as %d', ([text, expected]) => {
  expect(parse(text)).toEqual(expected);
});

test('rounds as JavaScript does', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(parse(`${value}`)).toBe(Number(`${value}`));
    }),
    { numRuns: 20_000 },
  );
  fc.assert(
    fc.property(fc.nat({ max: 999_999_999_999_999 }), fc.integer({ min: 0, max: 15 }), (digits, point) => {
      const text = `${digits}`.padStart(point + 1, '0');
      const number = `${text.slice(0, text.length - point)}.${text.slice(text.length - point)}`;
      expect(parse(number)).toBe(Number(number));
    }),
    { numRuns: 20_000 },
  );
});
