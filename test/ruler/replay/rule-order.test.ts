import { expect, test } from 'vitest';
import { parseExpr } from '../../../grammar/promql.ts';
import { Labels } from '../../../src/model/labels.ts';
import { type OrderedRule, stagesOf } from '../../../src/ruler/replay/rule-order.ts';
import type { Rule } from '../../../src/ruler/rule-group.ts';

interface GroupSpec {
  /** `name = expr`, `name{label="value"} = expr`, or `ALERT name = expr`. */
  readonly rules: readonly string[];
  readonly offsetMs?: number;
  readonly intervalMs?: number;
  readonly queryOffsetMs?: number;
}

function orderedRules(groups: readonly GroupSpec[]): OrderedRule[] {
  return groups.flatMap(({ rules, offsetMs = 0, intervalMs = 60_000, queryOffsetMs = 0 }, group) =>
    rules.map((text, rule) => {
      const [, alert, name, label, value, expr] = /^(ALERT )?(\w+)(?:{(\w+)="(.*?)"})? = (.*)$/.exec(text)!;
      const labels: Record<string, string> = label ? { [label]: value! } : {};
      const definition: Rule = alert
        ? { kind: 'alerting', name: name!, expr: expr!, labels, annotations: {}, forMs: 0, keepFiringForMs: 0 }
        : { kind: 'recording', name: name!, expr: expr!, labels };
      const slots = { intervalMs, offsetMs };
      const own = {
        definition,
        labels: Labels.fromRecord(labels),
        expr: parseExpr(expr!, { enableExperimentalFunctions: true }),
      };
      return { group, rule, ...own, slots, queryOffsetMs };
    }),
  );
}

/** The stages: names of rules, in brackets where they are evaluated one by one. */
function stages(groups: readonly GroupSpec[]): string {
  return stagesOf(orderedRules(groups))
    .map(({ rules, isAtOnce }) => {
      const names = rules.map(({ definition }) => definition.name).join(' ');
      return isAtOnce ? names : `[${names}]`;
    })
    .join(' ');
}

test.for<[note: string, groups: GroupSpec[], expected: string]>([
  ['a rule reads one before it', [{ rules: ['a = x', 'b = rate(a[5m])'] }], 'a b'],
  ['a rule reads one behind it', [{ rules: ['a = b', 'b = x'] }], '[a b]'],
  ['a rule reads one behind it, from before', [{ rules: ['a = b offset 1m', 'b = x'] }], 'b a'],
  ['a rule reads itself', [{ rules: ['a = x', 'b = b offset 1m or a'] }], 'a [b]'],
  ['rules on a circle', [{ rules: ['a = c offset 1m', 'b = a', 'c = b', 'd = c'] }], '[a b c] d'],
  ['any name', [{ rules: ['a = x', 'b = sum({job="api"})'] }], 'a [b]'],
  ['a pattern of names', [{ rules: ['a1 = x', 'b = sum({__name__=~"a.*"})', 'c = sum({__name__=~"z.*"})'] }], 'c a1 b'],
  ['other labels than are read', [{ rules: ['a{job="web"} = a{job="api"}'] }], 'a'],
  [
    'a label that is a template',
    [{ rules: ['ALERT a{job="{{ $labels.job }}"} = ALERTS{job="api"} offset 1m'] }],
    '[a]',
  ],
  ['one name, different labels', [{ rules: ['a{job="1"} = x', 'a{job="2"} = y'] }], 'a a'],
  ['one name, perhaps the same series', [{ rules: ['a{job="1"} = x', 'a{team="2"} = y'] }], '[a a]'],
  [
    'alerts of other rules',
    [{ rules: ['ALERT up = x == 0', 'b = count(ALERTS{alertname="down"})', 'c = count(ALERTS)'] }],
    'b up c',
  ],
  ['a fixed time', [{ rules: ['a = x', 'b = a @ 100', 'c = x @ 100'] }], 'c [a b]'],
  ['into the future', [{ rules: ['a = x', 'b = a offset -1m', 'c = x offset -1m'] }], 'c [a b]'],
  [
    'a subquery that is behind',
    [{ rules: ['a = max_over_time(a[10m:1m] offset 2m)', 'b = max_over_time(c[5m:] offset 1m)', 'c = x'] }],
    'c b [a]',
  ],
  ['about the query itself', [{ rules: ['a = x', 'b = x @ start()', 'c = vector(time())'] }], 'c [b] a'],
  [
    'groups that are due at different times',
    [{ rules: ['a = b', 'c = x'] }, { rules: ['b = c'], offsetMs: 5000 }],
    'c b a',
  ],
  [
    'groups that may be due together',
    [{ rules: ['a = x'] }, { rules: ['b = a'], intervalMs: 90_000, offsetMs: 30_000 }],
    '[a b]',
  ],
  [
    'a reader that is less behind than its writer',
    [
      { rules: ['a = x'], queryOffsetMs: 60_000 },
      { rules: ['b = a'], offsetMs: 5000 },
    ],
    '[a b]',
  ],
  ['a reader that is further behind', [{ rules: ['a = x'] }, { rules: ['b = a'], queryOffsetMs: 60_000 }], 'a b'],
])('%s', ([, groups, expected]) => {
  expect(stages(groups)).toBe(expected);
});
