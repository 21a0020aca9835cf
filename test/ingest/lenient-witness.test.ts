import { afterEach, expect, test } from 'vitest';
import type { ServerSettings } from '../../src/config/server-settings.ts';
import type { TenantLimits } from '../../src/limits/limits.ts';
import type { SeriesMessage } from '../../src/wire/remote-write-encode.ts';
import { compressSnappy } from '../../src/wire/snappy.ts';
import {
  good,
  HOUR_MS,
  ha,
  histogram,
  histogramOf,
  MINUTE_MS,
  metadata,
  named,
  otlpGauge,
  push,
  replica,
  series,
  tracking,
} from '../support/limit-requests.ts';
import { encodeRemoteWriteV2, type SeriesV2Message } from '../support/remote-write-v2.ts';
import { type Answer, createTestApp, START_MS, type TestApp } from '../support/test-app.ts';

/*
 * Each way to be refused, asked of two servers with the same limits: what the strict one answers is what the lenient one has
 * to say in its header and its journal, and the data has to be there.
 */

interface Refused {
  readonly limits?: Partial<TenantLimits>;
  readonly server?: Partial<ServerSettings>;
  readonly before?: (app: TestApp) => Promise<unknown>;
  readonly ask: (app: TestApp) => Promise<Answer>;
  /** What Cortex answers, and the begin of what sets its text apart from others. */
  readonly strict: readonly [status: number, text: RegExp];
  /** Counts of samples by selector that the lenient server has afterwards. */
  readonly finds: Readonly<Record<string, number>>;
}

const HISTOGRAMS = { enableNativeHistograms: true };
const at = (name: string, ...timesMs: readonly number[]): SeriesMessage => ({
  labels: [['__name__', name]],
  samples: timesMs.map((timeMs, i) => [START_MS + timeMs, i]),
});
const pushV2 =
  (...all: readonly SeriesV2Message[]) =>
  (app: TestApp): Promise<Answer> =>
    app.pushBytes(compressSnappy(encodeRemoteWriteV2({ series: all })), {
      'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
    });

