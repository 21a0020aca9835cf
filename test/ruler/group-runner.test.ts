import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { Annotations } from '../../src/model/annotations.ts';
import { ManualClock, sleep } from '../../src/model/clock.ts';
import { Labels } from '../../src/model/labels.ts';
import type { QueryResult, QueryValue } from '../../src/model/query-result.ts';
import type { TenantId } from '../../src/model/tenant.ts';
import { GroupRunner, type GroupRunnerOptions } from '../../src/ruler/group-runner.ts';
import { RulerMetrics } from '../../src/ruler/metrics.ts';
import type { RuleGroup } from '../../src/ruler/rule-group.ts';
import { serializeRuleGroup } from '../../src/ruler/rule-group.ts';
import type { ResultRow } from '../../src/ruler/rule-results.ts';
import { slotAt, slotsOf } from '../../src/ruler/slots.ts';

const tenant = 'team-a' as TenantId;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Recording rules `name: expr`. */
function groupOf(rules: Readonly<Record<string, string>>, more: Partial<RuleGroup> = {}): RuleGroup {
  return {
    name: 'g',
    intervalMs: 0,
    queryOffsetMs: undefined,
    limit: 0,
    labels: {},
    rules: Object.entries(rules).map(([name, expr]) => ({ kind: 'recording', name, expr, labels: {} })),
    ...more,
  };
}

/** What each query yields: series by their labels, a number for a scalar, or an error. */
type Answers = Record<string, Readonly<Record<string, number>> | number | Error>;

function queryValue(answer: Readonly<Record<string, number>> | number, timestampMs: number): QueryValue {
  if (typeof answer === 'number') return { kind: 'scalar', timestampMs, value: answer };
  const labels = Object.keys(answer).map((job) => Labels.fromRecord({ __name__: 'source', job }));
  return { kind: 'vector', timestampMs, labels, values: Float64Array.from(Object.values(answer)) };
}

/** A runner over a clock and answers that the test changes; `written` is what it appended, as `time series value`. */
class Bench {
  readonly clock = new ManualClock(1_000_000_000);
  readonly startMs = this.clock.nowMs();
  readonly registry = new Registry();
  readonly metrics = new RulerMetrics(this.registry);
  readonly answers: Answers = {};
  readonly elsewhere = new Set<string>();
  refusal: string | undefined;
  evaluationMs = 0;
  readonly queries: string[] = [];
  readonly written: string[] = [];

  runner(group: RuleGroup, more: Partial<GroupRunnerOptions> = {}): GroupRunner {
    return new GroupRunner({
      tenant,
      namespace: 'ns',
      file: '/rules/team-a/ns',
      group,
      definition: serializeRuleGroup(group),
      queries: group.rules.map(({ expr }) => expr),
      intervalMs: 60_000,
      queryOffsetMs: () => group.queryOffsetMs ?? 0,
      engine: { instant: (query) => this.#instant(query.query, query.timeMs) },
      loadTenant: async () => {},
      appendRows: async (_tenant, rows) => this.#append(rows),
      isProducedElsewhere: (key) => this.elsewhere.has(key),
      alerting: {
        sink: { send: () => {} },
        source: { select: () => ({ labels: [], read: () => {} }) },
        externalUrl: () => '',
        externalLabels: () => ({}),
        resendDelayMs: 60_000,
        outageToleranceMs: 3_600_000,
        gracePeriodMs: 600_000,
      },
      clock: this.clock,
      logger: silent,
      metrics: this.metrics,
      ...more,
    });
  }

  /** What was written since the last call. */
  take(): string[] {
    return this.written.splice(0);
  }

  async metric(name: string): Promise<number | undefined> {
    const metric = await this.registry.getSingleMetric(`cortex_prometheus_${name}`)!.get();
    return metric.values[0]?.value;
  }

  async #instant(query: string, timeMs: number): Promise<QueryResult> {
    this.queries.push(`${query} at ${timeMs - this.startMs}`);
    if (this.evaluationMs > 0) await sleep(this.clock, this.evaluationMs);
    const answer = this.answers[query]!;
    if (answer instanceof Error) throw answer;
    const statistics = { totalQueryableSamples: 0, peakSamples: 0 };
    return { value: queryValue(answer, timeMs), annotations: new Annotations(), statistics };
  }

