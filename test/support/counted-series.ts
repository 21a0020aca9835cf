import { histogramMessage } from '../../src/wire/histogram-encode.ts';
import type { SeriesMessage } from '../../src/wire/remote-write-encode.ts';
import { type HistogramText, histogram } from './native-histograms.ts';

/** A whole minute shortly before the start of a test server. */
export const COUNTED_END_MS = 1_699_999_980_000;
const SAMPLE_COUNT = 200;
const STEP_MS = 30_000;

type Point = number | HistogramText | undefined;

/**
 * Series whose samples are counted: floats, some with gaps, classic and native histograms of several sizes, and series that
 * are both by turns; one sample every 30 s, up to `COUNTED_END_MS`.
 */
export function countedSeries(): SeriesMessage[] {
  return [
    ...[0, 1].flatMap((job) =>
      ['0.1', '1', '+Inf'].map((le, i) => series({ __name__: 'b_bucket', job, le }, (n) => n * (i + 1))),
    ),
    ...[0, 1, 2, 3, 4].map((i) =>
      series({ __name__: 'c_total', i, job: i % 2 }, (n) => (i === 4 && n % 17 < 8 ? undefined : n * (i + 1))),
    ),
    ...[0, 1, 2, 3].map((i) =>
      series({ __name__: 'g', i, job: i % 2 }, (n) => (i === 3 && n > 150 && n < 170 ? undefined : (n * i) % 7)),
    ),
    ...[0, 1, 2].map((i) => series({ __name__: 'h', i, job: i % 2 }, (n) => wide(n, 4 + 4 * i))),
    series({ __name__: 'h_custom' }, (n) => ({
      bounds: [0.1, 1, 10],
      isInteger: true,
      positive: { 0: n, 1: n, 2: n },
    })),
    series({ __name__: 'h_gauge' }, (n) => (n % 5 === 0 ? undefined : gauge(n))),
    ...[0, 1].map((i) =>
      series({ __name__: 'mixed', i }, (n) => (Math.floor(n / (5 + 7 * i)) % 2 === 1 ? wide(n, 6) : n)),
    ),
    ...[0, 1].map((job) => series({ __name__: 'one', job }, () => 1)),
  ];
}

function wide(n: number, bucketCount: number): HistogramText {
  const buckets = Array.from({ length: bucketCount }, (_, bucket) => [bucket, n + bucket + 1] as const);
  return { isInteger: true, sum: 3 * n, zeroCount: n, zeroThreshold: 0.001, positive: Object.fromEntries(buckets) };
}

function gauge(n: number): HistogramText {
  return { positive: { 0: n, 1: n, 7: n, 8: n }, negative: { 2: n }, counterResetHint: 'gauge' };
}

function series(labels: Readonly<Record<string, string | number>>, pointAt: (n: number) => Point): SeriesMessage {
  const samples: [number, number][] = [];
  const histograms = [];
  for (let n = 0; n < SAMPLE_COUNT; n++) {
    const timestampMs = COUNTED_END_MS - (SAMPLE_COUNT - 1 - n) * STEP_MS;
    const point = pointAt(n);
    if (typeof point === 'number') samples.push([timestampMs, point]);
    else if (point) histograms.push(histogramMessage(timestampMs, histogram(point)));
  }
  return { labels: Object.entries(labels).map(([name, value]) => [name, `${value}`]), samples, histograms };
}
