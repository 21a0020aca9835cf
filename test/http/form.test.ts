import { describe, expect, test } from 'vitest';
import { parseForm } from '../../src/http/form.ts';

describe('reads', () => {
  const cases: readonly (readonly [text: string, values: Readonly<Record<string, readonly string[]>>])[] = [
    ['', {}],
    ['a=1&b=2', { a: ['1'], b: ['2'] }],
    ['a=1&a=2', { a: ['1', '2'] }],
    ['a&&b=', { a: [''], b: [''] }],
    ['a=b=c', { a: ['b=c'] }],
    ['a=1+1%2B1', { a: ['1 1+1'] }],
    ['match%5B%5D=m%7Ba%3D%22%C3%A9%22%7D', { 'match[]': ['m{a="é"}'] }],
    // A byte that is no UTF-8 survives, so that the parser can point at it.
    ['a=%ffx%C3%A9', { a: ['\udcffxé'] }],
  ];
  test.for(cases)('%s', ([text, expected]) => {
    const values = new Map<string, string[]>();
    expect(parseForm(text, values)).toBeUndefined();
    expect(Object.fromEntries(values)).toEqual(expected);
  });
});

describe('refuses', () => {
  const cases: readonly (readonly [text: string, reason: string])[] = [
    ['query=%zz', 'invalid URL escape "%zz"'],
    ['query=1&time=%', 'invalid URL escape "%"'],
    ['query=1%4', 'invalid URL escape "%4"'],
    ['%=1', 'invalid URL escape "%"'],
    ['query=1;time=5', 'invalid semicolon separator in query'],
  ];
  test.for(cases)('%s', ([text, reason]) => {
    expect(parseForm(text, new Map())).toBe(reason);
  });
});
