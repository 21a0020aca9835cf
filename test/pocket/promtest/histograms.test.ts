import { describe, expect, test } from 'vitest';
import { parseSeriesNotation } from '../../../grammar/series-notation.ts';
import { Labels } from '../../../src/model/labels.ts';
import { ClassicHistograms } from '../../../src/pocket/promtest/custom-buckets.ts';
import { formatHistogram, histogramOfPoint } from '../../../src/pocket/promtest/histogram-notation.ts';
import { parseStartTimes } from '../../../src/pocket/promtest/start-times.ts';

/** The points of a line as they would be written one by one. */
function expanded(notation: string): string[] {
  return parseSeriesNotation(`x ${notation}`).points.map((point) =>
    point.kind === 'histogram' ? formatHistogram(histogramOfPoint(point)) : point.kind,
  );
}

describe('histograms of scripts', () => {
  test.for([
    ['{{}}', ['{{}}']],
    ['{{schema:1 count:3 sum:2.5 buckets:[1 2]}}', ['{{schema:1 count:3 sum:2.5 buckets:[1 2]}}']],
    ['{{count:1 offset:3 buckets:[1 0 2]}}', ['{{count:1 offset:3 buckets:[1 0 2]}}']],
    [
      '{{z_bucket:1 z_bucket_w:0.5 n_offset:-1 n_buckets:[4]}}',
      ['{{z_bucket:1 z_bucket_w:0.5 n_offset:-1 n_buckets:[4]}}'],
    ],
    [
      '{{schema:-53 custom_values:[1 2.5] buckets:[1 2 3] counter_reset_hint:not_reset}}',
      ['{{schema:-53 custom_values:[1 2.5] counter_reset_hint:not_reset buckets:[1 2 3]}}'],
    ],
    ['{{count:1 buckets:[1]}}x2', ['{{count:1 buckets:[1]}}', '{{count:1 buckets:[1]}}', '{{count:1 buckets:[1]}}']],
    [
      '{{count:1 buckets:[1]}}+{{count:2 buckets:[0 2]}}x2 _',
      ['{{count:1 buckets:[1]}}', '{{count:3 buckets:[1 2]}}', '{{count:5 buckets:[1 4]}}', 'absent'],
    ],
    ['{{count:5 buckets:[5]}}-{{count:2 buckets:[2]}}x1', ['{{count:5 buckets:[5]}}', '{{count:3 buckets:[3]}}']],
  ] as const)('%s', ([notation, points]) => {
    expect(expanded(notation)).toEqual(points);
  });

  test.for([
    ['{{schema:9}}', /schema 9/],
    ['{{buckets:[1]}}+{{schema:-53 custom_values:[1] buckets:[1]}}x1', /cannot be added/],
  ] as const)('%s is refused', ([notation, message]) => {
    expect(() => expanded(notation)).toThrow(message);
  });
});

test.for([
  ['_ 1m', [undefined, 60_000]],
  ['_x2 0 -0ms', [undefined, undefined, 0, 0]],
  ['-30s-1mx2 5sx1', [-30_000, -90_000, -150_000, 5000, 5000]],
  ['+1ms+2msx1', [1, 3]],
] as const)('start times %s', ([text, offsetsMs]) => {
  expect(parseStartTimes(text)).toEqual(offsetsMs);
});

test.for(['', '1', 'x3', '1m*2', 'later'])('start times %j are refused', (text) => {
  expect(() => parseStartTimes(text)).toThrow(/invalid/);
});

describe('classic histograms made native', () => {
  const series = (name: string, le?: string): Labels =>
    Labels.fromRecord({ __name__: name, job: 'a', ...(le === undefined ? {} : { le }) });

  test('each moment is one histogram of custom buckets', () => {
    const classic = new ClassicHistograms();
    classic.add(series('x_bucket', '+Inf'), 60_000, 9);
    classic.add(series('x_bucket', '10'), 60_000, 5);
    classic.add(series('x_bucket', '1'), 60_000, 5);
    classic.add(series('x_sum'), 60_000, 12.5);
    classic.add(series('x_bucket', '1'), 0, 2);
    classic.add(series('x_count'), 0, 3);
    classic.add(series('x_total'), 0, 100);
    classic.add(series('x_bucket', 'many'), 0, 100);
    const told = [...classic.histograms()].map(
      ({ labels, timestampMs, histogram }) => `${labels} ${timestampMs} ${formatHistogram(histogram)}`,
    );
    expect(told).toEqual([
      '{__name__="x", job="a"} 0 {{schema:-53 count:3 custom_values:[1] buckets:[2 1]}}',
      '{__name__="x", job="a"} 60000 {{schema:-53 count:9 sum:12.5 custom_values:[1 10] buckets:[5 0 4]}}',
    ]);
  });

  test('counts that do not rise, or end elsewhere than the count says, are refused', () => {
    const falling = new ClassicHistograms();
    falling.add(series('x_bucket', '1'), 0, 5);
    falling.add(series('x_bucket', '2'), 0, 4);
    expect(() => [...falling.histograms()]).toThrow(/do not rise/);
    const short = new ClassicHistograms();
    short.add(series('x_bucket', '+Inf'), 0, 5);
    short.add(series('x_count'), 0, 6);
    expect(() => [...short.histograms()]).toThrow(/not its last bucket/);
  });
});
