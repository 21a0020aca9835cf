import { expect, test } from 'vitest';
import { keepMetadata } from '../../src/ingest/metadata-limits.ts';
import { defaultLimits } from '../../src/limits/limits.ts';
import type { MetricMetadata } from '../../src/model/write-batch.ts';

function entry(metric: string, help: string): MetricMetadata {
  return { metric, type: 'gauge', help, unit: '' };
}

const cases = [
  {
    about: 'everything without limits',
    stored: '',
    incoming: 'a1 a2 b1',
    user: 0,
    metric: 0,
    kept: 'a1 a2 b1',
    over: [0, 0],
  },
  { about: 'the first metrics', stored: '', incoming: 'a1 b1 c1', user: 2, metric: 0, kept: 'a1 b1', over: [1, 0] },
  {
    about: 'metrics that are stored',
    stored: 'a1 b1',
    incoming: 'b2 c1 a2',
    user: 2,
    metric: 0,
    kept: 'b2 a2',
    over: [1, 0],
  },
  {
    about: 'the first entries of a metric',
    stored: 'a1',
    incoming: 'a2 b1 b2',
    user: 0,
    metric: 1,
    kept: 'b1',
    over: [0, 2],
  },
  { about: 'nothing for a full metric', stored: 'a1', incoming: 'a1', user: 0, metric: 1, kept: '', over: [0, 1] },
];

test.for(cases)('keeps $about', ({ stored, incoming, user, metric, kept, over }) => {
  const limits = { ...defaultLimits, maxMetadataPerUser: user, maxMetadataPerMetric: metric };
  const all = entries(stored);
  const storedOf = (name: string) => ({
    metricCount: new Set(all.map((one) => one.metric)).size,
    entries: all.filter((one) => one.metric === name),
  });
  const sent = entries(incoming).map((one) => ({ entry: one, count: 1 }));
  expect(keepMetadata(sent, storedOf, limits)).toEqual({
    kept: entries(kept),
    keptCount: entries(kept).length,
    overUserLimit: over[0],
    overMetricLimit: over[1],
  });
});

test('counts what comes many times: once where it takes the last place of its metric', () => {
  const limits = { ...defaultLimits, maxMetadataPerUser: 1, maxMetadataPerMetric: 2 };
  const incoming = [
    { entry: entry('a', '1'), count: 3 },
    { entry: entry('b', '1'), count: 4 },
    { entry: entry('a', '2'), count: 5 },
  ];
  expect(keepMetadata(incoming, () => ({ metricCount: 0, entries: [] }), limits)).toEqual({
    kept: [entry('a', '1'), entry('a', '2')],
    keptCount: 4,
    overUserLimit: 4,
    overMetricLimit: 4,
  });
});

/** `a1 b2` is metric a with help 1 and metric b with help 2. */
function entries(text: string): MetricMetadata[] {
  return text
    .split(' ')
    .filter(Boolean)
    .map((word) => entry(word[0]!, word.slice(1)));
}
