import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeAlertmanager } from '../../support/fake-alertmanager.ts';
import { createTestApp, type TestApp } from '../../support/test-app.ts';

const MINUTE_MS = 60_000;
/** A minute's repetition is due once more than this has passed. */
const RESEND_DELAY_MS = MINUTE_MS - 1;

let alertmanager: FakeAlertmanager;
let app: TestApp;

beforeEach(async () => {
  alertmanager = await FakeAlertmanager.start();
  app = await createTestApp({
    server: {
      rulerAlertmanagerUrl: alertmanager.url,
      rulerExternalUrl: 'http://here',
      rulerResendDelayMs: RESEND_DELAY_MS,
    },
  });
  const group = 'name: g\ninterval: 15s\nrules: [{alert: Down, expr: up == 0, for: 30s}]\n';
  for (const tenant of ['a', 'b']) {
    expect((await app.send('POST', '/api/v1/rules/ns', group, { 'x-scope-orgid': tenant })).status).toBe(202);
  }
  await app.clock.advance(MINUTE_MS);
});
afterEach(async () => {
  await app.close();
  await alertmanager.stop();
});

async function pushUp(tenant: string, value: number): Promise<void> {
  const series = [{ labels: [['__name__', 'up']] as const, samples: [[app.clock.nowMs(), value]] as const }];
  expect((await app.push({ series }, { 'x-scope-orgid': tenant })).status).toBe(200);
}

/** Of every notice to a tenant's name: when the alert began, and when it ends or will be taken for ended. */
function noticesOf(tenant: string): { startsMs: number; endsMs: number }[] {
  return alertmanager.requests
    .filter(({ headers }) => headers['x-scope-orgid'] === tenant)
    .flatMap(({ body }) => JSON.parse(body) as { startsAt: string; endsAt: string }[])
    .map(({ startsAt, endsAt }) => ({ startsMs: Date.parse(startsAt), endsMs: Date.parse(endsAt) }));
}

test('time that is moved by hand waits for notices: of the start, every minute while it fires, and of the end', async () => {
  await pushUp('a', 0);
  const pushedMs = app.clock.nowMs();
  await app.clock.advance(3 * MINUTE_MS);
  const [first] = noticesOf('a');
  const { startsMs } = first!;
  // Seen at the next slot, and firing after 30 s.
  expect([startsMs > pushedMs + 30_000, startsMs <= pushedMs + 45_000]).toEqual([true, true]);
  const endsMs = startsMs + 4 * RESEND_DELAY_MS;
  const firing = [0, 1, 2].map((minute) => ({ startsMs, endsMs: endsMs + minute * MINUTE_MS }));
  expect(noticesOf('a')).toEqual(firing);

  await pushUp('a', 1);
  await app.clock.advance(MINUTE_MS / 2);
  const [, , , last, ...others] = noticesOf('a');
  expect([noticesOf('a').slice(0, 3), others]).toEqual([firing, []]);
  expect([last!.startsMs, last!.endsMs > pushedMs + 3 * MINUTE_MS, last!.endsMs <= app.clock.nowMs()]).toEqual([
    startsMs,
    true,
    true,
  ]);
  expect(noticesOf('b')).toEqual([]);
});

test('an Alertmanager that is away for a while is told when it is back', async () => {
  alertmanager.behaviours.push(503, 'hang', 500);
  await pushUp('a', 0);
  await app.clock.advance(4 * MINUTE_MS);
  expect(alertmanager.requests).toHaveLength(4);
  expect(new Set(noticesOf('a').map(({ startsMs }) => startsMs)).size).toBe(1);
  const { text } = await app.get('/metrics');
  expect(text).toContain('cortex_prometheus_notifications_dropped_total{user="a"} 3');
  expect(text).toContain('cortex_prometheus_notifications_queue_length{user="a"} 0');
});
