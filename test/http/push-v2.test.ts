import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compressSnappy } from '../../src/wire/snappy.ts';
import { encodeRemoteWriteV2, type RequestV2Message } from '../support/remote-write-v2.ts';
import { type Answer, createTestApp, type Headers, START_MS, type TestApp } from '../support/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({
    server: { remoteWriteV2Enabled: true },
    limits: { enableNativeHistograms: true, maxExemplars: 100 },
  });
});
afterAll(() => app.close());

const V2_TYPE = 'application/x-protobuf;proto=io.prometheus.write.v2.Request';
const m = { labels: [['__name__', 'm']] as const, samples: [[START_MS, 1]] as const };

function pushV2(to: TestApp, request: RequestV2Message, headers: Headers = {}): Promise<Answer> {
  return to.pushBytes(compressSnappy(encodeRemoteWriteV2(request)), { 'content-type': V2_TYPE, ...headers });
}

/** Status, text and what the headers say was written: samples, histograms, exemplars. */
function outcomeOf({ status, text, headers }: Answer) {
  const written = ['samples', 'histograms', 'exemplars'].map(
    (kind) => headers[`x-prometheus-remote-write-${kind}-written`],
  );
  return { status, text, written: written.join(' ') };
}

test('says how much of a request was written', async () => {
  const histogram = { timestampMs: START_MS, isInteger: true, schema: 0, count: 1, sum: 1, zeroCount: 1 };
  const exemplars = [{ labels: [['id', 'x']] as const, value: 1, timestampMs: START_MS }];
  const series = [
    { ...m, exemplars, metadata: { type: 'gauge' as const, help: 'Help.' } },
    { labels: [['__name__', 'h']] as const, histograms: [histogram] },
  ];
  const tenant = { 'x-scope-orgid': 'written' };
  expect(outcomeOf(await pushV2(app, { series }, tenant))).toEqual({ status: 204, text: '', written: '1 1 1' });
  expect((await app.get('metadata', {}, tenant)).json).toMatchObject({
    data: { m: [{ type: 'gauge', help: 'Help.', unit: '' }] },
  });
});

describe('answers', () => {
  const bad = {
    labels: [
      ['__name__', 'bad'],
      ['a-b', 'c'],
    ] as const,
    samples: [[START_MS, 1]] as const,
  };
  const cases: readonly (readonly [about: string, RequestV2Message, status: number, text: string, written: string])[] =
    [
      ['nothing with nothing', { series: [] }, 204, '', '0 0 0'],
      [
        'a part that is bad, the rest being kept',
        { series: [m, bad] },
        400,
        'sample invalid label: "a-b" metric "bad{a-b=\\"c\\"}"\n',
        '1 0 0',
      ],
      ['a series without labels', { series: [{ samples: [[START_MS, 1]] }] }, 400, 'empty labels found\n', '0 0 0'],
      ['what cannot be decoded', { symbols: [''], series: [{ refs: [1] }] }, 400, 'invalid labelRefs length 1\n', '  '],
    ];
  test.for(cases)('%s', async ([, request, status, text, written]) => {
    expect(outcomeOf(await pushV2(app, request))).toEqual({ status, text, written });
  });

  test('what is older than what is there with nothing written', async () => {
    const tenant = { 'x-scope-orgid': 'old' };
    await pushV2(app, { series: [m] }, tenant);
    const older = await pushV2(app, { series: [{ ...m, samples: [[START_MS - 1, 1]] }] }, tenant);
    expect(outcomeOf(older)).toMatchObject({ status: 400, written: '0 0 0' });
    expect(older.text).toContain('out of order sample');
  });
});

