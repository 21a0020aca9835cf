import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { STALE_VALUE } from '../../src/wire/remote-write-encode.ts';
import { compressSnappy } from '../../src/wire/snappy.ts';
import { encodeRemoteWriteV2, type RequestV2Message, type SeriesV2Message } from '../support/remote-write-v2.ts';
import { type Answer, createTestApp, type Headers, START_MS, type TestApp } from '../support/test-app.ts';

/*
 * What the Prometheus Remote-Write 2.0 specification (2.0-rc.4) asks of a receiver, section by section. Each test names
 * the clause that it proves. Where Cortex 1.21, and so pocket-cortex, answers otherwise, the title begins with "departs".
 */

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({
    server: { remoteWriteV2Enabled: true },
    limits: { enableNativeHistograms: true, maxExemplars: 1000 },
  });
});
afterAll(() => app.close());

const V1 = 'application/x-protobuf';
const V2 = 'application/x-protobuf;proto=io.prometheus.write.v2.Request';
const nowMs = START_MS;

let tenantCount = 0;
/** No test sees what another wrote. */
const freshTenant = () => `spec-${++tenantCount}`;

function send(body: Uint8Array, tenant: string, headers: Headers = {}): Promise<Answer> {
  return app.pushBytes(body, {
    'content-type': V2,
    'x-prometheus-remote-write-version': '2.0.0',
    'x-scope-orgid': tenant,
    ...headers,
  });
}

function push(request: RequestV2Message, tenant = freshTenant(), headers: Headers = {}): Promise<Answer> {
  return send(compressSnappy(encodeRemoteWriteV2(request)), tenant, headers);
}

/** Status, and what the three headers say was written: samples, histograms, exemplars; `-` for a header that is not there. */
function outcome({ status, headers }: Answer): string {
  const written = ['samples', 'histograms', 'exemplars'].map(
    (kind) => headers[`x-prometheus-remote-write-${kind}-written`] ?? '-',
  );
  return [status, ...written].join(' ');
}

/** The series and samples that `tenant` has now: `m{a="b"} time=value`, times from now. */
async function stored(tenant: string): Promise<string[]> {
  const query = { query: '{__name__=~".+"}[1h]', time: nowMs / 1000 };
  const { json } = await app.get('query', query, { 'x-scope-orgid': tenant });
  const { result } = (json as { data: { result: readonly StoredSeries[] } }).data;
  return result.map(({ metric, values = [], histograms = [] }) => {
    const samples = [
      ...values.map(([time, value]) => `${Math.round(time * 1000 - nowMs)}=${value}`),
      ...histograms.map(([time, { count }]) => `${Math.round(time * 1000 - nowMs)}=histogram of ${count}`),
    ];
    return [JSON.stringify(metric), ...samples].join(' ');
  });
}

interface StoredSeries {
  readonly metric: object;
  readonly values?: readonly (readonly [number, string])[];
  readonly histograms?: readonly (readonly [number, { readonly count: string }])[];
}

const name = (metric: string) => ['__name__', metric] as const;
const sample = { labels: [name('m')], samples: [[nowMs, 1]] } satisfies SeriesV2Message;
const histogram = {
  labels: [name('h')],
  histograms: [{ timestampMs: nowMs, isInteger: true, schema: 0, count: 2, sum: 3, zeroCount: 2 }],
} satisfies SeriesV2Message;
const exemplar = { labels: [['trace_id', 'x']], value: 1, timestampMs: nowMs } as const;
const badLabel = { labels: [name('bad'), ['a-b', 'c']], samples: [[nowMs, 1]] } satisfies SeriesV2Message;

describe('Protocol', () => {
  test('io.prometheus.write.v2.Request is supported', async () => {
    const tenant = freshTenant();
    expect(outcome(await push({ series: [sample] }, tenant))).toBe('204 1 0 0');
    expect(await stored(tenant)).toEqual(['{"__name__":"m"} 0=1']);
  });

  test('departs: only where -distributor.remote-writev2-enabled says so, which is off by default', async () => {
    const byDefault = await createTestApp();
    const answer = await byDefault.pushBytes(compressSnappy(encodeRemoteWriteV2({ series: [sample] })), {
      'content-type': V2,
    });
    expect(answer.status).toBe(415);
    await byDefault.close();
  });

  test('prometheus.WriteRequest may still be supported, and is', async () => {
    expect(outcome(await app.push({ series: [sample] }, { 'x-scope-orgid': freshTenant() }))).toBe('200 - - -');
  });

  test('the body is Snappy in its block format, never framed', async () => {
    const framed = Buffer.concat([
      Buffer.from('ff060000734e61507059', 'hex'),
      Buffer.from([1, 5, 0, 0, 0, 0, 0, 0, 0]),
    ]);
    const answer = await send(framed, freshTenant());
    expect(answer).toMatchObject({ status: 400, text: expect.stringContaining('snappy') });
  });

  test.for(['/api/v1/push', '/api/prom/push'])('a receiver may choose the path: %s', async (path) => {
    const body = compressSnappy(encodeRemoteWriteV2({ series: [sample] }));
    const headers = { 'content-type': V2, 'content-encoding': 'snappy', 'x-scope-orgid': freshTenant() };
    expect(outcome(await app.send('POST', path, body, headers))).toBe('204 1 0 0');
  });
});

