import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import type { ServerSettings } from '../../src/config/server-settings.ts';
import type { TenantLimits } from '../../src/limits/limits.ts';
import { defaultRelabelConfig } from '../../src/limits/relabel.ts';
import {
  advice,
  alerting,
  alertmanagerYaml,
  attribute,
  badData,
  countOf,
  executionError,
  good,
  HOUR_MS,
  ha,
  histogram,
  histogramOf,
  ingester,
  MINUTE_MS,
  metadata,
  named,
  otlpGauge,
  push,
  query,
  range,
  recording,
  rejection,
  replica,
  runRules,
  series,
  setAlertmanager,
  setRules,
  tracking,
} from '../support/limit-requests.ts';
import { type Answer, createTestApp, START_MS, type TestApp } from '../support/test-app.ts';

/*
 * Every limit is provoked, its status and text are read, and what was good in the same request is looked for where Cortex
 * keeps it. A limit without a line here does not compile.
 */

interface Provocation {
  /** Besides the limit itself. */
  readonly limits: Partial<TenantLimits>;
  readonly server?: Partial<ServerSettings>;
  readonly before?: (app: TestApp) => Promise<unknown>;
  readonly ask: (app: TestApp) => Promise<Answer>;
  /** Undefined text: whatever a success says. */
  readonly answer: readonly [status: number, text?: string | RegExp];
  /** Instant queries afterwards: how many series each finds. */
  readonly finds?: Readonly<Record<string, number>>;
}

