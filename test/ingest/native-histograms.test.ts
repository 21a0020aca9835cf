import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Distributor } from '../../src/ingest/distributor.ts';
import { Limits, type TenantLimits } from '../../src/limits/limits.ts';
import { ManualClock } from '../../src/model/clock.ts';
import { Labels } from '../../src/model/labels.ts';
import { NativeHistogram } from '../../src/model/native-histogram.ts';
import type { TenantId } from '../../src/model/tenant.ts';
import { openStore } from '../../src/storage/sqlite-store.ts';
import type { Store } from '../../src/storage/types.ts';
import type { HistogramMessage } from '../../src/wire/histogram-encode.ts';
import { decodeRemoteWrite } from '../../src/wire/remote-write.ts';
import { encodeRemoteWrite, type SeriesMessage, STALE_VALUE } from '../../src/wire/remote-write-encode.ts';
import { readAll } from '../support/store-batches.ts';

const NOW_MS = 1_700_000_000_000;
const tenant = 'team' as TenantId;

let store: Store;
let metrics: Registry;
let distributor: Distributor;

function start(overrides: Partial<TenantLimits> = {}): void {
  const clock = new ManualClock(NOW_MS);
  store = openStore({
    ...{ path: ':memory:', clock, retentionMs: 0, checkpointIntervalMs: 60_000, decodedCacheBytes: 1 << 20 },
  });
  metrics = new Registry();
  const limits = new Limits({ enableNativeHistograms: true, ...overrides });
  distributor = new Distributor({ store, limits, clock, metrics });
}

beforeEach(() => start());
afterEach(() => store.close());

const valid: HistogramMessage = {
  timestampMs: NOW_MS,
  isInteger: true,
  schema: 1,
  zeroThreshold: 0.001,
  zeroCount: 2,
  count: 5,
  sum: 18.4,
  positiveSpans: [
    { offset: 0, length: 2 },
    { offset: 1, length: 1 },
  ],
  positiveCounts: [1, 1, 1],
};
const float: HistogramMessage = { ...valid, isInteger: false, count: 5.5, zeroCount: 2.5 };
const custom: HistogramMessage = {
  ...{ timestampMs: NOW_MS, isInteger: true, schema: -53, count: 4, sum: 5 },
  ...{ positiveSpans: [{ offset: 0, length: 3 }], positiveCounts: [1, 1, 2], customBounds: [0.5, 1] },
};

function series(histograms: readonly HistogramMessage[], name = 'h'): SeriesMessage {
  return {
    labels: [
      ['__name__', name],
      ['job', 'x'],
    ],
    histograms,
  };
}

async function push(...sent: readonly SeriesMessage[]): Promise<string> {
  const { status, message } = await distributor.push(tenant, decodeRemoteWrite(encodeRemoteWrite({ series: sent })));
  return status === 200 ? '200' : `${status} ${message}`;
}

const ingester = (text: string) =>
  `400 maxFailure (quorum) on a given error family, addr=127.0.0.1:9095 state=ACTIVE zone=, rpc error: code = Code(400) desc = user=team: err: ${text}`;
const NAME = '{__name__="h", job="x"}';
const BUCKETS_NEGATIVE = 'histogram has a bucket whose observation count is negative';
const SPANS_MISMATCH = 'histogram spans specify different number of buckets than provided';
const SPAN_NEGATIVE = 'histogram has a span whose offset is negative';

/** What is stored, one line a sample: seconds before now and the value, of histograms count, sum and buckets. */
function stored(name = 'h'): string[] {
  const samples = readAll(store, tenant)[`{__name__="${name}", job="x"}`] ?? [];
  return samples.map(([timestampMs, value]) => {
    const text = value instanceof NativeHistogram ? histogramText(value) : `${value}`;
    return `${(NOW_MS - timestampMs) / 1000}=${text}`;
  });
}

function histogramText({ count, sum, positive, isStale, isInteger }: NativeHistogram): string {
  if (isStale) return `stale ${isInteger ? 'integers' : 'floats'}`;
  const buckets = [...positive.indexes].map((index, i) => `${index}:${positive.counts[i]}`);
  return `${count}/${sum} ${buckets.join(' ')}`;
}

const secondsAgo = (seconds: number) => ({ timestampMs: NOW_MS - seconds * 1000 });

