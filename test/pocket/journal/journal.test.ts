import { afterEach, beforeEach, expect, test } from 'vitest';
import { compressSnappy } from '../../../src/wire/snappy.ts';
import { encodeRemoteWriteV2 } from '../../support/remote-write-v2.ts';
import { createTestApp, START_MS, type TestApp } from '../../support/test-app.ts';

let app: TestApp;
beforeEach(async () => {
  app = await createTestApp({ server: { journalRequests: 5 } });
});
afterEach(() => app.close());

const push = (name: string, atMs = 0, headers: Readonly<Record<string, string>> = {}) =>
  app.push({ series: [{ labels: [['__name__', name]], samples: [[START_MS + atMs, 1]] }] }, headers);

const get = (path: string) => app.send('GET', `/pocket/v1/${path}`, undefined, { 'x-scope-orgid': '' });

async function requests(query = ''): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return ((await get(`journal${query}`)).json as { requests: readonly Record<string, unknown>[] }).requests;
}

test('tells what a write carried and what it was answered', async () => {
  await app.push(
    {
      series: [
        {
          labels: [
            ['__name__', 'up'],
            ['job', 'api'],
          ],
          samples: [
            [START_MS - 2000, 1],
            [START_MS - 1000, Number.NaN],
          ],
        },
      ],
      metadata: [{ type: 'gauge', metric: 'up', help: 'Whether it is up.', unit: '' }],
    },
    { 'user-agent': 'my-service/1.0', authorization: 'Basic c2VjcmV0' },
  );
  const [entry] = await requests();
  expect(entry).toEqual({
    sequence: 1,
    receivedMs: START_MS,
    method: 'POST',
    path: '/api/v1/push',
    tenant: 'test',
    headers: {
      'content-encoding': 'snappy',
      'content-length': expect.any(String),
      'content-type': 'application/x-protobuf',
      host: 'localhost:80',
      'user-agent': 'my-service/1.0',
      'x-scope-orgid': 'test',
    },
    parameters: {},
    status: 200,
    message: '',
    fault: null,
    wouldRefuse: null,
    write: {
      protocol: 'remote-write-1',
      seriesCount: 1,
      sampleCount: 2,
      histogramCount: 0,
      exemplarCount: 0,
      metadata: [{ metric: 'up', type: 'gauge', help: 'Whether it is up.', unit: '' }],
      lagMs: 1000,
      series: [
        {
          labels: { __name__: 'up', job: 'api' },
          sampleCount: 2,
          samples: [
            [START_MS - 2000, '1'],
            [START_MS - 1000, 'NaN'],
          ],
          histograms: [],
          exemplars: [],
        },
      ],
    },
  });
});

test('tells of queries, refusals and faults', async () => {
  await app.postForm('query', { query: 'up > 1' });
  await push('too_new', 3_600_000);
  await app.send('PUT', '/pocket/v1/faults', '429 retry-after=1, reset');
  await push('up');
  await push('up').catch(() => {});
  expect(
    (await requests()).map(({ path, parameters, status, message, fault }) => ({
      path,
      parameters,
      status,
      message,
      fault,
    })),
  ).toEqual([
    { path: '/prometheus/api/v1/query', parameters: { query: ['up > 1'] }, status: 200, message: '', fault: null },
    {
      path: '/api/v1/push',
      parameters: {},
      status: 400,
      message: 'timestamp too new: 1700003600000 metric: "too_new"',
      fault: null,
    },
    {
      path: '/api/v1/push',
      parameters: {},
      status: 429,
      message: 'fault script of /api/v1/push: 429',
      fault: '429 retry-after=1',
    },
    { path: '/api/v1/push', parameters: {}, status: 0, message: '', fault: 'reset' },
  ]);
});

test('keeps the last ones only', async () => {
  for (let i = 0; i < 7; i++) await push(`m${i}`, i);
  expect((await requests()).map(({ sequence }) => sequence)).toEqual([3, 4, 5, 6, 7]);
  await app.send('PUT', '/pocket/v1/journal?bytes=0');
  expect(await requests()).toEqual([]);
  await app.send('PUT', '/pocket/v1/journal?requests=0');
  expect((await get('journal')).json).toMatchObject({
    code: 'bad-data',
    error: expect.stringContaining('the journal is off'),
  });
});

