import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from '../support/child-process.ts';
import { eventually } from '../support/eventually.ts';
import { FakeAlertmanager } from '../support/fake-alertmanager.ts';
import { type Peer, startAlertmanager } from '../support/peers.ts';
import { push } from '../support/push.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

const program = findProgram('prometheus-alertmanager') ?? findProgram('alertmanager');
const because = program ? '' : ' (skipped: no alertmanager on PATH)';

const tenants = ['team-a', 'team-b'];
/** Of a test: long enough for a machine that is busy. */
const patience = { timeoutMs: 40_000, everyMs: 100 };

/** The same rules for every tenant, from a folder. */
const rules = `
groups:
  - name: availability
    interval: 1s
    rules:
      - alert: Down
        expr: up == 0
        for: 1s
        labels: { customer: "{{tenant}}", severity: '{{ if eq $value 0.0 }}page{{ else }}info{{ end }}' }
        annotations: { summary: '{{ $labels.job }} of {{tenant}} is down ({{ $value | humanize }})' }
`;

/** What it has to say goes to a receiver of the test's own, at once. */
function alertmanagerConfig(receiverUrl: string): string {
  return `
route: { receiver: test, group_by: [customer], group_wait: 0s, group_interval: 1s, repeat_interval: 1h }
receivers:
  - name: test
    webhook_configs: [{ url: "${receiverUrl}/hook", send_resolved: true }]
`;
}

interface AlertOfApi {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
  readonly status: { readonly state: string };
}

describe.skipIf(!program)(`with a real Alertmanager${because}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'pocket-cortex-e2e-'));
  let receiver: FakeAlertmanager;
  let alertmanager: Peer;
  let server: ServerProcess;

  beforeAll(async () => {
    receiver = await FakeAlertmanager.start();
    alertmanager = await startAlertmanager({
      program: program!,
      folder: join(folder, 'alertmanager'),
      config: alertmanagerConfig(receiver.url),
      prefix: '/am',
    });
    mkdirSync(join(folder, 'rules/team-*'), { recursive: true });
    writeFileSync(join(folder, 'rules/team-*/availability.yaml'), rules);
    server = await startServerProcess({
      dataPath: join(folder, 'pocket-cortex.db'),
      arguments: [
        `-ruler.alertmanager-url=${alertmanager.baseUrl}/am`,
        '-ruler.resend-delay=1s',
        '-ruler.external.url=http://pocket-cortex.example',
        `-pocket.provisioned-rules-dir=${join(folder, 'rules')}`,
      ],
    });
    for (const tenant of tenants) await pushUp(tenant, 0);
  });

  afterAll(async () => {
    await Promise.all([server?.stop(), alertmanager?.stop(), receiver?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  async function pushUp(tenant: string, value: number): Promise<void> {
    const labels = [
      ['__name__', 'up'],
      ['job', 'api'],
    ] as const;
    const pushed = await push(
      { baseUrl: server.baseUrl, tenant },
      { series: [{ labels, samples: [[Date.now(), value]] }] },
    );
    expect(pushed.status).toBe(200);
  }

  /** The alerts that the Alertmanager shows, those of one tenant after those of another. */
  async function shown(): Promise<readonly AlertOfApi[]> {
    const response = await fetch(`${alertmanager.baseUrl}/am/api/v2/alerts`);
    const alerts = (await response.json()) as AlertOfApi[];
    return alerts.sort((a, b) => (a.labels['customer']! < b.labels['customer']! ? -1 : 1));
  }

  function shownOf(customers: readonly string[]): Promise<readonly AlertOfApi[]> {
    return eventually(
      `it shows the alerts of ${customers}`,
      async () => {
        const alerts = await shown();
        const names = alerts.map(({ labels }) => labels['customer']);
        return JSON.stringify(names) === JSON.stringify(customers) ? alerts : undefined;
      },
      patience,
    );
  }

  /** What the Alertmanager told its receiver: whose alerts are how. */
  function told(): string[] {
    return receiver.requests.flatMap(({ body }) => {
      const { alerts } = JSON.parse(body) as { alerts: { labels: Record<string, string>; status: string }[] };
      return alerts.map(({ labels, status }) => `${labels['customer']} ${status}`);
    });
  }

  test('it receives and shows the alerts of both tenants', async () => {
    const alerts = await shownOf(tenants);
    expect(alerts).toMatchObject(
      tenants.map((tenant) => ({
        labels: { alertname: 'Down', customer: tenant, job: 'api', severity: 'page' },
        annotations: { summary: `api of ${tenant} is down (0)` },
        generatorURL: 'http://pocket-cortex.example/graph?g0.expr=up+%3D%3D+0&g0.tab=1',
        status: { state: 'active' },
      })),
    );
    for (const { startsAt, endsAt } of alerts) {
      expect(Math.abs(Date.parse(startsAt) - Date.now())).toBeLessThan(60_000);
      expect(Date.parse(endsAt)).toBeGreaterThan(Date.now() - 1000);
    }
    for (const tenant of tenants) {
      await eventually('it tells its receiver', async () => told().includes(`${tenant} firing`) || undefined, patience);
    }
  });

  test('what is well again is resolved, and nothing else', async () => {
    await pushUp('team-a', 1);
    const [left] = await shownOf(['team-b']);
    expect(left!.status.state).toBe('active');
    await eventually('it tells its receiver', async () => told().includes('team-a resolved') || undefined, patience);
    expect(told()).not.toContain('team-b resolved');
    await pushUp('team-b', 1);
    await shownOf([]);
    await eventually('it tells its receiver', async () => told().includes('team-b resolved') || undefined, patience);
  });

  test('the metrics tell how many were sent, to whom, for each tenant', async () => {
    const text = await (await fetch(`${server.baseUrl}/metrics`)).text();
    const sampleOf = (name: string, labels: string): number =>
      Number(new RegExp(`^${name}\\{${labels}\\} (\\S+)$`, 'm').exec(text)?.[1]);
    for (const tenant of tenants) {
      const labels = `user="${tenant}",alertmanager="${alertmanager.baseUrl}/am/api/v2/alerts"`;
      expect(sampleOf('cortex_prometheus_notifications_sent_total', labels)).toBeGreaterThan(1);
      expect(sampleOf('cortex_prometheus_notifications_errors_total', labels)).toBe(0);
      expect(sampleOf('cortex_prometheus_notifications_dropped_total', `user="${tenant}"`)).toBe(0);
      expect(sampleOf('cortex_prometheus_notifications_alertmanagers_discovered', `user="${tenant}"`)).toBe(1);
    }
  });
});
