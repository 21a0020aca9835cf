import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TenantId } from '../../../src/model/tenant.ts';
import { loadNotation } from '../../../src/pocket/fixture/load.ts';
import { Engine } from '../../../src/promql/engine.ts';
import { replayGroups } from '../../../src/ruler/replay/groups-replay.ts';
import type { Rule, RuleGroup } from '../../../src/ruler/rule-group.ts';
import { allSamples } from '../../support/all-samples.ts';
import { GroupBench, groupOf } from '../../support/group-bench.ts';
import { createTestApp, START_MS } from '../../support/test-app.ts';

const MINUTE_MS = 60_000;
const PASSED_MS = 150 * MINUTE_MS;
const tenant = 'test' as TenantId;

interface Outcome {
  readonly samples: readonly string[];
  readonly alerts: unknown;
  /** Evaluations one by one. */
  readonly instantCount: number;
}

async function replay(data: string, groups: readonly RuleGroup[], isTickByTick: boolean): Promise<Outcome> {
  const app = await createTestApp({ limits: { enableNativeHistograms: true } });
  const { store, distributor } = app.server;
  await loadNotation(store, tenant, data, { startMs: START_MS, stepMs: 15_000 });
  const engine = new Engine({ source: store, lookbackMs: 300_000, defaultStepMs: 60_000, maxSamples: 50e6 });
  let instantCount = 0;
  const bench = new GroupBench();
  const runners = groups.map((group, index) =>
    bench.runner(group, { tenant, file: `/rules/test/${index}`, intervalMs: group.intervalMs }),
  );
  const { signal } = new AbortController();
  const replayed = await replayGroups({
    tenant,
    runners,
    fromMs: START_MS + 7 * MINUTE_MS,
    parts: {
      appendColumns: (...series) => distributor.appendComputed(...series),
      appendRows: (...rows) => distributor.appendComputedRows(...rows),
      engineAt: () => ({
        instant: (query) => {
          instantCount += 1;
          return engine.instant(query);
        },
        range: (query) => engine.range({ ...query, isFloatsOnly: true }),
      }),
    },
    parse: undefined,
    signal,
    isTickByTick,
  });
  // Not in one piece: what stands in between has to be right too.
  for (const part of [0.3, 0.31, 1]) await replayed.run(START_MS + part * PASSED_MS);
  const alerts = replayed.progress().map(({ evaluation }) => evaluation.states());
  const samples = allSamples(store, 'test', '.+');
  await app.close();
  return { samples, alerts, instantCount };
}

const recording = (name: string, expr: string, labels: Record<string, string> = {}): Rule => ({
  kind: 'recording',
  name,
  expr,
  labels,
});

const alertRule: Rule = {
  kind: 'alerting',
  name: 'Bad',
  expr: '',
  forMs: 3 * MINUTE_MS,
  keepFiringForMs: 0,
  labels: {},
  annotations: { summary: '{{ $labels.job }} is at {{ $value }}' },
};

const points = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: -3, max: 20 })) },
      { weight: 1, arbitrary: fc.constant('_') },
      { weight: 1, arbitrary: fc.constant('stale') },
      { weight: 1, arbitrary: fc.constantFrom('NaN', '+Inf', '0.1', '-0.7', '1e300') },
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) =>
    parts
      .map((part) => {
        if (typeof part !== 'string') return `${part[0]}${part[1] < 0 ? '' : '+'}${part[1]}x${10 + (part[0] % 40)}`;
        return part === '_' ? '_x23' : part;
      })
      .join(' '),
  );
const data = fc
  .tuple(points, points, points, points)
  .map(([a, b, c, d]) =>
    [`x{job="a", i="1"} ${a}`, `x{job="a", i="2"} ${b}`, `x{job="b", i="3"} ${c}`, `y{job="a"} ${d}`].join('\n'),
  );

/** Reads raw series, or what rules before it, behind it, and it itself yield. */
const selector = fc
  .tuple(
    fc.constantFrom('x', 'x', 'x', 'y', 'r0', 'r1', 'r2', 'r3', '{__name__=~"r[12]"}', '{job="a"}'),
    fc.constantFrom('', '', '', '', ' offset 2m', ' offset -1m', ` @ ${(START_MS + 30 * MINUTE_MS) / 1000}`),
  )
  .map(([name, shift]) => ({ name, shift }));
