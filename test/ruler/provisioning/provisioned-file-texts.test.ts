import { expect, test } from 'vitest';
import type { TenantId } from '../../../src/model/tenant.ts';
import { readRuleFile } from '../../../src/ruler/provisioning/read-rule-file.ts';
import { groupOfTenant } from '../../../src/ruler/provisioning/tenant-text.ts';

const good = `
# One file for everybody.
namespace: ours
groups:
  - name: http
    interval: 15s
    query_offset: 10s
    limit: 100
    labels: { team: "{{tenant}}", plain: x }
    rules:
      - record: job:requests:rate5m
        expr: sum by (job) (rate(requests_total[5m]))
        labels: { customer: "of-{{ tenant }}-{{tenant}}" }
      - alert: Down
        expr: up == 0
        for: 5m
        keep_firing_for: 1m
        labels: { severity: page, on: "{{ $labels.instance }}" }
        annotations:
          summary: "{{- tenant -}}: {{ $labels.job }} is {{ if eq $value 0.0 }}down{{ end }}"
  - name: one
    rules: [{ record: one, expr: 1 }]
`;

test('reads groups, and fills in the tenant where it is asked for, but no other template', () => {
  const reading = readRuleFile(good);
  expect(reading).toMatchObject({ ok: true });
  const groups = reading.ok ? reading.groups.map((group) => groupOfTenant(group, 'a$&b' as TenantId)) : [];
  expect(groups).toEqual([
    {
      name: 'http',
      intervalMs: 15_000,
      queryOffsetMs: 10_000,
      limit: 100,
      labels: { team: 'a$&b', plain: 'x' },
      rules: [
        {
          kind: 'recording',
          name: 'job:requests:rate5m',
          expr: 'sum by (job) (rate(requests_total[5m]))',
          labels: { customer: 'of-a$&b-a$&b' },
        },
        {
          kind: 'alerting',
          name: 'Down',
          expr: 'up == 0',
          forMs: 300_000,
          keepFiringForMs: 60_000,
          labels: { severity: 'page', on: '{{ $labels.instance }}' },
          annotations: { summary: 'a$&b: {{ $labels.job }} is {{ if eq $value 0.0 }}down{{ end }}' },
        },
      ],
    },
    {
      name: 'one',
      intervalMs: 0,
      queryOffsetMs: undefined,
      limit: 0,
      labels: {},
      rules: [{ kind: 'recording', name: 'one', expr: '1', labels: {} }],
    },
  ]);
});

test.for(['', '# nothing yet\n', 'groups:\n', 'groups: []'])('%j has no groups', (text) => {
  expect(readRuleFile(text)).toEqual({ ok: true, groups: [] });
});

const group = (rules: string): string => `groups:\n- name: g\n  rules:\n${rules}\n`;

const bad: [text: string, errors: (string | RegExp)[]][] = [
  ['groups: [', [/^1:\d+: /]],
  ['groups:\n- name: a\n  name: b\n', [/^3:3: Map keys must be unique/]],
  ['- a', ['1:1: expected a map']],
  ['group: []', ['1:8: unknown key group, did you mean groups?']],
  ['groups:\n- nam: a\n', ['2:8: unknown key nam, did you mean name?']],
  ['groups: { a: b }', ['1:9: expected a list']],
  ['groups:\n- name: [a]\n', ['2:9: expected a text']],
  ['groups:\n- name: g\n  limit: many\n', ['3:10: expected a whole number']],
  ['groups:\n- name: g\n  interval: soon\n', [/^3:13: .*"soon"/]],
  ['groups:\n- rules: [{record: a, expr: b}]\n', ['2:3: invalid rules config: rule group name must not be empty']],
  ['groups:\n- name: g\n', ["2:3: invalid rules config: rule group 'g' has no rules"]],
  [
    `${group('  - {record: a, expr: b}')}- name: g\n  rules: [{record: a, expr: b}]\n`,
    ['5:9: groupname: "g" is repeated in the same file'],
  ],
  [
    group('  - record: a\n    expr: sum(\n  - alert: b\n    expr: c +'),
    [
      /^5:11: group "g", rule 0, "a": could not parse expression: 1:5: parse error: /,
      /^7:11: group "g", rule 1, "b": could not parse expression: 1:4: parse error: /,
    ],
  ],
  [
    group('  - record: a\n    expr: b\n  - record: a\n    expr: b\n    for: 5m'),
    ['6:5: group "g", rule 1, "a": invalid field \'for\' in recording rule'],
  ],
  [group('  - record: a\n    expr: b\n    labels: {a-b: c}'), ['4:5: group "g", rule 0, "a": invalid label name: a-b']],
  [
    group('  - alert: a\n    expr: b\n    annotations: {s: "{{ $labels.x "}'),
    [/^4:5: group "g", rule 0, "a": annotation "s": template: __alert_a:1: /],
  ],
];

test.for(bad)('refuses %j, and says where', ([text, errors]) => {
  const reading = readRuleFile(text);
  expect(reading).toEqual({
    ok: false,
    errors: errors.map((error) => (typeof error === 'string' ? error : expect.stringMatching(error))),
  });
});
