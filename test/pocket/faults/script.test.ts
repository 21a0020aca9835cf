import { expect, test } from 'vitest';
import { parseFaultScript } from '../../../src/pocket/faults/script.ts';
import { failureOf } from '../../support/failure.ts';

const pass = { count: 1, delayMs: 0, isHandled: false };
const status = (code: number, retryAfterSeconds?: number, message?: string) =>
  ({ kind: 'status', status: code, retryAfterSeconds, message }) as const;

test('reads every kind of step', () => {
  const script =
    '429 retry-after=1 x2, 500, 400 "out, of \\"order\\"", delay 3s, delay 1m30s 503,\nhang, reset x3, stored reset, ok forever';
  expect(parseFaultScript(script)).toEqual([
    { ...pass, text: '429 retry-after=1', count: 2, outcome: status(429, 1) },
    { ...pass, text: '500', outcome: status(500) },
    { ...pass, text: '400 "out, of \\"order\\""', outcome: status(400, undefined, 'out, of "order"') },
    { ...pass, text: 'delay 3s', delayMs: 3000, outcome: { kind: 'ok' } },
    { ...pass, text: 'delay 1m30s 503', delayMs: 90_000, outcome: status(503) },
    { ...pass, text: 'hang', outcome: { kind: 'hang' } },
    { ...pass, text: 'reset', count: 3, outcome: { kind: 'reset' } },
    { ...pass, text: 'stored reset', isHandled: true, outcome: { kind: 'reset' } },
    { ...pass, text: 'ok', count: Infinity, outcome: { kind: 'ok' } },
  ]);
});

test.for([
  ['', 'the fault script has no steps'],
  [' , ,', 'the fault script has no steps'],
  [
    '42',
    'step 1 of the fault script (42): "42" is no status from 200 to 599, and none of ok, delay, hang, reset, stored',
  ],
  [
    'ok, 700',
    'step 2 of the fault script (700): "700" is no status from 200 to 599, and none of ok, delay, hang, reset, stored',
  ],
  ['500 x0', 'step 1 of the fault script (500 x0): how often is a number from 1 to 1000000000'],
  ['500 twice', 'step 1 of the fault script (500 twice): what is "twice"?'],
  ['ok retry-after=1', 'step 1 of the fault script (ok retry-after=1): what is "retry-after=1"?'],
  ['429 retry-after=soon', 'step 1 of the fault script (429 retry-after=soon): retry-after is a number of seconds'],
  ['delay', 'step 1 of the fault script (delay): empty duration string'],
  ['delay 2d', 'step 1 of the fault script (delay 2d): a delay is at most 24h'],
  ['stored ok', 'step 1 of the fault script (stored ok): "stored" goes before a status, hang or reset'],
  ['500 forever, ok', 'step 2 of the fault script (ok): the step before it is forever'],
  ['400 "open', 'step 1 of the fault script ("open): the quotes are not closed'],
] as const)('refuses %j', ([script, message]) => {
  expect(failureOf(() => parseFaultScript(script))).toEqual({ code: 'bad-data', message });
});