  #append(rows: readonly ResultRow[]): string[] {
    for (const { labels, timestampMs, value, isStale } of rows) {
      this.written.push(`${timestampMs - this.startMs} ${labels} ${isStale ? 'stale' : value}`);
    }
    return this.refusal === undefined ? [] : [this.refusal];
  }
}

const MINUTE_MS = 60_000;

test('a group that was just set is evaluated at once, then at its slots', async () => {
  const bench = new Bench();
  bench.answers['sum(a)'] = 7;
  const runner = bench.runner(groupOf({ 'a:sum': 'sum(a)' }));
  runner.start('now');
  await bench.clock.advance(0);
  expect(bench.take()).toEqual(['0 {__name__="a:sum"} 7']);
  const slots = slotsOf({ file: '/rules/team-a/ns', name: 'g' }, MINUTE_MS);
  const slotMs = slotAt(slots, bench.startMs) + MINUTE_MS - bench.startMs;
  await bench.clock.advance(3 * MINUTE_MS);
  expect(bench.take()).toEqual([0, 1, 2].map((slot) => `${slotMs + slot * MINUTE_MS} {__name__="a:sum"} 7`));
  await runner.stop();
  await bench.clock.advance(MINUTE_MS);
  expect(bench.take()).toEqual([]);
});

test('after a restart a group goes on at its next slot', async () => {
  const bench = new Bench();
  bench.answers['a'] = 1;
  bench.runner(groupOf({ r: 'a' })).start('next-slot');
  await bench.clock.advance(0);
  expect(bench.take()).toEqual([]);
  await bench.clock.advance(MINUTE_MS);
  expect(bench.take()).toHaveLength(1);
});

test('rules run in order, and get the labels of the group that they do not set', async () => {
  const bench = new Bench();
  bench.answers['a'] = { x: 1, y: 2 };
  bench.answers['b'] = { z: 3 };
  const group = groupOf(
    {},
    {
      labels: { team: 'group', env: 'dev' },
      rules: [
        { kind: 'recording', name: 'first', expr: 'a', labels: { team: 'own' } },
        { kind: 'recording', name: 'second', expr: 'b', labels: { job: '' } },
      ],
    },
  );
  bench.runner(group).start('now');
  await bench.clock.advance(0);
  expect(bench.take()).toEqual([
    '0 {__name__="first", env="dev", job="x", team="own"} 1',
    '0 {__name__="first", env="dev", job="y", team="own"} 2',
    '0 {__name__="second", env="dev", job="z", team="group"} 3',
  ]);
});

test('the query offset moves the query and its results', async () => {
  const bench = new Bench();
  bench.answers['a'] = 1;
  bench.runner(groupOf({ r: 'a' }, { queryOffsetMs: 5_000 })).start('now');
  await bench.clock.advance(0);
  expect(bench.queries).toEqual(['a at -5000']);
  expect(bench.take()).toEqual(['-5000 {__name__="r"} 1']);
});

test('a series that vanishes gets a staleness marker, once', async () => {
  const bench = new Bench();
  bench.answers['a'] = { x: 1, y: 2 };
  const runner = bench.runner(groupOf({ r: 'a' }), { intervalMs: 1000 });
  runner.start('now');
  await bench.clock.advance(0);
  bench.take();
  bench.answers['a'] = { y: 2 };
  await bench.clock.advance(2000);
  expect(bench.take().map((row) => row.replace(/^\d+ /, ''))).toEqual([
    '{__name__="r", job="y"} 2',
    '{__name__="r", job="x"} stale',
    '{__name__="r", job="y"} 2',
  ]);
});

test('a rule that fails keeps its series, and the rules behind it run', async () => {
  const bench = new Bench();
  Object.assign(bench.answers, { a: { x: 1 }, b: { z: 3 } });
  const runner = bench.runner(groupOf({ r: 'a', s: 'b' }), { intervalMs: 1000 });
  runner.start('now');
  await bench.clock.advance(0);
  bench.take();
  bench.answers['a'] = new Error('too many samples');
  await bench.clock.advance(1000);
  expect(bench.take()).toEqual([expect.stringMatching(/{__name__="s", job="z"} 3$/)]);
  expect(runner.state().rules.map(({ health, lastError }) => [health, lastError])).toEqual([
    ['err', 'too many samples'],
    ['ok', ''],
  ]);
  expect(await bench.metric('rule_evaluation_failures_total')).toBe(1);
  bench.answers['a'] = {};
  await bench.clock.advance(1000);
  expect(bench.take()[0]).toMatch(/{__name__="r", job="x"} stale$/);
  expect(runner.state().rules[0]!.health).toBe('ok');
});

