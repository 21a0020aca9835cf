import { expect, test } from 'vitest';
import type { DurationExpr } from '../../grammar/ast.ts';
import { ALL_FEATURES, parseExpr, resolveDuration } from '../../grammar/promql.ts';
import { PocketCortexError } from '../../src/model/errors.ts';

const context = { stepMs: 30_000, rangeMs: 3_600_000 };

test.for([
  ['5m', 300_000],
  ['0.57', 570],
  ['5m * 2', 600_000],
  ['2m * (10 + 5)', 1_800_000],
  ['-5m + 35m', 1_800_000],
  ['1h30m % 1h', 1_800_000],
  ['2 ^ 3 ^ 1', 8_000],
  ['1h / 7', 514_285],
  ['step() * 2', 60_000],
  ['range() / 2', 1_800_000],
  ['max_of(step(), 20)', 30_000],
  ['min_of(step(), 20)', 20_000],
] as const)('a range of %s is %d ms', ([text, expectedMs]) => {
  expect(resolveDuration(rangeOf(text), context, { mayBeNegative: false })).toBe(expectedMs);
});

test.for([
  ['(1m - 2m)', -60_000],
  ['-(1m * 2)', -120_000],
  ['-step()', -30_000],
  ['(1m - 60)', 0],
] as const)('an offset of %s is %d ms', ([text, expectedMs]) => {
  const expr = parseExpr(`up offset ${text}`, ALL_FEATURES);
  const offset = expr.kind === 'vector-selector' ? expr.offset : undefined;
  expect(resolveDuration(offset!, context, { mayBeNegative: true })).toBe(expectedMs);
});

test.for([
  ['1m - 2m', '3:10: duration must be greater than 0'],
  ['5m / (1 - 1)', '3:15: division by zero'],
  ['5m % (1 - 1)', '3:15: modulo by zero'],
  ['(-1) ^ 0.5', '3:13: duration is NaN or infinite'],
  ['10 ^ 400', '3:11: duration is NaN or infinite'],
  ['10 ^ 11', '3:10: duration is out of range'],
] as const)('refuses a range of %s: %s', ([text, message]) => {
  const resolve = () => resolveDuration(rangeOf(text), context, { mayBeNegative: false });
  expect(resolve).toThrow(new PocketCortexError('bad-data', message));
});

function rangeOf(text: string): DurationExpr {
  const expr = parseExpr(`up[${text}]`, ALL_FEATURES);
  if (expr.kind !== 'matrix-selector') throw new Error(`no range vector: ${text}`);
  return expr.range;
}
