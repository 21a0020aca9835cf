import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeUtf8 } from '../../src/model/utf8.ts';
import { encodeRemoteWrite } from '../../src/wire/remote-write-encode.ts';
import { compressSnappy } from '../../src/wire/snappy.ts';
import { createTestApp, START_MS, type TestApp } from '../support/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
  await app.push({ series: [{ labels: [['__name__', 'known']], samples: [[START_MS, 7]] }] });
});
afterAll(() => app.close());

/** Whatever was sent before: the server answers, and what is stored is what was stored. */
async function expectUnharmed(): Promise<void> {
  const { json } = await app.get('query', { query: '{__name__=~".+"}', time: START_MS / 1000 });
  expect(json).toEqual({
    status: 'success',
    data: { resultType: 'vector', result: [{ metric: { __name__: 'known' }, value: [START_MS / 1000, '7'] }] },
  });
  expect(app.server.store.tenants()).toEqual(['test']);
}

const valid = encodeRemoteWrite({
  series: [
    {
      labels: [
        ['__name__', 'fresh'],
        ['a', 'b'],
      ],
      samples: [[START_MS, 1]],
      exemplars: [{ labels: [['t', 'x']], value: 1, timestampMs: START_MS }],
    },
    {
      labels: [['__name__', 'other']],
      samples: [
        [START_MS, 2],
        [START_MS + 1, 3],
      ],
    },
  ],
  metadata: [{ metric: 'fresh', type: 'gauge', help: 'h', unit: 'u' }],
});
const compressed = compressSnappy(valid);

/** Every field of a `WriteRequest` may stand alone, so a cut between fields is a request; others must not be. */
const wholePrefixes = prefixesOfWholeFields(valid);

test('random bodies are refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (body) => {
      // One byte of 0 is a length of 0: an empty request, and fine.
      fc.pre(body[0] !== 0 || body.length > 1);
      const { status, text } = await app.pushBytes(body);
      expect(status).toBe(400);
      expect(text).toMatch(
        /^(snappy: corrupt input|received message larger than max \(\d+ vs \d+\)|unexpected EOF|proto: .*)\n$/,
      );
    }),
  );
  await expectUnharmed();
});

test('bodies that are cut off are refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(compressed.length - 1), async (length) => {
      expect((await app.pushBytes(compressed.subarray(0, length))).status).toBe(400);
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.nat(valid.length - 1), async (length) => {
      fc.pre(!wholePrefixes.has(length));
      expect((await app.pushBytes(compressSnappy(valid.subarray(0, length)))).status).toBe(400);
    }),
  );
  await expectUnharmed();
});

test('absurd lengths allocate nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.bigInt({ min: 1n << 21n, max: (1n << 70n) - 1n }),
      fc.uint8Array({ maxLength: 20 }),
      async (length, rest) => {
        const { status } = await app.pushBytes(Buffer.concat([varint(length), rest]));
        expect(status).toBe(400);
      },
    ),
  );
  await expectUnharmed();
});

test('bytes that were changed are refused or refused in part, never a 5xx', async () => {
  const own = { 'x-scope-orgid': 'flipped' };
  await fc.assert(
    fc.asyncProperty(fc.nat(valid.length - 1), fc.integer({ min: 1, max: 255 }), async (index, mask) => {
      const changed = Uint8Array.from(valid);
      changed[index]! ^= mask;
      const { status } = await app.pushBytes(compressSnappy(changed), own);
      expect([200, 400]).toContain(status);
    }),
    { numRuns: 300 },
  );
  app.server.store.deleteTenant('flipped' as never);
  await expectUnharmed();
});

test('wrong content types and encodings are refused', async () => {
  const token = fc.stringMatching(/^[!-~]{1,20}$/);
  await fc.assert(
    fc.asyncProperty(token, token, async (type, encoding) => {
      fc.pre(!type.startsWith('application/x-protobuf') && encoding !== 'snappy');
      expect((await app.pushBytes(compressed, { 'content-type': type })).status).toBe(415);
      expect((await app.pushBytes(compressed, { 'content-encoding': encoding })).status).toBe(415);
    }),
  );
  await expectUnharmed();
});

test('huge numbers of labels and huge labels are refused', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 31, max: 5000 }),
      fc.integer({ min: 2049, max: 100_000 }),
      async (count, length) => {
        const many = Array.from({ length: count }, (_, i) => [`l${i}`, 'v'] as const);
        const samples = [[START_MS, 1]] as const;
        for (const labels of [many, [['a', 'x'.repeat(length)] as const], [['x'.repeat(length), 'a'] as const]]) {
          const { status, text } = await app.push({ series: [{ labels: [['__name__', 'm'], ...labels], samples }] });
          expect(status).toBe(400);
          expect(text).toMatch(/^(series has too many labels|label (name|value) too long)/);
        }
      },
    ),
    { numRuns: 10 },
  );
  await expectUnharmed();
});

