import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeRemoteWrite, STALE_VALUE } from '../../src/wire/remote-write-encode.ts';
import { compressSnappy } from '../../src/wire/snappy.ts';
import { type Answer, createTestApp, type Headers, START_MS, type TestApp } from '../support/test-app.ts';

let app: TestApp;
beforeEach(async () => {
  app = await createTestApp({ limits: { enableNativeHistograms: true, maxExemplars: 100 } });
});
afterEach(() => app.close());

const nothing = { samples: 0, histograms: 0, exemplars: 0, metadata: 0, duplicates: 0, refused: 0 };

function load(body: string | Uint8Array, headers: Headers = {}, query = ''): Promise<Answer> {
  return app.send('POST', `/pocket/v1/import${query}`, body, headers);
}

async function exported(format: string, tenant = 'test', query: Record<string, string | number> = {}): Promise<string> {
  const { status, text } = await app.get(
    '/pocket/v1/export',
    { 'match[]': '{}', format, ...query },
    { 'x-scope-orgid': tenant },
  );
  expect(status).toBe(200);
  return text;
}

describe('import', () => {
  test.for([
    { type: 'application/openmetrics-text; version=1.0.0', body: 'up 1 1.5\n# EOF\n', expected: 'up 1 1.5' },
    { type: 'text/plain', body: 'up 1 1500\n', expected: 'up 1 1.5' },
    {
      type: 'application/json',
      body: '{"metric":{"__name__":"up"},"values":[1],"timestamps":[1500]}',
      expected: 'up 1 1.5',
    },
    // What curl says when nobody tells it: the text is looked at.
    { type: 'application/x-www-form-urlencoded', body: 'up 1 1.5\n# EOF\n', expected: 'up 1 1.5' },
    { type: '', body: '{"metric":{"__name__":"up"},"values":[1],"timestamps":[1500]}', expected: 'up 1 1.5' },
    { type: '', body: 'up 1 1700000000500\n', expected: 'up 1 1700000000.5' },
    { type: 'text/plain', query: '?format=openmetrics', body: 'up 1 1.5\n# EOF\n', expected: 'up 1 1.5' },
    { type: '', query: '?timestamp=7.25', body: 'up 1\n', expected: 'up 1 7.25' },
    { type: '', body: 'up 1\n', expected: `up 1 ${START_MS / 1000}` },
  ])('takes $body as $type $query', async ({ type, body, query, expected }) => {
    const { status, json } = await load(body, { 'content-type': type }, query);
    expect({ status, json }).toEqual({ status: 200, json: { status: 'success', data: { ...nothing, samples: 1 } } });
    expect(await exported('openmetrics')).toBe(`${expected}\n# EOF\n`);
  });

  test('takes gzip', async () => {
    const { status } = await load(gzipSync('up 1 1.5\n# EOF\n'), { 'content-encoding': 'gzip' });
    expect(status).toBe(200);
    expect(await exported('openmetrics')).toBe('up 1 1.5\n# EOF\n');
  });

  test('takes remote write of any age', async () => {
    const body = compressSnappy(encodeRemoteWrite({ series: [{ labels: [['__name__', 'up']], samples: [[5, 1]] }] }));
    expect((await load(body, { 'content-type': 'application/x-protobuf' })).status).toBe(200);
    expect(await exported('openmetrics')).toBe('up 1 0.005\n# EOF\n');
  });

  test.for([
    { body: 'up 1 5\nup{ 2\n', error: 'line 2, column 5: "2" is no name of a label', samples: 1 },
    { body: 'up 1 5\n{a="b"} 2 5\n', error: 'line 2, column 1: a metric name is missing', samples: 1 },
    {
      body: '{"metric":{"a":"b"},"values":[1],"timestamps":[5]}\n{"metric":{"__name__":"up"},"values":[1],"timestamps":[5]}\n',
      error: 'a series without a metric name: {a="b"}',
      samples: 1,
      refused: 1,
    },
    { body: 'up 1', query: '?format=csv', error: 'format is one of openmetrics, prometheus, jsonl', samples: 0 },
    {
      body: 'up 1',
      query: '?timestamp=soon',
      error: 'invalid parameter "timestamp": cannot parse "soon" to a valid timestamp',
      samples: 0,
    },
    {
      body: 'up 1',
      headers: { 'content-encoding': 'br' },
      error: 'content-encoding is gzip or nothing, not br',
      samples: 0,
    },
    { body: 'up 1', headers: { 'content-encoding': 'gzip' }, error: 'no gzip: incorrect header check', samples: 0 },
    { body: 'up 1', headers: { 'content-type': 'application/x-protobuf' }, error: 'snappy: corrupt input', samples: 0 },
  ])(
    'says of $body what is wrong, and keeps the rest',
    async ({ body, query, headers, error, samples, refused = 0 }) => {
      const answer = await load(body, headers, query);
      expect({ status: answer.status, json: answer.json }).toEqual({
        status: 400,
        json: { status: 'error', errorType: 'bad_data', error, data: { ...nothing, samples, refused } },
      });
    },
  );

  test('wants a tenant', async () => {
    expect((await load('up 1', { 'x-scope-orgid': '' })).status).toBe(401);
    expect((await load('up 1', { 'x-scope-orgid': 'a b' })).status).toBe(400);
  });
});

