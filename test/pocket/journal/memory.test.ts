import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestApp, START_MS, type TestApp } from '../../support/test-app.ts';

/*
 * A journal takes the memory it was given, however many requests come and however large they are.
 */

const MAX_BYTES = 4 << 20;

let app: TestApp;
beforeEach(async () => {
  app = await createTestApp({
    server: { journalRequests: 1_000_000 },
    limits: { ingestionRate: 1e9, ingestionBurstSize: 1e9 },
  });
  await app.send('PUT', `/pocket/v1/journal?bytes=${MAX_BYTES}`);
});
afterEach(() => app.close());

const kept = () => app.server.pocket.journal.find();
const keptBytes = () => kept().reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

/** What a JSON of all that is kept would take: near enough to what it takes in memory. */
function contentBytes(): number {
  let bytes = 0;
  for (const { write, ...entry } of kept()) {
    bytes += JSON.stringify(entry).length;
    for (const part of write?.parts ?? []) {
      bytes += part.body.buffer.byteLength + part.timestampsMs.buffer.byteLength + part.values.buffer.byteLength;
      bytes += part.labelsStart.buffer.byteLength + part.labelsEnd.buffer.byteLength;
    }
    bytes += JSON.stringify(write?.metadata ?? []).length;
  }
  return bytes;
}

test.for<[what: string, send: (i: number) => Promise<unknown>]>([
  [
    'writes with many samples',
    (i) =>
      app.push({
        series: [
          {
            labels: [['__name__', 'm']],
            samples: Array.from({ length: 10_000 }, (_, at) => [START_MS + i * 10_000 + at, at] as const),
          },
        ],
      }),
  ],
  [
    'writes with long labels',
    (i) =>
      app.push({
        series: Array.from({ length: 100 }, (_, at) => ({
          labels: [
            ['__name__', 'm'],
            ['long', `${at} ${'x'.repeat(2000)}`],
          ] as const,
          samples: [[START_MS + i, 1]] as const,
        })),
      }),
  ],
  [
    'writes with metadata',
    () =>
      app.push({
        series: [],
        metadata: Array.from({ length: 200 }, (_, at) => {
          return { metric: `m${at}`, type: 'gauge' as const, help: 'x'.repeat(1000), unit: '' };
        }),
      }),
  ],
  [
    'queries with long forms',
    () => app.postForm('query', { query: '1', x: 'y'.repeat(9000), z: Array(50).fill('z'.repeat(9000)) }),
  ],
  ['requests with long headers', () => app.send('GET', '/ready', undefined, { 'x-long': 'x'.repeat(9000) })],
  ['errors with long texts', (i) => app.postForm('query', { query: `${'a'.repeat(9000)} ${i} b` })],
])('$0', async ([, send]) => {
  let most = 0;
  for (let i = 0; i < 60; i++) {
    await send(i);
    most = Math.max(most, keptBytes());
  }
  expect(most).toBeLessThanOrEqual(MAX_BYTES);
  expect(contentBytes()).toBeLessThanOrEqual(keptBytes());
  expect(app.server.pocket.journal.lastSequence).toBe(60);
  expect(kept().at(-1)?.sequence).toBe(60);
});

test('of a write that is too large for it only the counts are kept', async () => {
  await app.send('PUT', '/pocket/v1/journal?bytes=20000');
  const samples = Array.from({ length: 1000 }, (_, at) => [START_MS + at, at] as const);
  await app.push({ series: [{ labels: [['__name__', 'm']], samples }] });
  expect((await app.send('GET', '/pocket/v1/journal')).json).toMatchObject({
    requests: [{ status: 200, write: { seriesCount: 1, sampleCount: 1000, series: null } }],
  });
});