const expression = fc
  .tuple(
    selector,
    selector,
    fc.constantFrom(
      'sum by (job) (rate(A[5m]))',
      'increase(A[3m]) + on (job, i) B',
      'avg_over_time(A[7m])',
      'stddev_over_time(A[5m])',
      'quantile_over_time(0.3, A[6m])',
      'max_over_time(A[4m]) - on (job) group_left () B',
      'topk(1, A)',
      'count_values("v", A)',
      'A > 7',
      'A and B',
      'absent(A)',
      'deriv(A[5m])',
      'max_over_time(rate(A[2m])[10m:45s])',
      'label_replace(A, "i", "same", "i", ".*")',
      'sum(A) / sum(B)',
      'time() - timestamp(A)',
      'scalar(sum(A)) + 1',
      'vector(end())',
      'predict_linear(A[5m], 60)',
      'histogram_quantile(0.9, A)',
    ),
  )
  .map(([a, b, text]) => {
    const put =
      (letter: string, { name, shift }: { name: string; shift: string }) =>
      (whole: string): string =>
        whole
          .replaceAll(new RegExp(`\\b${letter}(\\[[^\\]]*\\])?(?=[^a-z])`, 'g'), `${name}$1${shift}`)
          .replaceAll(new RegExp(`\\b${letter}$`, 'g'), `${name}${shift}`);
    return put('B', b)(put('A', a)(text));
  });
const alerting = fc.tuple(expression, fc.constantFrom(0, 3, 11), fc.constantFrom(0, 4), fc.boolean()).map(
  ([expr, forMinutes, keepMinutes, hasTemplates]): Rule => ({
    kind: 'alerting',
    name: 'Bad',
    expr,
    forMs: forMinutes * MINUTE_MS,
    keepFiringForMs: keepMinutes * MINUTE_MS,
    labels: hasTemplates ? { high: '{{ if gt $value 20.0 }}yes{{ end }}' } : { severity: 'page' },
    annotations: { summary: '{{ $labels.job }} is at {{ $value }}' },
  }),
);
const group = fc
  .tuple(
    fc.array(expression, { minLength: 1, maxLength: 3 }),
    fc.option(alerting, { nil: undefined }),
    fc.constantFrom(MINUTE_MS, MINUTE_MS, 90_000),
    fc.constantFrom(0, 0, 30_000),
    fc.constantFrom(0, 0, 2),
    fc.integer({ min: 0, max: 3 }),
  )
  .map(([exprs, alert, intervalMs, queryOffsetMs, limit, first]): RuleGroup => {
    const rules = exprs.map((expr, index) => recording(`r${(first + index) % 4}`, expr));
    return groupOf({}, { intervalMs, queryOffsetMs, limit, rules: alert ? [...rules, alert] : rules });
  });

test('many ticks at once give the same bits as tick by tick', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(data, fc.array(group, { minLength: 1, maxLength: 2 }), async (notation, groups) => {
      const atOnce = await replay(notation, groups, false);
      const tickByTick = await replay(notation, groups, true);
      expect(atOnce.samples).toEqual(tickByTick.samples);
      expect(atOnce.alerts).toEqual(tickByTick.alerts);
    }),
    { numRuns: Number(process.env['REPLAY_RUNS'] ?? 15) },
  );
});

test('rules that read no results of their own or from behind are not evaluated one by one', async () => {
  const rules: Rule[] = [
    recording('r0', 'sum by (job) (rate(x[5m]))'),
    recording('r1', 'r0 / on () group_left () sum(r0)'),
    { ...alertRule, expr: 'avg_over_time(r1[10m]) > 0.2', labels: { severity: 'page' } },
    { ...alertRule, name: 'Worse', expr: 'r1 > 0.2', labels: { severity: '{{ $labels.job }}' } },
  ];
  const notation = 'x{job="a"} 0+3x600\nx{job="b"} 0+9x600';
  const { instantCount, samples } = await replay(notation, [groupOf({}, { intervalMs: MINUTE_MS, rules })], false);
  // But for the slot between the parts of the replay: a range of one saves nothing.
  expect(instantCount).toBe(rules.length);
  expect(samples.filter((line) => line.includes('firing')).length).toBeGreaterThan(100);
});