describe('export', () => {
  const text = `# TYPE h histogram
h_bucket{le="+Inf"} 3 1
h_bucket{le="1.0"} 2 1 # {trace_id="x"} 0.5 0.5
h_sum 1e-9 1
h_z 1 1
# TYPE q counter
# HELP q "Quoted" \\\\ and\\nbroken.
q_total{p="a\\\\b\\"c\\nd"} 5 1700000000.5
q_total{p="a\\\\b\\"c\\nd"} +Inf 1700000015.5
{"z.gauge","l.b"="é"} -0 1700000000
{"z.gauge","l.b"="é"} NaN 1700000001.001
# EOF
`;

  test('writes OpenMetrics as it was read: families in one piece', async () => {
    await load(text);
    expect(await exported('openmetrics')).toBe(
      `${text.replace('h_z 1 1\n', '').replace('# TYPE q', 'h_z 1 1\n# TYPE q').replaceAll('"Quoted"', '\\"Quoted\\"')}`,
    );
  });

  test.for([
    [{ 'match[]': 'q_total' }, 2],
    [{ 'match[]': '{__name__=~"h_.*"}', start: 1, end: 1 }, 4],
    [{ 'match[]': ['q_total', '{p!=""}', 'h_sum'] }, 3],
    [{ 'match[]': '{}', start: 1_700_000_001 }, 2],
    [{ 'match[]': '{}', end: '1970-01-01T00:00:00Z' }, 0],
  ] as const)('of %j gives %d samples', async ([query, count]) => {
    await load(text);
    const { text: given } = await app.get('/pocket/v1/export', query as never);
    expect(given.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toHaveLength(count);
  });

  test.for([
    [{}, 'no match[] parameter provided'],
    [{ 'match[]': 'up{' }, '1:4: parse error: unexpected end of input inside braces'],
    [{ 'match[]': 'up', format: 'csv' }, 'format is openmetrics or jsonl'],
    [{ 'match[]': 'up', window_ms: '-1' }, 'window_ms is a whole number of milliseconds'],
    [{ 'match[]': 'up', start: 5, end: 4 }, 'end timestamp must not be before start timestamp'],
  ] as const)('refuses %j', async ([query, error]) => {
    const { status, json } = await app.get('/pocket/v1/export', query);
    expect({ status, json }).toEqual({ status: 400, json: { status: 'error', errorType: 'bad_data', error } });
  });

  test('in windows gives all series of one stretch before those of the next', async () => {
    await load('a 1 0\na 2 60\nb 1 30\nb 2 90\na 3 1e9\n# EOF\n', {}, '?format=openmetrics');
    const lines = (await exported('jsonl', 'test', { window_ms: 60_000 })).trim().split('\n');
    const order = lines.map((line) => JSON.parse(line) as { metric: { __name__: string }; timestamps: number[] });
    expect(order.map(({ metric, timestamps }) => [metric.__name__, ...timestamps])).toEqual([
      ['a', 0, 60_000],
      ['b', 30_000, 90_000],
      ['a', 1e12],
    ]);
  });
});

describe('what was exported and loaded again is the same', () => {
  beforeEach(async () => {
    const labels = (i: number) =>
      [
        ['__name__', i % 2 === 0 ? 'm' : 'n_total'],
        ['i', `${i}`],
        ['odd', 'é"\\\n'],
      ] as const;
    const series = Array.from({ length: 50 }, (_, i) => ({
      labels: labels(i),
      samples: Array.from({ length: 40 }, (_, k) => [START_MS + k * 15_000 - 600_000, i * 1.1 + k] as const),
    }));
    const stale = {
      labels: labels(100),
      samples: [
        [START_MS - 5, 1],
        [START_MS - 4, STALE_VALUE],
        [START_MS - 3, NaN],
      ] as const,
    };
    const native = {
      labels: [['__name__', 'h']] as const,
      samples: [[START_MS - 9, 4]] as const,
      histograms: [0, 1, 2].map((k) => ({
        timestampMs: START_MS - 8 + k,
        isInteger: k !== 1,
        schema: 2,
        count: 3 + k,
        sum: 2.5 + k,
        zeroThreshold: 0.001,
        zeroCount: 1,
        positiveSpans: [
          { offset: -1, length: 1 },
          { offset: 2, length: 1 },
        ],
        positiveCounts: [1, 1 + k],
      })),
    };
    const exemplars = [{ labels: [['trace_id', 'x']] as const, value: 1.5, timestampMs: START_MS - 7 }];
    const pushed = await app.push({
      series: [...series, stale, { ...native, exemplars }],
      metadata: [
        { metric: 'm', type: 'gauge', help: 'Help "m".', unit: '' },
        { metric: 'n', type: 'counter', help: 'line\nbreak', unit: '' },
      ],
    });
    expect(pushed.status).toBe(200);
    await load('m{i="0"} 7 5\nm{i="0"} 6 4\n# EOF\n', {}, '?format=openmetrics');
  });

  const queries = [
    'm',
    'sum by (__name__) (rate({__name__=~"m|n_total"}[5m]))',
    'count_over_time(m[20m])',
    'histogram_quantile(0.5, h)',
    'h',
    'count(group by (__name__, i, odd) ({__name__!=""}))',
  ];

  async function answers(tenant: string): Promise<unknown[]> {
    const found: unknown[] = [];
    for (const query of queries) {
      const { status, text } = await app.get('query', { query, time: START_MS / 1000 }, { 'x-scope-orgid': tenant });
      found.push({ query, status, text });
    }
    const range = { 'match[]': '{__name__!=""}' };
    for (const path of ['series', 'metadata', 'query_exemplars'] as const) {
      const query = path === 'query_exemplars' ? { query: '{__name__=~".+"}' } : path === 'series' ? range : {};
      const { text } = await app.get(path, query, { 'x-scope-orgid': tenant });
      found.push({ path, text });
    }
    return found;
  }

  test('as JSON lines, in all of it', async () => {
    const text = await exported('jsonl');
    const { status } = await load(text, { 'x-scope-orgid': 'copy' });
    expect(status).toBe(200);
    expect(await exported('jsonl', 'copy')).toBe(text);
    expect(await answers('copy')).toEqual(await answers('test'));
    // In another order of lines, and twice: the same once more.
    const shuffled = `${text.split('\n').reverse().join('\n')}\n`;
    await load(shuffled, { 'x-scope-orgid': 'third', 'content-type': 'application/json' });
    await load(shuffled, { 'x-scope-orgid': 'third', 'content-type': 'application/json' });
    expect(await exported('jsonl', 'third')).toBe(text);
    expect(await answers('third')).toEqual(await answers('test'));
  });

  test('as OpenMetrics, but for what it has no form for', async () => {
    const text = await exported('openmetrics');
    await load(text, { 'x-scope-orgid': 'copy' });
    expect(await exported('openmetrics', 'copy')).toBe(text);
    const floats = ({ query }: { query?: string }) => query?.startsWith('h') === false && !query.includes('group');
    const [own, copy] = [await answers('test'), await answers('copy')];
    expect(copy.filter((answer) => floats(answer as never))).toEqual(own.filter((answer) => floats(answer as never)));
  });
});
