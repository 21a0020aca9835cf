import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HistogramMessage } from '../../src/wire/histogram-encode.ts';
import {
  encodeRemoteWrite,
  type SeriesMessage,
  STALE_VALUE,
  type WriteRequestMessage,
} from '../../src/wire/remote-write-encode.ts';
import { compressSnappy } from '../../src/wire/snappy.ts';
import { apiDifferences } from '../support/api-difference.ts';
import { findProgram } from '../support/child-process.ts';
import { type Peer, startPrometheus } from '../support/peers.ts';
import { instantQuery, type QueryApi, rangeQuery } from '../support/query-api.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

const program = findProgram('prometheus');
const because = program ? '' : ' (skipped: prometheus not on PATH)';
const tenant = 'remote-read';

const endMs = Math.floor(Date.now() / 60_000) * 60_000;
const startMs = endMs - 3_600_000;

/** Numbers in `[0, 1)`, the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const random = seeded(7);
const every15s = Array.from({ length: 240 }, (_, i) => startMs + i * 15_000);
/** Steps from a millisecond to minutes. */
const uneven = every15s.map((timestampMs, i) => timestampMs + (i % 3 === 0 ? Math.floor(random() * 14_000) : i % 7));

const floatSeries: Readonly<Record<string, NonNullable<SeriesMessage['samples']>>> = {
  counter: every15s.map((timestampMs, i) => [timestampMs, (i % 100) * 12] as const),
  noise: uneven.map((timestampMs) => [timestampMs, (random() - 0.5) * 10 ** Math.floor(random() * 300 - 150)] as const),
  constant: every15s.map((timestampMs) => [timestampMs, 0.1] as const),
  special: every15s.map((timestampMs, i) => [timestampMs, [NaN, Infinity, -Infinity, -0, 5e-324][i % 5]!] as const),
  stopping: every15s.map((timestampMs, i) => [timestampMs, i % 20 === 19 ? STALE_VALUE : i] as const),
  dense: Array.from({ length: 5000 }, (_, i) => [startMs + i * 700 + (i % 5), Math.sin(i) * i] as const),
  single: [[endMs - 60_000, 42] as const],
};

/** Growing counters, which fall now and then, whose buckets come and go. */
function histograms(isInteger: boolean, more: Partial<HistogramMessage>): HistogramMessage[] {
  const counts = [0, 0, 0, 0, 0, 0];
  return every15s.map((timestampMs, i) => {
    if (i % 90 === 89) counts.fill(0);
    const grown = counts.map((count) => count + Math.floor(random() * 5) + (isInteger ? 0 : 0.25));
    for (const [at, count] of grown.entries()) counts[at] = count;
    const isWide = i % 50 > 25;
    const positiveCounts = isWide ? [...counts.slice(0, 4), 1] : counts.slice(0, 4);
    const total = [...positiveCounts, ...counts.slice(4)].reduce((sum, count) => sum + count, 3);
    return {
      ...{ timestampMs, isInteger, schema: 2, zeroThreshold: i < 120 ? 2 ** -128 : 0.001, zeroCount: 3, count: total },
      sum: total * 1.7 - i,
      positiveSpans: [
        { offset: -3, length: 2 },
        { offset: 5, length: isWide ? 3 : 2 },
      ],
      positiveCounts,
      negativeSpans: [{ offset: 1, length: 2 }],
      negativeCounts: counts.slice(4),
      ...more,
    };
  });
}

/** With other bounds after a while, unless they are steady. */
function customHistograms(isInteger: boolean, isSteady = false): HistogramMessage[] {
  return every15s.map((timestampMs, i) => {
    const counts = [i, 2 * i, i >> 1];
    return {
      ...{ timestampMs, isInteger, schema: -53, count: counts.reduce((a, b) => a + b), sum: i * 0.3 },
      customBounds: isSteady || i < 200 ? [0.005, 0.25, 1 / 3, 40_000] : [0.005, 0.25],
      positiveSpans: [{ offset: 0, length: 3 }],
      positiveCounts: counts,
    };
  });
}