const refusals: Readonly<Record<string, Refused>> = {
  'out of order': {
    before: push(at('m', 0)),
    ask: push(at('m', -1000), good),
    strict: [400, /out of order sample/],
    finds: { m: 2, good: 1 },
  },
  'out of bounds': {
    before: push(at('m', 0)),
    ask: push(at('m', -2 * HOUR_MS), good),
    strict: [400, /out of bounds/],
    finds: { m: 2, good: 1 },
  },
  'behind the window for late samples': {
    limits: { outOfOrderTimeWindowMs: MINUTE_MS },
    before: push(at('m', 0)),
    ask: push(at('m', -2 * MINUTE_MS), good),
    strict: [400, /too old sample/],
    finds: { m: 2, good: 1 },
  },
  'too far in the future': {
    ask: push(at('m', HOUR_MS), good),
    strict: [400, /timestamp too new/],
    finds: { m: 1, good: 1 },
  },
  'older than the limit on age': {
    limits: { rejectOldSamples: true, rejectOldSamplesMaxAgeMs: MINUTE_MS },
    ask: push(at('m', -2 * MINUTE_MS), good),
    strict: [400, /timestamp too old/],
    finds: { m: 1, good: 1 },
  },
  'with too many labels': {
    limits: { maxLabelNamesPerSeries: 2 },
    ask: push(named('m', { a: '1', b: '2' }), good),
    strict: [400, /series has too many labels/],
    finds: { 'm{a="1",b="2"}': 1, good: 1 },
  },
  'with a long name of a label': {
    limits: { maxLabelNameLength: 8 },
    ask: push(named('m', { nine_char: 'x' }), good),
    strict: [400, /label name too long/],
    finds: { 'm{nine_char="x"}': 1, good: 1 },
  },
  'with a long value of a label': {
    limits: { maxLabelValueLength: 4 },
    ask: push(named('m', { a: 'ééé' }), good),
    strict: [400, /label value too long/],
    finds: { 'm{a="ééé"}': 1, good: 1 },
  },
  'with labels of many bytes': {
    limits: { maxLabelsSizeBytes: 20 },
    ask: push(named('m', { a: '1234' }), good),
    strict: [400, /labels size bytes exceeded/],
    finds: { 'm{a="1234"}': 1, good: 1 },
  },
  'without a name': {
    ask: push(series({ job: 'nameless' }), good),
    strict: [400, /missing metric name/],
    finds: { '{job="nameless"}': 1, good: 1 },
  },
  'with a name of other characters': {
    ask: push(named('m-1'), good),
    strict: [400, /invalid metric name/],
    finds: { '{__name__="m-1"}': 1, good: 1 },
  },
  'with a label of other characters': {
    ask: push(named('m', { 'a-b': 'c' }), good),
    strict: [400, /sample invalid label/],
    finds: { m: 1, good: 1 },
  },
  'beyond the number of series of a tenant': {
    limits: { maxSeriesPerUser: 1 },
    ask: push(good, named('m')),
    strict: [400, /per-user series limit/],
    finds: { m: 1, good: 1 },
  },
  'beyond the number of series of a metric': {
    limits: { maxSeriesPerMetric: 1 },
    ask: push(named('m', { i: '1' }), named('m', { i: '2' }), good),
    strict: [400, /per-metric series limit/],
    finds: { 'm{i="1"}': 1, 'm{i="2"}': 1, good: 1 },
  },
  'beyond the number of series with certain labels': {
    limits: { limitsPerLabelSet: [{ labelSet: { team: 'a' }, limits: { maxSeries: 1 } }] },
    ask: push(named('m', { team: 'a' }), named('n', { team: 'a' }), good),
    strict: [400, /per-labelset series limit/],
    finds: { m: 1, n: 1, good: 1 },
  },
  'faster than the rate': {
    limits: { ingestionRate: 1, ingestionBurstSize: 1 },
    ask: push(good, named('m')),
    strict: [429, /ingestion rate limit/],
    finds: { m: 1, good: 1 },
  },
  'with native histograms faster than their rate': {
    limits: { ...HISTOGRAMS, nativeHistogramIngestionRate: 1, nativeHistogramIngestionBurstSize: 1 },
    ask: push(good, histogram('h1'), histogram('h2')),
    strict: [429, /native histogram ingestion rate limit/],
    finds: { h1: 1, h2: 1, good: 1 },
  },
  'with a native histogram of many buckets': {
    limits: { ...HISTOGRAMS, maxNativeHistogramBuckets: 2 },
    ask: push(
      { labels: [['__name__', 'h']], histograms: [{ ...histogramOf(3), schema: -53, customBounds: [1, 2, 3] }] },
      good,
    ),
    strict: [400, /bucket count exceeded/],
    finds: { h: 1, good: 1 },
  },
  'with a native histogram of many bytes': {
    limits: { ...HISTOGRAMS, maxNativeHistogramSampleSizeBytes: 10 },
    ask: push(histogram('h', 12), good),
    strict: [400, /native histogram sample size/],
    finds: { h: 1, good: 1 },
  },
  'beyond the number of series with native histograms': {
    limits: { ...HISTOGRAMS, maxNativeHistogramSeriesPerUser: 1 },
    before: push(histogram('h1')),
    ask: push(histogram('h2'), good),
    strict: [400, /per-user native histogram series limit/],
    finds: { h1: 1, h2: 1, good: 1 },
  },
  'with long metadata': {
    limits: { maxMetadataLength: 4 },
    ask: metadata(['m', 'longer'], ['n', 'fits']),
    strict: [400, /metadata 'HELP' value too long/],
    finds: { good: 1 },
  },
  'beyond the number of clusters': {
    limits: { ...ha, haMaxClusters: 1 },
    server: tracking,
    before: push(replica('first', 'c1')),
    ask: push(replica('second', 'c2'), good),
    strict: [400, /too many HA replicaGroups/],
    finds: { first: 1, second: 1, good: 1 },
  },
  'too old, with relabelling': {
    limits: { dropLabels: ['secret'] },
    before: push(at('m', 0)),
    ask: push(at('m', -2 * HOUR_MS), named('good', { secret: 'x' })),
    strict: [400, /out of bounds/],
    finds: { m: 2, 'good{secret=""}': 1, '{secret!=""}': 0 },
  },
  'by remote write 2.0': {
    server: { remoteWriteV2Enabled: true },
    ask: pushV2({ labels: [['__name__', 'm']], samples: [[START_MS + HOUR_MS, 1]] }),
    strict: [400, /timestamp too new/],
    finds: { m: 1 },
  },
  'by OTLP': {
    limits: { maxLabelNamesPerSeries: 1, promoteResourceAttributes: ['region'] },
    ask: otlpGauge('m', { region: 'north' }),
    strict: [400, /series has too many labels/],
    finds: { 'm{region="north"}': 1 },
  },
};

