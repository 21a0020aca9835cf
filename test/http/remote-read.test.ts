import protobuf from 'protobufjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { STALE_VALUE } from '../../src/wire/remote-write-encode.ts';
import { compressSnappy, decompressSnappy } from '../../src/wire/snappy.ts';
import { decodeFrames } from '../support/chunk-decode.ts';
import { createTestApp, START_MS, type TestApp } from '../support/test-app.ts';

/** The messages as Prometheus publishes them, so that another implementation checks ours. */
const { root } = protobuf.parse(`syntax = "proto3";
  message ReadRequest { repeated Query queries = 1; repeated int32 accepted_response_types = 2; }
  message Query { int64 start_timestamp_ms = 1; int64 end_timestamp_ms = 2; repeated LabelMatcher matchers = 3; }
  message LabelMatcher { int32 type = 1; string name = 2; string value = 3; }
  message ReadResponse { repeated QueryResult results = 1; }
  message QueryResult { repeated TimeSeries timeseries = 1; }
  message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; repeated Histogram histograms = 4; }
  message Label { string name = 1; string value = 2; }
  message Histogram {
    oneof count { uint64 count_int = 1; double count_float = 2; }
    double sum = 3; sint32 schema = 4; double zero_threshold = 5;
    oneof zero_count { uint64 zero_count_int = 6; double zero_count_float = 7; }
    repeated BucketSpan negative_spans = 8; repeated sint64 negative_deltas = 9; repeated double negative_counts = 10;
    repeated BucketSpan positive_spans = 11; repeated sint64 positive_deltas = 12; repeated double positive_counts = 13;
    int32 reset_hint = 14; int64 timestamp = 15; repeated double custom_values = 16;
  }
  message BucketSpan { sint32 offset = 1; uint32 length = 2; }
  message Sample { fixed64 value = 1; int64 timestamp = 2; }`);
const ReadRequest = root.lookupType('ReadRequest');
const ReadResponse = root.lookupType('ReadResponse');

type MatcherText = readonly [type: number, name: string, value: string];

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ limits: { enableNativeHistograms: true } });
  await app.push({
    series: [
      {
        labels: [
          ['__name__', 'm'],
          ['a', '1'],
        ],
        samples: [
          [-5, 3],
          [START_MS - 60_000, 1.5],
        ],
      },
      {
        labels: [
          ['__name__', 'm'],
          ['a', 'é'],
        ],
        samples: [[START_MS, STALE_VALUE]],
      },
      { labels: [['__name__', 'n']], samples: [[START_MS, -0]] },
      {
        labels: [['__name__', 'h']],
        samples: [[START_MS - 3, 5]],
        histograms: [
          {
            ...{ timestampMs: START_MS - 2, isInteger: true, schema: 1, zeroThreshold: 0.001, zeroCount: 2, count: 5 },
            ...{ sum: 18.4, positiveCounts: [1, 1, 1], counterResetHint: 'gauge' },
            positiveSpans: [
              { offset: 0, length: 2 },
              { offset: 1, length: 1 },
            ],
          },
          {
            ...{ timestampMs: START_MS - 1, isInteger: false, schema: -53, count: 3.5, sum: 2, customBounds: [0.5] },
            ...{ positiveSpans: [{ offset: 1, length: 1 }], positiveCounts: [3.5] },
          },
        ],
      },
    ],
  });
});
afterAll(() => app.close());

type QueryText = { startMs: number; endMs: number; matchers: readonly MatcherText[] };

function request(queries: readonly QueryText[], acceptedResponseTypes: readonly number[] = [1, 0]): Uint8Array {
  const message = {
    queries: queries.map(({ startMs, endMs, matchers }) => ({
      startTimestampMs: startMs,
      endTimestampMs: endMs,
      matchers: matchers.map(([type, name, value]) => ({ type, name, value })),
    })),
    acceptedResponseTypes,
  };
  return compressSnappy(ReadRequest.encode(ReadRequest.fromObject(message)).finish());
}

