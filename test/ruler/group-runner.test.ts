import { describe, expect, test } from 'vitest';
import { Labels } from '../../src/model/labels.ts';
import type { RuleGroup } from '../../src/ruler/rule-group.ts';
import { slotAt, slotsOf } from '../../src/ruler/slots.ts';
import { type Answers, GroupBench, groupOf } from '../support/group-bench.ts';

const MINUTE_MS = 60_000;

test('a group that was just set is evaluated at once, then at its slots', async () => {
  const bench = new GroupBench();
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
  const bench = new GroupBench();
  bench.answers['a'] = 1;
  bench.runner(groupOf({ r: 'a' })).start('next-slot');
  await bench.clock.advance(0);
  expect(bench.take()).toEqual([]);
  await bench.clock.advance(MINUTE_MS);
  expect(bench.take()).toHaveLength(1);
});

test('rules run in order, and get the labels of the group that they do not set', async () => {
  const bench = new GroupBench();
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
    // An empty value takes the label away.
    '0 {__name__="second", env="dev", team="group"} 3',
  ]);
});

test('the query offset moves the query and its results', async () => {
  const bench = new GroupBench();
  bench.answers['a'] = 1;
  bench.runner(groupOf({ r: 'a' }, { queryOffsetMs: 5_000 })).start('now');
  await bench.clock.advance(0);
  expect(bench.queries).toEqual(['a at -5000']);
  expect(bench.take()).toEqual(['-5000 {__name__="r"} 1']);
});

test('a series that vanishes gets a staleness marker, once', async () => {
  const bench = new GroupBench();
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
  const bench = new GroupBench();
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
  const bench = new GroupBench();
  Object.assign(bench.answers, answers);
  bench.refusal = refusal;
  const runner = bench.runner(group);
  runner.start('now');
  await bench.clock.advance(0);
  const [state] = runner.state().rules;
  expect([state!.health, state!.lastError]).toEqual(['err', error]);
});

test('a removed group ends its series, except those that another one yields', async () => {
  const bench = new GroupBench();
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
  const bench = new GroupBench();
  Object.assign(bench.answers, { a: { x: 1, y: 2 }, b: { z: 3 } });
  const before = bench.runner(groupOf({ stays: 'a', goes: 'b' }));
  before.start('now');
  await bench.clock.advance(0);
  await before.stop();
  bench.take();
  bench.answers['c'] = { x: 5 };
  const after = bench.runner(groupOf({ stays: 'c', comes: 'b' }));
  after.takeOver(await before.progress());
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
  const bench = new GroupBench();
  Object.assign(bench.answers, { a: 1, b: 2 });
  const before = bench.runner(groupOf({ r: 'a' }));
  before.start('now');
  await bench.clock.advance(0);
  await before.stop();
  const after = bench.runner(groupOf({ r: 'b' }));
  after.takeOver(await before.progress());
  after.start('now');
  await bench.clock.advance(1);
  expect(bench.take()).toEqual(['0 {__name__="r"} 1', '1 {__name__="r"} 2']);
});

test('a group slower than its interval has one evaluation at a time and counts what it misses', async () => {
  const bench = new GroupBench();
  bench.answers['a'] = 1;
  bench.evaluationMs = 2500;
  bench.runner(groupOf({ r: 'a' }), { intervalMs: 1000 }).start('now');
  for (let step = 0; step < 40; step++) await bench.clock.advance(500);
  const timesMs = bench.queries.map((query) => Number(query.split(' at ')[1]));
  const gapsMs = timesMs.slice(2).map((timeMs, index) => timeMs - timesMs[index + 1]!);
  expect(new Set(gapsMs)).toEqual(new Set([2000, 3000]));
  expect(await bench.metric('rule_group_iterations_missed_total')).toBeGreaterThan(5);
});

describe('after a restart', () => {
  const slots = slotsOf({ file: '/rules/team-a/ns', name: 'g' }, 10_000);

  /** The times that were evaluated in half a minute, from the latest slot, when the one `slotsAgo` was the last one. */
  async function timesAfter(slotsAgo: number): Promise<number[]> {
    const bench = new GroupBench();
    bench.answers['a'] = 1;
    const latestMs = slotAt(slots, bench.startMs);
    const lastTimeMs = latestMs - slotsAgo * 10_000;
    bench.runner(groupOf({ r: 'a' }), { intervalMs: 10_000, lastTimeMs }).start('next-slot');
    await bench.clock.advance(30_000);
    return bench.queries.map((query) => (Number(query.split(' at ')[1]) + bench.startMs - latestMs) / 1000);
  }

  const cases: [note: string, slotsAgo: number, seconds: number[]][] = [
    ['goes on at the next slot', 0, [10, 20, 30]],
    ['evaluates the slot that was missed or broke off, first', 1, [0, 10, 20, 30]],
    ['evaluates all slots of a short absence, in order', 4, [-30, -20, -10, 0, 10, 20, 30]],
    ['lets those of a long absence be', 7, [10, 20, 30]],
  ];
  test.for(cases)('%s', async ([, slotsAgo, seconds]) => {
    expect(await timesAfter(slotsAgo)).toEqual(seconds);
  });

  test('a result that is there already is no error of the rule', async () => {
    const bench = new GroupBench();
    bench.answers['a'] = 1;
    bench.refusal = 'duplicate sample for timestamp';
    const lastTimeMs = slotAt(slots, bench.startMs) - 10_000;
    const runner = bench.runner(groupOf({ r: 'a' }), { intervalMs: 10_000, lastTimeMs });
    runner.start('next-slot');
    await bench.clock.advance(0);
    expect(runner.state().rules[0]).toMatchObject({ health: 'ok', lastError: '' });
  });

  test('the time of each evaluation is told when it is over', async () => {
    const bench = new GroupBench();
    bench.answers['a'] = 1;
    const times: number[] = [];
    bench.runner(groupOf({ r: 'a' }), { intervalMs: 10_000, evaluated: (timeMs) => times.push(timeMs) }).start('now');
    await bench.clock.advance(20_000);
    expect(times).toEqual([bench.startMs, ...[1, 2].map((n) => slotAt(slots, bench.startMs) + n * 10_000)]);
  });
});
