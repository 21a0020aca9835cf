import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareText, isLegacyLabelName, isLegacyMetricName, Labels } from '../../src/model/labels.ts';
import { decodeUtf8, encodeUtf8 } from '../../src/model/utf8.ts';

const labels = Labels.fromRecord;
const up = labels({ job: 'api', __name__: 'up', zone: 'a' });

test('sorts by name, drops empty values and keeps the last of a repeated name', () => {
  const made = Labels.of([
    ['b', '1'],
    ['a', '2'],
    ['c', ''],
    ['b', '3'],
  ]);
  expect([...made]).toEqual([
    ['a', '2'],
    ['b', '3'],
  ]);
});

test('finds values by name and by position', () => {
  expect([up.size, up.metricName, up.get('job'), up.get('none'), up.has('zone'), up.has('none')]).toEqual([
    3,
    'up',
    'api',
    '',
    true,
    false,
  ]);
  expect([up.nameAt(1), up.valueAt(1)]).toEqual(['job', 'api']);
});

const changes: readonly [name: string, actual: Labels, expected: Record<string, string>][] = [
  ['adds in front', up.with('A', '1'), { A: '1', __name__: 'up', job: 'api', zone: 'a' }],
  ['adds behind', up.with('zz', '1'), { __name__: 'up', job: 'api', zone: 'a', zz: '1' }],
  ['replaces', up.with('job', 'web'), { __name__: 'up', job: 'web', zone: 'a' }],
  ['removes by an empty value', up.with('job', ''), { __name__: 'up', zone: 'a' }],
  ['drops names', up.without(new Set(['job', 'none'])), { __name__: 'up', zone: 'a' }],
  ['keeps only names', up.only(new Set(['job', 'none'])), { job: 'api' }],
  ['drops the metric name', up.withoutMetricName(), { job: 'api', zone: 'a' }],
];

test.for(changes)('%s', ([, actual, expected]) => {
  expect(actual.toRecord()).toEqual(expected);
  expect(actual.equals(labels(expected))).toBe(true);
});

test('is the same object when nothing changes', () => {
  expect([up.with('job', 'api'), up.without(new Set(['none'])), labels({ a: 'b' }).withoutMetricName()]).toEqual([
    up,
    up,
    labels({ a: 'b' }),
  ]);
  expect(up.with('job', 'api')).toBe(up);
  expect(Labels.of([])).toBe(Labels.EMPTY);
});

test('prints as Prometheus does, quoting names that are no identifiers', () => {
  const odd = labels({ __name__: 'up', 'a.b': 'x"y', c: '\n' });
  expect(`${odd}`).toBe('{__name__="up", "a.b"="x\\"y", c="\\n"}');
});

const names: readonly [name: string, isLabelName: boolean, isMetricName: boolean][] = [
  ['a_1', true, true],
  ['_', true, true],
  ['a:b', false, true],
  [':', false, true],
  ['1a', false, false],
  ['', false, false],
  ['a-b', false, false],
  ['a\n', false, false],
  ['ä', false, false],
];

test.for(names)('knows whether %j is a label name and a metric name', ([name, isLabelName, isMetricName]) => {
  expect([isLegacyLabelName(name), isLegacyMetricName(name)]).toEqual([isLabelName, isMetricName]);
});

describe('order', () => {
  const ordered = [
    Labels.EMPTY,
    labels({ a: '1' }),
    labels({ a: '1', b: '1' }),
    labels({ a: '1', b: '2' }),
    labels({ a: '2' }),
    labels({ b: '0' }),
  ];

  test('goes name by name and value by value, a prefix first', () => {
    expect([...ordered].reverse().sort((a, b) => a.compare(b))).toEqual(ordered);
  });

  test('of texts is the order of their bytes', () => {
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 6 }), fc.constantFrom('\uffff', '🎉', '\ue000', ''));
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareText(a, b))).toBe(Math.sign(Buffer.compare(encodeUtf8(a), encodeUtf8(b))));
      }),
    );
  });
});

test('has one key for equal label sets and different ones for all others', () => {
  const part = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 6 }).map((bytes) => decodeUtf8(bytes)),
    fc.constantFrom('a', 'b', '\u{10000}', '\u{10080}', '\udc80'),
  );
  const set = fc.array(fc.tuple(part, part), { maxLength: 3 }).map((pairs) => Labels.of(pairs));
  fc.assert(
    fc.property(set, set, (a, b) => {
      expect(a.key === b.key).toBe(JSON.stringify([...a]) === JSON.stringify([...b]));
    }),
    { numRuns: 1000 },
  );
});

test('has one key for label sets whose values of some names are the same', () => {
  const sets = [{ a: '1', b: '2' }, { a: '1', b: '2', c: '3' }, { a: '1' }, { b: '1' }, { a: '1', b: '3' }].map(labels);
  const names = ['a', 'b'];
  for (const one of sets) {
    for (const other of sets) {
      const areSame = names.every((name) => one.get(name) === other.get(name));
      expect(one.keyOf(names) === other.keyOf(names)).toBe(areSame);
    }
  }
});
