import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, createTestApp, START_MS, type TestApp } from '../support/test-app.ts';

const NOW = START_MS / 1000;
const RANGE = { start: `${NOW - 3600}`, end: `${NOW}` };
const GROUP = 'name: g\ninterval: 15s\nrules:\n  - record: up:sum\n    expr: sum(up)\n';

type Server = 'cortex' | 'mimir';
const apps = new Map<Server, TestApp>();

beforeAll(async () => {
  apps.set('cortex', await createTestApp({ server: { alertmanagerApiEnabled: true }, limits: { maxExemplars: 100 } }));
  apps.set('mimir', await createTestApp({ server: { answersAsMimir: true }, limits: { maxExemplars: 100 } }));
  for (const app of apps.values()) {
    await app.push({
      series: ['a', 'b'].map((job, index) => ({
        labels: [
          ['__name__', 'up'],
          ['job', job],
        ],
        samples: [[START_MS - 1000, index]],
        exemplars: [{ labels: [['trace_id', `t${index}`]], timestampMs: START_MS - 1000, value: 1 }],
      })),
      metadata: [{ metric: 'up', type: 'gauge', help: 'Whether it is there', unit: '' }],
    });
  }
});
afterAll(async () => {
  for (const app of apps.values()) await app.close();
});

/** A data source as Grafana's server calls it: what was refused by POST is asked again by GET. */
class DataSource {
  readonly #app: TestApp;
  readonly #url: string;

  constructor(server: Server, url: string) {
    this.#app = apps.get(server)!;
    this.#url = url;
  }

  get(path: string, query: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.#app.get(`${this.#url}${path}`, query);
  }

  async resource(path: string, query: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const answer = await this.#app.postForm(`${this.#url}${path}`, query);
    return answer.status === 405 || answer.status === 400 ? this.get(path, query) : answer;
  }

  send(method: string, path: string, body?: string): Promise<Answer> {
    return this.#app.send(method, `${this.#url}${path}`, body);
  }

  /** By what Grafana's alerting tells products apart. */
  async discover(): Promise<{ readonly application: string; readonly canEditRules: boolean }> {
    const info = await this.get('/api/v1/status/buildinfo');
    if (info.status === 404) {
      expect((await this.get('/api/v1/rules')).json).toMatchObject({ status: 'success' });
      return { application: 'Cortex or Loki', canEditRules: await this.#hasRulesAt('/rules') };
    }
    const { application, features } = JSON.parse(info.text).data;
    expect((await this.get('/api/v1/status/flags')).status).toBe(404);
    return { application: application ?? 'Prometheus', canEditRules: features?.ruler_config_api === 'true' };
  }

  /** A group that nobody has tells whether there is an API to ask for it. */
  async #hasRulesAt(path: string): Promise<boolean> {
    const { status, text } = await this.get(`${path}/test/test`);
    return status === 200 || /group does not exist|no rule groups found/.test(text);
  }
}

describe('what Grafana makes of the server', () => {
  test.for([
    ['cortex', '/api/prom', { application: 'Cortex or Loki', canEditRules: true }],
    // As with Cortex: its rules are not below the prefix of its Prometheus API.
    ['cortex', '/prometheus', { application: 'Cortex or Loki', canEditRules: false }],
    ['mimir', '/prometheus', { application: 'Grafana Mimir', canEditRules: true }],
  ] as const)('%s at %s', async ([server, url, expected]) => {
    expect(await new DataSource(server, url).discover()).toEqual(expected);
  });
});