test('tells what came by remote write 2.0, OTLP and as text', async () => {
  const other = await createTestApp({
    server: { journalRequests: 5, remoteWriteV2Enabled: true },
    limits: { enableNativeHistograms: true, maxExemplars: 10 },
  });
  const histogram = { timestampMs: START_MS, isInteger: true, schema: 0, count: 1, sum: 2.5, zeroCount: 1 };
  const exemplars = [{ labels: [['trace_id', 'x']] as const, value: 1, timestampMs: START_MS }];
  const series = [{ labels: [['__name__', 'm']] as const, samples: [[START_MS, 1]] as const, exemplars }];
  const v2 = encodeRemoteWriteV2({ series: [...series, { labels: [['__name__', 'h']], histograms: [histogram] }] });
  await other.pushBytes(compressSnappy(v2), {
    'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
  });
  const gauge = { dataPoints: [{ timeUnixNano: `${START_MS}000000`, asDouble: 2.5, attributes: [] }] };
  const otlp = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'queue.length', gauge }] }] }] };
  await other.send('POST', '/api/v1/otlp/v1/metrics', JSON.stringify(otlp), { 'content-type': 'application/json' });
  await other.send('POST', '/pocket/v1/import', 'a 1\nb{c="d"} 2\n', { 'content-type': 'text/plain' });
  const { json } = await other.send('GET', '/pocket/v1/journal?protocol=write');
  const write = (json as { requests: { path: string; write: Record<string, unknown> }[] }).requests;
  const at = (value: string) => ({ sampleCount: 1, samples: [[START_MS, value]], histograms: [], exemplars: [] });
  expect(write.map(({ path, write: { protocol, series: shown } }) => ({ path, protocol, shown }))).toEqual([
    {
      path: '/api/v1/push',
      protocol: 'remote-write-2',
      shown: [
        {
          labels: { __name__: 'm' },
          ...at('1'),
          exemplars: [{ labels: { trace_id: 'x' }, value: '1', timestampMs: START_MS }],
        },
        {
          labels: { __name__: 'h' },
          sampleCount: 0,
          samples: [],
          histograms: [[START_MS, { schema: 0, count: '1', sum: '2.5' }]],
          exemplars: [],
        },
      ],
    },
    {
      path: '/api/v1/otlp/v1/metrics',
      protocol: 'otlp',
      shown: [{ labels: { __name__: 'queue_length' }, ...at('2.5') }],
    },
    {
      path: '/pocket/v1/import',
      protocol: 'text',
      shown: [
        { labels: { __name__: 'a' }, ...at('1') },
        { labels: { __name__: 'b', c: 'd' }, ...at('2') },
      ],
    },
  ]);
  await other.close();
});

test.for([
  ['?tenant=other', [2]],
  ['?protocol=write', [1, 2, 3]],
  ['?protocol=otlp', []],
  ['?status=400', [3]],
  ['?path=/prometheus/api/v1/query', [4]],
  ['?after=2', [3, 4]],
  ['?limit=1', [4]],
  [`?match[]=${encodeURIComponent('{__name__=~"up|nothing"}')}`, [1, 2]],
] as const)('finds %s', async ([query, sequences]) => {
  await push('up');
  await push('up', 0, { 'x-scope-orgid': 'other' });
  await push('down', 3_600_000);
  await app.get('query', { query: 'up' });
  expect((await requests(query)).map(({ sequence }) => sequence)).toEqual(sequences);
});

test('an expectation is met by what is there, and by what comes', async () => {
  await push('up');
  expect((await get('journal/expect?match[]=up')).status).toBe(200);
  const waiting = get('journal/expect?match[]=up&count=2&tenant=test&timeout=1m');
  await push('down');
  await push('up', 1000);
  expect((await waiting).json).toMatchObject({ isMet: true, requests: [{ sequence: 1 }, { sequence: 3 }] });
});

test('an expectation that is not met shows what came instead', async () => {
  await push('down');
  const { status, json } = await get('journal/expect?match[]=up&timeout=1ms');
  expect([status, json]).toMatchObject([417, { isMet: false, requests: [], others: [{ sequence: 1 }] }]);
});

test('no writes is what it says', async () => {
  await push('up');
  expect(await get('journal/expect-no-writes?for=1ms')).toMatchObject({ status: 200, json: { isMet: true } });
  const waiting = get('journal/expect-no-writes?for=1m&match[]=up');
  await app.get('query', { query: 'up' });
  await push('down');
  await push('up', 1000);
  expect(await waiting).toMatchObject({ status: 417, json: { isMet: false, requests: [{ sequence: 4 }] } });
});

test('the library waits the same way', async () => {
  const { journal } = app.server.pocket;
  const waiting = journal.nextWrite({}, { timeoutMs: 60_000 });
  await push('up');
  expect(await waiting).toMatchObject({ sequence: 1, write: { sampleCount: 1 } });
});
