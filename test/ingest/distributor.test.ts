import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Distributor } from '../../src/ingest/distributor.ts';
import { Limits, type TenantLimits } from '../../src/limits/limits.ts';
import { ManualClock } from '../../src/model/clock.ts';
import { SampleColumns } from '../../src/model/columns.ts';
import { Labels } from '../../src/model/labels.ts';
import { createMatcher } from '../../src/model/matcher.ts';
import type { TenantId } from '../../src/model/tenant.ts';
import { runAtOnce } from '../../src/model/work.ts';
import { openStore } from '../../src/storage/sqlite-store.ts';
import type { Store } from '../../src/storage/types.ts';
import { decodeRemoteWrite } from '../../src/wire/remote-write.ts';
import {
  encodeRemoteWrite,
  type SampleValue,
  STALE_VALUE,
  type WriteRequestMessage,
} from '../../src/wire/remote-write-encode.ts';

const NOW_MS = 1_700_000_000_000;
const tenant = 'team' as TenantId;

let clock: ManualClock;
let store: Store;
let metrics: Registry;
let limits: Limits;
let distributor: Distributor;

function start(overrides: Partial<TenantLimits> = {}): void {
  metrics = new Registry();
  limits = new Limits(overrides);
  distributor = new Distributor({ store, limits, clock, metrics });
}

beforeEach(() => {
  clock = new ManualClock(NOW_MS);
  store = openStore({
    path: ':memory:',
    clock,
    retentionMs: 0,
    checkpointIntervalMs: 60_000,
    decodedCacheBytes: 1 << 20,
  });
  start();
});
afterEach(() => store.close());

type Samples = readonly (readonly [secondsAgo: number, value: SampleValue])[];

/** A series `name{label="value"}`; sample times are seconds before now. */
function series(name: string, samples: Samples, labels: Readonly<Record<string, string>> = {}) {
  return {
    labels: Object.entries({ __name__: name, ...labels }),
    samples: samples.map(([secondsAgo, value]) => [NOW_MS - secondsAgo * 1000, value] as const),
  };
}

async function push(request: WriteRequestMessage): Promise<string> {
  const { status, message } = await distributor.push(tenant, decodeRemoteWrite(encodeRemoteWrite(request)));
  return status === 200 ? '200' : `${status} ${message}`;
}

const ingester = (text: string) =>
  `400 maxFailure (quorum) on a given error family, addr=127.0.0.1:9095 state=ACTIVE zone=, rpc error: code = Code(400) desc = user=team: ${text}`;
const at = (secondsAgo: number) => new Date(NOW_MS - secondsAgo * 1000).toISOString().replace('.000', '');

/** What is stored, one line a series: `m{a="1"} 10=1 0=2`, times in seconds before now. */
function stored(): string[] {
  const set = store.select({
    tenant,
    matchers: [createMatcher('__name__', '!=', '')],
    startMs: -8.64e15,
    endMs: 8.64e15,
  });
  const samples = new SampleColumns();
  return set.labels.map((labels, index) => {
    set.read(index, samples);
    const texts = [];
    for (let i = 0; i < samples.count; i++) {
      texts.push(`${(NOW_MS - samples.timestampsMs[i]!) / 1000}=${samples.isStale(i) ? 'stale' : samples.values[i]}`);
    }
    return [labels.metricName + labels.withoutMetricName(), ...texts].join(' ');
  });
}

async function metric(name: string): Promise<Record<string, number>> {
  const { values } = (await metrics.getSingleMetric(name)?.get()) ?? { values: [] };
  return Object.fromEntries(values.map(({ labels, value }) => [Object.values(labels).join(' '), value]));
}