describe('Content-Encoding', () => {
  test('snappy is supported', async () => {
    expect((await push({ series: [sample] }, undefined, { 'content-encoding': 'snappy' })).status).toBe(204);
  });

  test.for(['gzip', 'zstd', 'br', 'snappy, gzip'])('%s, which is not supported, gets a 415', async (encoding) => {
    const answer = await push({ series: [sample] }, undefined, { 'content-encoding': encoding });
    expect(answer).toMatchObject({
      status: 415,
      text: `${encoding} encoding (compression) is not accepted by this server; only snappy is acceptable\n`,
    });
  });
});

describe('Content-Type', () => {
  test('the header alone says which message it is', async () => {
    const body = compressSnappy(encodeRemoteWriteV2({ series: [sample] }));
    // Read as the message of version 1, one of version 2 is empty: fields 1 to 3 are reserved for that.
    for (const type of [V1, `${V1};proto=prometheus.WriteRequest`, '']) {
      const tenant = freshTenant();
      expect(outcome(await send(body, tenant, { 'content-type': type }))).toBe('200 - - -');
      expect(await stored(tenant)).toEqual([]);
    }
  });

  test.for(['application/json', `${V1};proto=io.prometheus.write.v3.Request`, 'application/x-protobuf;proto'])(
    '%s, which is not supported, gets a 415',
    async (type) => {
      expect((await push({ series: [sample] }, undefined, { 'content-type': type })).status).toBe(415);
    },
  );
});

describe('X-Prometheus-Remote-Write-Version', () => {
  test.for(['', '0.1.0', '2.0.0', '2.7.3'])('%j makes no difference to what is accepted', async (version) => {
    const headers = { 'x-prometheus-remote-write-version': version };
    expect(outcome(await push({ series: [sample] }, undefined, headers))).toBe('204 1 0 0');
  });
});

describe('Response', () => {
  test('all written: a 204 with an empty body', async () => {
    expect(await push({ series: [sample, histogram] })).toMatchObject({ status: 204, text: '' });
  });

  test('any sample that is not written: no 2xx, and words for people that name the reason', async () => {
    expect(await push({ series: [badLabel] })).toMatchObject({
      status: 400,
      text: 'sample invalid label: "a-b" metric "bad{a-b=\\"c\\"}"\n',
    });
  });

  test('departs: the words name the first reason, and no number of what was refused', async () => {
    const { text } = await push({ series: [badLabel, { ...badLabel, labels: [name('worse'), ['c-d', 'e']] }] });
    expect(text).toBe('sample invalid label: "a-b" metric "bad{a-b=\\"c\\"}"\n');
  });

  test('departs: exemplars that are not kept, such as those of a tenant without room for any, are no failure', async () => {
    const without = await createTestApp({ server: { remoteWriteV2Enabled: true } });
    const body = compressSnappy(encodeRemoteWriteV2({ series: [{ ...sample, exemplars: [exemplar] }] }));
    const answer = await without.pushBytes(body, { 'content-type': V2 });
    expect(answer.status).toBe(204);
    await without.close();
  });
});

describe('Required Written Response Headers', () => {
  test('say how many samples, histograms and exemplars were written', async () => {
    const series = [
      { ...sample, samples: [[nowMs - 1, 0] as const, [nowMs, 1] as const], exemplars: [exemplar] },
      histogram,
    ];
    expect(outcome(await push({ series }))).toBe('204 2 1 1');
  });

  test('say so too when all or a part failed', async () => {
    expect(outcome(await push({ series: [badLabel] }))).toBe('400 0 0 0');
    expect(outcome(await push({ series: [badLabel, sample, histogram] }))).toBe('400 1 1 0');
  });

  test('are there, with zeros, when nothing was sent', async () => {
    expect(outcome(await push({ series: [] }))).toBe('204 0 0 0');
  });

  test('departs: are not there when the message cannot be decoded, which senders may read as zeros', async () => {
    expect(outcome(await push({ symbols: [''], series: [{ refs: [1, 1] }] }))).toBe('400 - - -');
  });

  test('are not there for prometheus.WriteRequest', async () => {
    expect(outcome(await app.push({ series: [sample] }, { 'x-scope-orgid': freshTenant() }))).toBe('200 - - -');
  });
});

