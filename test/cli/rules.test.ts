import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rules } from '../../src/cli/rules.ts';

let folder: string;

const files = {
  'good.yml': `groups:
- name: g
  interval: 1m
  labels: {team: a}
  rules:
  - record: a
    expr: sum(up)
  - alert: B
    expr: up == 0
    for: 5m
    annotations: {summary: '{{ $labels.job }} is down'}
`,
  'bad.yml': `groups:
- name: g
  intervall: 1m
  rules:
  - record: a
    expr: sum(rate(x[5m]) by
  - alert: B
    expr: |
      up == 0
        and foo(
    for: 5x
    labels: {'bad-label': x, sev: '{{ $value'}
    annotations:
      summary: "{{ nope }}"
  - record: c
    expr: up
    for: 5m
  - alert: D
    record: d
    expr: up
  - expr: "1 +"
- name: g
  rules: []
`,
  'cortextool.yml': 'namespace: n\\ngroups: [{name: g, rules: [{record: a, expr: up}]}]\\n'.replaceAll('\\n', '\n'),
  'listed.yml': 'n: [{name: g, rules: [{record: a, expr: up}]}]\nm: [{name: g, rules: [{record: a, expr: up}]}]\n',
  'group.yml': 'name: g\nrules: [{record: a, expr: up}]\n',
  'twice.yml':
    'groups:\n- name: g\n  labels: {x: y}\n  rules:\n  - {record: a, expr: up}\n  - {record: a, expr: down, labels: {x: y}}\n',
  'owned.yml': 'groups: [{name: g, owner: me, rules: [{record: a, expr: up}]}]\n',
  'experimental.yml': 'groups: [{name: g, rules: [{record: a, expr: "mad_over_time(x[5m])"}]}]\n',
  'provisioned.yml': "groups: [{name: g, rules: [{alert: A, expr: up, labels: {tenant: '{{ tenant }}'}}]}]\n",
  'provisioned-test.yml':
    'rule_files: [provisioned.yml]\ntests:\n- input_series: [{series: up, values: 1}]\n  alert_rule_test: [{eval_time: 0, alertname: A, exp_alerts: [{exp_labels: {tenant: a}}]}]\n',
  'no.yml': 'groups: [\n',
  'empty.yml': '',
  'shared.yml':
    'groups:\n- name: g\n  rules: [&rule {record: a, expr: up}, {<<: *rule, record: b}]\n- name: h\n  rules: [*rule]\n',
  'test.yml':
    'rule_files: [good.yml]\ntests:\n- name: one\n  promql_expr_test: [{expr: vector(1), exp_samples: [{value: 1}]}]\n- name: two\n  promql_expr_test: [{expr: vector(1), exp_samples: [{value: 2}]}]\n',
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pocket-cortex-rules-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
});

afterAll(() => rm(folder, { recursive: true }));

async function run(...args: string[]): Promise<{ exitCode: number; output: string }> {
  let output = '';
  const write = (text: string): void => {
    output += text;
  };
  const places = args.map((arg) => (arg.endsWith('.yml') ? join(folder, arg) : arg));
  const exitCode = await rules(places, { write, columns: 100, hasColour: false });
  return { exitCode, output: output.replaceAll(`${folder}/`, '') };
}

test('tells all that is wrong with a rule file, with its places', async () => {
  expect(await run('check', 'bad.yml')).toEqual({
    exitCode: 1,
    output: `bad.yml:3:3: error: unknown field intervall, did you mean interval?
bad.yml:6:27: error: group "g", rule 1, "a": could not parse expression: 1:17: parse error: unexpected <by> in aggregation
bad.yml:10:17: error: group "g", rule 2, "B": could not parse expression: 3:1: parse error: unclosed left parenthesis
bad.yml:11:10: error: unknown unit "x" in duration "5x"
bad.yml:12:14: error: group "g", rule 2, "B": invalid label name: bad-label
bad.yml:12:35: error: group "g", rule 2, "B": label "sev": template: __alert_B:1: unclosed action
bad.yml:14:16: error: group "g", rule 2, "B": annotation "summary": template: __alert_B:1: function "nope" not defined
bad.yml:17:5: error: group "g", rule 3, "c": invalid field 'for' in recording rule
bad.yml:18:5: error: group "g", rule 4, "D": only one of 'record' and 'alert' must be set
bad.yml:21:5: error: group "g", rule 5, "": one of 'record' or 'alert' must be set
bad.yml:21:15: error: group "g", rule 5, "": could not parse expression: 1:4: parse error: unexpected end of input
bad.yml:22:3: error: rule group 'g' has no rules
bad.yml:22:3: error: groupname: "g" is repeated in the same file

1 file, 13 errors, 0 warnings
`,
  });
});

