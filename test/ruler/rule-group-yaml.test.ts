import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { checkRuleGroup } from '../../src/ruler/check-rule-group.ts';
import { writeYaml } from '../../src/ruler/go-yaml.ts';
import { readRuleGroup } from '../../src/ruler/read-rule-group.ts';
import { deserializeRuleGroup, serializeRuleGroup } from '../../src/ruler/rule-group.ts';
import { namespacesYaml, ruleGroupYaml } from '../../src/ruler/write-rule-group.ts';

const isExpression = (text: string): boolean => text !== 'sum(';

/** The group as it comes back, or the errors. */
function roundTrip(text: string): string {
  const unchecked = readRuleGroup(text);
  if (!unchecked) return 'undecodable';
  const checked = checkRuleGroup(unchecked, isExpression);
  if (!checked.ok) return `refused: ${checked.errors.join(', ')}`;
  return ruleGroupYaml(deserializeRuleGroup(serializeRuleGroup(checked.group)));
}

/** Small, until its aliases are followed. */
function aliasBomb(): string {
  const names = [...'abcdefghijkl'];
  const lines = names.map(
    (name, level) => `${name}: &${name} [${new Array(9).fill(level === 0 ? 'x' : `*${names[level - 1]}`).join(', ')}]`,
  );
  return lines.join('\n');
}

const rule = 'rules: [{record: "a:b", expr: up}]\n';
const printedRule = 'rules:\n    - record: a:b\n      expr: up\n';

describe('a rule group', () => {
  const kept: [text: string, printed: string][] = [
    [`name: g\n${rule}`, `name: g\n${printedRule}`],
    [
      'name: all\ninterval: 90s\nquery_offset: 0s\nlimit: -1\nlabels: {z: "1", a: b}\nrules:\n- alert: B\n  expr: up > 0\n  for: 1h30m\n  keep_firing_for: 2d\n  labels: {}\n  annotations: {c: "{{ $value }}"}\n',
      'name: all\ninterval: 1m30s\nquery_offset: 0s\nlimit: -1\nrules:\n    - alert: B\n      expr: up > 0\n      for: 1h30m\n      keep_firing_for: 2d\n      annotations:\n        c: \'{{ $value }}\'\nlabels:\n    a: b\n    z: "1"\n',
    ],
    // JSON is YAML.
    ['{"name":"g","rules":[{"record":"a:b","expr":"1"}]}', 'name: g\nrules:\n    - record: a:b\n      expr: "1"\n'],
    // Numbers and bools are taken as they are written.
    [
      'name: 1\nrules: [{record: on, expr: 1e3, labels: {a: true}}]',
      'name: "1"\nrules:\n    - record: "on"\n      expr: "1e3"\n      labels:\n        a: "true"\n',
    ],
    [
      'name: e\nrules:\n  - record: x:y\n    expr: |\n      sum(a)   by   (job)\n        / 2\n',
      'name: e\nrules:\n    - record: x:y\n      expr: |\n        sum(a)   by   (job)\n          / 2\n',
    ],
    [`name: g\nsurprise: 1\n${rule}`, `name: g\n${printedRule}`],
    [`name: g\n${rule}---\nname: [`, `name: g\n${printedRule}`],
    [`name: g\ninterval:\nlimit: ~\nlabels: null\n${rule}`, `name: g\n${printedRule}`],
    [
      'name: g\nrules:\n- &r {record: "a:b", expr: up}\n- *r\n',
      `name: g\n${printedRule}    - record: a:b\n      expr: up\n`,
    ],
  ];
  test.for(kept)('%j comes back as %j', ([text, printed]) => {
    expect(roundTrip(text)).toBe(printed);
  });

  const undecodable = [
    'name: [unclosed',
    'name: g\nrules: 5\n',
    'name: g\nrules: [5]\n',
    'name: [a]\n',
    'name: g\ninterval: 60\n',
    'name: g\nlimit: many\n',
    'name: g\nlabels: [a]\n',
    'name: g\nrules:\n  - alert: A\n    expr: up\n    for: soon\n',
    'name: g\nname: h\n',
    'just a text',
    '- name: g\n',
    'name: *nowhere\n',
    'name: g\nrules:\n  - {record: r, expr: up, labels: {a: b, a: c}}\n',
    'name: g\n<<: 5\n',
    '['.repeat(1_000_000),
    '{a: '.repeat(1_000_000),
    aliasBomb(),
  ];
  test.for(undecodable.map((text) => [text.slice(0, 60), text] as const))('%j cannot be decoded', ([, text]) => {
    expect(roundTrip(text)).toBe('undecodable');
  });

  const refused: [text: string, errors: string][] = [
    ['', 'invalid rules config: rule group name must not be empty'],
    [rule, 'invalid rules config: rule group name must not be empty'],
    ['name: empty\nrules: []\n', "invalid rules config: rule group 'empty' has no rules"],
    [
      'name: g\nrules: [{record: a, alert: A, expr: up}]',
      `0:0: 0:0: group "g", rule 0, "A": only one of 'record' and 'alert' must be set`,
    ],
    ['name: g\nrules: [{expr: up}]', `0:0: 0:0: group "g", rule 0, "": one of 'record' or 'alert' must be set`],
    ['name: g\nrules: [{record: a}]', `0:0: group "g", rule 0, "a": field 'expr' must be set in rule`],
    // Cortex loses the text of a parse error.
    ['name: g\nrules: [{record: a, expr: "sum("}]', ''],
    [
      'name: g\nrules: [{record: "a b", expr: up}, {alert: A, expr: "sum("}]',
      '0:0: group "g", rule 0, "a b": invalid recording rule name: a b, ',
    ],
    [
      'name: g\nrules: [{record: a, expr: up, for: 5m}]',
      `0:0: group "g", rule 0, "a": invalid field 'for' in recording rule`,
    ],
    [
      'name: g\nrules: [{record: a, expr: up, keep_firing_for: 5m}]',
      `0:0: group "g", rule 0, "a": invalid field 'keep_firing_for' in recording rule`,
    ],
    [
      'name: g\nrules: [{record: a, expr: up, annotations: {a: b}}]',
      `0:0: group "g", rule 0, "a": invalid field 'annotations' in recording rule`,
    ],
    [
      'name: g\nrules: [{record: "a{b}", expr: up}]',
      '0:0: group "g", rule 0, "a{b}": invalid recording rule name: a{b}, 0:0: group "g", rule 0, "a{b}": braces present in the recording rule name; should it be in expr?: a{b}',
    ],
    ['name: g\nrules: [{alert: A, expr: up, labels: {a-b: c}}]', 'group "g", rule 0, "A": invalid label name: a-b'],
    [
      'name: g\nrules: [{record: a, expr: up, labels: {__name__: c}}]',
      'group "g", rule 0, "a": invalid label name: __name__',
    ],
    [
      'name: g\nrules: [{alert: A, expr: up, annotations: {"a b": c}}]',
      'group "g", rule 0, "A": invalid annotation name: a b',
    ],
    [
      'name: g\nrules: [{alert: A, expr: up, annotations: {s: "x\\n{{ $labels.x "}}]',
      'group "g", rule 0, "A": annotation "s": template: __alert_A:2: unclosed action',
    ],
  ];
  test.for(refused)('%j is refused: %s', ([text, errors]) => {
    expect(roundTrip(text)).toBe(`refused: ${errors}`);
  });

  test('namespaces and groups are nested', () => {
    const unchecked = readRuleGroup(`name: g\n${rule}`);
    const checked = checkRuleGroup(unchecked!, isExpression);
    const groups = checked.ok ? [checked.group] : [];
    expect(
      namespacesYaml(
        new Map([
          ['b', groups],
          ['a', groups],
        ]),
      ),
    ).toBe(
      'a:\n    - name: g\n      rules:\n        - record: a:b\n          expr: up\nb:\n    - name: g\n      rules:\n        - record: a:b\n          expr: up\n',
    );
  });
});