const faults: [what: string, group: RuleGroup, answers: Answers, refusal: string | undefined, error: string][] = [
  [
    'series that are one after the labels of the rule',
    groupOf({}, { rules: [{ kind: 'recording', name: 'r', expr: 'a', labels: { job: 'same' } }] }),
    { a: { x: 1, y: 2 } },
    undefined,
    'vector contains metrics with the same labelset after applying rule labels',
  ],
  [
    'more series than the limit of the group',
    groupOf({ r: 'a' }, { limit: 1 }),
    { a: { x: 1, y: 2 } },
    undefined,
    'exceeded limit of 1 with 2 series',
  ],
  ['results that the store refuses', groupOf({ r: 'a' }), { a: 1 }, 'out of order sample', 'out of order sample'],
];
test.for(faults)('%s are an error of the rule', async ([, group, answers, refusal, error]) => {
  const bench = new Bench();
  Object.assign(bench.answers, answers);
  bench.refusal = refusal;
  const runner = bench.runner(group);
  runner.start('now');
  await bench.clock.advance(0);
  const [state] = runner.state().rules;
  expect([state!.health, state!.lastError]).toEqual(['err', error]);
});

test('a removed group ends its series, except those that another one yields', async () => {
  const bench = new Bench();
  bench.answers['a'] = { x: 1, y: 2 };
  const runner = bench.runner(groupOf({ r: 'a' }));
  runner.start('now');
  await bench.clock.advance(0);
  bench.take();
  bench.elsewhere.add(Labels.fromRecord({ __name__: 'r', job: 'y' }).key);
  await runner.remove();
  // One millisecond later than the last result: a series has one value at a time.
  expect(bench.take()).toEqual(['1 {__name__="r", job="x"} stale']);
  expect(await bench.metric('rule_group_rules')).toBeUndefined();
});

test('a changed group ends the series of rules that are gone, after its first evaluation', async () => {
  const bench = new Bench();
  Object.assign(bench.answers, { a: { x: 1, y: 2 }, b: { z: 3 } });
  const before = bench.runner(groupOf({ stays: 'a', goes: 'b' }));
  before.start('now');
  await bench.clock.advance(0);
  await before.stop();
  bench.take();
  bench.answers['c'] = { x: 5 };
  const after = bench.runner(groupOf({ stays: 'c', comes: 'b' }));
  after.takeOver(before);
  await bench.clock.advance(10);
  after.start('now');
  await bench.clock.advance(0);
  expect(bench.take()).toEqual([
    '10 {__name__="stays", job="x"} 5',
    '10 {__name__="stays", job="y"} stale',
    '10 {__name__="comes", job="z"} 3',
    '10 {__name__="goes", job="z"} stale',
  ]);
});

test('a group that is changed at the time of its last evaluation yields a millisecond later', async () => {
  const bench = new Bench();
  Object.assign(bench.answers, { a: 1, b: 2 });
  const before = bench.runner(groupOf({ r: 'a' }));
  before.start('now');
  await bench.clock.advance(0);
  await before.stop();
  const after = bench.runner(groupOf({ r: 'b' }));
  after.takeOver(before);
  after.start('now');
  await bench.clock.advance(1);
  expect(bench.take()).toEqual(['0 {__name__="r"} 1', '1 {__name__="r"} 2']);
});

test('a group slower than its interval has one evaluation at a time and counts what it misses', async () => {
  const bench = new Bench();
  bench.answers['a'] = 1;
  bench.evaluationMs = 2500;
  bench.runner(groupOf({ r: 'a' }), { intervalMs: 1000 }).start('now');
  for (let step = 0; step < 40; step++) await bench.clock.advance(500);
  const timesMs = bench.queries.map((query) => Number(query.split(' at ')[1]));
  const gapsMs = timesMs.slice(2).map((timeMs, index) => timeMs - timesMs[index + 1]!);
  expect(new Set(gapsMs)).toEqual(new Set([2000, 3000]));
  expect(await bench.metric('rule_group_iterations_missed_total')).toBeGreaterThan(5);
});