describe('what is good is kept', () => {
  test('in one request and over several', async () => {
    expect(
      await push({
        series: [
          series(
            'a',
            [
              [20, 1],
              [10, 2],
            ],
            { i: '1' },
          ),
          series('b', [[10, 5]]),
        ],
      }),
    ).toBe('200');
    expect(await push({ series: [series('a', [[0, 3]], { i: '1' })] })).toBe('200');
    expect(stored()).toEqual(['a{i="1"} 20=1 10=2 0=3', 'b{} 10=5']);
  });

  test('beside a series that breaks a rule', async () => {
    const request = {
      series: [series('good', [[0, 1]]), series('bad', [[0, 1]], { 'a-b': 'x' }), series('fine', [[0, 2]])],
    };
    expect(await push(request)).toBe('400 sample invalid label: "a-b" metric "bad{a-b=\\"x\\"}"');
    expect(stored()).toEqual(['fine{} 0=2', 'good{} 0=1']);
  });

  test('beside bad metadata', async () => {
    const metadata = [
      { metric: '', type: 'gauge', help: 'h', unit: '' } as const,
      { metric: 'kept', type: 'gauge', help: 'h', unit: '' } as const,
    ];
    expect(await push({ series: [series('kept', [[0, 1]])], metadata })).toBe('400 metadata missing metric name');
    expect(stored()).toEqual(['kept{} 0=1']);
    expect(store.metadata(tenant)).toEqual([metadata[1]]);
  });

  test('with the bits of staleness markers, also when other series are left out', async () => {
    await push({
      series: [
        series('bad-name', [[0, 1]]),
        series('m', [
          [10, 1],
          [0, STALE_VALUE],
        ]),
      ],
    });
    expect(stored()).toEqual(['m{} 10=1 0=stale']);
  });
});

describe('nothing is kept', () => {
  test('of a request that has a series without labels', async () => {
    expect(await push({ series: [series('fine', [[0, 1]]), { labels: [], samples: [[NOW_MS, 1]] }] })).toBe(
      '400 empty labels found',
    );
    expect(stored()).toEqual([]);
  });

  test('of a series without samples', async () => {
    expect(await push({ series: [series('none', [])] })).toBe('200');
    expect(store.statistics(tenant).seriesCount).toBe(0);
  });

  test('of a series with one sample in the future', async () => {
    expect(
      await push({
        series: [
          series('m', [
            [0, 1],
            [-601, 2],
          ]),
        ],
      }),
    ).toBe(`400 timestamp too new: ${NOW_MS + 601_000} metric: "m"`);
    expect(stored()).toEqual([]);
  });
});

describe('timestamps', () => {
  test('of known series are looked at every time', async () => {
    await push({ series: [series('m', [[0, 1]])] });
    expect(await push({ series: [series('m', [[-700, 2]])] })).toBe(
      `400 timestamp too new: ${NOW_MS + 700_000} metric: "m"`,
    );
    await clock.advance(100_000);
    expect(await push({ series: [series('m', [[-700, 2]])] })).toBe('200');
  });

  test('may be too old where that is a limit', async () => {
    start({ rejectOldSamples: true, rejectOldSamplesMaxAgeMs: 3_600_000 });
    expect(await push({ series: [series('m', [[3700, 1]])] })).toBe(
      `400 timestamp too old: ${NOW_MS - 3_700_000} metric: "m"`,
    );
  });
});

