import { describe, expect, test } from 'vitest';
import { parseBound, parseInteger, parseStep, parseTime } from '../../src/http/go-values.ts';

describe('times', () => {
  const cases: readonly (readonly [text: string, ms: number])[] = [
    ['0', 0],
    ['1700000000', 1_700_000_000_000],
    ['1700000000.5', 1_700_000_000_500],
    ['1700000000.123987', 1_700_000_000_124],
    ['-5', -5000],
    ['-0.5', -500],
    ['1.7e9', 1_700_000_000_000],
    ['2023-11-14T22:13:20Z', 1_700_000_000_000],
    ['2023-11-14T22:13:20.5Z', 1_700_000_000_500],
    ['2023-11-14T23:13:20.123456789+01:00', 1_700_000_000_123],
    ['2024-02-29T00:00:00-00:30', 1_709_166_600_000],
    // Beyond what nanoseconds in 64 bits hold, Go wraps around.
    ['1e300', 0],
    ['Inf', -9_223_372_036_854],
    ['10000000000', -8_446_744_073_709],
  ];
  test.for(cases)('reads %s as %d ms', ([text, ms]) => {
    expect(parseTime(text)).toEqual({ ok: true, ms });
  });

  const bounds: readonly (readonly [text: string, ms: number])[] = [
    ['1700000000.5', 1_700_000_000_500],
    ['2023-11-14T22:13:20.5Z', 1_700_000_000_500],
    // What people write for "ever".
    ['9999999999', 9_999_999_999_000],
    ['99999999999999', 99_999_999_999_999_000],
    ['1e300', 0],
  ];
  test.for(bounds)('reads %s as the bound %d ms', ([text, ms]) => {
    expect(parseBound(text)).toEqual({ ok: true, ms });
  });

  const broken = [
    '',
    'x',
    'yesterday',
    '1h',
    '2023-02-29T00:00:00Z',
    '2023-11-14',
    '2023-11-14T24:00:00Z',
    '-292273086-05-16T16:47:06Z',
  ];
  test.for(broken)('refuses %j', (text) => {
    expect(parseTime(text)).toEqual({ ok: false, reason: `cannot parse ${JSON.stringify(text)} to a valid timestamp` });
  });
});

describe('steps', () => {
  const cases: readonly (readonly [text: string, ms: number])[] = [
    ['15', 15_000],
    ['0.5', 500],
    ['0.0001', 0],
    ['1m30s', 90_000],
    ['20000ms', 20_000],
    ['-1', -1000],
    ['NaN', 0],
  ];
  test.for(cases)('reads %s as %d ms', ([text, ms]) => {
    expect(parseStep(text)).toEqual({ ok: true, ms });
  });

  test.for(['', 'abc', '0.5m', '-15s'])('refuses %j', (text) => {
    expect(parseStep(text)).toEqual({ ok: false, reason: `cannot parse "${text}" to a valid duration` });
  });

  test.for(['1e100', '+Inf'])('refuses %s, which overflows', (text) => {
    expect(parseStep(text)).toEqual({
      ok: false,
      reason: `cannot parse "${text}" to a valid duration. It overflows int64`,
    });
  });
});

describe('integers', () => {
  test.for([
    ['0', 0],
    ['+7', 7],
    ['-12', -12],
  ] as const)('reads %s', ([text, value]) => {
    expect(parseInteger(text)).toEqual({ ok: true, value });
  });

  test.for([
    ['x', 'strconv.Atoi: parsing "x": invalid syntax'],
    ['1.5', 'strconv.Atoi: parsing "1.5": invalid syntax'],
    ['99999999999999999999', 'strconv.Atoi: parsing "99999999999999999999": value out of range'],
  ] as const)('refuses %s', ([text, reason]) => {
    expect(parseInteger(text)).toEqual({ ok: false, reason });
  });
});
