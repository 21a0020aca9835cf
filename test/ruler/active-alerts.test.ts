import { expect, test } from 'vitest';
import { Labels } from '../../src/model/labels.ts';
import { ActiveAlerts, type Alert, type AlertTimes } from '../../src/ruler/active-alerts.ts';

const MINUTE_MS = 60_000;
const labels = Labels.fromRecord({ alertname: 'A' });
const found = [{ labels, annotations: {}, value: 1 }];

/** Evaluates once a minute: `x` finds the alert, `.` does not. One letter each: pending, firing, and `-` for neither. */
function statesOver(findings: string, times: AlertTimes): string {
  const alerts = new ActiveAlerts(times);
  return [...findings]
    .map((finding, minute) => {
      const [alert] = alerts.update(finding === 'x' ? found : [], minute * MINUTE_MS);
      return alert === undefined ? '-' : alert.state[0];
    })
    .join('');
}

const cases: [note: string, forMinutes: number, keepMinutes: number, findings: string, states: string][] = [
  ['fires at once without `for`', 0, 0, '.xx..', '-ff--'],
  ['fires when it was found for as long as `for`', 2, 0, 'xxxx.x', 'ppff-p'],
  ['begins anew when it was not found once', 2, 0, 'xx.xxx', 'pp-ppf'],
  ['goes on firing for `keep_firing_for`', 0, 3, 'x....', 'ffff-'],
  ['counts `keep_firing_for` from the last time it was not found', 0, 2, 'x.x...', 'fffff-'],
  ['keeps nothing that was pending', 2, 5, 'xx..', 'pp--'],
  ['waits for `for` again after it was resolved', 1, 0, 'xx.xx', 'pf-pf'],
];
test.for(cases)('%s', ([, forMinutes, keepMinutes, findings, states]) => {
  const times = { forMs: forMinutes * MINUTE_MS, keepFiringForMs: keepMinutes * MINUTE_MS };
  expect(statesOver(findings, times)).toBe(states);
});

/** What is to be sent at each minute, `x` and `.` as above: the state and when it was resolved. */
function sentOver(findings: string, times: AlertTimes, resendMinutes: number): string[] {
  const alerts = new ActiveAlerts(times);
  const sent: string[] = [];
  [...findings].forEach((finding, minute) => {
    alerts.update(finding === 'x' ? found : [], minute * MINUTE_MS);
    for (const { state, resolvedAtMs } of alerts.takeUnsent(minute * MINUTE_MS, resendMinutes * MINUTE_MS)) {
      sent.push(`${minute} ${state}${resolvedAtMs === undefined ? '' : ` since ${resolvedAtMs / MINUTE_MS}`}`);
    }
  });
  return sent;
}

test('a firing alert is told again when more than the resend delay has passed', () => {
  const times = { forMs: MINUTE_MS, keepFiringForMs: 0 };
  expect(sentOver('xxxxxxx', times, 2)).toEqual(['1 firing', '4 firing']);
});

test('a resolved alert is told at once, and again for a quarter of an hour', () => {
  const times = { forMs: 0, keepFiringForMs: 0 };
  expect(sentOver(`x${'.'.repeat(30)}`, times, 4)).toEqual([
    '0 firing',
    '1 inactive since 1',
    '6 inactive since 1',
    '11 inactive since 1',
    '16 inactive since 1',
  ]);
});

test('an alert that was never firing is never told', () => {
  expect(sentOver('xx...', { forMs: 5 * MINUTE_MS, keepFiringForMs: 0 }, 1)).toEqual([]);
});

test('value and annotations are those of the last evaluation that found it', () => {
  const alerts = new ActiveAlerts({ forMs: 0, keepFiringForMs: MINUTE_MS });
  alerts.update([{ labels, annotations: { summary: 'one' }, value: 1 }], 0);
  alerts.update([{ labels, annotations: { summary: 'two' }, value: 2 }], MINUTE_MS);
  alerts.update([], 1.5 * MINUTE_MS);
  const expected: Alert = {
    labels,
    annotations: { summary: 'two' },
    value: 2,
    state: 'firing',
    activeAtMs: 0,
    firedAtMs: 0,
    resolvedAtMs: undefined,
    keepFiringSinceMs: 1.5 * MINUTE_MS,
  };
  expect(alerts.active()).toEqual([expected]);
});
