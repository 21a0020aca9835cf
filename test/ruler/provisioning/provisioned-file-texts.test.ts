import { expect, test } from 'vitest';
import type { TenantId } from '../../../src/model/tenant.ts';
import { groupOfTenant } from '../../../src/ruler/provisioning/tenant-text.ts';
import { readRuleFile } from '../../../src/ruler/rule-file/rule-file.ts';

const options = { ignoresUnknownFields: false, dialect: 'cortex', marksTenant: true } as const;

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
  const { groups, errors } = readRuleFile(good, options);
  expect(errors).toEqual([]);
  expect(groups.map(({ group }) => groupOfTenant(group, 'a$&b' as TenantId))).toEqual([
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
  expect(readRuleFile(text, options)).toEqual({ groups: [], errors: [] });
});

const bad: [text: string, errors: (string | RegExp)[]][] = [
  ['groups: [', [/^1:\d+: /]],
  ['groups: { a: b }', ['1:9: expected a list']],
  ['groups:\n- name: g\n  rles: [{record: a, expr: b}]\n', [/^2:3: /, '3:3: unknown field rles, did you mean rules?']],
  ['groups:\n- name: g\n', ["2:3: rule group 'g' has no rules"]],
  [
    'groups:\n- name: g\n  rules:\n  - record: a\n    expr: sum(\n',
    ['5:15: group "g", rule 1, "a": could not parse expression: 1:5: parse error: unclosed left parenthesis'],
  ],
  [
    'groups:\n- name: g\n  rules:\n  - alert: a\n    expr: b\n    labels: {t: "{{tenant}}"}\n    annotations: {s: "{{ $labels.x "}\n',
    ['7:22: group "g", rule 1, "a": annotation "s": template: __alert_a:1: unclosed action'],
  ],
];

test.for(bad)('refuses %j, and says where', ([text, errors]) => {
  const { errors: found } = readRuleFile(text, options);
  expect(found.map(({ line, column, message }) => `${line}:${column}: ${message}`)).toEqual(
    errors.map((error) => (typeof error === 'string' ? error : expect.stringMatching(error))),
  );
});
