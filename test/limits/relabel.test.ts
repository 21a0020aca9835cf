import { expect, test } from 'vitest';
import { compileRelabel, defaultRelabelConfig, type RelabelConfig, relabelFault } from '../../src/limits/relabel.ts';

type Step = Partial<RelabelConfig>;

const steps = (...all: readonly Step[]): RelabelConfig[] => all.map((step) => ({ ...defaultRelabelConfig, ...step }));

type LabelsOf = Readonly<Record<string, string>>;

const labels = { a: 'foo', b: 'bar', c: 'baz' };

const cases: [what: string, from: LabelsOf, configs: readonly Step[], to: LabelsOf | 'dropped'][] = [
  [
    'replaces by groups',
    labels,
    [{ sourceLabels: ['a'], regex: 'f(.*)', targetLabel: 'd', replacement: `ch\${1}-ch\${1}` }],
    { ...labels, d: 'choo-choo' },
  ],
  [
    'replaces by a named group',
    labels,
    [{ sourceLabels: ['a'], regex: '(?P<x>.).*', targetLabel: 'd', replacement: '$x' }],
    { ...labels, d: 'f' },
  ],
  [
    'joins sources',
    labels,
    [{ sourceLabels: ['a', 'b'], separator: '-', targetLabel: 'd' }],
    { ...labels, d: 'foo-bar' },
  ],
  [
    'a source that is not there is empty',
    labels,
    [{ sourceLabels: ['a', 'x'], targetLabel: 'd' }],
    { ...labels, d: 'foo;' },
  ],
  ['without sources sets a fixed text', labels, [{ targetLabel: 'd', replacement: 'x' }], { ...labels, d: 'x' }],
  ['leaves what does not match as a whole', labels, [{ sourceLabels: ['a'], regex: 'fo', targetLabel: 'd' }], labels],
  [
    'removes a label by an empty text',
    labels,
    [{ sourceLabels: ['a'], regex: 'foo', targetLabel: 'b', replacement: '' }],
    { a: 'foo', c: 'baz' },
  ],
  [
    'names the target by a group',
    labels,
    [{ sourceLabels: ['a'], regex: '(.)(.*)', targetLabel: `\${1}_x`, replacement: '$2' }],
    { ...labels, f_x: 'oo' },
  ],
  [
    'sets no label of an invalid name',
    labels,
    [{ sourceLabels: ['a'], targetLabel: '$1', regex: '.(.*)', replacement: 'x' }],
    { ...labels, oo: 'x' },
  ],
  [
    'sets none that begins with a digit',
    { a: '1' },
    [{ sourceLabels: ['a'], targetLabel: `\${1}`, replacement: 'x' }],
    { a: '1' },
  ],
  ['drops', labels, [{ sourceLabels: ['a'], regex: 'f.*', action: 'drop' }], 'dropped'],
  ['drops none of the others', labels, [{ sourceLabels: ['b'], regex: 'f.*', action: 'drop' }], labels],
  ['keeps', labels, [{ sourceLabels: ['a'], regex: 'f.*', action: 'keep' }], labels],
  ['keeps none of the others', labels, [{ sourceLabels: ['b'], regex: 'f.*', action: 'keep' }], 'dropped'],
  [
    'keeps equal ones',
    { a: 'x', b: 'x' },
    [{ sourceLabels: ['a'], targetLabel: 'b', action: 'keepequal' }],
    { a: 'x', b: 'x' },
  ],
  ['keeps no unequal ones', labels, [{ sourceLabels: ['a'], targetLabel: 'b', action: 'keepequal' }], 'dropped'],
  ['drops equal ones', { a: 'x', b: 'x' }, [{ sourceLabels: ['a'], targetLabel: 'b', action: 'dropequal' }], 'dropped'],
  ['drops no unequal ones', labels, [{ sourceLabels: ['a'], targetLabel: 'b', action: 'dropequal' }], labels],
  [
    'hashes',
    labels,
    [{ sourceLabels: ['c'], targetLabel: 'd', modulus: 1000, action: 'hashmod' }],
    { ...labels, d: '976' },
  ],
  [
    'maps labels',
    { b1: 'x', b2: 'y', c: 'z' },
    [{ regex: '(b.*)', replacement: 'bar_$1', action: 'labelmap' }],
    { b1: 'x', b2: 'y', c: 'z', bar_b1: 'x', bar_b2: 'y' },
  ],
  ['drops labels', labels, [{ regex: 'a|b', action: 'labeldrop' }], { c: 'baz' }],
  ['keeps labels', labels, [{ regex: 'a|b', action: 'labelkeep' }], { a: 'foo', b: 'bar' }],
  [
    'lowers and raises the case',
    { a: 'Foo' },
    [
      { sourceLabels: ['a'], targetLabel: 'l', action: 'lowercase' },
      { sourceLabels: ['a'], targetLabel: 'u', action: 'uppercase' },
    ],
    { a: 'Foo', l: 'foo', u: 'FOO' },
  ],
  [
    'goes on with what a step has made',
    labels,
    [
      { sourceLabels: ['a'], targetLabel: 'd' },
      { sourceLabels: ['d'], regex: 'foo', action: 'drop' },
    ],
    'dropped',
  ],
];
test.for(cases)('%s', ([, from, configs, to]) => {
  const changed = new Map(Object.entries(from));
  const isKept = compileRelabel(steps(...configs))(changed);
  expect(isKept ? Object.fromEntries(changed) : 'dropped').toEqual(to);
});

const faults: [step: Step, fault: string | undefined][] = [
  [{ targetLabel: 'a' }, undefined],
  [{ targetLabel: `\${1}_$2` }, undefined],
  [{}, "relabel configuration for replace action requires 'target_label' value"],
  [{ targetLabel: 'a-b' }, `"a-b" is invalid 'target_label' for replace action`],
  [{ targetLabel: 'a-$1' }, `"a-$1" is invalid 'target_label' for replace action`],
  [{ action: 'hashmod', targetLabel: 'a' }, 'relabel configuration for hashmod requires non-zero modulus'],
  [{ action: 'lowercase', targetLabel: 'a', replacement: 'x' }, "'replacement' can not be set for lowercase action"],
  [{ action: 'lowercase', targetLabel: '$1' }, `"$1" is invalid 'target_label' for lowercase action`],
  [{ action: 'labelmap', replacement: 'a b' }, `"a b" is invalid 'replacement' for labelmap action`],
  [{ action: 'labeldrop', sourceLabels: ['a'] }, "labeldrop action requires only 'regex', and no other fields"],
  [
    { action: 'dropequal', targetLabel: 'a', separator: ',' },
    "dropequal action requires only 'source_labels' and `target_label`, and no other fields",
  ],
  [{ targetLabel: 'a', regex: '(' }, 'error parsing regexp: missing closing ): `(`'],
  [{ action: 'explode' as 'drop' }, 'unknown relabel action "explode"'],
];
test.for(faults)('%j is wrong with: %s', ([step, fault]) => {
  expect(relabelFault({ ...defaultRelabelConfig, ...step })).toBe(fault);
});
