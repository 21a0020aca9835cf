import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServerProcess, startServerProcess } from '../../test/support/server-process.ts';
import { createCorpus } from '../data/corpus.ts';
import { SEED } from '../data/random.ts';
import { type ShardEncoder, shardsOf } from '../data/shards.ts';
import { processorMs } from '../measure.ts';
import type { Scenario } from '../scenario.ts';
import { SELF } from '../targets/target.ts';

/** Of a tenant; each has all series anew every interval, and the same five rules. */
const seriesGroups = [
  { metric: 'requests_total', kind: 'counter', seriesCount: 64 },
  { metric: 'latency_bucket', kind: 'histogram', seriesCount: 40 },
] as const;

function rulesYaml(intervalMs: number): string {
  return `
groups:
  - name: service
    interval: ${intervalMs}ms
    labels: { customer: "{{tenant}}" }
    rules:
      - record: handler:requests:rate
        expr: sum by (handler) (rate(requests_total[1m]))
      - record: handler:errors:ratio
        expr: sum by (handler) (rate(requests_total{code=~"5.."}[1m])) / on (handler) handler:requests:rate
      - record: handler:latency:p90
        expr: histogram_quantile(0.9, sum by (handler, le) (rate(latency_bucket[1m])))
      - record: requests:rate
        expr: sum(handler:requests:rate)
      - alert: ManyErrors
        expr: handler:errors:ratio > 0.2
        for: ${intervalMs * 2}ms
        annotations: { summary: "{{ $labels.handler }} of {{tenant}}: {{ $value | humanizePercentage }} errors" }
`;
}

interface Plan {
  readonly tenantCount: number;
  readonly intervalMs: number;
  /** How many intervals go by before measuring, and while. */
  readonly warmUpCount: number;
  readonly measuredCount: number;
}

export const provisionedScenario: Scenario = {
  name: 'provisioned',
  about: 'five provisioned rules for each of 200 tenants, every 15 s, while all of them write 104 series',
  isExtra: true,
  async run({ rows, targets, isSmoke, log }) {
    // Nobody else has provisioned rules.
    if (!targets.some(({ name }) => name === SELF)) return;
    const plan: Plan = isSmoke
      ? { tenantCount: 20, intervalMs: 1000, warmUpCount: 2, measuredCount: 3 }
      : { tenantCount: 200, intervalMs: 15_000, warmUpCount: 3, measuredCount: 8 };
    const folder = mkdtempSync(join(tmpdir(), 'bench-rules-'));
    mkdirSync(join(folder, 'rules/_all'), { recursive: true });
    writeFileSync(join(folder, 'rules/_all/service.yaml'), rulesYaml(plan.intervalMs));
    const server = await startServerProcess({
      dataPath: join(folder, 'data.db'),
      arguments: [`-pocket.provisioned-rules-dir=${join(folder, 'rules')}`],
    });
    try {
      const { share, iterations, missed, failed, slowestMs } = await measure(server, plan, log);
      const expected = plan.tenantCount * plan.measuredCount;
      if (Math.abs(iterations - expected) > plan.tenantCount) {
        throw new Error(`${iterations} evaluations of groups, where ${expected} were due`);
      }
      if (failed > 0) throw new Error(`${failed} evaluations of rules failed`);
      rows.add(SELF, { name: 'processor, of one core', unit: '%' }, share * 100);
      rows.add(SELF, { name: 'missed iterations', unit: '' }, missed);
      rows.add(SELF, { name: 'slowest group, last evaluation', unit: 'ms' }, slowestMs);
    } finally {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measure(server: ServerProcess, plan: Plan, log: (text: string) => void) {
  const { tenantCount, intervalMs, warmUpCount, measuredCount } = plan;
  const series = createCorpus(seriesGroups, warmUpCount + measuredCount, SEED);
  const [shard] = shardsOf(series);
  log(`${tenantCount} tenants begin`);
  for (let round = 0; round < warmUpCount; round++) await pushAll(server, shard!, plan, round);
  const before = await countersOf(server);
  const processorBeforeMs = processorMs(server.pid) ?? Number.NaN;
  const startedMs = performance.now();
  log(`measuring for ${(measuredCount * intervalMs) / 1000} s`);
  for (let round = 0; round < measuredCount; round++) await pushAll(server, shard!, plan, warmUpCount + round);
  const share = ((processorMs(server.pid) ?? Number.NaN) - processorBeforeMs) / (performance.now() - startedMs);
  const after = await countersOf(server);
  return {
    share,
    iterations: after.iterations - before.iterations,
    missed: after.missed - before.missed,
    failed: after.failed,
    slowestMs: after.slowestSeconds * 1000,
  };
}

/** One round of writes, the tenants spread evenly over the interval. */
async function pushAll(server: ServerProcess, shard: ShardEncoder, plan: Plan, round: number): Promise<void> {
  const { tenantCount, intervalMs } = plan;
  const startedMs = performance.now();
  for (let tenant = 0; tenant < tenantCount; tenant++) {
    const dueMs = startedMs + (tenant * intervalMs) / tenantCount;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
    const response = await fetch(`${server.baseUrl}/api/v1/push`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-protobuf',
        'Content-Encoding': 'snappy',
        'X-Scope-OrgID': `tenant-${tenant}`,
      },
      body: shard.encode(round, Date.now()),
    });
    if (!response.ok) throw new Error(`a push was answered with ${response.status}: ${await response.text()}`);
    await response.body?.cancel();
  }
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, startedMs + intervalMs - performance.now())));
}

async function countersOf(server: ServerProcess) {
  const text = await (await fetch(`${server.baseUrl}/metrics`)).text();
  const values = (name: string): number[] =>
    [...text.matchAll(new RegExp(`^${name}\\{.*\\} (\\S+)$`, 'gm'))].map(([, value]) => Number(value));
  const sum = (name: string): number => values(name).reduce((total, value) => total + value, 0);
  return {
    iterations: sum('cortex_prometheus_rule_group_iterations_total'),
    missed: sum('cortex_prometheus_rule_group_iterations_missed_total'),
    failed: sum('cortex_prometheus_rule_evaluation_failures_total'),
    slowestSeconds: Math.max(...values('cortex_prometheus_rule_group_last_duration_seconds')),
  };
}
