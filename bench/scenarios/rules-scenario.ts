import { askOk } from '../http.ts';
import { processorMs } from '../measure.ts';
import { askNumber, QueryClient } from '../query-client.ts';
import type { RowCollector } from '../report/rows.ts';
import type { Scenario } from '../scenario.ts';
import type { Target } from '../targets/target.ts';
import { fleetRounds, loadFleet } from './load-fleet.ts';

const GROUP_COUNT = 10;
const INTERVAL_MS = 2000;
const WARM_UP_MS = 6000;
const MEASURED_MS = 12_000;

/** Of each group; recorded under names of its own. */
const expressions = [
  'sum by (handler) (rate(requests_total[1m]))',
  'sum by (handler, code) (rate(requests_total[5m]))',
  'histogram_quantile(0.9, sum by (le) (rate(latency_seconds_bucket[5m])))',
  'avg by (region) (memory_megabytes)',
  'max by (pod) (memory_megabytes)',
  'count(requests_total{code=~"5.."})',
  'topk(5, memory_megabytes)',
  'requests_total{instance="10.0.7.17:8080"} * 2',
];

export const rulesScenario: Scenario = {
  name: 'rules',
  about: `${GROUP_COUNT} groups of ${expressions.length} recording rules and an alert, every ${INTERVAL_MS / 1000} s, over 10,000 series`,
  async run({ rows, targets, isSmoke, log }) {
    for (const kind of targets) {
      if (!kind.hasRules) continue;
      log(kind.name);
      const target = await kind.start();
      try {
        await loadFleet(target, fleetRounds(Date.now(), isSmoke ? 20 : 1));
        await target.setRules(rulesYaml());
        await measure(target, rows, isSmoke);
      } finally {
        await target.stop();
      }
    }
  },
};

function rulesYaml(): string {
  const groups = Array.from({ length: GROUP_COUNT }, (_, group) => {
    const rules = expressions.map(
      (expr, i) => `      - record: bench:group${group}:rule${i}\n        expr: ${JSON.stringify(expr)}`,
    );
    const alert = `      - alert: Many${group}\n        expr: bench:group${group}:rule0 > 0\n        for: 5m`;
    return [`  - name: group${group}\n    interval: ${INTERVAL_MS}ms\n    rules:`, ...rules, alert].join('\n');
  });
  return ['groups:', ...groups, ''].join('\n');
}

async function measure(target: Target, rows: RowCollector, isSmoke: boolean): Promise<void> {
  const { name, pid } = target;
  // Some poll for new groups, and all spread the first evaluations over an interval.
  await wait(isSmoke ? 3000 : WARM_UP_MS);
  const before = await evaluations(target);
  const processorBeforeMs = processorMs(pid) ?? Number.NaN;
  const measuredMs = isSmoke ? 2000 : MEASURED_MS;
  await wait(measuredMs);
  const after = await evaluations(target);
  const share = ((processorMs(pid) ?? Number.NaN) - processorBeforeMs) / measuredMs;
  const count = after.count - before.count;
  const due = (GROUP_COUNT * (expressions.length + 1) * measuredMs) / INTERVAL_MS;
  if (count < due * 0.5) throw new Error(`${name} evaluated ${count} rules, where ${due} were due`);
  if (after.failed > before.failed) throw new Error(`${name} failed to evaluate ${after.failed - before.failed} rules`);
  const client = new QueryClient(target);
  const recorded = await askNumber(client, 'count(group by (__name__) ({__name__=~"bench:.*"}))', Date.now());
  client.close();
  if (recorded !== GROUP_COUNT * expressions.length) throw new Error(`${name} has the results of ${recorded} rules`);
  rows.add(name, { name: 'evaluation of a rule', unit: 'ms' }, ((after.seconds - before.seconds) / count) * 1000);
  rows.add(name, { name: 'processor, of one core', unit: '%' }, share * 100);
}

/** How many rules were evaluated since the start, and how long that took. */
async function evaluations(target: Target) {
  const text = await askOk(target.metricsUrl);
  const sum = (metric: string): number => {
    const lines = [...text.matchAll(new RegExp(`^(?:cortex_)?prometheus_rule_${metric}(?:\\{.*\\})? (\\S+)$`, 'gm'))];
    return lines.reduce((total, [, value]) => total + Number(value), 0);
  };
  return {
    count: sum('evaluation_duration_seconds_count'),
    seconds: sum('evaluation_duration_seconds_sum'),
    failed: sum('evaluation_failures_total'),
  };
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
