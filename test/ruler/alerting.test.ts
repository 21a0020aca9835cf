import { beforeAll, describe, expect, test } from 'vitest';
import { SampleColumns } from '../../src/model/columns.ts';
import { Labels } from '../../src/model/labels.ts';
import type { AlertingRule, RuleGroup } from '../../src/ruler/rule-group.ts';
import { type Answers, GroupBench, groupOf } from '../support/group-bench.ts';

const MINUTE_MS = 60_000;

/** A group of one alert `A` over the query `q`. */
function alertGroup(rule: Partial<AlertingRule> = {}, group: Partial<RuleGroup> = {}): RuleGroup {
  const defaults = { kind: 'alerting', name: 'A', expr: 'q', forMs: 0, keepFiringForMs: 0 } as const;
  return groupOf({}, { rules: [{ ...defaults, labels: {}, annotations: {}, ...rule }], ...group });
}

/** Evaluates for `answers`, one a minute. What was written and sent, with minutes for times. */
async function over(group: RuleGroup, answers: readonly Answers['q'][]): Promise<Pick<GroupBench, 'written' | 'sent'>> {
  const bench = new GroupBench();
  const runner = bench.runner(group);
  bench.answers['q'] = answers[0]!;
  runner.start('now');
  await bench.clock.advance(0);
  for (const answer of answers.slice(1)) {
    bench.answers['q'] = answer;
    await bench.clock.advance(MINUTE_MS);
  }
  await runner.stop();
  return bench;
}

/** Without the times, which depend on the group's slots. */
function untimed(rows: readonly string[]): string[] {
  return rows.map((row) => row.replace(/^-?\d+ /, ''));
}

test('an alert is written while it is pending and firing, and its series end', async () => {
  const group = alertGroup({ forMs: 1, labels: { severity: 'page' } });
  const { written } = await over(group, [{ x: 3 }, { x: 4 }, {}, {}]);
  const own = 'job="x", severity="page"';
  const pending = `{__name__="ALERTS", alertname="A", alertstate="pending", ${own}}`;
  const firing = `{__name__="ALERTS", alertname="A", alertstate="firing", ${own}}`;
  const since = `{__name__="ALERTS_FOR_STATE", alertname="A", ${own}}`;
  expect(untimed(written)).toEqual([
    `${pending} 1`,
    `${since} 1000000`,
    `${firing} 1`,
    `${since} 1000000`,
    `${pending} stale`,
    `${firing} stale`,
    `${since} stale`,
  ]);
});

test('samples are as early as the query offset says, the alert is not', async () => {
  const { written } = await over(alertGroup({}, { queryOffsetMs: 10_000 }), [{ x: 1 }]);
  expect(written).toEqual([
    '-10000 {__name__="ALERTS", alertname="A", alertstate="firing", job="x"} 1',
    '-10000 {__name__="ALERTS_FOR_STATE", alertname="A", job="x"} 1000000',
  ]);
});

test('a rule without `for` fires at once, and a scalar is an alert without labels', async () => {
  const { written } = await over(alertGroup(), [7]);
  expect(untimed(written)).toEqual([
    '{__name__="ALERTS", alertname="A", alertstate="firing"} 1',
    '{__name__="ALERTS_FOR_STATE", alertname="A"} 1000000',
  ]);
});

test('labels of the rule win over those of the query, and its name over all', async () => {
  const { written } = await over(alertGroup({ labels: { job: 'mine', alertname: 'B', env: 'dev' } }), [{ x: 1 }]);
  expect(untimed(written)[0]).toBe('{__name__="ALERTS", alertname="A", alertstate="firing", env="dev", job="mine"} 1');
});

test('a receiver hears of it when it fires and when it was resolved, not while it is pending', async () => {
  const { sent } = await over(alertGroup({ forMs: 1 }), [{ x: 3 }, { x: 4 }, {}, {}]);
  const [firing, resolved, ...rest] = sent.map((line) =>
    line
      .split(' ')
      .filter((part) => /^\d+$/.test(part))
      .map(Number),
  );
  const slotMs = firing![0]!;
  // It ends by itself after four intervals, which leaves time for two notices to get lost.
  expect(firing).toEqual([slotMs, slotMs, slotMs + 4 * MINUTE_MS]);
  expect(resolved).toEqual([slotMs + MINUTE_MS, slotMs, slotMs + MINUTE_MS]);
  expect(rest).toEqual([]);
});

const faults: [what: string, group: RuleGroup, answer: Answers['q'], error: string][] = [
  [
    'alerts that are one after the labels of the rule',
    alertGroup({ labels: { job: 'same' } }),
    { x: 1, y: 2 },
    'vector contains metrics with the same labelset after applying alert labels',
  ],
  [
    'more alerts than the limit of the group',
    alertGroup({}, { limit: 1 }),
    { x: 1, y: 2 },
    'exceeded limit of 1 with 2 alerts',
  ],
];
test.for(faults)('%s are an error of the rule', async ([, group, answer, error]) => {
  const bench = new GroupBench();
  bench.answers['q'] = answer;
  const runner = bench.runner(group);
  runner.start('now');
  await bench.clock.advance(0);
  const [state] = runner.state().rules;
  expect(state).toMatchObject({ health: 'err', lastError: error, alerts: [] });
  expect([bench.written, bench.sent]).toEqual([[], []]);
});