const started: TestApp[] = [];
afterEach(async () => {
  for (const app of started.splice(0)) await app.close();
});

async function start(
  { limits, server }: Pick<Refused, 'limits' | 'server'>,
  own: Partial<ServerSettings>,
): Promise<TestApp> {
  const app = await createTestApp({ server: { ...server, ...own }, ...(limits && { limits }) });
  started.push(app);
  return app;
}

test.for(Object.keys(refusals))('takes what is %s, and tells what Cortex would have said', async (what) => {
  const refused = refusals[what]!;
  const strict = await start(refused, {});
  const lenient = await start(refused, { ingest: 'lenient', journalRequests: 10 });
  for (const app of [strict, lenient]) await refused.before?.(app);
  const [{ status, text }, taken] = [await refused.ask(strict), await refused.ask(lenient)];
  expect([status, text]).toEqual([refused.strict[0], expect.stringMatching(refused.strict[1])]);

  const witness = `${status} ${text.trimEnd()}`;
  expect([taken.status < 300, taken.text, taken.headers['x-pocket-cortex-would-refuse']]).toEqual([
    true,
    '',
    witness.replace(/[^ -~]/g, '?'),
  ]);
  const journal = await lenient.send('GET', '/pocket/v1/journal?limit=1');
  expect(journal.json).toMatchObject({ requests: [{ status: taken.status, wouldRefuse: witness }] });
  const found = await Promise.all(
    Object.keys(refused.finds).map(async (selector) => {
      const query = { query: `sum(count_over_time(${selector}[1d]))`, time: START_MS / 1000 + 7200 };
      const { data } = (await lenient.get('query', query)).json as { data: { result: { value: [number, string] }[] } };
      return [selector, Number(data.result[0]?.value[1] ?? 0)];
    }),
  );
  expect(Object.fromEntries(found)).toEqual(refused.finds);
});

test('what comes after a refusal is judged as if that had been refused', async () => {
  const limits = { maxSeriesPerMetric: 1, outOfOrderTimeWindowMs: MINUTE_MS };
  const strict = await start({ limits }, {});
  const lenient = await start({ limits }, { ingest: 'lenient' });
  const pushes: readonly (readonly [what: string, ask: (app: TestApp) => Promise<Answer>])[] = [
    ['of now', push(at('m', 0))],
    ['of the future', push(at('m', HOUR_MS))],
    ['of now again: what was refused does not make it late', push(at('m', 1000))],
    ['a second series', push(named('m', { i: '2' }))],
    ['the second series again: it is one too many each time', push(named('m', { i: '2' }))],
    ['older than the window', push(at('m', -2 * MINUTE_MS))],
    ['late, but in the window', push(at('m', -30_000))],
    ['of a minute later', push(at('m', MINUTE_MS))],
  ];
  for (const [what, ask] of pushes) {
    const [wanted, given] = [await ask(strict), await ask(lenient)];
    const witness = wanted.status >= 400 ? `${wanted.status} ${wanted.text.trimEnd()}` : undefined;
    expect([what, given.status, given.headers['x-pocket-cortex-would-refuse']]).toEqual([what, 200, witness]);
  }
});