const refused: readonly { readonly name: string; readonly sent: HistogramMessage; readonly fault: string }[] = [
  {
    name: 'fewer observations than buckets hold',
    sent: { ...valid, count: 2 },
    fault:
      "5 observations found in buckets, but the Count field is 2: histogram's observation count should equal the number of observations found in the buckets (in absence of NaN)",
  },
  {
    name: 'fewer observations than buckets hold, some of them NaN',
    sent: { ...valid, count: 2, sum: NaN },
    fault:
      "5 observations found in buckets, but the Count field is 2: histogram's observation count should be at least the number of observations found in the buckets",
  },
  {
    name: 'more buckets in spans than there are',
    sent: { ...valid, positiveSpans: [{ offset: 0, length: 5 }] },
    fault: `positive side: spans need 5 buckets, have 3 buckets: ${SPANS_MISMATCH}`,
  },
  {
    name: 'spans of four billion buckets',
    sent: { ...valid, negativeSpans: [{ offset: 0, length: 2 ** 32 - 1 }] },
    fault: `negative side: spans need 4294967295 buckets, have 0 buckets: ${SPANS_MISMATCH}`,
  },
  {
    name: 'spans that go back',
    sent: {
      ...valid,
      positiveSpans: [
        { offset: -4, length: 2 },
        { offset: -1, length: 1 },
      ],
    },
    fault: `positive side: span number 2 with offset -1: ${SPAN_NEGATIVE}`,
  },
  {
    name: 'a negative count in a bucket',
    sent: { ...valid, positiveCounts: [1, -1, 3] },
    fault: `positive side: bucket number 2 has observation count of -1: ${BUCKETS_NEGATIVE}`,
  },
  {
    name: 'a negative count in a negative bucket of floats',
    sent: { ...float, negativeSpans: [{ offset: 0, length: 1 }], negativeCounts: [-1.5] },
    fault: `negative side: bucket number 1 has observation count of -1.5: ${BUCKETS_NEGATIVE}`,
  },
  {
    name: 'a negative zero bucket of floats',
    sent: { ...float, zeroCount: -0.5 },
    fault: `zero bucket has observation count of -0.5: ${BUCKETS_NEGATIVE}`,
  },
  {
    name: 'a negative number of observations',
    sent: { ...float, count: -1 },
    fault: "observation count is  -1: histogram's observation count is negative",
  },
  {
    name: 'custom bounds with an exponential schema',
    sent: { ...valid, customBounds: [1] },
    fault: 'histogram with exponential schema must not have custom bounds',
  },
  {
    name: 'custom bounds that do not rise',
    sent: { ...custom, customBounds: [1, 0.5] },
    fault:
      'custom buckets: previous bound is 1.000000 and current is 0.500000: histogram custom bounds must be in strictly increasing order',
  },
  {
    name: 'a custom bound that is NaN',
    sent: { ...custom, customBounds: [1, NaN] },
    fault: 'custom buckets: histogram custom bounds must not be NaN',
  },
  {
    name: 'an infinite custom bound',
    sent: { ...custom, customBounds: [1, Infinity] },
    fault: 'custom buckets: last +Inf bound must not be explicitly defined: histogram custom bounds must be finite',
  },
  {
    name: 'too few custom bounds',
    sent: { ...custom, customBounds: [1] },
    fault:
      'custom buckets: only 1 custom bounds defined which is insufficient to cover total span length of 3: histogram custom bounds are too few',
  },
  {
    name: 'a zero bucket beside custom ones',
    sent: { ...custom, zeroCount: 1 },
    fault: 'custom buckets: must have zero count of 0',
  },
  {
    name: 'a zero threshold beside custom buckets',
    sent: { ...custom, zeroThreshold: 1 },
    fault: 'custom buckets: must have zero threshold of 0',
  },
  {
    name: 'negative custom buckets',
    sent: { ...custom, negativeSpans: [{ offset: 0, length: 0 }] },
    fault: 'custom buckets: must not have negative spans',
  },
];

test.for(refused)('refuses $name, and keeps the rest of the request', async ({ sent, fault }) => {
  expect(await push(series([sent]), series([valid], 'good'))).toBe(
    `400 invalid native histogram, validation err: ${fault}, metric: "h{job=\\"x\\"}"`,
  );
  expect([stored(), stored('good')]).toEqual([[], ['0=5/18.4 0:1 1:1 3:1']]);
});

test.for([-5, 9, 20, -54])('refuses the schema %d', async (schema) => {
  expect(await push(series([{ ...valid, schema }]))).toBe(
    `400 invalid native histogram schema ${schema} for metric: "h{job=\\"x\\"}". supported schema from -4 to 8`,
  );
});

test('refuses a bad histogram of a series that is known, and one that is too new', async () => {
  expect(await push(series([valid]))).toBe('200');
  expect(await push(series([{ ...valid, count: 0 }]))).toMatch(/^400 invalid native histogram, validation err/);
  expect(await push(series([{ ...valid, ...secondsAgo(-3600) }]))).toBe(
    `400 timestamp too new: ${NOW_MS + 3_600_000} metric: "h"`,
  );
});