const provocations: Readonly<Record<Exclude<keyof TenantLimits, (typeof elsewhere)[number]>, Provocation>> = {
  ingestionRate: {
    limits: { ingestionRate: 1, ingestionBurstSize: 2 },
    before: push(good, named('other')),
    ask: push(named('late'), named('later')),
    answer: [429, 'ingestion rate limit (1) exceeded while adding 2 samples and 0 metadata\n'],
    finds: { good: 1, late: 0 },
  },
  ingestionBurstSize: {
    limits: { ingestionBurstSize: 1 },
    ask: push(good, named('other')),
    answer: [429, 'ingestion rate limit (25000) exceeded while adding 2 samples and 0 metadata\n'],
    finds: { good: 0 },
  },
  nativeHistogramIngestionRate: {
    limits: { nativeHistogramIngestionRate: 0.5, nativeHistogramIngestionBurstSize: 1, enableNativeHistograms: true },
    before: push(histogram('h1')),
    ask: push(good, histogram('h2')),
    answer: [429, 'native histogram ingestion rate limit (0.5) exceeded while adding 1 native histogram samples\n'],
    finds: { good: 1, h1: 1, h2: 0 },
  },
  nativeHistogramIngestionBurstSize: {
    limits: { nativeHistogramIngestionRate: 100, nativeHistogramIngestionBurstSize: 1, enableNativeHistograms: true },
    ask: push(good, histogram('h1'), histogram('h2')),
    answer: [429, 'native histogram ingestion rate limit (100) exceeded while adding 2 native histogram samples\n'],
    finds: { good: 1, h1: 0 },
  },
  acceptHaSamples: {
    limits: ha,
    server: tracking,
    before: push(replica('first', 'c', 'r1')),
    ask: push(replica('second', 'c', 'r2'), good),
    answer: [202, 'replicas did not match, rejecting sample: replica=r2, elected=r1\n'],
    finds: { 'first{cluster="c",__replica__=""}': 1, second: 0, good: 0 },
  },
  acceptMixedHaSamples: {
    limits: { ...ha, acceptMixedHaSamples: true },
    server: tracking,
    before: push(replica('first', 'c', 'r1')),
    ask: push(replica('second', 'c', 'r2'), good, replica('third', 'c', 'r1')),
    answer: [200, ''],
    finds: { second: 0, good: 1, 'third{__replica__=""}': 1 },
  },
  haClusterLabel: {
    limits: { ...ha, haClusterLabel: 'site' },
    server: tracking,
    before: push(named('first', { site: 's', __replica__: 'r1' })),
    ask: push(named('second', { site: 's', __replica__: 'r2' })),
    answer: [202, 'replicas did not match, rejecting sample: replica=r2, elected=r1\n'],
    finds: { second: 0 },
  },
  haReplicaLabel: {
    limits: { ...ha, haReplicaLabel: 'twin' },
    server: tracking,
    before: push(named('first', { cluster: 'c', twin: 't1' })),
    ask: push(named('second', { cluster: 'c', twin: 't2' })),
    answer: [202, 'replicas did not match, rejecting sample: replica=t2, elected=t1\n'],
    finds: { 'first{twin=""}': 1, second: 0 },
  },
  haMaxClusters: {
    limits: { ...ha, haMaxClusters: 1 },
    server: tracking,
    before: push(replica('first', 'c1')),
    ask: push(replica('second', 'c2'), good),
    answer: [400, 'too many HA replicaGroups (limit: 1)\n'],
    finds: { first: 1, second: 0, good: 0 },
  },
  haTrackerFailoverTimeoutMs: {
    limits: { ...ha, haTrackerFailoverTimeoutMs: 60_000 },
    server: tracking,
    before: async (app) => {
      await push(replica('first', 'c', 'r1'))(app);
      await app.clock.advance(59_999);
      expect((await push(replica('early', 'c', 'r2'))(app)).status).toBe(202);
      await app.clock.advance(1);
    },
    ask: push(replica('second', 'c', 'r2')),
    answer: [200, ''],
    finds: { first: 1, early: 0, second: 1 },
  },
  dropLabels: {
    limits: { dropLabels: ['secret'] },
    ask: push(named('m', { secret: 'x', a: 'b' })),
    answer: [200, ''],
    finds: { 'm{a="b",secret=""}': 1 },
  },
  maxLabelNameLength: {
    limits: { maxLabelNameLength: 8 },
    ask: push(named('m', { nine_char: 'x' }), good),
    answer: [
      400,
      'label name too long for metric (actual: 9, limit: 8) metric: "m{nine_char=\\"x\\"}" label name: "nine_char"\n',
    ],
    finds: { m: 0, good: 1 },
  },
  maxLabelValueLength: {
    limits: { maxLabelValueLength: 4 },
    ask: push(named('m', { a: 'ééé' }), good),
    answer: [
      400,
      'label value too long for metric (actual: 6, limit: 4) metric: "m{a=\\"ééé\\"}" label name: "a" label value: "ééé"\n',
    ],
    finds: { m: 0, good: 1 },
  },
  maxLabelNamesPerSeries: {
    limits: { maxLabelNamesPerSeries: 2 },
    ask: push(named('m', { a: '1', b: '2' }), good),
    answer: [400, `series has too many labels (actual: 3, limit: 2) series: 'm{a="1", b="2"}'\n`],
    finds: { m: 0, good: 1 },
  },
  maxLabelsSizeBytes: {
    limits: { maxLabelsSizeBytes: 20 },
    ask: push(named('m', { a: '1234' }), good),
    answer: [400, 'labels size bytes exceeded for metric (actual: 22, limit: 20) metric: "m{a=\\"1234\\"}"\n'],
    finds: { m: 0, good: 1 },
  },
  maxNativeHistogramSampleSizeBytes: {
    limits: { maxNativeHistogramSampleSizeBytes: 10, enableNativeHistograms: true },
    ask: push(histogram('h', 12), good),
    answer: [400, /^native histogram sample size bytes exceeded for metric \(actual: \d+, limit: 10\) metric: "h"\n$/],
    finds: { h: 0, good: 1 },
  },
  maxMetadataLength: {
    limits: { maxMetadataLength: 4 },
    ask: metadata(['m', 'longer'], ['n', 'fits']),
    answer: [400, `metadata 'HELP' value too long: "longer" metric "m"\n`],
    finds: { good: 1 },
  },
  rejectOldSamples: {
    limits: { rejectOldSamples: true, rejectOldSamplesMaxAgeMs: 14 * 24 * HOUR_MS },
    ask: push(series({ __name__: 'm' }, START_MS - 15 * 24 * HOUR_MS), good),
    answer: [400, `timestamp too old: ${START_MS - 15 * 24 * HOUR_MS} metric: "m"\n`],
    finds: { good: 1 },
  },
  rejectOldSamplesMaxAgeMs: {
    limits: { rejectOldSamples: true, rejectOldSamplesMaxAgeMs: MINUTE_MS },
    ask: push(series({ __name__: 'm' }, START_MS - MINUTE_MS - 1), good),
    answer: [400, `timestamp too old: ${START_MS - MINUTE_MS - 1} metric: "m"\n`],
    finds: { m: 0, good: 1 },
  },
  creationGracePeriodMs: {
    limits: { creationGracePeriodMs: 1000 },
    ask: push(series({ __name__: 'm' }, START_MS + 1001), good),
    answer: [400, `timestamp too new: ${START_MS + 1001} metric: "m"\n`],
    finds: { good: 1 },
  },
  enforceMetadataMetricName: {
    limits: { enforceMetadataMetricName: true },
    ask: metadata(['', 'of nothing'], ['m', 'kept']),
    answer: [400, 'metadata missing metric name\n'],
    finds: { good: 1 },
  },
  enforceMetricName: {
    limits: { enforceMetricName: false },
    ask: push(series({ job: 'nameless' }), good),
    answer: [500, `${ingester.replace('Code(400)', 'Unknown')}no metric name label\n`],
    // Cortex gives the whole request up.
    finds: { good: 0, '{job="nameless"}': 0 },
  },
  metricRelabelConfigs: {
    limits: {
      metricRelabelConfigs: [
        { ...defaultRelabelConfig, sourceLabels: ['__name__'], regex: 'bad_.*', action: 'drop' },
        { ...defaultRelabelConfig, sourceLabels: ['a'], regex: '(.)(.*)', targetLabel: 'b', replacement: '$2-$1' },
      ],
    },
    ask: push(named('bad_one'), named('m', { a: 'xyz' }), good),
    answer: [200, ''],
    finds: { bad_one: 0, 'm{a="xyz",b="yz-x"}': 1, good: 1 },
  },
  maxNativeHistogramBuckets: {
    limits: { maxNativeHistogramBuckets: 2, enableNativeHistograms: true },
    ask: push(
      {
        labels: [['__name__', 'h']],
        histograms: [{ ...histogramOf(3), schema: -53, customBounds: [1, 2, 3] }],
      },
      good,
    ),
    answer: [400, 'native histogram bucket count exceeded for metric (limit: 2) metric: "h"\n'],
    finds: { h: 0, good: 1 },
  },
  promoteResourceAttributes: {
    limits: { promoteResourceAttributes: ['region'] },
    ask: otlpGauge('m', { region: 'north', zone: 'x' }),
    answer: [200, ''],
    finds: { 'm{region="north",zone=""}': 1 },
  },
  enableTypeAndUnitLabels: {
    limits: { enableTypeAndUnitLabels: true },
    ask: otlpGauge('m', {}),
    answer: [200, ''],
    finds: { 'm{__type__="gauge"}': 1 },
  },
  maxSeriesPerUser: {
    limits: { maxSeriesPerUser: 1 },
    ask: push(good, named('m')),
    answer: [400, `${ingester}per-user series limit of 1 exceeded, ${advice(1)}\n`],
    finds: { m: 0, good: 1 },
  },
  maxSeriesPerMetric: {
    limits: { maxSeriesPerMetric: 1 },
    ask: push(named('m', { i: '1' }), named('m', { i: '2' }), good),
    answer: [
      400,
      `${ingester}per-metric series limit of 1 exceeded for metric m, ${advice(1)} for series {__name__="m", i="2"}\n`,
    ],
    finds: { m: 1, good: 1 },
  },
  maxNativeHistogramSeriesPerUser: {
    limits: { maxNativeHistogramSeriesPerUser: 1, enableNativeHistograms: true },
    before: push(good, histogram('h1')),
    ask: push(good, histogram('h2')),
    answer: [400, `${ingester}per-user native histogram series limit of 1 exceeded, ${advice(1)}\n`],
    finds: { h1: 1, h2: 0, good: 1 },
  },
  maxGlobalSeriesPerUser: {
    limits: { maxGlobalSeriesPerUser: 1, maxSeriesPerUser: 0 },
    server: { shardByAllLabels: true },
    ask: push(good, named('m')),
    answer: [400, `${ingester}per-user series limit of 1 exceeded, ${advice(1, 1)}\n`],
    finds: { m: 0, good: 1 },
  },
  maxGlobalSeriesPerMetric: {
    limits: { maxGlobalSeriesPerMetric: 1, maxSeriesPerMetric: 0 },
    ask: push(named('m', { i: '1' }), named('m', { i: '2' }), good),
    answer: [
      400,
      `${ingester}per-metric series limit of 1 exceeded for metric m, ${advice(1, 1)} for series {__name__="m", i="2"}\n`,
    ],
    finds: { m: 1, good: 1 },
  },
  maxGlobalNativeHistogramSeriesPerUser: {
    limits: { maxGlobalNativeHistogramSeriesPerUser: 1, enableNativeHistograms: true },
    server: { shardByAllLabels: true },
    before: push(good, histogram('h1')),
    ask: push(good, histogram('h2')),
    answer: [400, `${ingester}per-user native histogram series limit of 1 exceeded, ${advice(1, 1)}\n`],
    finds: { h2: 0, good: 1 },
  },
  limitsPerLabelSet: {
    limits: { limitsPerLabelSet: [{ labelSet: { team: 'a' }, limits: { maxSeries: 1 } }] },
    ask: push(named('m', { team: 'a' }), named('n', { team: 'a' }), named('n', { team: 'b' }), good),
    answer: [
      400,
      `${ingester}per-labelset series limit of 1 exceeded (labelSet: {team="a"}, global limit: 1 actual local limit: 1) for series {__name__="n", team="a"}\n`,
    ],
    finds: { m: 1, 'n{team="a"}': 0, 'n{team="b"}': 1, good: 1 },
  },
  enableNativeHistograms: {
    limits: { enableNativeHistograms: false },
    ask: push(histogram('h'), good),
    answer: [200, ''],
    finds: { h: 0, good: 1 },
  },
  maxRegexPatternLength: {
    limits: { maxRegexPatternLength: 5 },
    server: { regexMatcherLimitsEnabled: true },
    before: push(good),
    ask: query('{__name__=~"(g|h)[o]+d"}'),
    answer: [
      422,
      executionError(
        'expanding series: regex pattern length 10 exceeds limit 5 for unoptimized regex matcher "__name__=~\\"(g|h)[o]+d\\"". Consider using a more specific pattern.',
      ),
    ],
    finds: { '{__name__=~"go.*"}': 1 },
  },
  maxLabelCardinalityForUnoptimizedRegex: {
    limits: { maxLabelCardinalityForUnoptimizedRegex: 1 },
    server: { regexMatcherLimitsEnabled: true },
    before: push(good, named('bad')),
    ask: query('{__name__=~"g[o]+d"}'),
    answer: [
      422,
      executionError(
        'expanding series: label "__name__" has cardinality 2 which exceeds limit 1 for unoptimized regex matcher "__name__=~\\"g[o]+d\\"". Consider using a more specific matcher.',
      ),
    ],
    finds: { '{__name__=~"good|bad"}': 2 },
  },
  maxTotalLabelValueLengthForUnoptimizedRegex: {
    limits: { maxTotalLabelValueLengthForUnoptimizedRegex: 6 },
    server: { regexMatcherLimitsEnabled: true },
    before: push(good, named('bad')),
    ask: query('{__name__=~"g[o]+d"}'),
    answer: [
      422,
      executionError(
        'expanding series: label "__name__" has total value length 7 bytes (across 2 values) which exceeds limit 6 for unoptimized regex matcher "__name__=~\\"g[o]+d\\"". Consider using a more specific matcher.',
      ),
    ],
  },
  maxMetadataPerUser: {
    limits: { maxMetadataPerUser: 1 },
    ask: metadata(['m', 'kept'], ['n', 'dropped']),
    answer: [200, ''],
    finds: { good: 1 },
  },
  maxMetadataPerMetric: {
    limits: { maxMetadataPerMetric: 1 },
    ask: metadata(['m', 'kept'], ['m', 'dropped']),
    answer: [200, ''],
    finds: { good: 1 },
  },
  maxGlobalMetadataPerUser: {
    limits: { maxGlobalMetadataPerUser: 1 },
    server: { shardByAllLabels: true },
    ask: metadata(['m', 'kept'], ['n', 'dropped']),
    answer: [200, ''],
    finds: { good: 1 },
  },
  maxGlobalMetadataPerMetric: {
    limits: { maxGlobalMetadataPerMetric: 1 },
    ask: metadata(['m', 'kept'], ['m', 'dropped']),
    answer: [200, ''],
    finds: { good: 1 },
  },
  outOfOrderTimeWindowMs: {
    limits: { outOfOrderTimeWindowMs: MINUTE_MS },
    before: push(good),
    ask: push(
      series({ __name__: 'good' }, START_MS - MINUTE_MS - 1),
      series({ __name__: 'good' }, START_MS - MINUTE_MS),
      named('m'),
    ),
    answer: [400, /: err: too old sample\. timestamp=2023-11-14T22:12:19\.999Z, /],
    finds: { 'good offset 1m': 1, m: 1 },
  },
  maxExemplars: {
    limits: { maxExemplars: 1 },
    before: push({
      ...good,
      exemplars: [1, 2].map((value) => ({ labels: [['id', `${value}`]], value, timestampMs: START_MS + value })),
    }),
    ask: (app) => app.get('query_exemplars', { query: 'good' }),
    answer: [
      200,
      `{"status":"success","data":[{"seriesLabels":{"__name__":"good"},"exemplars":[{"labels":{"id":"2"},"value":"2","timestamp":${START_MS / 1000}.002}]}]}`,
    ],
    finds: { good: 1 },
  },
  maxFetchedChunksPerQuery: {
    limits: { maxFetchedChunksPerQuery: 1 },
    before: push(named('m', { i: '1' }), named('m', { i: '2' })),
    ask: query('m'),
    answer: [422, executionError('expanding series: the query hit the max number of chunks limit (limit: 1 chunks)')],
    finds: { 'm{i="1"}': 1 },
  },
  maxFetchedSeriesPerQuery: {
    limits: { maxFetchedSeriesPerQuery: 2 },
    before: push(named('m', { i: '1' }), named('m', { i: '2' }), good),
    ask: query('m + on() group_left() good'),
    answer: [422, executionError('expanding series: the query hit the max number of series limit (limit: 2 series)')],
    finds: { m: 2, 'm + m': 2 },
  },
  maxFetchedChunkBytesPerQuery: {
    limits: { maxFetchedChunkBytesPerQuery: 30 },
    before: push(named('m', { i: '1' }), named('m', { i: '2' })),
    ask: query('m'),
    answer: [422, executionError('expanding series: the query hit the aggregated chunks size limit (limit: 30 bytes)')],
    finds: { 'm{i="1"}': 1 },
  },
  maxFetchedDataBytesPerQuery: {
    limits: { maxFetchedDataBytesPerQuery: 60 },
    before: push(named('m', { i: '1' }), named('m', { i: '2' })),
    ask: query('m'),
    answer: [422, executionError('expanding series: the query hit the aggregated data size limit (limit: 60 bytes)')],
    finds: { 'm{i="1"}': 1 },
  },
  maxQueryLookbackMs: {
    limits: { maxQueryLookbackMs: HOUR_MS },
    before: async (app) => {
      await push(series({ __name__: 'old' }, START_MS - 2 * HOUR_MS))(app);
      await push(good)(app);
    },
    ask: query('old offset 2h'),
    answer: [200, '{"status":"success","data":{"resultType":"vector","result":[]}}'],
    finds: { good: 1 },
  },
  maxQueryLengthMs: {
    limits: { maxQueryLengthMs: HOUR_MS },
    before: push(good),
    ask: range(HOUR_MS + MINUTE_MS, MINUTE_MS),
    answer: [400, badData('the query time range exceeds the limit (query length: 1h1m0s, limit: 1h0m0s)')],
    finds: { good: 1 },
  },
  maxQueryResponseSize: {
    limits: { maxQueryResponseSize: 200 },
    before: push(good),
    ask: range(HOUR_MS, MINUTE_MS, '1'),
    answer: [422, executionError('the query response size exceeds limit (limit: 200 bytes)')],
    finds: { good: 1 },
  },
  maxOutstandingPerTenant: {
    limits: { maxOutstandingPerTenant: 0 },
    ask: query('good'),
    answer: [429, '{"status":"error","errorType":"server_error","error":"too many outstanding requests"}'],
  },
  queryRejectionEnabled: {
    limits: { queryRejectionEnabled: false, queryRejectionAttributes: [{ ...attribute, regex: 'good' }] },
    before: push(good),
    ask: query('good'),
    answer: [200],
    finds: { good: 1 },
  },
  queryRejectionAttributes: {
    limits: {
      queryRejectionEnabled: true,
      queryRejectionAttributes: [
        { ...attribute, apiType: 'query', regex: 'g.od$', userAgentRegex: '^bad', dashboardUid: 'd', panelId: 'p' },
      ],
    },
    before: push(good),
    ask: query('vector(1) or good', { 'user-agent': 'bad/1', 'x-dashboard-uid': 'd', 'x-panel-id': 'p' }),
    answer: [422, rejection],
    finds: { good: 1 },
  },
  rulerEvaluationDelayDurationMs: {
    limits: { rulerEvaluationDelayDurationMs: HOUR_MS },
    before: runRules(recording),
    ask: query('good'),
    answer: [200],
    finds: { recorded: 0 },
  },
  rulerMaxRulesPerRuleGroup: {
    limits: { rulerMaxRulesPerRuleGroup: 1 },
    ask: setRules('name: g\nrules: [{ record: a, expr: "1" }, { record: b, expr: "1" }]'),
    answer: [400, 'per-user rules per rule group limit (limit: 1 actual: 2) exceeded\n'],
  },
  rulerMaxRuleGroupsPerTenant: {
    limits: { rulerMaxRuleGroupsPerTenant: 1 },
    before: setRules(recording),
    ask: setRules(recording.replace('name: g', 'name: other')),
    answer: [400, 'per-user rule groups limit (limit: 1 actual: 2) exceeded\n'],
  },
  rulerQueryOffsetMs: {
    limits: { rulerQueryOffsetMs: HOUR_MS },
    before: runRules(recording),
    ask: query('good'),
    answer: [200],
    finds: { recorded: 0 },
  },
  rulerExternalLabels: {
    limits: { rulerExternalLabels: { region: 'north' } },
    before: runRules(alerting('in {{ $externalLabels.region }}')),
    ask: (app) => app.get('alerts'),
    answer: [200, /"text":"in north"/],
  },
  rulerExternalUrl: {
    limits: { rulerExternalUrl: 'http://of.tenant' },
    before: runRules(alerting('at {{ externalURL }}')),
    ask: (app) => app.get('alerts'),
    answer: [200, /"text":"at http:\/\/of\.tenant"/],
  },
  compactorBlocksRetentionPeriodMs: {
    limits: { compactorBlocksRetentionPeriodMs: HOUR_MS },
    before: async (app) => {
      await push(series({ __name__: 'old' }, START_MS - 30 * MINUTE_MS))(app);
      await app.clock.advance(3 * HOUR_MS);
      await push(series({ __name__: 'good' }, START_MS + 3 * HOUR_MS))(app);
    },
    ask: query('old offset 30m'),
    answer: [200, '{"status":"success","data":{"resultType":"vector","result":[]}}'],
    finds: { good: 1 },
  },
  alertmanagerMaxConfigSizeBytes: {
    limits: { alertmanagerMaxConfigSizeBytes: 50 },
    server: { alertmanagerApiEnabled: true },
    ask: setAlertmanager(alertmanagerYaml),
    answer: [400, 'Alertmanager configuration is too big, limit: 50 bytes\n'],
  },
  alertmanagerMaxTemplatesCount: {
    limits: { alertmanagerMaxTemplatesCount: 1 },
    server: { alertmanagerApiEnabled: true },
    ask: setAlertmanager(alertmanagerYaml),
    answer: [400, 'error validating Alertmanager config: too many templates in the configuration: 2 (limit: 1)\n'],
  },
  alertmanagerMaxTemplateSizeBytes: {
    limits: { alertmanagerMaxTemplateSizeBytes: 4 },
    server: { alertmanagerApiEnabled: true },
    ask: setAlertmanager(alertmanagerYaml),
    answer: [400, 'error validating Alertmanager config: template a.tmpl is too big: 5 bytes (limit: 4 bytes)\n'],
  },
  disabledRuleGroups: {
    limits: { disabledRuleGroups: [{ namespace: 'n', name: 'g' }] },
    before: runRules(recording),
    ask: (app) => app.get('/api/v1/rules'),
    answer: [200, /record: recorded/],
    finds: { good: 1, recorded: 0 },
  },
};