describe('Partial Write', () => {
  test('what is valid may be written beside what is not, with a status that is no 2xx', async () => {
    const tenant = freshTenant();
    expect(outcome(await push({ series: [badLabel, sample] }, tenant))).toBe('400 1 0 0');
    expect(await stored(tenant)).toEqual(['{"__name__":"m"} 0=1']);
  });
});

describe('Invalid Samples', () => {
  test.for<readonly [about: string, series: SeriesV2Message]>([
    ['a sample too far in the future', { ...sample, samples: [[nowMs + 3_600_000, 1]] }],
    ['a label that cannot be', badLabel],
    [
      'a histogram whose buckets count more than it does',
      {
        labels: [name('h')],
        histograms: [
          {
            ...{ timestampMs: nowMs, isInteger: true, schema: 0, count: 1, sum: 3 },
            positiveSpans: [{ offset: 0, length: 1 }],
            positiveCounts: [5],
          },
        ],
      },
    ],
  ])('%s: 400, which no sender repeats', async ([, series]) => {
    expect((await push({ series: [series] })).status).toBe(400);
  });

  test('a sample older than what is there: 400', async () => {
    const tenant = freshTenant();
    await push({ series: [sample] }, tenant);
    expect(outcome(await push({ series: [{ ...sample, samples: [[nowMs - 1, 1]] }] }, tenant))).toBe('400 0 0 0');
  });

  test('metadata and start timestamps are not asked for', async () => {
    const tenant = freshTenant();
    expect(outcome(await push({ series: [{ labels: [name('c_total')], samples: [[nowMs, 1]] }] }, tenant))).toBe(
      '204 1 0 0',
    );
  });
});

describe('Retries & Backoff', () => {
  test('429 may say that it is too much at a time, and does', async () => {
    const slow = await createTestApp({
      server: { remoteWriteV2Enabled: true },
      limits: { ingestionRate: 1, ingestionBurstSize: 1 },
    });
    const body = compressSnappy(
      encodeRemoteWriteV2({
        series: [
          {
            ...sample,
            samples: [
              [nowMs - 1, 0],
              [nowMs, 1],
            ],
          },
        ],
      }),
    );
    expect(outcome(await slow.pushBytes(body, { 'content-type': V2 }))).toBe('429 0 0 0');
    await slow.close();
  });

  test('5xx may say that something is wrong inside, and does when there is no ingester', async () => {
    const stopped = await createTestApp({ server: { remoteWriteV2Enabled: true } });
    await stopped.send('POST', '/ingester/shutdown');
    const body = compressSnappy(encodeRemoteWriteV2({ series: [sample] }));
    expect((await stopped.pushBytes(body, { 'content-type': V2 })).status).toBe(500);
    await stopped.close();
  });
});

describe('Retries on Partial Writes', () => {
  test('the same request again changes nothing and is no failure', async () => {
    const tenant = freshTenant();
    const series = [{ ...sample, exemplars: [exemplar] }, histogram];
    expect((await push({ series }, tenant)).status).toBe(204);
    const before = await stored(tenant);
    expect((await push({ series }, tenant)).status).toBe(204);
    expect(await stored(tenant)).toEqual(before);
  });
});

describe('Backward and Forward Compatibility', () => {
  test('optional fields of later minor versions are passed over', async () => {
    const tenant = freshTenant();
    const body = encodeRemoteWriteV2({ series: [sample] });
    const later = Buffer.from([0x7a, 3, 1, 2, 3, 0x80, 0x01, 7]);
    expect(outcome(await send(compressSnappy(Buffer.concat([later, body, later])), tenant))).toBe('204 1 0 0');
    expect(await stored(tenant)).toEqual(['{"__name__":"m"} 0=1']);
  });
});