test('drops native histograms that are switched off, without an error, but looks at them', async () => {
  start({ enableNativeHistograms: false });
  expect(await push(series([valid]), { ...series([valid], 'mixed'), samples: [[NOW_MS - 1, 7]] })).toBe('200');
  expect([stored(), stored('mixed')]).toEqual([[], ['0.001=7']]);
  expect(store.statistics(tenant).seriesCount).toBe(1);
  expect(await push(series([{ ...valid, schema: 9 }]))).toMatch(/^400 invalid native histogram schema 9/);
  expect(await metrics.getSingleMetric('cortex_discarded_samples_total')!.get()).toMatchObject({
    values: [
      { labels: { reason: 'native-histogram-sample', user: 'team' }, value: 2 },
      { labels: { reason: 'native_histogram_invalid_schema', user: 'team' }, value: 1 },
    ],
  });
});

describe('limits', () => {
  const wide: HistogramMessage = {
    ...{ timestampMs: NOW_MS, isInteger: true, schema: 2, count: 8, sum: 8 },
    ...{ positiveSpans: [{ offset: 0, length: 8 }], positiveCounts: [1, 1, 1, 1, 1, 1, 1, 1] },
  };

  test('a histogram with too many buckets is made coarser until it fits', async () => {
    start({ maxNativeHistogramBuckets: 4 });
    expect(await push(series([wide]))).toBe('200');
    expect(stored()).toEqual(['0=8/8 0:1 1:4 2:3']);
  });

  test.for([
    { name: 'custom ones', sent: { ...custom, positiveCounts: [1, 1, 2], schema: -53 } },
    { name: 'the coarsest ones', sent: { ...wide, schema: -4, positiveSpans: [{ offset: 0, length: 8 }] } },
    { name: 'ones too far apart', sent: spread(wide) },
  ])('a histogram with too many buckets is refused: $name', async ({ sent }) => {
    start({ maxNativeHistogramBuckets: 2 });
    expect(await push(series([sent]))).toBe(
      '400 native histogram bucket count exceeded for metric (limit: 2) metric: "h{job=\\"x\\"}"',
    );
  });

  function spread(histogram: HistogramMessage): HistogramMessage {
    const positiveSpans = Array.from({ length: 8 }, () => ({ offset: 900, length: 1 }));
    return { ...histogram, positiveSpans };
  }

  test('a histogram that takes too many bytes is refused', async () => {
    start({ maxNativeHistogramSampleSizeBytes: 40 });
    const positiveSpans = [{ offset: 0, length: 12 }];
    const sent = { ...float, count: 12, zeroCount: 0, positiveSpans, positiveCounts: new Array<number>(12).fill(1) };
    expect(await push(series([sent]))).toMatch(
      /^400 native histogram sample size bytes exceeded for metric \(actual: 147, limit: 40\) metric: "h\{job=\\"x\\"\}"$/,
    );
  });

  test('of series with native histograms only so many come in, within one request too', async () => {
    start({ maxNativeHistogramSeriesPerUser: 2 });
    const advice = '(local limit: 2 global limit: 0 actual local limit: 2)';
    const refusal = ingester(
      `per-user native histogram series limit of 2 exceeded, please contact administrator to raise it ${advice}`,
    ).replace('err: ', '');
    expect(await push(series([valid], 'a'), series([valid], 'b'), series([valid], 'c'))).toBe(refusal);
    // No other new series either, even of floats; those that are there go on.
    const plain: SeriesMessage = { labels: series([], 'plain').labels, samples: [[NOW_MS, 1]] };
    expect(await push(plain)).toBe(refusal);
    expect(await push(series([{ ...valid, ...secondsAgo(-1) }], 'a'))).toBe('200');
    expect(['a', 'b', 'c', 'plain'].map((name) => stored(name).length)).toEqual([2, 1, 0, 0]);
  });

  test('series with native histograms stay out above their rate, the others come in', async () => {
    start({ nativeHistogramIngestionRate: 1, nativeHistogramIngestionBurstSize: 1 });
    expect(await push(series([valid]))).toBe('200');
    const plain: SeriesMessage = { labels: series([], 'plain').labels, samples: [[NOW_MS, 1]] };
    expect(await push(series([{ ...valid, ...secondsAgo(-1) }]), plain)).toBe(
      '429 native histogram ingestion rate limit (1) exceeded while adding 1 native histogram samples',
    );
    expect([stored().length, stored('plain')]).toEqual([1, ['0=1']]);
  });
});

