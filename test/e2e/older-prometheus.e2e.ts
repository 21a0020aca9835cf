import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HistogramMessage } from '../../src/wire/histogram-encode.ts';
import type { SeriesMessage } from '../../src/wire/remote-write-encode.ts';
import { findProgram } from '../support/child-process.ts';
import { type Peer, startPrometheus } from '../support/peers.ts';
import { push } from '../support/push.ts';
import type { ApiData, ApiSeries } from '../support/query-api.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

/*
 * The smallest examples of what differs with native histograms between Prometheus 3.5 and Cortex 1.21, whose engine is that of
 * 3.9 (see `olderWays` in test/support/differential/older-engine.ts). Of another Prometheus on
 * PATH nothing is asked.
 */
const program = findProgram('prometheus');
const because = program ? '' : ' (skipped: prometheus not on PATH)';
const tenant = 'older';
/** Samples lie at 0, 15, 30 … seconds from here. */
const startSeconds = 1_700_000_000;

type Sample = Omit<HistogramMessage, 'timestampMs' | 'isInteger' | 'schema' | 'count' | 'sum'>;

function series(
  labels: Readonly<Record<string, string>>,
  samples: readonly (readonly [counts: number[], sample?: Sample])[],
) {
  const histograms = samples.map(
    ([counts, sample], at): HistogramMessage => ({
      timestampMs: (startSeconds + at * 15) * 1000,
      isInteger: true,
      schema: sample?.customBounds ? -53 : 0,
      count: counts.reduce((sum, count) => sum + count),
      sum: 0,
      positiveSpans: [{ offset: 0, length: counts.length }],
      positiveCounts: counts,
      ...sample,
    }),
  );
  const pairs = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return { labels: pairs, samples: [], histograms } satisfies SeriesMessage;
}

const gauge: Sample = { counterResetHint: 'gauge' };
const data = [
  series({ __name__: 'gauge' }, [
    [[40, 0], gauge],
    [[10, 50], gauge],
    [[10, 80], gauge],
  ]),
  series({ __name__: 'young' }, [[[1]], [[11]], [[21]]]),
  series({ __name__: 'bounds', a: '1' }, [[[1, 2, 3], { customBounds: [1, 2] }]]),
  series({ __name__: 'bounds', a: '2' }, [[[1, 2], { customBounds: [1] }]]),
  series({ __name__: 'pair', a: '1' }, [[[40, 0]], [[10, 50]]]),
  series({ __name__: 'pair', a: '2' }, [[[40, 0]], [[40, 50]]]),
];

interface Told {
  readonly results: readonly string[];
  readonly notes: readonly string[];
}

const notCounter = (at: number) => `PromQL warning: this native histogram metric is not a counter: "gauge" (1:${at})`;