describe('io.prometheus.write.v2.Request', () => {
  test('timestamps are milliseconds, values are 64-bit floats', async () => {
    const tenant = freshTenant();
    await push(
      {
        series: [
          {
            ...sample,
            samples: [
              [nowMs - 1, 1 / 3],
              [nowMs, 0.1],
            ],
          },
        ],
      },
      tenant,
    );
    expect(await stored(tenant)).toEqual(['{"__name__":"m"} -1=0.3333333333333333 0=0.1']);
  });

  test('a series has labels', async () => {
    expect(outcome(await push({ series: [{ refs: [], samples: [[nowMs, 1]] }] }))).toBe('400 0 0 0');
  });

  test('a series has a sample or a histogram', async () => {
    expect(await push({ series: [{ labels: [name('m')] }] })).toMatchObject({
      status: 400,
      text: 'TimeSeries must contain at least one sample or histogram for series {__name__="m"}\n',
    });
  });

  test('so a series of exemplars alone is refused, with the whole request, though Prometheus sends such', async () => {
    const alone = { labels: [name('m')], exemplars: [exemplar] };
    const tenant = freshTenant();
    expect((await push({ series: [sample, alone] }, tenant)).status).toBe(400);
    expect(await stored(tenant)).toEqual([]);
  });

  test('departs: a series with both samples and histograms is taken', async () => {
    const tenant = freshTenant();
    const both = { ...histogram, samples: [[nowMs - 1, 1] as const] };
    expect(outcome(await push({ series: [both] }, tenant))).toBe('204 1 1 0');
    expect(await stored(tenant)).toEqual(['{"__name__":"h"} -1=1 0=histogram of 2']);
  });

  test('the same labels may come more than once, with other samples', async () => {
    const tenant = freshTenant();
    const earlier = { ...sample, samples: [[nowMs - 1, 0]] as const };
    expect(outcome(await push({ series: [earlier, sample] }, tenant))).toBe('204 2 0 0');
    expect(await stored(tenant)).toEqual(['{"__name__":"m"} -1=0 0=1']);
  });
});

describe('Symbols', () => {
  const samples = [[nowMs, 1]] as const;
  test.for<readonly [about: string, request: RequestV2Message]>([
    ['a name', { symbols: ['', '__name__', 'm'], series: [{ refs: [3, 2], samples }] }],
    ['a value', { symbols: ['', '__name__', 'm'], series: [{ refs: [1, 3], samples }] }],
    [
      'a help',
      { symbols: ['', '__name__', 'm'], series: [{ refs: [1, 2], samples, metadata: { type: 'gauge', help: 3 } }] },
    ],
    [
      'a unit',
      { symbols: ['', '__name__', 'm'], series: [{ refs: [1, 2], samples, metadata: { type: 'gauge', unit: 3 } }] },
    ],
    [
      'a label of an exemplar',
      {
        symbols: ['', '__name__', 'm'],
        series: [{ refs: [1, 2], samples, exemplars: [{ refs: [1, 3], value: 1, timestampMs: nowMs }] }],
      },
    ],
    ['half a label', { symbols: ['', '__name__', 'm'], series: [{ refs: [1, 2, 1], samples }] }],
  ])('%s that is not in the table: 400, and nothing is written', async ([, request]) => {
    const tenant = freshTenant();
    expect((await push(request, tenant)).status).toBe(400);
    expect(await stored(tenant)).toEqual([]);
  });

  test('a table is needed', async () => {
    expect((await push({ symbols: [], series: [{ refs: [], samples }] })).status).toBe(400);
  });

  test('departs: that the first symbol is the empty text is not checked', async () => {
    const tenant = freshTenant();
    const request = { symbols: ['__name__', 'm'], series: [{ refs: [0, 1], samples }] };
    expect(outcome(await push(request, tenant))).toBe('204 1 0 0');
    expect(await stored(tenant)).toEqual(['{"__name__":"m"} 0=1']);
  });

  test('departs: that symbols stand there once is not checked', async () => {
    const tenant = freshTenant();
    const symbols = ['', '__name__', 'm', 'a', 'b', 'a', 'b'];
    const request = {
      symbols,
      series: [
        { refs: [1, 2, 3, 4], samples },
        { refs: [1, 2, 5, 6], samples: [[nowMs - 1, 0]] as const },
      ],
    };
    expect((await push(request, tenant)).headers['x-prometheus-remote-write-samples-written']).toBeDefined();
    expect(await stored(tenant)).toHaveLength(1);
  });
});

