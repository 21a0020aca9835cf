import { describe, expect, test } from 'vitest';
import {
  exemplarRefusal,
  firstOutOfBounds,
  metadataRefusal,
  timeBounds,
  timestampRefusal,
} from '../../src/ingest/validate-samples.ts';
import { defaultLimits } from '../../src/limits/limits.ts';
import { Labels } from '../../src/model/labels.ts';
import type { MetricMetadata } from '../../src/model/write-batch.ts';

const NOW_MS = 1_000_000_000_000;
const series = Labels.fromRecord({ __name__: 'm', a: 'b' });

describe('timestamps', () => {
  const strict = { ...defaultLimits, rejectOldSamples: true, rejectOldSamplesMaxAgeMs: 3_600_000 };
  const cases = [
    { limits: defaultLimits, offsetMs: 600_000, text: undefined, about: 'the end of the grace period' },
    {
      limits: defaultLimits,
      offsetMs: 600_001,
      text: 'timestamp too new: 1000000600001 metric: "m"',
      about: 'beyond it',
    },
    { limits: defaultLimits, offsetMs: -NOW_MS, text: undefined, about: '1970 without a limit on age' },
    { limits: strict, offsetMs: -3_600_000, text: undefined, about: 'as old as may be' },
    { limits: strict, offsetMs: -3_600_001, text: 'timestamp too old: 999996399999 metric: "m"', about: 'older' },
  ];
  test.for(cases)('judges $about', ({ limits, offsetMs, text }) => {
    const bounds = timeBounds(limits, NOW_MS);
    const timestampsMs = Float64Array.of(NOW_MS, NOW_MS + offsetMs);
    const index = firstOutOfBounds(timestampsMs, 0, 2, bounds);
    expect(index).toBe(text === undefined ? -1 : 1);
    if (index >= 0) expect(timestampRefusal(timestampsMs[index]!, bounds, 'm').message).toBe(text);
  });

  test('looks at its own range only', () => {
    expect(firstOutOfBounds(Float64Array.of(9e15, NOW_MS, 9e15), 1, 2, timeBounds(defaultLimits, NOW_MS))).toBe(-1);
  });
});

describe('exemplars', () => {
  const place = (labels: string, timestampMs = 5) =>
    `timestamp: ${timestampMs} series: {__name__="m", a="b"} labels: ${labels}`;
  const cases = [
    { exemplar: { labels: [['t', 'x'.repeat(127)]], value: 1, timestampMs: 5 }, message: undefined },
    { exemplar: { labels: [], value: 1, timestampMs: 5 }, message: `exemplar missing labels, ${place('{}')}` },
    {
      exemplar: { labels: [['t', '1']], value: 1, timestampMs: 0 },
      message: `exemplar missing timestamp, ${place('{t="1"}', 0)}`,
    },
    {
      exemplar: { labels: [['t', '🚀'.repeat(128)]], value: 1, timestampMs: 5 },
      message: `exemplar combined labelset exceeds 128 characters, ${place(`{t="${'🚀'.repeat(128)}"}`)}`,
    },
  ] as const;
  test.for(cases)('says $message', ({ exemplar, message }) => {
    expect(exemplarRefusal(exemplar, series)?.message).toBe(message);
  });
});

describe('metadata', () => {
  const entry = (changes: Partial<MetricMetadata>): MetricMetadata => ({
    metric: 'm',
    type: 'gauge',
    help: 'h',
    unit: '',
    ...changes,
  });
  const limits = { ...defaultLimits, maxMetadataLength: 4 };
  const cases = [
    { metadata: entry({ help: 'four' }), message: undefined },
    { metadata: entry({ metric: '' }), message: 'metadata missing metric name' },
    { metadata: entry({ metric: 'mmmmm' }), message: `metadata 'METRIC_NAME' value too long: "mmmmm" metric "mmmmm"` },
    { metadata: entry({ help: 'ééé' }), message: `metadata 'HELP' value too long: "ééé" metric "m"` },
    { metadata: entry({ unit: 'uuuuu' }), message: `metadata 'UNIT' value too long: "uuuuu" metric "m"` },
  ];
  test.for(cases)('says $message', ({ metadata, message }) => {
    expect(metadataRefusal(metadata, limits)?.message).toBe(message);
  });
});
