import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeRemoteWrite } from '../../src/wire/remote-write-encode.ts';
import { compressSnappy } from '../../src/wire/snappy.ts';
import { createTestApp, START_MS, type TestApp } from '../support/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const fine = { series: [{ labels: [['__name__', 'm'] as const], samples: [[START_MS, 1] as const] }] };
const fineBytes = compressSnappy(encodeRemoteWrite(fine));

describe('takes a request', () => {
  const cases: readonly (readonly [about: string, headers: Readonly<Record<string, string>>])[] = [
    ['with the usual headers', {}],
    ['without a content type', { 'content-type': '' }],
    ['without a content encoding', { 'content-encoding': '' }],
    ['that names its message', { 'content-type': 'application/x-protobuf;proto=prometheus.WriteRequest' }],
    ['of an odd version', { 'x-prometheus-remote-write-version': '9.9.9' }],
  ];
  test.for(cases)('%s', async ([, headers]) => {
    const { status, text } = await app.pushBytes(fineBytes, headers);
    expect({ status, text }).toEqual({ status: 200, text: '' });
  });

  test.for(['/api/v1/push', '/api/prom/push', '/push', '/ingester/push'])('at %s', async (path) => {
    expect((await app.send('POST', path, fineBytes)).status).toBe(200);
  });

  test('of nothing', async () => {
    expect((await app.push({ series: [] })).status).toBe(200);
    expect((await app.pushBytes(Uint8Array.of(0))).status).toBe(200);
  });
});

describe('refuses', () => {
  const types: readonly (readonly [type: string, text: string])[] = [
    ['text/plain', 'expected application/x-protobuf as the first (media) part, got text/plain content-type'],
    [
      'application/json',
      'expected application/x-protobuf as the first (media) part, got application/json content-type',
    ],
    ['garbage', 'expected application/x-protobuf as the first (media) part, got garbage content-type'],
    [
      'application/x-protobuf;proto',
      'as per https://www.rfc-editor.org/rfc/rfc9110#parameter expected parameters to be key-values, got proto in application/x-protobuf;proto content-type',
    ],
    [
      'application/x-protobuf;proto=io.prometheus.write.v2.Request',
      'io.prometheus.write.v2.Request protobuf message is not accepted by this server; only accepts prometheus.WriteRequest',
    ],
    [
      'application/x-protobuf;proto=foo.Bar',
      'got application/x-protobuf;proto=foo.Bar content type; unknown type for remote write protobuf message foo.Bar, supported: prometheus.WriteRequest, io.prometheus.write.v2.Request',
    ],
  ];
  test.for(types)('the content type %s', async ([type, text]) => {
    const answer = await app.pushBytes(fineBytes, { 'content-type': type });
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 415, text: `${text}\n` });
  });

  test.for(['gzip', 'Snappy', 'zstd'])('the encoding %s', async (encoding) => {
    const answer = await app.pushBytes(fineBytes, { 'content-encoding': encoding });
    expect({ status: answer.status, text: answer.text }).toEqual({
      status: 415,
      text: `${encoding} encoding (compression) is not accepted by this server; only snappy is acceptable\n`,
    });
  });

  const bodies: readonly (readonly [about: string, base64: string, text: string])[] = [
    ['an empty body', '', 'snappy: corrupt input'],
    ['text', 'dGhpcyBpcyBub3Qgc25hcHB5IGF0IGFsbA==', 'snappy: corrupt input'],
    ['framed snappy', '/wYAAHNOYVBwWQ==', 'snappy: corrupt input'],
    ['a length that lies', '/////w8A', 'received message larger than max (4294967295 vs 104857600)'],
    ['a length beyond 32 bits', '////////////AQ==', 'snappy: corrupt input'],
    ['snappy of garbage', 'BAz/////', 'unexpected EOF'],
    ['a field that is cut off', 'AwgKfwE=', 'unexpected EOF'],
    ['an unknown wire type', 'AgQPAQ==', 'proto: wrong wireType = 7 for field Timeseries'],
    ['a group without a begin', 'AQAM', 'proto: WriteRequest: wiretype end group for non-group'],
  ];
  test.for(bodies)('%s', async ([, base64, text]) => {
    const answer = await app.pushBytes(Buffer.from(base64, 'base64'));
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 400, text: `${text}\n` });
  });
});

describe('a limit on size', () => {
  let small: TestApp;
  beforeAll(async () => {
    small = await createTestApp({ server: { maxRecvMsgSizeBytes: 2000 } });
  });
  afterAll(() => small.close());

  test('holds for what is sent', async () => {
    const { status, text } = await small.pushBytes(Buffer.alloc(3000));
    expect({ status, text }).toEqual({ status: 400, text: 'received message larger than max (3000 vs 2000)\n' });
  });

  test('holds for what it decompresses to', async () => {
    const labels = [
      ['__name__', 'm'],
      ['a', 'x'.repeat(1900)],
      ['b', 'x'.repeat(1800)],
    ] as const;
    const body = encodeRemoteWrite({ series: [{ labels }] });
    const { status, text } = await small.pushBytes(compressSnappy(body));
    expect({ status, text }).toEqual({
      status: 400,
      text: `received message larger than max (${body.length} vs 2000)\n`,
    });
  });
});

test('a plain error must not be taken for a page', async () => {
  const { headers } = await app.push({ series: [{ labels: [['__name__', 'a-b']], samples: [[START_MS, 1]] }] });
  expect(headers['content-type']).toBe('text/plain; charset=utf-8');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['access-control-allow-origin']).toBeUndefined();
});