describe('refuses', () => {
  test.for<readonly [about: string, headers: Headers, status: number, text: string]>([
    [
      'another encoding',
      { 'content-encoding': 'gzip' },
      415,
      'gzip encoding (compression) is not accepted by this server; only snappy is acceptable\n',
    ],
    ['nobody', { 'x-scope-orgid': '' }, 401, 'no org id\n'],
    [
      'a tenant that cannot be',
      { 'x-scope-orgid': 'a/b' },
      401,
      "tenant ID 'a/b' contains unsupported character '/'\n",
    ],
    [
      'another message',
      { 'content-type': 'application/x-protobuf;proto=x.Y' },
      415,
      'got application/x-protobuf;proto=x.Y content type; unknown type for remote write protobuf message x.Y, supported: prometheus.WriteRequest, io.prometheus.write.v2.Request\n',
    ],
  ])('%s', async ([, headers, status, text]) => {
    const answer = await pushV2(app, { series: [m] }, headers);
    expect({ status: answer.status, text: answer.text }).toEqual({ status, text });
  });

  test('a body larger than the limit', async () => {
    const small = await createTestApp({ server: { remoteWriteV2Enabled: true, maxRecvMsgSizeBytes: 20 } });
    const answer = await pushV2(small, { series: [m] });
    expect(answer.status).toBe(400);
    expect(answer.text).toMatch(/^received message larger than max \(\d+ vs 20\)\n$/);
    await small.close();
  });
});

test('version 1 is answered as ever', async () => {
  const answer = await app.push({ series: [m] }, { 'x-scope-orgid': 'one' });
  expect(outcomeOf(answer)).toEqual({ status: 200, text: '', written: '  ' });
});

test('an unknown type is version 1 where that is allowed', async () => {
  const lax = await createTestApp({ server: { acceptUnknownRemoteWriteContentType: true } });
  expect((await lax.push({ series: [m] }, { 'content-type': 'text/plain' })).status).toBe(200);
  await lax.close();
});

describe('start timestamps', () => {
  const startMs = START_MS - 30_000;
  async function values(limits: { readonly enableStartTimestamp: boolean }, requests: readonly RequestV2Message[]) {
    const started = await createTestApp({ server: { remoteWriteV2Enabled: true }, limits });
    for (const request of requests) expect(outcomeOf(await pushV2(started, request)).written).toMatch(/^\d 0 0$/);
    const { json } = await started.get('query', { query: 'c_total[5m]', time: START_MS / 1000 + 60 });
    await started.close();
    return (json as { data: { result: { values: unknown }[] } }).data.result[0]!.values;
  }
  const labels = [['__name__', 'c_total']] as const;
  const at = (timestampMs: number, value: string) => [timestampMs / 1000, value];

  test('are ignored by default', async () => {
    const requests = [{ series: [{ labels, samples: [[START_MS, 5]] as const, createdMs: startMs }] }];
    expect(await values({ enableStartTimestamp: false }, requests)).toEqual([at(START_MS, '5')]);
  });

  test('make a zero where the counter began, once', async () => {
    const requests = [0, 15_000].map((afterMs) => ({
      series: [{ labels, samples: [[START_MS + afterMs, 5 + afterMs, startMs]] as const }],
    }));
    expect(await values({ enableStartTimestamp: true }, requests)).toEqual([
      at(startMs, '0'),
      at(START_MS, '5'),
      at(START_MS + 15_000, '15005'),
    ]);
  });

  test('make another zero where the counter began anew', async () => {
    const samples = [
      [START_MS, 5, startMs],
      [START_MS + 20_000, 1, START_MS + 10_000],
    ] as const;
    expect(await values({ enableStartTimestamp: true }, [{ series: [{ labels, samples }] }])).toEqual([
      at(startMs, '0'),
      at(START_MS, '5'),
      at(START_MS + 10_000, '0'),
      at(START_MS + 20_000, '1'),
    ]);
  });

  test('make none where the sample itself is not later, or the start is long ago', async () => {
    const requests = [
      { series: [{ labels, samples: [[START_MS, 5, START_MS]] as const }] },
      { series: [{ labels, samples: [[START_MS + 1, 6, START_MS - 5 * 3_600_000]] as const }] },
    ];
    expect(await values({ enableStartTimestamp: true }, requests)).toEqual([at(START_MS, '5'), at(START_MS + 1, '6')]);
  });
});
