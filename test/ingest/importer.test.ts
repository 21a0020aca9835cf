import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Distributor } from '../../src/ingest/distributor.ts';
import { defaultLimits, Limits, type TenantLimits } from '../../src/limits/limits.ts';
import { ManualClock } from '../../src/model/clock.ts';
import { SampleColumns } from '../../src/model/columns.ts';
import type { TenantId } from '../../src/model/tenant.ts';
import { openStore } from '../../src/storage/sqlite-store.ts';
import type { Store } from '../../src/storage/types.ts';
import { decodeRemoteWrite } from '../../src/wire/remote-write.ts';
import { encodeRemoteWrite, type WriteRequestMessage } from '../../src/wire/remote-write-encode.ts';

const TENANT = 'a' as TenantId;
const NOW_MS = 1_700_000_000_000;
const DAY_MS = 86_400_000;

let store: Store;
beforeEach(() => {
  store = openStore({
    path: ':memory:',
    clock: new ManualClock(NOW_MS),
    retentionMs: 0,
    checkpointIntervalMs: 30_000,
    decodedCacheBytes: 1 << 20,
  });
});
afterEach(() => store.close());

function distributor(limits: Partial<TenantLimits> = {}): Distributor {
  const clock = new ManualClock(NOW_MS);
  return new Distributor({
    store,
    limits: new Limits({ ...defaultLimits, ...limits }),
    clock,
    metrics: new Registry(),
  });
}

function batch(request: WriteRequestMessage) {
  return decodeRemoteWrite(encodeRemoteWrite(request));
}

function samplesOf(name: string): [number, number][] {
  const { labels, read } = store.select({
    tenant: TENANT,
    matchers: [],
    startMs: -Infinity,
    endMs: Infinity,
  });
  const index = labels.findIndex(({ metricName }) => metricName === name);
  const columns = new SampleColumns();
  read(index, columns);
  return Array.from({ length: columns.count }, (_, i) => [columns.timestampsMs[i]!, columns.values[i]!]);
}

const all = { refused: 0, firstRefusal: undefined, histograms: 0, exemplars: 0, metadata: 0, duplicates: 0 };

describe('samples', () => {
  test('of any time come in any order, and are read in that of time', async () => {
    const into = distributor();
    const times = [NOW_MS + 365 * DAY_MS, 5, -7, NOW_MS, 0, NOW_MS - 40 * DAY_MS, NOW_MS - 41 * DAY_MS];
    for (const timestampMs of times) {
      const series = [{ labels: [['__name__', 'x']] as const, samples: [[timestampMs, timestampMs / 2]] as const }];
      expect(await into.import(TENANT, batch({ series }))).toEqual({ ...all, samples: 1 });
    }
    expect(samplesOf('x')).toEqual([...times].sort((a, b) => a - b).map((timeMs) => [timeMs, timeMs / 2]));
  });

  test('backwards, beyond many chunks, over two loads that overlap, with a checkpoint between', async () => {
    const into = distributor();
    for (const [first, last] of [[2000, 4000] as const, [0, 3000] as const]) {
      for (let at = last - 1; at >= first; at--) {
        const series = [{ labels: [['__name__', 'x']] as const, samples: [[at, at]] as const }];
        await into.import(TENANT, batch({ series }));
      }
      await store.checkpoint({ force: true });
    }
    expect(samplesOf('x')).toEqual(Array.from({ length: 4000 }, (_, at) => [at, at]));
  });

  test('at a time that the series has already are not taken', async () => {
    const into = distributor();
    const write = (value: number) =>
      into.import(TENANT, batch({ series: [{ labels: [['__name__', 'x']], samples: [[NOW_MS, value]] }] }));
    expect(await write(1)).toEqual({ ...all, samples: 1 });
    expect(await write(2)).toEqual({ ...all, samples: 0, duplicates: 1 });
    expect(await write(1)).toEqual({ ...all, samples: 1 });
    expect(samplesOf('x')).toEqual([[NOW_MS, 1]]);
  });

  test('are not limited in age, rate and number of series', async () => {
    const into = distributor({
      ingestionRate: 0,
      maxSeriesPerUser: 1,
      rejectOldSamples: true,
      maxGlobalSeriesPerUser: 1,
    });
    const series = Array.from({ length: 10 }, (_, i) => ({
      labels: [['__name__', `x${i}`]] as const,
      samples: [[i, i]] as const,
    }));
    expect(await into.import(TENANT, batch({ series }))).toEqual({ ...all, samples: 10 });
  });
});

test('labels stay as they are, whatever limits say about them', async () => {
  const into = distributor({ dropLabels: ['job'], acceptHaSamples: true, maxLabelNamesPerSeries: 1 });
  const labels = [
    ['job', 'b'],
    ['__name__', 'x'],
    ['__replica__', '1'],
    ['a.b', 'é'],
  ] as const;
  const series = [{ labels, samples: [[1, 1]] as const }];
  expect(await into.import(TENANT, batch({ series }))).toEqual({ ...all, samples: 1 });
  const set = store.select({ tenant: TENANT, matchers: [], startMs: -Infinity, endMs: Infinity });
  expect(set.labels.map((one) => one.toRecord())).toEqual([Object.fromEntries(labels)]);
});

test('a series that was imported is no way around the limits of a push', async () => {
  const into = distributor({ maxLabelNamesPerSeries: 1 });
  const labels = [
    ['__name__', 'x'],
    ['a', 'b'],
  ] as const;
  await into.import(TENANT, batch({ series: [{ labels, samples: [[NOW_MS, 1]] }] }));
  const { status } = await into.push(TENANT, batch({ series: [{ labels, samples: [[NOW_MS + 1, 1]] }] }));
  expect(status).toBe(400);
});

test.for([
  { labels: [['a', 'b']], reason: 'a series without a metric name: {a="b"}' },
  {
    labels: [
      ['__name__', 'x'],
      ['', 'b'],
    ],
    reason: 'a label without a name: x{="b"}',
  },
  {
    labels: [
      ['__name__', 'x'],
      ['a', 'b'],
      ['a', 'c'],
    ],
    reason: 'the label a is there twice: x{a="b", a="c"}',
  },
] as const)('refuses $reason, and takes what is beside it', async ({ labels, reason }) => {
  const series = [
    { labels, samples: [[1, 1]] as const },
    { labels: [['__name__', 'fine']] as const, samples: [[1, 1]] as const },
  ];
  expect(await distributor().import(TENANT, batch({ series }))).toEqual({
    ...all,
    samples: 1,
    refused: 1,
    firstRefusal: reason,
  });
});

test('histograms, exemplars and metadata come along', async () => {
  const into = distributor({ maxExemplars: 10 });
  const outcome = await into.import(
    TENANT,
    batch({
      series: [
        {
          labels: [['__name__', 'x']],
          histograms: [
            {
              timestampMs: 5,
              isInteger: true,
              schema: 0,
              count: 1,
              sum: 1,
              positiveSpans: [{ offset: 0, length: 1 }],
              positiveCounts: [1],
            },
            { timestampMs: 6, isInteger: true, schema: 0, count: -1, sum: 1 },
          ],
          exemplars: [
            { labels: [['trace_id', 'a']], value: 1, timestampMs: 5 },
            { labels: [], value: 1, timestampMs: 6 },
          ],
        },
      ],
      metadata: [{ metric: 'x', type: 'histogram', help: 'Help.', unit: '' }],
    }),
  );
  expect(outcome).toMatchObject({ samples: 1, histograms: 1, exemplars: 1, metadata: 1, duplicates: 0, refused: 2 });
  expect(store.metadata(TENANT)).toHaveLength(1);
});