const histogramSeries: Readonly<Record<string, readonly HistogramMessage[]>> = {
  integers: histograms(true, {}),
  floats: histograms(false, {}),
  gauges: histograms(true, { counterResetHint: 'gauge' }),
  float_gauges: histograms(false, { counterResetHint: 'gauge' }),
  custom: customHistograms(true),
  float_custom: customHistograms(false),
  // Functions over changing bounds give something else in Prometheus 3.5.
  steady_custom: customHistograms(true, true),
  ending: histograms(true, {}).map((message, i) =>
    i % 40 === 39
      ? { timestampMs: message.timestampMs, isInteger: true, isStale: true, schema: 0, count: 0, sum: 0 }
      : message,
  ),
  mixed_kinds: histograms(true, {}).map((message, i) => (i % 10 < 5 ? message : { ...message, isInteger: false })),
  large: histograms(true, {}).map((message, i) => ({
    ...{ timestampMs: message.timestampMs, isInteger: true, schema: 0, count: 2 ** 52 + i, sum: 2 ** 60 },
    positiveSpans: [{ offset: 0, length: 2 }],
    positiveCounts: [2 ** 52, i],
  })),
};

const rawSelectors = [...Object.keys(floatSeries), ...Object.keys(histogramSeries), 'mixed'].map(
  (name) => `${name}[2h]`,
);
const rangeQueries = [
  ...Object.keys(floatSeries),
  ...Object.keys(histogramSeries),
  'rate(counter[5m])',
  'sum by (kind) (rate(dense[5m]) + on () group_left rate(counter[5m]))',
  'count_over_time(stopping[10m])',
  'histogram_quantile(0.9, rate(integers[5m]))',
  'histogram_quantile(0.5, rate(steady_custom[5m]))',
  'histogram_count(increase(floats[7m]))',
  'resets(integers[30m])',
  'resets(steady_custom[30m])',
  'avg_over_time(gauges[5m])',
  'sum(rate(integers[5m])) + sum(rate(floats[5m]))',
  'mixed',
];

describe.skipIf(!program)(`streamed remote read by a real Prometheus${because}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'pocket-cortex-read-'));
  let server: ServerProcess;
  let reader: Peer;
  let ours: QueryApi;
  let theirs: QueryApi;

  beforeAll(async () => {
    server = await startServerProcess({
      dataPath: join(folder, 'pocket-cortex.db'),
      arguments: ['-blocks-storage.tsdb.enable-native-histograms=true', '-pocket.remote-read-streaming=true'],
    });
    const named = (name: string, kind: string) =>
      [
        ['__name__', name],
        ['kind', kind],
      ] as const;
    await push({
      series: [
        ...Object.entries(floatSeries).map(([name, samples]) => ({ labels: named(name, 'float'), samples })),
        ...Object.entries(histogramSeries).map(([name, of]) => ({ labels: named(name, 'histogram'), histograms: of })),
      ],
    });
    for (const i of every15s.keys()) {
      const labels = named('mixed', 'both');
      const histogram = histogramSeries['integers']![i]!;
      const isFloat = i % 30 < 15;
      await push({
        series: [{ labels, ...(isFloat ? { samples: [[every15s[i]!, i]] } : { histograms: [histogram] }) }],
      });
    }
    reader = await startPrometheus({
      program: program!,
      folder: join(folder, 'reader'),
      config: `
remote_read:
  - url: ${server.baseUrl}/prometheus/api/v1/read
    headers: { X-Scope-OrgID: ${tenant} }
    read_recent: true
`,
    });
    ours = { baseUrl: `${server.baseUrl}/prometheus`, tenant };
    theirs = { baseUrl: reader.baseUrl };
  });

  afterAll(async () => {
    await Promise.all([server, reader].map((running) => running?.stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  async function push(request: WriteRequestMessage): Promise<void> {
    const response = await fetch(`${server.baseUrl}/api/v1/push`, {
      method: 'POST',
      headers: { 'X-Scope-OrgID': tenant, 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
      body: Buffer.from(compressSnappy(encodeRemoteWrite(request))),
    });
    if (!response.ok) throw new Error(await response.text());
  }

  test.for(rawSelectors)('every sample: %s', async (query) => {
    const expected = await instantQuery(ours, query, endMs);
    expect((expected.result as readonly unknown[]).length).toBeGreaterThan(0);
    expect(apiDifferences(await instantQuery(theirs, query, endMs), expected, { tolerance: 0 })).toEqual([]);
  });

  test.for(rangeQueries)('at every step: %s', async (query) => {
    const range = { query, startMs, endMs, stepMs: 47_000 };
    const expected = await rangeQuery(ours, range);
    expect((expected.result as readonly unknown[]).length).toBeGreaterThan(0);
    expect(apiDifferences(await rangeQuery(theirs, range), expected, { tolerance: 1e-9 })).toEqual([]);
  });
});
