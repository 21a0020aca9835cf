import { expect, test } from 'vitest';
import { parseExpr } from '../../grammar/promql.ts';
import { sleep } from '../../src/model/clock.ts';
import { batchesOf } from '../../src/ruler/rule-batches.ts';
import type { Rule } from '../../src/ruler/rule-group.ts';
import { GroupBench, groupOf } from '../support/group-bench.ts';

/** `name = expression`, of an alert with a capital. */
function ruleOf(line: string): Rule {
  const [name, expr] = line.split(' = ') as [string, string];
  if (/^[a-z]/.test(name)) return { kind: 'recording', name, expr, labels: {} };
  return { kind: 'alerting', name, expr, labels: {}, annotations: {}, forMs: 0, keepFiringForMs: 0 };
}

const cases: [note: string, rules: string[], batches: number[][]][] = [
  ['one rule', ['a = up'], [[0]]],
  ['rules that have nothing to do with each other', ['a = up', 'b = down', 'C = rate(x[5m]) > 1'], [[0, 1, 2]]],
  ['what is read goes first', ['a = up', 'b = sum(a)', 'c = up'], [[0, 2], [1]]],
  ['a rule in between is by itself', ['a = up', 'b = a', 'c = b', 'd = max_over_time(b[5m:])'], [[0], [1], [2, 3]]],
  ['a rule does not wait for a later one', ['a = b', 'b = up'], [[0, 1]]],
  ['an alert is read through its series', ['A = up == 0', 'n = count(ALERTS)'], [[0], [1]]],
  ['or not, where another is named', ['A = up == 0', 'n = ALERTS_FOR_STATE{alertname="B"}'], [[0, 1]]],
  ['a selector without a name may read anything', ['a = up', 'b = sum({job="x"})'], [[0], [1]]],
  ['names may be expressions', ['a:b = up', 'c = sum({__name__=~"a:.*"})'], [[0], [1]]],
];
test.for(cases)('%s', ([, lines, batches]) => {
  const rules = lines.map(ruleOf);
  expect(batchesOf(rules.map((rule) => ({ rule, expr: parseExpr(rule.expr) })))).toEqual(batches);
});

test('so many rules of a batch are evaluated at a time, and the next batch waits', async () => {
  const bench = new GroupBench();
  const events: string[] = [];
  const answer = bench.engine;
  const engine: GroupBench['engine'] = {
    instant: async (query) => {
      events.push(`+${query.query}`);
      await sleep(bench.clock, 1000);
      events.push(`-${query.query}`);
      return answer.instant(query);
    },
  };
  for (const name of ['a', 'b', 'c', 'd']) bench.answers[name] = 1;
  const group = groupOf({ ra: 'a', rb: 'b', rc: 'c', rd: 'd' });
  bench.runner(group, { engine, concurrency: { batches: [[0, 1, 2], [3]], limit: 2 } }).start('now');
  for (let second = 0; second < 5; second++) await bench.clock.advance(1000);
  expect(events.join(' ')).toBe('+a +b -a +c -b -c +d -d');
});
