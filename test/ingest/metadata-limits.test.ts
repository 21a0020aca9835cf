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
  expect(keepMetadata(entries(incoming), entries(stored), limits)).toEqual({
    kept: entries(kept),
    overUserLimit: over[0],
    overMetricLimit: over[1],
  });
});

/** `a1 b2` is metric a with help 1 and metric b with help 2. */
function entries(text: string): MetricMetadata[] {
  return text
    .split(' ')
    .filter(Boolean)
    .map((word) => entry(word[0]!, word.slice(1)));
}
