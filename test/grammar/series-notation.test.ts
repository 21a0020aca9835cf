import { expect, test } from 'vitest';
import { POINT_LIMIT, parseSeriesNotation, type SeriesPoint } from '../../grammar/series-notation.ts';
import { PocketCortexError } from '../../src/model/errors.ts';

test.for([
  ['up', '{__name__="up"}'],
  ['up{}', '{__name__="up"}'],
  ['{}', '{}'],
  ['up{job="api",instance=\'a\'}', '{__name__="up", instance="a", job="api"}'],
  ['up { job = `api` , }', '{__name__="up", job="api"}'],
  ['{"my metric", "my label"="x"}', '{__name__="my metric", "my label"="x"}'],
  ['node:cpu:rate5m 1', '{__name__="node:cpu:rate5m"}'],
  ['up{a="\\u70ac\\n"}', '{__name__="up", a="炬\\n"}'],
] as const)('reads the labels of %s', ([text, labels]) => {
  expect(parseSeriesNotation(text).labels.toString()).toBe(labels);
});

test.for([
  ['', []],
  ['1 2 3', [1, 2, 3]],
  ['1\t 2  ', [1, 2]],
  ['-1 +2 -.5 1e3 1.5e-2 1_000', [-1, 2, -0.5, 1000, 0.015, 1000]],
  ['Inf -Inf +Inf NaN', [Infinity, -Infinity, Infinity, NaN]],
  ['1x3', [1, 1, 1, 1]],
  ['1x0', [1]],
  ['0x2', [0, 0, 0]],
  ['0+10x3', [0, 10, 20, 30]],
  ['5-2x2', [5, 3, 1]],
  ['-3-10x2 7', [-3, -13, -23, 7]],
  ['1+1x0', [1]],
  // Each point adds to the one before, with its rounding.
  ['0+0.1x3', [0, 0.1, 0.2, 0.30000000000000004]],
  ['1 _ 2 _x3 stale', [1, 'absent', 2, 'absent', 'absent', 'absent', 'stale']],
  ['_x0 1', [1]],
] as const)('expands %s', ([text, expected]) => {
  const { points } = parseSeriesNotation(`up{job="api"} ${text}`);
  expect(points.map((point) => (point.kind === 'float' ? point.value : point.kind))).toEqual(expected);
});

const empty = {
  schema: 0,
  sum: 0,
  count: 0,
  zeroCount: 0,
  zeroThreshold: 0,
  offset: 0,
  buckets: [],
  negativeOffset: 0,
  negativeBuckets: [],
  customValues: [],
  counterResetHint: undefined,
};

test.for([
  ['{{}}', empty],
  ['{{ }}', empty],
  ['{{schema:1 sum:-0.3 count:3.1}}', { ...empty, schema: 1, sum: -0.3, count: 3.1 }],
  [
    '{{z_bucket:7.1 z_bucket_w:0.05 buckets:[5.1 10  7 ] offset:-3}}',
    { ...empty, zeroCount: 7.1, zeroThreshold: 0.05, buckets: [5.1, 10, 7], offset: -3 },
  ],
  [
    '{{n_buckets:[-4.1 Inf] n_offset:5 counter_reset_hint:gauge}}',
    { ...empty, negativeBuckets: [-4.1, Infinity], negativeOffset: 5, counterResetHint: 'gauge' },
  ],
  [
    '{{schema:-53 custom_values:[-2 3] counter_reset_hint:not_reset}}',
    { ...empty, schema: -53, customValues: [-2, 3], counterResetHint: 'not_reset' },
  ],
] as const)('reads the histogram %s', ([text, base]) => {
  expect(parseSeriesNotation(`up ${text}`).points).toEqual([{ kind: 'histogram', base, growth: undefined }]);
});

test('a histogram repeats, grows and shrinks', () => {
  const one = { ...empty, sum: 1 };
  const two = { ...empty, sum: 2 };
  const at = (times: number): SeriesPoint => ({ kind: 'histogram', base: one, growth: { addend: two, times } });
  const plain: SeriesPoint = { kind: 'histogram', base: two, growth: undefined };
  const text = 'up {{sum:1}}+{{sum:2}}x2 {{sum:2}}x1 5 {{sum:1}}-{{sum:2}}x1';
  expect(parseSeriesNotation(text).points).toEqual([
    at(0),
    at(1),
    at(2),
    plain,
    plain,
    { kind: 'float', value: 5 },
    at(-0),
    at(-1),
  ]);
});

test.for([
  ['', 'unknown position: parse error: unexpected end of input'],
  [' ', '1:2: parse error: unexpected end of input'],
  ['1 2', '1:1: parse error: unexpected "1"'],
  ['up{', '1:4: parse error: unexpected end of input in label set, expected identifier or "}"'],
  ['up{a}', '1:5: parse error: unexpected "}" in label set, expected "="'],
  ['up{a=1}', '1:6: parse error: unexpected "1}" in label set, expected string'],
  ['up{a="b" c="d"}', '1:10: parse error: unexpected "c=\\"d\\"}" in label set, expected "," or "}"'],
  ['up{a="b}', '1:6: parse error: unterminated quoted string'],
  ['up 1+1', '1:4: parse error: unexpected "1+1" in series values, expected number or "stale"'],
  ['up 1x', '1:4: parse error: unexpected "1x" in series values, expected number or "stale"'],
  ['up _a4', '1:4: parse error: unexpected "_a4" in series values, expected number or "stale"'],
  ['up 3+3x4-4', '1:4: parse error: unexpected "3+3x4-4" in series values, expected number or "stale"'],
  ['up stall', '1:4: parse error: unexpected "stall" in series values, expected number or "stale"'],
  ['up {{sum:1}}+{{sum:1}}', '1:23: parse error: unexpected end of input in series values'],
  ['up {{sum:1}}4', '1:13: parse error: unexpected "4" in series values'],
  ['up {{sum:1 sum:2}}', '1:6: parse error: duplicate key "sum" in histogram'],
  ['up {{size:1}}', '1:6: parse error: bad histogram descriptor found: "size"'],
  ['up {{sum}}', '1:6: parse error: bad histogram descriptor found: "sum"'],
  ['up {{schema:1.5}}', '1:13: parse error: unexpected "1.5" in histogram description'],
  ['up {{buckets:[]}}', '1:14: parse error: unexpected "[]" in histogram description'],
  ['up {{counter_reset_hint:maybe}}', '1:25: parse error: unexpected "maybe" in histogram description'],
  ['up 1x4294967295', `1:16: parse error: series has too many points (limit: ${POINT_LIMIT})`],
] as const)('refuses %j: %s', ([text, message]) => {
  expect(() => parseSeriesNotation(text)).toThrow(new PocketCortexError('parse-error', message));
});