/** The results, one line a series: `m{a=1} 1700000000000=3ff0000000000000`, values by their bits. */
async function read(queries: Parameters<typeof request>[0], headers = {}): Promise<string[][]> {
  const response = await app.http.inject({
    method: 'POST',
    url: '/prometheus/api/v1/read',
    headers: { 'x-scope-orgid': 'test', ...headers },
    payload: Buffer.from(request(queries)),
  });
  expect(response.headers).toMatchObject({ 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' });
  const decoded = ReadResponse.decode(decompressSnappy(response.rawPayload, 1 << 20));
  const { results = [] } = ReadResponse.toObject(decoded, { longs: String }) as {
    results?: {
      timeseries?: { labels: { name: string; value: string }[]; samples: { timestamp: string; value: string }[] }[];
    }[];
  };
  return results.map(({ timeseries = [] }) =>
    timeseries.map(({ labels, samples }) => {
      const name = labels.map((label) => `${label.name}=${label.value}`).join(',');
      return [name, ...samples.map(({ timestamp, value }) => `${timestamp}=${BigInt(value).toString(16)}`)].join(' ');
    }),
  );
}

const all = { startMs: -100_000, endMs: START_MS };

test('native histograms come as they were sent', async () => {
  const matchers = [[0, '__name__', 'h']] as const;
  const response = await app.http.inject({
    method: 'POST',
    url: '/prometheus/api/v1/read',
    headers: { 'x-scope-orgid': 'test' },
    payload: Buffer.from(request([{ ...all, matchers }])),
  });
  const decoded = ReadResponse.decode(decompressSnappy(response.rawPayload, 1 << 20));
  const integers = {
    ...{ countInt: '5', sum: 18.4, schema: 1, zeroThreshold: 0.001, zeroCountInt: '2' },
    ...{ positiveSpans: [{ length: 2 }, { offset: 1, length: 1 }], positiveDeltas: ['1', '0', '0'] },
    ...{ resetHint: 3, timestamp: `${START_MS - 2}` },
  };
  const floats = {
    ...{ countFloat: 3.5, sum: 2, schema: -53, zeroCountFloat: 0, positiveSpans: [{ offset: 1, length: 1 }] },
    ...{ positiveCounts: [3.5], customValues: [0.5], timestamp: `${START_MS - 1}` },
  };
  expect(ReadResponse.toObject(decoded, { longs: String })).toMatchObject({
    results: [{ timeseries: [{ samples: [{ timestamp: `${START_MS - 3}` }], histograms: [integers, floats] }] }],
  });
});

describe('reads', () => {
  test('samples with their bits, ends included', async () => {
    expect(await read([{ ...all, matchers: [[0, '__name__', 'm']] }])).toEqual([
      [
        `__name__=m,a=1 -5=4008000000000000 ${START_MS - 60_000}=3ff8000000000000`,
        `__name__=m,a=é ${START_MS}=7ff0000000000002`,
      ],
    ]);
    expect(await read([{ startMs: START_MS - 60_000, endMs: START_MS - 1, matchers: [[0, '__name__', 'm']] }])).toEqual(
      [[`__name__=m,a=1 ${START_MS - 60_000}=3ff8000000000000`]],
    );
  });

  test('several queries with every kind of matcher', async () => {
    const zero = `${START_MS}=8000000000000000`;
    expect(
      await read([
        {
          ...all,
          matchers: [
            [2, '__name__', 'm|n'],
            [3, 'a', '.+'],
          ],
        },
        {
          ...all,
          matchers: [
            [0, '__name__', 'n'],
            [1, 'a', '1'],
          ],
        },
        { ...all, matchers: [[0, '__name__', 'nothing']] },
        { ...all, matchers: [] },
      ]),
    ).toEqual([[`__name__=n ${zero}`], [`__name__=n ${zero}`], [], []]);
  });

  test('nothing of another tenant', async () => {
    expect(await read([{ ...all, matchers: [[0, '__name__', 'm']] }], { 'x-scope-orgid': 'other' })).toEqual([[]]);
  });
});

describe('refuses', () => {
  const cases: readonly (readonly [about: string, body: Uint8Array, text: string])[] = [
    ['no body', Buffer.alloc(0), 'snappy: corrupt input'],
    ['JSON', Buffer.from('{"queries":[]}'), 'snappy: corrupt input'],
    ['a message that is cut off', compressSnappy(Uint8Array.of(0x0a, 5)), 'unexpected EOF'],
    ['an end before the start', request([{ startMs: 1, endMs: 0, matchers: [] }]), 'invalid blocks time range'],
    [
      'a bad expression',
      request([{ ...all, matchers: [[2, 'a', '(']] }]),
      'error parsing regexp: missing closing ): `(`',
    ],
    ['an unknown matcher', request([{ ...all, matchers: [[9, 'a', 'b']] }]), 'invalid matcher type'],
    ['too much', Buffer.alloc((1 << 20) + 1), 'received message larger than max (1048577 vs 1048576)'],
  ];
  test.for(cases)('%s', async ([, body, text]) => {
    const answer = await app.send('POST', 'read', body);
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 400, text: `${text}\n` });
  });

  test('a request without a tenant', async () => {
    expect((await app.send('POST', 'read', request([]), { 'x-scope-orgid': '' })).status).toBe(401);
  });
});