describe('what the store refuses', () => {
  beforeEach(() => push({ series: [series('m', [[60, 1]], { a: 'b' }), series('n', [[60, 1]])] }));

  test('is out of order', async () => {
    expect(await push({ series: [series('m', [[61, 2]], { a: 'b' })] })).toBe(
      ingester(`err: out of order sample. timestamp=${at(61)}, series={__name__="m", a="b"}`),
    );
    expect(await metric('cortex_discarded_samples_total')).toEqual({ 'sample-out-of-order team': 1 });
  });

  test('has another value at the same time', async () => {
    expect(await push({ series: [series('m', [[60, 1]], { a: 'b' })] })).toBe('200');
    expect(await push({ series: [series('m', [[60, 1e-7]], { a: 'b' })] })).toBe(
      ingester(
        `err: duplicate sample for timestamp ${NOW_MS - 60_000}; overrides not allowed: existing 1, new value 1e-07. series={__name__="m", a="b"}`,
      ),
    );
  });

  test('is out of bounds, and makes no series', async () => {
    const bounds = `timestamp=${at(7200)}, tsdbHeadMaxTimestamp=${at(60)}`;
    expect(await push({ series: [series('old', [[7200, 1]])] })).toBe(
      ingester(`err: out of bounds. ${bounds}, series={__name__="old"}`),
    );
    expect(await push({ series: [series('n', [[7200, 1]])] })).toBe(
      ingester(`err: out of bounds. ${bounds}, series={__name__="n"}`),
    );
    expect(stored()).toEqual(['m{a="b"} 60=1', 'n{} 60=1']);
  });

  test('is named by its first series, before what validation refused', async () => {
    const request = {
      series: [
        series('bad-name', [[0, 1]]),
        series('n', [[70, 1]]),
        series('m', [[80, 1]], { a: 'b' }),
        series('o', [[0, 1]]),
      ],
    };
    expect(await push(request)).toBe(ingester(`err: out of order sample. timestamp=${at(70)}, series={__name__="n"}`));
    expect(stored()).toEqual(['m{a="b"} 60=1', 'n{} 60=1', 'o{} 0=1']);
  });
});

describe('limits on series', () => {
  test('per tenant refuse new ones and let known ones go on', async () => {
    start({ maxSeriesPerUser: 2 });
    await push({ series: [series('a', [[10, 1]]), series('b', [[10, 1]])] });
    expect(
      await push({
        series: [
          series('c', [
            [0, 1],
            [-1, 1],
          ]),
          series('a', [[0, 2]]),
        ],
      }),
    ).toBe(
      ingester(
        'per-user series limit of 2 exceeded, please contact administrator to raise it (local limit: 2 global limit: 0 actual local limit: 2)',
      ),
    );
    expect(stored()).toEqual(['a{} 10=1 0=2', 'b{} 10=1']);
    expect(await metric('cortex_discarded_samples_total')).toEqual({ 'per_user_series_limit team': 2 });
  });

  test('per metric, local or global', async () => {
    start({ maxSeriesPerMetric: 3, maxGlobalSeriesPerMetric: 1 });
    expect(await push({ series: [series('m', [[0, 1]], { i: '1' }), series('m', [[0, 1]], { i: '2' })] })).toBe(
      ingester(
        'per-metric series limit of 1 exceeded for metric m, please contact administrator to raise it (local limit: 3 global limit: 1 actual local limit: 1) for series {__name__="m", i="2"}',
      ),
    );
    expect(stored()).toEqual(['m{i="1"} 0=1']);
  });

  test('hold again for series that were valid before the limits changed', async () => {
    await push({ series: [series('m', [[10, 1]], { label: 'x' })] });
    limits.override(tenant, { maxLabelNameLength: 4 });
    expect(await push({ series: [series('m', [[0, 1]], { label: 'x' })] })).toMatch(/^400 label name too long/);
  });
});

describe('the rate limit', () => {
  test('counts samples and metadata together and recovers', async () => {
    start({ ingestionRate: 10, ingestionBurstSize: 10 });
    const metadata = [{ metric: 'm', type: 'gauge', help: 'h', unit: '' }] as const;
    const ten = Array.from({ length: 10 }, (_, i) => series('m', [[0, 1]], { i: `${i}` }));
    expect(await push({ series: ten, metadata })).toBe(
      '429 ingestion rate limit (10) exceeded while adding 10 samples and 1 metadata',
    );
    expect(stored()).toEqual([]);
    expect(store.statistics(tenant).seriesCount).toBe(0);
    expect(await push({ series: ten })).toBe('200');
    expect(await push({ series: [series('n', [[0, 1]])] })).toMatch(/^429/);
    await clock.advance(1000);
    expect(await push({ series: [series('n', [[0, 1]])] })).toBe('200');
    expect(await metric('cortex_discarded_samples_total')).toEqual({ 'rate_limited team': 11 });
  });

  test('is not used up by what is refused', async () => {
    start({ ingestionRate: 10, ingestionBurstSize: 10 });
    const bad = Array.from({ length: 20 }, (_, i) => series('bad-name', [[0, 1]], { i: `${i}` }));
    expect(await push({ series: [...bad, series('good', [[0, 1]])] })).toBe(
      '400 sample invalid metric name: "bad-name"',
    );
    expect(stored()).toEqual(['good{} 0=1']);
  });
});

