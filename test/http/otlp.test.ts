import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeOtlpProto } from '../support/otlp-encode.ts';
import { createTestApp, type Headers, START_MS, type TestApp } from '../support/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ server: { otlpMaxRecvMsgSizeBytes: 4096 } });
});
afterAll(() => app.close());

const JSON_TYPE = 'application/json';
const PROTO_TYPE = 'application/x-protobuf';

const request = {
  resourceMetrics: [
    {
      scopeMetrics: [
        {
          metrics: [
            {
              name: 'queue.length',
              gauge: { dataPoints: [{ timeUnixNano: `${START_MS}000000`, asDouble: 2.5, attributes: [] }] },
            },
          ],
        },
      ],
    },
  ],
};
const bodies: Readonly<Record<string, Uint8Array>> = {
  [JSON_TYPE]: Buffer.from(JSON.stringify(request)),
  [PROTO_TYPE]: encodeOtlpProto(request),
};

function send(body: Uint8Array, headers: Headers) {
  return app.send('POST', '/api/v1/otlp/v1/metrics', body, headers);
}

describe('takes', () => {
  const cases = [JSON_TYPE, PROTO_TYPE].flatMap((type) => [
    [type, 'as it is', ''] as const,
    [type, 'in gzip', 'gzip'] as const,
  ]);
  test.for(cases)('%s %s', async ([type, , encoding]) => {
    const tenant = `${type === JSON_TYPE ? 'json' : 'proto'}-${encoding}`;
    const plain = bodies[type]!;
    const body = encoding === 'gzip' ? gzipSync(plain) : plain;
    const headers = { 'content-type': type, 'content-encoding': encoding, 'x-scope-orgid': tenant };
    expect(await send(body, headers)).toMatchObject({ status: 200, text: '' });
    const query = { query: 'queue_length', time: START_MS / 1000 };
    expect((await app.get('query', query, { 'x-scope-orgid': tenant })).json).toMatchObject({
      data: { result: [{ value: [START_MS / 1000, '2.5'] }] },
    });
  });
});

describe('refuses', () => {
  const plain = bodies[JSON_TYPE]!;
  const compressed = gzipSync(plain);
  const wrongChecksum = Uint8Array.from(compressed);
  wrongChecksum[compressed.length - 8]! ^= 1;
  const unsupported = (encoding: string) =>
    `unsupported compression: ${encoding}, Supported compression types are "gzip" or '' (no compression)`;
  test.for<readonly [about: string, body: Uint8Array, headers: Headers, text: string]>([
    ['zstd', plain, { 'content-encoding': 'zstd' }, unsupported('zstd')],
    ['snappy', plain, { 'content-encoding': 'snappy' }, unsupported('snappy')],
    ['what is called gzip and is not', plain, { 'content-encoding': 'gzip' }, 'gzip: invalid header'],
    ['gzip that is cut off', compressed.subarray(0, 40), { 'content-encoding': 'gzip' }, 'unexpected EOF'],
    ['gzip of nothing', Buffer.alloc(0), { 'content-encoding': 'gzip' }, 'EOF'],
    ['gzip with a wrong checksum', wrongChecksum, { 'content-encoding': 'gzip' }, 'gzip: invalid checksum'],
    [
      'a small body that becomes a large one',
      gzipSync(Buffer.alloc(1 << 20)),
      { 'content-encoding': 'gzip' },
      'received message larger than max (4097 vs 4096)',
    ],
    [
      'another type',
      plain,
      { 'content-type': 'text/plain' },
      'unsupported content type: text/plain, supported: [application/json, application/x-protobuf]',
    ],
  ])('%s', async ([, body, headers, text]) => {
    const answer = await send(body, { 'content-type': JSON_TYPE, ...headers });
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 400, text: `${text}\n` });
  });

  test('a request without a tenant', async () => {
    const answer = await send(plain, { 'content-type': JSON_TYPE, 'x-scope-orgid': '' });
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 401, text: 'no org id\n' });
  });
});