const cases: readonly (readonly [change: string, query: string, atSeconds: number, ours: Told, older: Told])[] = [
  [
    // A bucket falls while the count rises: a reset, for who sees buckets. Prometheus 3.5 does, as the call is the whole query …
    '3.7 reads without buckets (#17127)',
    'histogram_count(increase(gauge[1m]))',
    30,
    { results: ['62.5'], notes: [notCounter(26)] },
    { results: ['112.5'], notes: [notCounter(26)] },
  ],
  [
    // … and does not where the call stands inside of something.
    '3.7 reads without buckets (#17127)',
    '1 * histogram_count(increase(gauge[1m]))',
    30,
    { results: ['62.5'], notes: [notCounter(30)] },
    { results: ['62.5'], notes: [notCounter(30)] },
  ],
  [
    // Of several selectors it looks at the first alone.
    '3.7 reads every selector without buckets (#17141)',
    'absent(nothing) * histogram_count(increase(gauge[1m]))',
    30,
    { results: ['62.5'], notes: [notCounter(44)] },
    { results: ['112.5'], notes: [notCounter(44)] },
  ],
  [
    '3.6 does not follow counts below zero (#16828)',
    'increase(young[1m])',
    30,
    { results: ['21'], notes: [] },
    { results: ['25'], notes: [] },
  ],
  [
    '3.8 reconciles custom bounds (#17278)',
    'sum(bounds)',
    30,
    { results: ['9'], notes: ['PromQL info: mismatched custom buckets were reconciled during aggregation (1:5)'] },
    {
      results: [],
      notes: [
        'PromQL warning: vector contains histograms with incompatible custom buckets for metric name "bounds" (1:5)',
      ],
    },
  ],
  [
    '3.7 warns of conflicting resets (#17094)',
    'histogram_count(sum(pair))',
    15,
    {
      results: ['150'],
      notes: ['PromQL warning: conflicting counter resets during histogram aggregation (1:21)'],
    },
    { results: ['150'], notes: [] },
  ],
  [
    '3.7 has no sum of conflicting resets (#17051)',
    'histogram_count(pair{a="1"} + ignoring (a) pair{a="2"})',
    15,
    { results: [], notes: ['PromQL warning: conflicting counter resets during histogram addition (1:17)'] },
    { results: ['150'], notes: [] },
  ],
  [
    '3.7 makes gauges of negative histograms (#17004)',
    'idelta((young * -1)[1m:15s])',
    30,
    { results: ['-10'], notes: [] },
    { results: ['-10'], notes: ['PromQL warning: this native histogram metric is not a gauge: "" (1:1)'] },
  ],
  [
    // The inner call has 40, 100, 150 and 180 when asked for its steps.
    '3.6 copies the histograms of a subquery (#16879)',
    'sum_over_time(sum_over_time(gauge[30s:15s])[1m:15s])',
    60,
    { results: ['470'], notes: [] },
    { results: ['530'], notes: [] },
  ],
];

describe.skipIf(!program)(`what Prometheus 3.5 does otherwise${because}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'pocket-cortex-older-'));
  let server: ServerProcess;
  let prometheus: Peer;

  beforeAll(async () => {
    server = await startServerProcess({
      dataPath: join(folder, 'pocket-cortex.db'),
      arguments: ['-blocks-storage.tsdb.enable-native-histograms=true'],
    });
    prometheus = await startPrometheus({
      program: program!,
      folder: join(folder, 'prometheus'),
      config: 'global: {}\n',
      arguments: ['--web.enable-remote-write-receiver', '--enable-feature=native-histograms'],
    });
    expect(await push({ baseUrl: server.baseUrl, tenant }, { series: data })).toEqual({ status: 200, text: '' });
    const sent = await push({ baseUrl: prometheus.baseUrl, tenant, path: '/api/v1/write' }, { series: data });
    expect(sent).toMatchObject({ status: 204 });
  });

  afterAll(async () => {
    await Promise.all([server?.stop(), prometheus?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  test.for(cases)('%s: %s', async ([, query, atSeconds, ours, older]) => {
    const response = await fetch(`${prometheus.baseUrl}/api/v1/status/buildinfo`);
    const build = (await response.json()) as { data: { version: string } };
    expect(await told(`${server.baseUrl}/prometheus`, query, atSeconds)).toEqual(ours);
    if (build.data.version.startsWith('3.5.')) {
      expect(await told(prometheus.baseUrl, query, atSeconds)).toEqual(older);
    }
  });
});

/** Counts of what comes out, in the order of their series, and warnings and infos. */
async function told(baseUrl: string, query: string, atSeconds: number): Promise<Told> {
  const response = await fetch(`${baseUrl}/api/v1/query`, {
    method: 'POST',
    headers: { 'X-Scope-OrgID': tenant },
    body: new URLSearchParams({ query, time: `${startSeconds + atSeconds}` }),
  });
  const {
    data,
    warnings = [],
    infos = [],
  } = (await response.json()) as {
    data: ApiData;
    warnings?: string[];
    infos?: string[];
  };
  return {
    results: (data.result as readonly ApiSeries[]).map(({ value, histogram }) =>
      String(Number(value?.[1] ?? histogram?.[1].count)),
    ),
    notes: [...warnings, ...infos],
  };
}
