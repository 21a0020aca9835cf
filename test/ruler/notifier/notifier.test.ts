import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { ManualClock } from '../../../src/model/clock.ts';
import type { TenantId } from '../../../src/model/tenant.ts';
import type { NotifiedAlert } from '../../../src/ruler/alert-sink.ts';
import { Notifier } from '../../../src/ruler/notifier/notifier.ts';
import type { NotifierSettings } from '../../../src/ruler/notifier/notifier-settings.ts';
import { FakeAlertmanager } from '../../support/fake-alertmanager.ts';
import { freePort } from '../../support/free-port.ts';
import { noLogger, notifierSettings } from '../../support/notifier.ts';

const TENANT = 'team-a' as TenantId;
const OTHER = 'team-b' as TenantId;

let alertmanager: FakeAlertmanager;
let clock: ManualClock;
let metrics: Registry;
let logged: unknown[];

beforeEach(async () => {
  alertmanager = await FakeAlertmanager.start();
  clock = new ManualClock(1_000_000);
  metrics = new Registry();
  logged = [];
});
afterEach(() => alertmanager.stop());

function start(settings: Partial<NotifierSettings> = {}): Notifier {
  const log = (fields: object, message: string) => logged.push([message, fields]);
  const notifier = new Notifier({
    settings: notifierSettings({ alertmanagerUrls: alertmanager.url, ...settings }),
    clock,
    logger: { warn: log, error: log },
    metrics,
  });
  onTestFinished(() => notifier.stop());
  return notifier;
}

function alertsNamed(...names: readonly (string | number)[]): NotifiedAlert[] {
  return names.map((name) => ({
    labels: { alertname: `${name}` },
    annotations: {},
    startsAtMs: 1_000_000,
    endsAtMs: 0,
    generatorUrl: '',
  }));
}

/** The names of the alerts of each request. */
function namesTaken(from: FakeAlertmanager = alertmanager): string[][] {
  return from.requests.map(({ body }) =>
    (JSON.parse(body) as NotifiedAlert[]).map(({ labels }) => labels['alertname']!),
  );
}

async function values(name: string): Promise<unknown> {
  const { values = [] } = ((await metrics.getSingleMetric(`cortex_prometheus_notifications_${name}`)!.get()) ?? {}) as {
    values: readonly { labels: unknown; value: number }[];
  };
  return values.map(({ labels, value }) => [labels, value]);
}

test('posts to the v2 API in the name of the tenant', async () => {
  const notifier = start({ alertmanagerUrls: `${alertmanager.url}/am`, username: 'u', password: 'p' });
  notifier.send(TENANT, alertsNamed('Down'));
  await clock.advance(0);
  expect(alertmanager.requests).toMatchObject([
    {
      method: 'POST',
      path: '/am/api/v2/alerts',
      headers: { 'content-type': 'application/json', 'x-scope-orgid': TENANT, authorization: 'Basic dTpw' },
    },
  ]);
  expect(alertmanager.alerts).toEqual([
    {
      labels: { alertname: 'Down' },
      annotations: {},
      startsAt: '1970-01-01T00:16:40.000Z',
      endsAt: '0001-01-01T00:00:00.000Z',
    },
  ]);
});

test('without an Alertmanager it does nothing', async () => {
  const notifier = start({ alertmanagerUrls: '' });
  notifier.send(TENANT, alertsNamed('Down'));
  await clock.advance(60_000);
  expect([alertmanager.requests, logged]).toEqual([[], []]);
});

test('sends what came together in one request, and at most 256 alerts in one', async () => {
  const notifier = start();
  const numbers = Array.from({ length: 600 }, (_, index) => index);
  notifier.send(TENANT, alertsNamed(...numbers.slice(0, 10)));
  notifier.send(TENANT, alertsNamed(...numbers.slice(10)));
  await clock.advance(0);
  const names = numbers.map(String);
  expect(namesTaken()).toEqual([names.slice(0, 256), names.slice(256, 512), names.slice(512)]);
});

test('a full queue drops the oldest, and counts them', async () => {
  const notifier = start({ queueCapacity: 3 });
  notifier.send(TENANT, alertsNamed(1, 2));
  notifier.send(TENANT, alertsNamed(3, 4));
  notifier.send(OTHER, alertsNamed(1, 2, 3, 4, 5));
  expect(await values('queue_length')).toEqual([
    [{ user: TENANT }, 3],
    [{ user: OTHER }, 3],
  ]);
  await clock.advance(0);
  expect(namesTaken()).toEqual([
    ['2', '3', '4'],
    ['3', '4', '5'],
  ]);
  expect(await values('dropped_total')).toEqual([
    [{ user: TENANT }, 1],
    [{ user: OTHER }, 2],
  ]);
  expect(await values('queue_length')).toEqual([
    [{ user: TENANT }, 0],
    [{ user: OTHER }, 0],
  ]);
  expect(await values('queue_capacity')).toEqual([
    [{ user: TENANT }, 3],
    [{ user: OTHER }, 3],
  ]);
});