/** Those of remote write 2.0 and of notifications are provoked where these are tested. */
const elsewhere = ['enableStartTimestamp', 'rulerAlertGeneratorUrlTemplate'] as const;

let app: TestApp;
afterEach(() => app?.server.close());

test.for(Object.entries(provocations))('%s', async ([, { limits, server, before, ask, answer, finds }]) => {
  app = await createTestApp({ limits, ...(server && { server }) });
  await before?.(app);
  const { status, text } = await ask(app);
  const [expectedStatus, expectedText] = answer;
  expect([status, text]).toEqual([
    expectedStatus,
    expectedText === undefined
      ? text
      : expectedText instanceof RegExp
        ? expect.stringMatching(expectedText)
        : expectedText,
  ]);
  for (const [selector, count] of Object.entries(finds ?? {})) {
    expect([selector, await countOf(app, selector)]).toEqual([selector, count]);
  }
});

test('limits on metadata keep what came first', async () => {
  const cases = [
    'maxMetadataPerUser',
    'maxMetadataPerMetric',
    'maxGlobalMetadataPerUser',
    'maxGlobalMetadataPerMetric',
  ] as const;
  for (const name of cases) {
    const { limits, server, ask } = provocations[name];
    app = await createTestApp({ limits, ...(server && { server }) });
    await ask(app);
    expect((await app.get('metadata')).json).toMatchObject({
      data: { m: [{ type: 'gauge', help: 'kept', unit: '' }] },
    });
    await app.server.close();
  }
});

test.for(elsewhere)('%s has a test of its own', (name) => {
  const files = ['http', 'wire', 'ingest', 'ruler'].flatMap((floor) => {
    const folder = new URL(`../${floor}/`, import.meta.url);
    return readdirSync(folder)
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => readFileSync(new URL(file, folder), 'utf8'));
  });
  expect(files.some((text) => text.includes(name))).toBe(true);
});
