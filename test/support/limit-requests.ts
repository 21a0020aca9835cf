import { expect } from 'vitest';
import type { QueryAttribute } from '../../src/limits/limit-records.ts';
import type { HistogramMessage } from '../../src/wire/histogram-encode.ts';
import type { SeriesMessage } from '../../src/wire/remote-write-encode.ts';
import { type Answer, START_MS, type TestApp } from './test-app.ts';

/*
 * Requests that run into limits, each a function of the server it goes to, and the words of the answers.
 */

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const ingester =
  'maxFailure (quorum) on a given error family, addr=127.0.0.1:9095 state=ACTIVE zone=, rpc error: code = Code(400) desc = user=test: ';

type LabelsOf = Readonly<Record<string, string>>;

export function series(labels: LabelsOf, timestampMs = START_MS): SeriesMessage {
  return { labels: Object.entries(labels).sort(), samples: [[timestampMs, 1]] };
}

export function named(name: string, labels: LabelsOf = {}): SeriesMessage {
  return series({ __name__: name, ...labels });
}

export const good = named('good');

export const histogramOf = (buckets: number): HistogramMessage => ({
  timestampMs: START_MS,
  isInteger: true,
  schema: 0,
  count: buckets,
  sum: buckets,
  positiveSpans: [{ offset: 0, length: buckets }],
  positiveCounts: Array.from({ length: buckets }, () => 1),
});

export const histogram = (name: string, buckets = 1): SeriesMessage => ({
  labels: [['__name__', name]],
  histograms: [histogramOf(buckets)],
});

export const push =
  (...all: readonly SeriesMessage[]) =>
  (app: TestApp): Promise<Answer> =>
    app.push({ series: all });

export const metadata =
  (...entries: readonly (readonly [metric: string, help: string])[]) =>
  (app: TestApp): Promise<Answer> =>
    app.push({
      series: [good],
      metadata: entries.map(([metric, help]) => ({ metric, type: 'gauge', help, unit: '' })),
    });

export const query =
  (text: string, headers = {}) =>
  (app: TestApp): Promise<Answer> =>
    app.get('query', { query: text, time: START_MS / 1000 }, headers);

export const range =
  (fromMs: number, stepMs: number, text = 'good') =>
  (app: TestApp): Promise<Answer> =>
    app.get('query_range', {
      query: text,
      start: (START_MS - fromMs) / 1000,
      end: START_MS / 1000,
      step: stepMs / 1000,
    });

export const setRules =
  (yaml: string, namespace = 'n') =>
  (app: TestApp): Promise<Answer> =>
    app.send('POST', `/api/v1/rules/${namespace}`, yaml);

export const setAlertmanager =
  (yaml: string) =>
  (app: TestApp): Promise<Answer> =>
    app.send('POST', '/api/v1/alerts', yaml);

export const alertmanagerYaml =
  'alertmanager_config: |\n  route:\n    receiver: a\n  receivers:\n    - name: a\ntemplate_files:\n  a.tmpl: "xxxxx"\n  b.tmpl: "y"\n';

/** Runs rules for a minute. */
export const runRules =
  (yaml: string) =>
  async (app: TestApp): Promise<unknown> => {
    await push(good)(app);
    expect((await setRules(yaml)(app)).status).toBe(202);
    await app.clock.advance(MINUTE_MS);
    return undefined;
  };

export const recording = 'name: g\ninterval: 15s\nrules: [{ record: recorded, expr: good }]';
export const alerting = (annotation: string) =>
  `name: g\ninterval: 15s\nrules: [{ alert: A, expr: good, annotations: { text: '${annotation}' } }]`;

export const executionError = (message: string) =>
  JSON.stringify({ status: 'error', errorType: 'execution', error: message });
export const badData = (message: string) => JSON.stringify({ status: 'error', errorType: 'bad_data', error: message });
export const rejection = executionError(
  'This query does not perform well and has been rejected by the service operator.',
);
export const advice = (limit: number, global = 0) =>
  `please contact administrator to raise it (local limit: ${global === 0 ? limit : 0} global limit: ${global} actual local limit: ${limit})`;
/** One that is like nothing. */
export const attribute: QueryAttribute = {
  apiType: '',
  regex: '',
  timeWindow: { startMs: 0, endMs: 0 },
  timeRangeLimit: { minMs: 0, maxMs: 0 },
  queryStepLimit: { minMs: 0, maxMs: 0 },
  userAgentRegex: '',
  dashboardUid: '',
  panelId: '',
};
export const ha = { acceptHaSamples: true };
export const tracking = { haTrackerEnabled: true };
export const replica = (name: string, cluster = 'c', replicaName = 'r') =>
  named(name, { cluster, __replica__: replicaName });

/** A gauge by OTLP, of a resource with these attributes. */
export const otlpGauge =
  (name: string, attributes: LabelsOf) =>
  (app: TestApp): Promise<Answer> => {
    const resource = {
      attributes: Object.entries({ 'service.name': 's', ...attributes }).map(([key, stringValue]) => ({
        key,
        value: { stringValue },
      })),
    };
    const gauge = { dataPoints: [{ timeUnixNano: `${START_MS}000000`, asDouble: 1 }] };
    const body = { resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [{ name, gauge }] }] }] };
    return app.send('POST', '/api/v1/otlp/v1/metrics', JSON.stringify(body), { 'content-type': 'application/json' });
  };

/** How many series `selector` finds now. */
export async function countOf(target: TestApp, selector: string): Promise<number> {
  const time = target.clock.nowMs() / 1000;
  const { json } = await target.get('query', { query: selector, time });
  return (json as { data: { result: unknown[] } }).data.result.length;
}