describe('exemplars', () => {
  const exemplar = (trace: string, secondsAgo = 0) => ({
    labels: [['trace', trace] as const],
    value: 1,
    timestampMs: NOW_MS - secondsAgo * 1000,
  });
  const kept = () =>
    runAtOnce(store.exemplars(tenant, [[createMatcher('__name__', '=', 'm')]], { startMs: 0, endMs: NOW_MS })).flatMap(
      (entry) => entry.exemplars.map((one) => one.labels[0]![1]),
    );

  test('are dropped without a word while they are off', async () => {
    expect(await push({ series: [{ ...series('m', [[0, 1]]), exemplars: [exemplar('x')] }] })).toBe('200');
    expect(kept()).toEqual([]);
  });

  test('are kept when they are on', async () => {
    start({ maxExemplars: 10 });
    await push({ series: [{ ...series('m', [[0, 1]]), exemplars: [exemplar('x', 1)] }] });
    await push({ series: [{ ...series('m', []), exemplars: [exemplar('y')] }] });
    expect(kept()).toEqual(['x', 'y']);
  });

  test('need a series', async () => {
    start({ maxExemplars: 10 });
    expect(await push({ series: [{ ...series('m', []), exemplars: [exemplar('x')] }] })).toBe(
      ingester(
        `err: exemplars not ingested because series not already present. timestamp=${at(0)}, series={__name__="m"}, exemplar={trace="x"}`,
      ),
    );
  });

  test('that are bad take their series with them, on or off', async () => {
    expect(
      await push({
        series: [{ ...series('m', [[0, 1]]), exemplars: [{ labels: [], value: 1, timestampMs: NOW_MS }] }],
      }),
    ).toBe(`400 exemplar missing labels, timestamp: ${NOW_MS} series: {__name__="m"} labels: {}`);
    expect(stored()).toEqual([]);
  });
});

describe('rows of rules', () => {
  const row = (value: number, changes = {}) => ({
    labels: Labels.fromRecord({ __name__: 'r', a: 'b' }),
    timestampMs: NOW_MS,
    value,
    ...changes,
  });

  test('are stored like a push', async () => {
    expect(
      await distributor.appendRows(tenant, [row(7), row(0, { timestampMs: NOW_MS + 1000, isStale: true })]),
    ).toEqual([]);
    expect(stored()).toEqual(['r{a="b"} 0=7 -1=stale']);
  });

  test('say what was refused', async () => {
    await distributor.appendRows(tenant, [row(7)]);
    const [text] = await distributor.appendRows(tenant, [row(8)]);
    expect(text).toMatch(/err: duplicate sample for timestamp/);
    expect(await distributor.appendRows(tenant, [])).toEqual([]);
  });
});

test('counts what comes in and what is received by tenant', async () => {
  await push({
    series: [
      series('m', [
        [10, 1],
        [0, 2],
      ]),
      series('bad-name', [[0, 1]]),
    ],
  });
  expect(await metric('cortex_distributor_samples_in_total')).toEqual({ 'float team': 3, 'histogram team': 0 });
  expect(await metric('cortex_distributor_received_samples_total')).toEqual({ 'float team': 2, 'histogram team': 0 });
  expect(await metric('cortex_ingester_ingested_samples_total')).toEqual({ '': 2 });
  expect(await metric('cortex_ingester_memory_series')).toEqual({ '': 1 });
  expect(await metric('cortex_distributor_latest_seen_sample_timestamp_seconds')).toEqual({ team: NOW_MS / 1000 });
});