test('what an Alertmanager refuses is lost, logged and counted; the next goes out', async () => {
  alertmanager.behaviours.push(500);
  const notifier = start();
  notifier.send(TENANT, alertsNamed(1, 2));
  await clock.advance(0);
  notifier.send(TENANT, alertsNamed(3));
  await clock.advance(0);
  expect(namesTaken()).toEqual([['1', '2'], ['3']]);
  const url = `${alertmanager.url}/api/v2/alerts`;
  const labels = { user: TENANT, alertmanager: url };
  expect(await values('errors_total')).toEqual([[labels, 2]]);
  expect(await values('sent_total')).toEqual([[labels, 3]]);
  expect(await values('dropped_total')).toEqual([[{ user: TENANT }, 2]]);
  const err = 'bad response status 500 Internal Server Error: the fake says no';
  expect(logged).toEqual([['sending alerts failed', { tenant: TENANT, alertmanager: url, alertCount: 2, err }]]);
});

test('gives up a silent Alertmanager after the timeout; meanwhile another tenant is served', async () => {
  alertmanager.behaviours.push('hang');
  const notifier = start({ timeoutMs: 5000 });
  notifier.send(TENANT, alertsNamed(1));
  await clock.advance(0);
  await alertmanager.arrived(1);
  notifier.send(TENANT, alertsNamed(2));
  notifier.send(OTHER, alertsNamed('other'));
  await clock.advance(4999);
  expect(namesTaken()).toEqual([['1'], ['other']]);
  await clock.advance(1);
  await alertmanager.arrived(3);
  expect(namesTaken()).toEqual([['1'], ['other'], ['2']]);
  expect(logged).toMatchObject([['sending alerts failed', { tenant: TENANT, err: 'no answer within 5000 ms' }]]);
  expect(await values('dropped_total')).toEqual([
    [{ user: TENANT }, 1],
    [{ user: OTHER }, 0],
  ]);
});

test('tells every Alertmanager, and one that is away takes nothing from the others', async () => {
  const second = await FakeAlertmanager.start();
  onTestFinished(() => second.stop());
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const notifier = start({ alertmanagerUrls: [alertmanager.url, nobody, second.url].join(',') });
  notifier.send(TENANT, alertsNamed(1));
  await clock.advance(0);
  expect([namesTaken(), namesTaken(second)]).toEqual([[['1']], [['1']]]);
  expect(logged).toMatchObject([['sending alerts failed', { err: expect.stringContaining('ECONNREFUSED') }]]);
  // Each URL is a group of Alertmanagers of its own in Cortex: one of them has not been told.
  expect(await values('dropped_total')).toEqual([[{ user: TENANT }, 1]]);
  expect(await values('alertmanagers_discovered')).toEqual([[{ user: TENANT }, 3]]);
});

test('sends to what SRV records name', async () => {
  const [name, port] = alertmanager.host.split(':');
  const notifier = new Notifier({
    settings: notifierSettings({ alertmanagerUrls: 'http://_http._tcp.am/x', isDiscovered: true }),
    clock,
    logger: noLogger,
    metrics,
    resolveSrv: async () => [{ name: name!, port: Number(port) }],
  });
  onTestFinished(() => notifier.stop());
  notifier.send(TENANT, alertsNamed(1));
  await clock.advance(0);
  expect(alertmanager.requests.map(({ path }) => path)).toEqual(['/x/api/v2/alerts']);
  expect(await values('sent_total')).toEqual([
    [{ user: TENANT, alertmanager: `${alertmanager.url}/x/api/v2/alerts` }, 1],
  ]);
});

test('a stop breaks off what is under way, drops what waits and is done at once', async () => {
  alertmanager.behaviours.push('hang');
  const notifier = start();
  notifier.send(TENANT, alertsNamed(1));
  await clock.advance(0);
  await alertmanager.arrived(1);
  notifier.send(TENANT, alertsNamed(2, 3));
  notifier.send(OTHER, alertsNamed(4));
  await Promise.all([notifier.stop(), notifier.stop()]);
  notifier.send(TENANT, alertsNamed(5));
  await clock.advance(60_000);
  expect(namesTaken()).toEqual([['1']]);
  expect(await values('dropped_total')).toEqual([
    [{ user: TENANT }, 3],
    [{ user: OTHER }, 1],
  ]);
});

test('a tenant that is deleted leaves the metrics', async () => {
  const notifier = start();
  notifier.send(TENANT, alertsNamed(1));
  notifier.send(OTHER, alertsNamed(1));
  await clock.advance(0);
  await notifier.forget(TENANT);
  const text = await metrics.metrics();
  expect([text.includes(TENANT), text.includes(OTHER)]).toEqual([false, true]);
});

test.for([
  [{ keyPath: 'key.pem' }, 'key given but no certificate configured'],
  [{ certPath: 'cert.pem' }, 'certificate given but no key configured'],
  [{ caPath: '/nowhere/ca.pem' }, "ENOENT: no such file or directory, open '/nowhere/ca.pem'"],
] as const)('does not start with %j', ([tls, reason]) => {
  const settings = { tls: { ...notifierSettings().tls, ...tls } };
  expect(() => start(settings)).toThrow(`-ruler.alertmanager-client.tls-…: ${reason}`);
});