describe('a series of floats and histograms', () => {
  const floats = (...samples: [number, number | bigint][]): SeriesMessage => ({
    labels: series([]).labels,
    samples: samples.map(([seconds, value]) => [NOW_MS - seconds * 1000, value] as const),
  });

  test('keeps both in the order of time', async () => {
    expect(await push(floats([30, 1]))).toBe('200');
    expect(await push(series([{ ...valid, ...secondsAgo(20) }]))).toBe('200');
    expect(await push(floats([10, 2]))).toBe('200');
    expect(await push(series([float]))).toBe('200');
    expect(stored()).toEqual(['30=1', '20=5/18.4 0:1 1:1 3:1', '10=2', '0=5.5/18.4 0:1 1:1 3:1']);
  });

  test('refuses another kind at the same time', async () => {
    expect(await push(floats([0, 1]))).toBe('200');
    expect(await push(series([valid]))).toBe(ingester(`duplicate sample for timestamp. series=${NAME}`));
    expect(await push(series([{ ...valid, ...secondsAgo(-1) }]))).toBe('200');
    expect(await push(floats([-1, 3]))).toBe(
      ingester(
        `duplicate sample for timestamp ${NOW_MS + 1000}; overrides not allowed: existing is a histogram, new value 3. series=${NAME}`,
      ),
    );
  });

  test('takes the same histogram twice, but no other one at its time', async () => {
    expect([await push(series([valid])), await push(series([valid]))]).toEqual(['200', '200']);
    for (const other of [{ ...valid, sum: 1 }, float]) {
      expect(await push(series([other]))).toBe(ingester(`duplicate sample for timestamp. series=${NAME}`));
    }
    expect(stored()).toHaveLength(1);
  });

  test('refuses a histogram out of order, and takes it inside the window', async () => {
    expect(await push(series([valid]))).toBe('200');
    expect(await push(series([{ ...valid, ...secondsAgo(5) }]))).toBe(
      ingester(`out of order sample. timestamp=2023-11-14T22:13:15Z, series=${NAME}`),
    );
    start({ outOfOrderTimeWindowMs: 60_000 });
    for (const seconds of [0, 5, 9, 5]) expect(await push(series([{ ...valid, ...secondsAgo(seconds) }]))).toBe('200');
    expect(await push(series([{ ...valid, ...secondsAgo(61) }]))).toBe(
      ingester(
        `too old sample. timestamp=2023-11-14T22:12:19Z, tsdbHeadMaxTimestamp=2023-11-14T22:13:20Z, series=${NAME}`,
      ),
    );
    expect(stored().map((line) => line.split('=')[0])).toEqual(['9', '5', '0']);
  });

  test('a staleness marker behind a histogram is one of histograms', async () => {
    await push(series([{ ...valid, ...secondsAgo(9) }]));
    await push(floats([8, STALE_VALUE]));
    await push(series([{ ...float, ...secondsAgo(7) }]));
    await push(series([{ ...float, ...secondsAgo(6), isStale: true }]));
    await push(floats([5, 1]), floats([4, STALE_VALUE]));
    expect(stored()).toEqual([
      ...['9=5/18.4 0:1 1:1 3:1', '8=stale integers', '7=5.5/18.4 0:1 1:1 3:1', '6=stale floats', '5=1', '4=stale'],
    ]);
  });

  test('within a request floats come before histograms', async () => {
    expect(await push({ ...floats([9, 1], [3, 2]), histograms: [{ ...valid, ...secondsAgo(6) }, valid] })).toBe('200');
    expect(stored()).toEqual(['9=1', '3=2', '0=5/18.4 0:1 1:1 3:1']);
  });
});

test('a rule may yield a histogram', async () => {
  const labels = Labels.fromRecord({ __name__: 'h', job: 'x' });
  const histogram = new NativeHistogram({ schema: 0, count: 1.5, sum: 2, counterResetHint: 'gauge' });
  await distributor.appendRows(tenant, [{ labels, timestampMs: NOW_MS, value: 0, histogram }]);
  await distributor.appendRows(tenant, [{ labels, timestampMs: NOW_MS + 1000, value: 0, isStale: true }]);
  expect(stored()).toEqual(['0=1.5/2 ', '-1=stale floats']);
  expect((readAll(store, tenant)[NAME]![0]![1] as NativeHistogram).counterResetHint).toBe('gauge');
});

test('counts what was kept and what was refused apart from floats', async () => {
  await push(series([valid, { ...valid, sum: 3 }]), { labels: series([], 'f').labels, samples: [[NOW_MS, 1]] });
  await push(series([{ ...valid, sum: 4 }]));
  const value = async (name: string) => (await metrics.getSingleMetric(name)!.get()).values[0]!.value;
  expect([
    await value('cortex_ingester_ingested_samples_total'),
    await value('cortex_ingester_ingested_samples_failures_total'),
    await value('cortex_ingester_ingested_native_histograms_total'),
    await value('cortex_ingester_ingested_native_histograms_failures_total'),
  ]).toEqual([1, 0, 2, 1]);
});