test.for([
  [['good.yml'], 0, 'good.yml: 1 group, 2 rules'],
  [['cortextool.yml'], 0, 'cortextool.yml: 1 group, 1 rule'],
  [['listed.yml'], 0, 'listed.yml: 2 groups, 2 rules'],
  [['group.yml'], 0, 'group.yml: 1 group, 1 rule'],
  [['shared.yml'], 0, 'shared.yml: 2 groups, 3 rules'],
  [['empty.yml'], 0, 'empty.yml: 0 groups, 0 rules'],
  [['twice.yml'], 0, 'twice.yml:6:5: warning: duplicate rule: a with labels {x="y"} is in line 5 already'],
  [['twice.yml', '-lint-fatal'], 3, '1 file, 0 errors, 1 warning'],
  [['twice.yml', '--lint', 'none', '--lint-fatal'], 0, '1 file, 0 errors, 0 warnings'],
  [['owned.yml'], 1, 'owned.yml:1:20: error: unknown field owner'],
  [['owned.yml', '-ignore-unknown-fields'], 0, '1 group, 1 rule'],
  [['experimental.yml'], 1, 'function "mad_over_time" is not enabled'],
  [['experimental.yml', '-enable-feature=promql-experimental-functions'], 0, '1 group, 1 rule'],
  [['provisioned.yml'], 1, 'function "tenant" not defined'],
  [['provisioned.yml', '-tenant=a'], 0, '1 group, 1 rule'],
  [['no.yml'], 1, 'no.yml:2:1: error: Flow sequence in block collection must be sufficiently indented'],
  [['good.yml', 'no.yml'], 1, '2 files, '],
  [['--help'], 0, 'Usage: pocket-cortex rules check'],
] as const)('check %j exits with %i', async ([args, exitCode, text]) => {
  const checked = await run('check', ...args);
  expect(checked.output).toContain(text);
  expect(checked.exitCode).toBe(exitCode);
});

test.for([
  [['test.yml'], 1, '1 passed, 1 failed'],
  [['-run', 'on', 'test.yml'], 0, '1 passed, 0 failed'],
  [['-run=tw', 'test.yml'], 1, '0 passed, 1 failed'],
  [['-verbose', 'test.yml'], 1, 'test.yml:4 passed one: vector(1) at 0s'],
  [['provisioned-test.yml', '-tenant=a'], 0, '1 passed, 0 failed'],
  [['nowhere.yml'], 1, 'ENOENT'],
  [['--help'], 0, 'Usage: pocket-cortex rules test'],
] as const)('test %j exits with %i', async ([args, exitCode, text]) => {
  const tested = await run('test', ...args);
  expect(tested.output).toContain(text);
  expect(tested.exitCode).toBe(exitCode);
});

test.for([
  [[], 'rules: check or test?'],
  [['lint'], 'rules: unknown command lint'],
  [['check'], 'rules check: no files named'],
  [['check', '-wat', 'good.yml'], 'rules check: unknown argument -wat'],
  [['check', '-lint=some', 'good.yml'], 'rules check: unknown lint some'],
  [['check', '-tenant=a/b', 'good.yml'], "rules check: tenant ID 'a/b' contains unsupported character '/'"],
  [['check', 'nowhere.yml'], 'rules check: ENOENT'],
  [['test', 'test.yml', '-run'], 'rules test: -run needs a value'],
] as const)('refuses the arguments %j', async ([args, message]) => {
  await expect(run(...args)).rejects.toThrow(message);
});