test('a group that is changed keeps the alerts of a rule of the same name and labels', async () => {
  const bench = new GroupBench();
  bench.answers['q'] = { x: 1 };
  const before = bench.runner(alertGroup({ forMs: 2 * MINUTE_MS }));
  before.start('now');
  await bench.clock.advance(MINUTE_MS);
  await before.stop();
  const after = bench.runner(alertGroup({ forMs: MINUTE_MS, annotations: { summary: 'new' } }));
  after.takeOver(await before.progress());
  after.start('now');
  await bench.clock.advance(0);
  expect(after.state().rules[0]!.alerts).toMatchObject([
    { state: 'firing', activeAtMs: bench.startMs, annotations: { summary: 'new' } },
  ]);
});

describe('after a restart', () => {
  /**
   * How long `for` is, how long the alert had been pending, how long the process was away, and how long the alert waits
   * when old state is looked up, a minute after the first evaluation. All in minutes.
   */
  const cases: [note: string, forFor: number, pendingFor: number, awayFor: number, waits: number][] = [
    ['the time away does not count', 30, 10, 5, 20],
    ['an alert that was firing fires again', 30, 31, 5, 0],
    ['it waits for the grace period at least', 30, 28, 5, 10],
    ['a rule with a `for` below the grace period begins anew', 5, 4, 5, 4],
    ['what was before the outage tolerance is forgotten', 30, 10, 61, 29],
  ];
  test.for(cases)('%s', async ([, forFor, pendingFor, awayFor, waits]) => {
    const bench = new GroupBench();
    bench.answers['q'] = { x: 1 };
    const downMs = bench.startMs - awayFor * MINUTE_MS;
    const samples = new SampleColumns();
    samples.push(downMs, (downMs - pendingFor * MINUTE_MS) / 1000);
    bench.source.add(Labels.fromRecord({ __name__: 'ALERTS_FOR_STATE', alertname: 'A', job: 'x' }), samples);
    const runner = bench.runner(alertGroup({ forMs: forFor * MINUTE_MS }), { lastTimeMs: downMs });
    runner.start('next-slot');
    await bench.clock.advance(2 * MINUTE_MS);
    // Old state is looked up after two evaluations; until then nothing is written, for it would hide that state.
    expect(bench.written).toEqual([]);
    const [alert] = runner.state().rules[0]!.alerts;
    const restoredMs = runner.state().lastEvaluationMs!;
    const firesMs = alert!.activeAtMs + forFor * MINUTE_MS;
    expect(Math.max(0, Math.ceil((firesMs - restoredMs) / MINUTE_MS))).toBe(waits);
  });

  test('an alert that had ended begins anew', async () => {
    const bench = new GroupBench();
    bench.answers['q'] = { x: 1 };
    const samples = new SampleColumns();
    samples.push(bench.startMs - 20 * MINUTE_MS, (bench.startMs - 40 * MINUTE_MS) / 1000);
    samples.pushStaleMarker(bench.startMs - 10 * MINUTE_MS);
    bench.source.add(Labels.fromRecord({ __name__: 'ALERTS_FOR_STATE', alertname: 'A', job: 'x' }), samples);
    const runner = bench.runner(alertGroup({ forMs: 30 * MINUTE_MS }), { lastTimeMs: bench.startMs - 5 * MINUTE_MS });
    runner.start('next-slot');
    await bench.clock.advance(2 * MINUTE_MS);
    expect(runner.state().rules[0]!.alerts[0]!.activeAtMs).toBeGreaterThanOrEqual(bench.startMs);
  });
});

// Loading it takes longer than time that is moved by hand waits for.
beforeAll(() => import('../../src/ruler/template/generator-url.ts'));

const links: [template: string, link: string][] = [
  ['', 'http://cortex/graph?g0.expr=q&g0.tab=1'],
  ['{{ .ExternalURL }}/explore?q={{ urlquery .Expression }}', 'http://cortex/explore?q=q'],
  [
    '{{ .ExternalURL }}/explore?left={"expr":"{{ jsonEscape .Expression }}"}',
    'http://cortex/explore?left={"expr":"q"}',
  ],
  // What gives no link is as if it were not there.
  ['ftp://elsewhere/{{ .Expression }}', 'http://cortex/graph?g0.expr=q&g0.tab=1'],
  ['http:///{{ .Expression }}', 'http://cortex/graph?g0.expr=q&g0.tab=1'],
  ['{{ .Nope }}', 'http://cortex/graph?g0.expr=q&g0.tab=1'],
  ['{{ humanize 1.0 }}', 'http://cortex/graph?g0.expr=q&g0.tab=1'],
];
test.for(links)('with the template %j an alert links to %s', async ([template, link]) => {
  const bench = new GroupBench();
  bench.generatorUrlTemplate = template;
  bench.answers['q'] = 1;
  bench.runner(alertGroup()).start('now');
  await bench.clock.advance(0);
  expect(bench.links).toEqual([link]);
});