describe('Series Labels', () => {
  const labelled = (...labels: readonly (readonly [string, string])[]) => ({
    series: [{ labels, samples: [[nowMs, 1]] as const }],
  });
  const written: readonly (readonly [about: string, request: RequestV2Message, expected: string])[] = [
    ['departs: unsorted labels are taken, and sorted', labelled(['b', '2'], name('m'), ['a', '1']), '204 1 0 0'],
    ['departs: a label without a value is taken, and left out', labelled(name('m'), ['a', '']), '204 1 0 0'],
    ['any UTF-8 is a value', labelled(name('m'), ['a', 'né 😀\n"']), '204 1 0 0'],
    ['names with two underscores are reserved, but taken', labelled(name('m'), ['__x', 'y']), '204 1 0 0'],
    ['repeated names are refused', labelled(name('m'), ['a', '1'], ['a', '2']), '400 0 0 0'],
    ['a label without a name is refused', labelled(name('m'), ['', 'x']), '400 0 0 0'],
    ['departs: a series without a metric name, which it should have, is refused', labelled(['a', 'b']), '400 0 0 0'],
    [
      'departs: names with other characters than PromQL took first are refused',
      labelled(name('é'), ['ü', 'x']),
      '400 0 0 0',
    ],
    ['limits on labels are up to the receiver', labelled(name('m'), ['a', 'x'.repeat(3000)]), '400 0 0 0'],
  ];
  test.for(written)('%s', async ([, request, expected]) => {
    expect(outcome(await push(request))).toBe(expected);
  });

  test('sorted or not, it is one series', async () => {
    const tenant = freshTenant();
    await push(labelled(['b', '2'], name('m'), ['a', '1'], ['c', '']), tenant);
    expect(await stored(tenant)).toEqual(['{"__name__":"m","a":"1","b":"2"} 0=1']);
  });
});

describe('Samples and Histogram Samples', () => {
  test('departs: samples of a series come in the order of time; one that does not is left out without a word', async () => {
    const tenant = freshTenant();
    const series = [
      {
        ...sample,
        samples: [
          [nowMs, 1],
          [nowMs - 1000, 0],
        ] as const,
      },
    ];
    expect(outcome(await push({ series }, tenant))).toBe('204 2 0 0');
    expect(await stored(tenant)).toEqual(['{"__name__":"m"} 0=1']);
  });

  test('a start timestamp of 0 is none', async () => {
    const starting = await createTestApp({
      server: { remoteWriteV2Enabled: true },
      limits: { enableStartTimestamp: true },
    });
    const series = [{ labels: [name('c_total')], samples: [[nowMs, 5, 0]] as const }];
    const body = compressSnappy(encodeRemoteWriteV2({ series }));
    expect(outcome(await starting.pushBytes(body, { 'content-type': V2 }))).toBe('204 1 0 0');
    await starting.close();
  });

  test('the NaN 0x7ff0000000000002 ends a series, another NaN does not', async () => {
    const tenant = freshTenant();
    const ended = {
      labels: [name('ended')],
      samples: [
        [nowMs - 1, 1],
        [nowMs, STALE_VALUE],
      ] as const,
    };
    const nan = {
      labels: [name('nan')],
      samples: [
        [nowMs - 1, 1],
        [nowMs, NaN],
      ] as const,
    };
    expect(outcome(await push({ series: [ended, nan] }, tenant))).toBe('204 4 0 0');
    expect(await stored(tenant)).toEqual(['{"__name__":"ended"} -1=1', '{"__name__":"nan"} -1=1 0=NaN']);
  });
});

describe('Metadata', () => {
  test('type, help and unit are kept', async () => {
    const tenant = freshTenant();
    await push({ series: [{ ...sample, metadata: { type: 'gauge', help: 'Help.', unit: 'bytes' } }] }, tenant);
    expect((await app.get('metadata', {}, { 'x-scope-orgid': tenant })).json).toMatchObject({
      data: { m: [{ type: 'gauge', help: 'Help.', unit: 'bytes' }] },
    });
  });

  test('an unspecified type may be refused, and is not', async () => {
    expect(outcome(await push({ series: [{ ...sample, metadata: { type: 'unknown' } }] }))).toBe('204 1 0 0');
  });
});

describe('Exemplars', () => {
  const withExemplar = (of: NonNullable<SeriesV2Message['exemplars']>[number]) => ({
    series: [{ ...sample, exemplars: [of] }],
  });

  test('come out with value, labels and time', async () => {
    const tenant = freshTenant();
    await push(withExemplar({ ...exemplar, value: 0.5 }), tenant);
    const query = { query: 'm', start: nowMs / 1000 - 60, end: nowMs / 1000 };
    expect((await app.get('query_exemplars', query, { 'x-scope-orgid': tenant })).json).toMatchObject({
      data: [{ exemplars: [{ labels: { trace_id: 'x' }, value: '0.5', timestamp: nowMs / 1000 }] }],
    });
  });

  test('departs: labels, which they may have, are needed', async () => {
    expect((await push(withExemplar({ ...exemplar, labels: [] }))).status).toBe(400);
  });

  test('have a timestamp', async () => {
    expect((await push(withExemplar({ ...exemplar, timestampMs: 0 }))).status).toBe(400);
  });
});