test('names that are no names are refused', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1 }),
    fc.uint8Array({ minLength: 1, maxLength: 12 }).map((bytes) => decodeUtf8(bytes)),
  );
  await fc.assert(
    fc.asyncProperty(text, async (name) => {
      fc.pre(!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name));
      const samples = [[START_MS, 1]] as const;
      const asMetric = await app.push({ series: [{ labels: [['__name__', name]], samples }] });
      const asLabel = await app.push({
        series: [
          {
            labels: [
              ['__name__', 'm'],
              [name, 'v'],
            ],
            samples,
          },
        ],
      });
      expect([asMetric.status, asLabel.status]).toEqual([400, 400]);
    }),
  );
  await expectUnharmed();
});

test('any query is answered, a broken one with a 4xx', async () => {
  const words = fc.constantFrom(
    'sum',
    'rate',
    'by',
    '(',
    ')',
    '{',
    '}',
    '[',
    ']',
    '5m',
    '1',
    '"x"',
    'up',
    '=~',
    '"("',
    '+',
    '-',
    ',',
    'offset',
    '@',
    ':',
    'and',
    'on',
    'group_left',
    'bool',
    '#',
    '\\',
    "'",
    '$x',
    '\u0000',
    'é',
  );
  const query = fc.oneof(
    fc.array(words, { maxLength: 12 }).map((parts) => parts.join(' ')),
    fc.string({ unit: 'grapheme' }),
  );
  await fc.assert(
    fc.asyncProperty(query, async (text) => {
      const instant = await app.postForm('query', { query: text, time: START_MS / 1000 });
      const range = await app.postForm('query_range', { query: text, start: 1, end: 2, step: 1 });
      const series = await app.postForm('series', { 'match[]': text });
      for (const { status, json } of [instant, range, series]) {
        expect([200, 400, 422]).toContain(status);
        expect(json).toMatchObject({ status: status === 200 ? 'success' : 'error' });
      }
    }),
    { numRuns: 300 },
  );
  await expectUnharmed();
});

test('any parameter is answered with what Cortex has for it', async () => {
  const value = fc.oneof(
    fc.string(),
    fc.double().map(String),
    fc.bigInt().map(String),
    fc.constantFrom(
      '',
      'NaN',
      'Inf',
      '-Inf',
      '1e400',
      '-1',
      '0',
      '2023-11-14T22:13:20Z',
      '1h',
      '-1h',
      '99999999999999999999',
    ),
  );
  await fc.assert(
    fc.asyncProperty(value, value, value, async (start, end, step) => {
      const answers = await Promise.all([
        app.get('query', { query: '1', time: start, stats: step }),
        app.get('query_range', { query: '1', start, end, step }),
        app.get('labels', { start, end, limit: step }),
        app.get('series', { 'match[]': 'known', start, end, limit: step }),
        app.get('metadata', { limit: start, limit_per_metric: end }),
        app.get('query_exemplars', { query: 'known', start, end }),
      ]);
      for (const { status, json } of answers) {
        expect([200, 400, 422, 500]).toContain(status);
        if (status === 500)
          expect(json).toMatchObject({ error: expect.stringMatching(/valid timestamp|blocks time range/) });
      }
    }),
    { numRuns: 200 },
  );
  await expectUnharmed();
});

test('URLs that no client builds are answered', async () => {
  const piece = fc.constantFrom(
    '%',
    '%zz',
    '%00',
    ';',
    '&',
    '=',
    '+',
    'query',
    'a',
    '%C3',
    '%E2%82',
    '?',
    '[',
    ']',
    '"',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 10 }), async (pieces) => {
      const { status } = await app.get(`/prometheus/api/v1/labels?${pieces.join('')}`);
      expect([200, 400]).toContain(status);
    }),
  );
  await expectUnharmed();
});

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}

/** Where the top-level fields of a message end; all of this one's are length-delimited and shorter than 16 kB. */
function prefixesOfWholeFields(message: Uint8Array): Set<number> {
  const ends = new Set([0]);
  let position = 0;
  while (position < message.length) {
    const low = message[position + 1]!;
    const isTwoBytes = low >= 0x80;
    const length = isTwoBytes ? (low & 0x7f) | (message[position + 2]! << 7) : low;
    position += (isTwoBytes ? 3 : 2) + length;
    ends.add(position);
  }
  return ends;
}
