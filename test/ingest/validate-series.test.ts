import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { areSurelyValid, validateSeries } from '../../src/ingest/validate-series.ts';
import { defaultLimits, type TenantLimits } from '../../src/limits/limits.ts';
import { Label } from '../../src/model/label.ts';

/** What `validateSeries` makes of labels, in one line. */
function verdictOf(raw: readonly string[], limits: Partial<TenantLimits> = {}): string {
  const verdict = validateSeries(raw, { ...defaultLimits, ...limits });
  switch (verdict.kind) {
    case 'valid':
      return `${verdict.labels}`;
    case 'refused':
      return `${verdict.refusal.reason}: ${verdict.refusal.message}`;
    case 'dropped':
      return `dropped: ${verdict.reason}`;
  }
}

describe('labels that are fine', () => {
  const cases: readonly (readonly [about: string, raw: readonly string[], labels: string])[] = [
    ['sorted ones', ['__name__', 'm', 'a', '1'], '{__name__="m", a="1"}'],
    ['unsorted ones', ['z', '1', '__name__', 'm', 'a', '2'], '{__name__="m", a="2", z="1"}'],
    ['an empty value', ['__name__', 'm', 'a', '', 'b', 'x'], '{__name__="m", b="x"}'],
    ['a name with colons', ['__name__', 'a:b:c'], '{__name__="a:b:c"}'],
    ['bytes that are no UTF-8', ['__name__', 'm', 'a', '\udcff\udcfex'], '{__name__="m", a="\\xff\\xfex"}'],
  ];
  test.for(cases)('takes %s', ([, raw, labels]) => {
    expect(verdictOf(raw)).toBe(labels);
  });
});

describe('labels that break a rule', () => {
  const long = 'x'.repeat(300);
  const cut = 'x'.repeat(200);
  const cases: readonly (readonly [
    about: string,
    raw: readonly string[],
    limits: Partial<TenantLimits>,
    text: string,
  ])[] = [
    ['no metric name', ['job', 'a'], {}, 'missing_metric_name: sample missing metric name'],
    ['an empty metric name', ['__name__', '', 'a', 'b'], {}, 'metric_name_invalid: sample invalid metric name: ""'],
    ['a bad metric name', ['__name__', 'a-b'], {}, 'metric_name_invalid: sample invalid metric name: "a-b"'],
    [
      'a long bad metric name',
      ['__name__', `-${long}`],
      {},
      `metric_name_invalid: sample invalid metric name: "-${cut.slice(1)}"`,
    ],
    [
      'a bad label name',
      ['__name__', 'm', 'a-b', 'x'],
      {},
      'label_invalid: sample invalid label: "a-b" metric "m{a-b=\\"x\\"}"',
    ],
    [
      'an empty label name',
      ['', 'x', '__name__', 'm'],
      {},
      'label_invalid: sample invalid label: "" metric "m{=\\"x\\"}"',
    ],
    [
      'a repeated label',
      ['__name__', 'm', 'a', '1', 'a', '2'],
      {},
      'duplicate_label_names: duplicate label name: "a" metric "m{a=\\"1\\", a=\\"2\\"}"',
    ],
    [
      'a repeated metric name',
      ['__name__', 'm', '__name__', 'n'],
      {},
      'duplicate_label_names: duplicate label name: "__name__" metric "m{__name__=\\"n\\"}"',
    ],
    [
      'too many labels',
      ['__name__', 'm', 'b', '2', 'a', '1'],
      { maxLabelNamesPerSeries: 2 },
      `max_label_names_per_series: series has too many labels (actual: 3, limit: 2) series: 'm{a="1", b="2"}'`,
    ],
    [
      'too many labels, before their names',
      ['__name__', 'm', 'a', '1', 'e-e', '5'],
      { maxLabelNamesPerSeries: 2 },
      `max_label_names_per_series: series has too many labels (actual: 3, limit: 2) series: 'm{a="1", e-e="5"}'`,
    ],
    [
      'a long label name',
      ['__name__', 'm', 'abc', 'x'],
      { maxLabelNameLength: 2 },
      'label_name_too_long: label name too long for metric (actual: 8, limit: 2) metric: "m{abc=\\"x\\"}" label name: "__name__"',
    ],
    [
      'a long value, in bytes',
      ['__name__', 'm', 'a', 'éé'],
      { maxLabelValueLength: 3 },
      'label_value_too_long: label value too long for metric (actual: 4, limit: 3) metric: "m{a=\\"éé\\"}" label name: "a" label value: "éé"',
    ],
    [
      'a long value that is no UTF-8',
      ['__name__', 'm', 'a', '\udcff\udcff'],
      { maxLabelValueLength: 1 },
      'label_value_too_long: label value too long for metric (actual: 2, limit: 1) metric: "m{a=\\"\\\\xff\\\\xff\\"}" label name: "a" label value: "\\xff\\xff"',
    ],
    [
      'too many bytes in all',
      ['__name__', 'm', 'a', 'x'.repeat(70), 'b', 'y'.repeat(30)],
      { maxLabelsSizeBytes: 122 },
      `labels_size_bytes_exceeded: labels size bytes exceeded for metric (actual: 123, limit: 122) metric: "m{a=\\"${'x'.repeat(70)}\\", b=\\"${'y'.repeat(30)}\\"}"`,
    ],
  ];
  test.for(cases)('refuses %s', ([, raw, limits, text]) => {
    expect(verdictOf(raw, limits)).toBe(text);
  });
});

describe('labels that a tenant has dropped', () => {
  test('takes the rest', () => {
    expect(verdictOf(['__name__', 'm', 'pod', 'x', 'a', '1'], { dropLabels: ['pod', 'nope'] })).toBe(
      '{__name__="m", a="1"}',
    );
  });

  test('drops a series that has nothing left, without an error', () => {
    const limits = { dropLabels: ['a'], enforceMetricName: false };
    expect(verdictOf(['a', '1'], limits)).toBe('dropped: user_label_removal_configuration');
  });
});

test('what is surely valid is valid, and stays as it is', () => {
  const limits = { ...defaultLimits, maxLabelNamesPerSeries: 3, maxLabelNameLength: 30, maxLabelValueLength: 30 };
  const name = fc.constantFrom('__name__', '__name__', 'a', 'b', 'job', 'é', '1a', '', 'x'.repeat(40));
  const value = fc.constantFrom('m', 'm:n', 'é', '', '1', '\udcff', 'y'.repeat(40));
  let sureCount = 0;
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { maxLength: 4 }), fc.boolean(), (pairs, allowsUtf8Names) => {
      const list = [new Label('behind', 'them'), ...pairs.map(([one, other]) => new Label(one, other))];
      if (!areSurelyValid(list, 1, limits)) return;
      sureCount += 1;
      const verdict = validateSeries(pairs.flat(), limits, { allowsUtf8Names });
      expect(verdict.kind === 'valid' ? [...verdict.labels] : verdict).toEqual(pairs);
    }),
    { numRuns: 2000 },
  );
  expect(sureCount).toBeGreaterThan(10);
});