describe('texts in YAML', () => {
  const written: [text: string, yaml: string][] = [
    ['plain', 'plain'],
    ['job:up:sum', 'job:up:sum'],
    ['a b', 'a b'],
    ['', '""'],
    ['1', '"1"'],
    ['-1.5e3', '"-1.5e3"'],
    ['0x1f', '"0x1f"'],
    ['true', '"true"'],
    ['No', '"No"'],
    ['null', '"null"'],
    ['2026-01-01', '"2026-01-01"'],
    ['{{ $value }}', "'{{ $value }}'"],
    ["it's: so", "'it''s: so'"],
    ['a #b', "'a #b'"],
    ['# b', "'# b'"],
    ['- a', "'- a'"],
    ['up{a="b"}', 'up{a="b"}'],
    ['"x"', `'"x"'`],
    [' lead', '" lead"'],
    ['tab\there', '"tab\\there"'],
    ['grüppe', 'grüppe'],
    ['two\nlines', '|-\n    two\n    lines'],
    ['two\nlines\n', '|\n    two\n    lines'],
    ['ends\n\n', '|+\n    ends\n'],
    ['  indented\nx', '|4-\n      indented\n    x'],
    ['\n', '|4+\n'],
  ];
  test.for(written)('%j is written as %j', ([text, yaml]) => {
    expect(writeYaml({ k: text })).toBe(`k: ${yaml}\n`);
  });

  test.for(written)('%j reads back', ([text]) => {
    const value = { k: text, list: [{ k: text, after: 'x' }], after: { k: text } };
    expect(parse(writeYaml(value))).toEqual(value);
  });

  test('any text reads back', () => {
    const tricky = fc.string({ unit: fc.constantFrom(...' \n\t:#-?{}[]&*!|>%@`,"\'\\=~a1é\u0085\u2028\u{1f600}') });
    const texts = fc.oneof(tricky, fc.string({ unit: 'grapheme' }));
    fc.assert(
      fc.property(texts, texts, (text, key) => {
        const value = { [`k${key}`]: text, list: [{ k: text, after: 'x' }], after: { k: text } };
        expect(parse(writeYaml(value))).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });
});