test('reads are cut to max_query_lookback, and refused beyond max_query_length', async () => {
  const before = app;
  app = await createTestApp({ limits: { maxQueryLookbackMs: 600_000, maxQueryLengthMs: 300_000 } });
  try {
    const samples = [900_000, 120_000].map((agoMs) => [START_MS - agoMs, 1] as const);
    await app.push({ series: [{ labels: [['__name__', 'm']], samples }] });
    const matchers = [[0, '__name__', 'm']] as const;
    const at = (fromMs: number, toMs: number) => ({ startMs: START_MS - fromMs, endMs: START_MS - toMs, matchers });
    expect(await read([at(1_000_000, 800_000), at(300_000, 0)])).toEqual([
      [],
      [`__name__=m ${START_MS - 120_000}=3ff0000000000000`],
    ]);
    // From ten minutes ago on, where the lookback begins.
    const refused = await app.send('POST', 'read', request([at(3_600_000, 0)]));
    expect(refused).toMatchObject({
      status: 400,
      text: 'the query time range exceeds the limit (query length: 10m0s, limit: 5m0s)\n',
    });
  } finally {
    await app.close();
    app = before;
  }
});

describe('chunks are streamed, where that is allowed,', () => {
  let streaming: TestApp;
  beforeAll(async () => {
    streaming = await createTestApp({ server: { remoteReadStreaming: true } });
    const points = Array.from({ length: 130 }, (_, i) => [START_MS - (130 - i) * 1000, i] as const);
    await streaming.push({
      series: ['1', '2'].map((a) => ({
        labels: [
          ['__name__', 'm'],
          ['a', a],
        ],
        samples: points,
      })),
    });
  });
  afterAll(() => streaming.close());

  const queries = [
    { startMs: 0, endMs: START_MS, matchers: [[0, 'a', '1']] },
    { startMs: 0, endMs: START_MS, matchers: [] },
    { startMs: 0, endMs: START_MS - 130_000, matchers: [[0, '__name__', 'm']] },
    { startMs: 0, endMs: START_MS - 131_000, matchers: [[0, '__name__', 'm']] },
  ] as const;

  const ask = (accepted: readonly number[]) =>
    streaming.http.inject({
      method: 'POST',
      url: '/prometheus/api/v1/read',
      headers: { 'x-scope-orgid': 'test' },
      payload: Buffer.from(request(queries, accepted)),
    });

  test.for<readonly [about: string, accepted: readonly number[]]>([
    ['to a client that names them first', [1, 0]],
    ['to one that takes nothing else', [1]],
    ['to one that would rather have what nobody knows', [7, 1, 0]],
  ])('%s', async ([, accepted]) => {
    const response = await ask(accepted);
    expect(response.headers).toMatchObject({
      'content-type': 'application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse',
    });
    expect(response.headers).not.toHaveProperty('content-encoding');
    const frames = decodeFrames(response.rawPayload).map(({ queryIndex, labels, chunks }) =>
      [queryIndex, labels, ...chunks.map(({ samples }) => samples.length)].join(' '),
    );
    expect(frames).toEqual(['0 __name__=m,a=1 120 10', '2 __name__=m,a=1 1', '2 __name__=m,a=2 1']);
  });

  test.for<readonly [about: string, accepted: readonly number[]]>([
    ['samples first', [0, 1]],
    ['nothing', []],
    ['what nobody knows', [7]],
  ])('but not to one that names %s', async ([, accepted]) => {
    expect((await ask(accepted)).headers).toMatchObject({ 'content-type': 'application/x-protobuf' });
  });
});