describe.for([
  ['cortex', '/api/prom', '/rules'],
  ['mimir', '/prometheus', '/config/v1/rules'],
] as const)('a data source of the type %s at %s', ([server, url, rules]) => {
  const data = (value: unknown) => ({ status: 'success', data: value });
  let source: DataSource;
  beforeAll(() => {
    source = new DataSource(server, url);
  });

  test.for([
    // Save & test.
    ['health', '/api/v1/query', { query: '1+1', time: '4' }, { resultType: 'scalar', result: [4, '2'] }],
    // The query editor when it opens: all metrics, what is known of them, all labels.
    ['all metrics', '/api/v1/label/__name__/values', { limit: '40000', ...RANGE }, ['up']],
    ['metadata', '/api/v1/metadata', {}, { up: [{ type: 'gauge', help: 'Whether it is there', unit: '' }] }],
    ['all labels', '/api/v1/labels', { limit: '40000', ...RANGE }, ['__name__', 'job']],
    // Its suggestions while one types, and the label browser.
    [
      'labels of a metric',
      '/api/v1/labels',
      { limit: '1000', 'match[]': 'up{job="a"}', ...RANGE },
      ['__name__', 'job'],
    ],
    ['values of a label', '/api/v1/label/job/values', { limit: '1000', 'match[]': 'up', ...RANGE }, ['a', 'b']],
    ['values that do not fit', '/api/v1/label/job/values', { limit: '1', ...RANGE }, ['a']],
    ['series', '/api/v1/series', { limit: '1000', 'match[]': '{job="b"}', ...RANGE }, [{ __name__: 'up', job: 'b' }]],
    // Queries of panels, variables and annotations.
    [
      'an instant query',
      '/api/v1/query',
      { query: 'up{job="b"}', time: `${NOW}`, timeout: '60s' },
      { resultType: 'vector', result: [{ metric: { __name__: 'up', job: 'b' }, value: [NOW, '1'] }] },
    ],
    [
      'a range query',
      '/api/v1/query_range',
      { query: 'sum(up)', ...RANGE, start: `${NOW - 0.5}`, step: '0.5' },
      {
        resultType: 'matrix',
        result: [
          {
            metric: {},
            values: [
              [NOW - 0.5, '1'],
              [NOW, '1'],
            ],
          },
        ],
      },
    ],
    ['a variable', '/api/v1/series', { 'match[]': 'up{job="a"}', ...RANGE }, [{ __name__: 'up', job: 'a' }]],
    [
      'exemplars',
      '/api/v1/query_exemplars',
      { query: 'rate(up{job="b"}[5m])', ...RANGE },
      [
        {
          seriesLabels: { __name__: 'up', job: 'b' },
          exemplars: [{ labels: { trace_id: 't1' }, value: '1', timestamp: NOW - 1 }],
        },
      ],
    ],
    ['a formatted query', '/api/v1/format_query', { query: 'sum(up)' }, 'sum(up)'],
    // The alerting pages.
    ['the state of rules', '/api/v1/rules', {}, { groups: [] }],
    ['alerts', '/api/v1/alerts', {}, { alerts: [] }],
  ] as const)('is told %s', async ([, path, query, expected]) => {
    const { status, json } = await source.resource(path, query);
    expect(status).toBe(200);
    expect(json).toMatchObject(data(expected));
    // Who chose GET in the settings gets the same.
    expect((await source.get(path, query)).json).toEqual(json);
  });

  test('is told what is wrong with a query', async () => {
    expect((await source.resource('/api/v1/query', { query: 'sum(', time: `${NOW}` })).json).toMatchObject({
      status: 'error',
      errorType: 'bad_data',
      error: expect.stringContaining('parse error'),
    });
  });

  test('edits rules: lists, reads, writes and deletes them', async () => {
    expect((await source.get(rules)).text).toBe('no rule groups found\n');
    expect((await source.send('POST', `${rules}/team%20a`, GROUP)).status).toBe(202);
    for (const path of [rules, `${rules}/team%20a`, `${rules}/team%20a/g`]) {
      const { status, text, headers } = await source.get(path);
      expect([status, headers['content-type']]).toEqual([200, 'application/yaml']);
      expect(text).toContain('record: up:sum');
    }
    const { groups } = ((await source.get('/api/v1/rules')).json as { data: { groups: readonly object[] } }).data;
    expect(groups).toMatchObject([{ name: 'g', file: 'team a', rules: [{ name: 'up:sum', type: 'recording' }] }]);
    expect((await source.send('DELETE', `${rules}/team%20a/g`)).status).toBe(202);
    expect((await source.get(`${rules}/team%20a/g`)).text).toBe('group does not exist\n');
  });
});

test('a label whose name has other characters is asked for in a path', async () => {
  const app = await createTestApp({ server: { nameValidationScheme: 'utf8' } });
  await app.push({
    series: [
      {
        labels: [
          ['__name__', 'metric.with.dots'],
          ['label-with-dash', 'x'],
        ],
        samples: [[START_MS, 1]],
      },
    ],
  });
  expect((await app.get('label/U__label_2d_with_2d_dash/values')).json).toEqual({ status: 'success', data: ['x'] });
  expect((await app.get('label/U__nope_2d_/values')).json).toEqual({ status: 'success', data: [] });
  await app.close();
});

test('a data source of the type Alertmanager, implementation Cortex, configures and shows it', async () => {
  const source = new DataSource('cortex', '');
  expect((await source.get('/api/v1/alerts')).status).toBe(404);
  const config = JSON.stringify({ alertmanager_config: 'route: {receiver: r}\nreceivers: [{name: r}]\n' });
  expect((await source.send('POST', '/api/v1/alerts', config)).status).toBe(201);
  for (const path of ['status', 'receivers', 'alerts', 'alerts/groups', 'silences']) {
    expect((await source.get(`/alertmanager/api/v2/${path}`)).status).toBe(200);
  }
});
