import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDuration, formatGoDuration, parseDuration } from '../../src/model/duration.ts';

const DAY_MS = 86_400_000;

const durations: readonly [text: string, ms: number][] = [
  ['0', 0],
  ['0s', 0],
  ['100ms', 100],
  ['90s', 90_000],
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['1d', DAY_MS],
  ['2w', 14 * DAY_MS],
  ['1y', 365 * DAY_MS],
  ['1y2w3d4h5m6s7ms', (365 + 14 + 3) * DAY_MS + 4 * 3_600_000 + 5 * 60_000 + 6007],
  ['292y', 292 * 365 * DAY_MS],
];

test.for(durations)('reads %s as %d ms', ([text, ms]) => {
  expect(parseDuration(text)).toEqual({ ok: true, ms });
});

const refusals: readonly [text: string, reason: string][] = [
  ['', 'empty duration string'],
  ['1', 'not a valid duration string: "1"'],
  ['m', 'not a valid duration string: "m"'],
  ['-5m', 'not a valid duration string: "-5m"'],
  ['1.5h', 'unknown unit "." in duration "1.5h"'],
  ['5x', 'unknown unit "x" in duration "5x"'],
  ['5 m', 'unknown unit " m" in duration "5 m"'],
  ['1m1h', 'not a valid duration string: "1m1h"'],
  ['1m1m', 'not a valid duration string: "1m1m"'],
  ['5µs', 'unknown unit "µs" in duration "5µs"'],
  ['5\u0000', 'unknown unit "\\x00" in duration "5\\x00"'],
  ['293y', 'duration out of range'],
  ['292y365d', 'duration out of range'],
  ['99999999999999999999s', 'not a valid duration string: "99999999999999999999s"'],
];

test.for(refusals)('refuses %j', ([text, reason]) => {
  expect(parseDuration(text)).toEqual({ ok: false, reason });
});

const printed: readonly [ms: number, prometheus: string, go: string][] = [
  [0, '0s', '0s'],
  [1, '1ms', '1ms'],
  [1500, '1s500ms', '1.5s'],
  [60_000, '1m', '1m0s'],
  [90_000, '1m30s', '1m30s'],
  [3_600_000, '1h', '1h0m0s'],
  [5_400_000, '1h30m', '1h30m0s'],
  [DAY_MS, '1d', '24h0m0s'],
  [7 * DAY_MS, '1w', '168h0m0s'],
  // Weeks and years only where nothing is left over.
  [8 * DAY_MS, '8d', '192h0m0s'],
  [365 * DAY_MS, '1y', '8760h0m0s'],
  [-5000, '-5s', '-5s'],
  [-90_500, '-1m30s500ms', '-1m30.5s'],
];

test.for(printed)('prints %d ms as %s, and as Go does as %s', ([ms, prometheus, go]) => {
  expect([formatDuration(ms), formatGoDuration(ms)]).toEqual([prometheus, go]);
});

test('reads what it prints', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 43 }), (ms) => {
      expect(parseDuration(formatDuration(ms))).toEqual({ ok: true, ms });
    }),
  );
});
