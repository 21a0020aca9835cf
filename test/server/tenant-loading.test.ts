import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { WriteRequestMessage } from '../../src/wire/remote-write-encode.ts';
import { createTestApp, START_MS, type TestApp } from '../support/test-app.ts';

/** Enough for a load of several slices. */
const SERIES_COUNT = 20_000;
const BIG = { 'x-scope-orgid': 'big' };
const OTHER = { 'x-scope-orgid': 'other' };

let directory: string;
let runCount = 0;
let app: TestApp;

function request(name: string, seriesCount: number): WriteRequestMessage {
  return {
    series: Array.from({ length: seriesCount }, (_, i) => ({
      labels: [
        ['__name__', name],
        ['i', `${i}`],
      ],
      samples: [[START_MS, i]],
    })),
  };
}

/** What a server leaves that is killed: the tenant's samples stand in the log. */
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'pocket-cortex-'));
  const path = join(directory, 'running.db');
  const before = await createTestApp({ server: { dataFile: path } });
  expect(await before.push(request('m', SERIES_COUNT), BIG)).toMatchObject({ status: 200 });
  for (const suffix of ['', '-wal']) copyFileSync(path + suffix, join(directory, `left.db${suffix}`));
  await before.close();
});

beforeEach(async () => {
  const dataFile = join(directory, `restarted-${runCount++}.db`);
  for (const suffix of ['', '-wal']) copyFileSync(join(directory, `left.db${suffix}`), dataFile + suffix);
  app = await createTestApp({ server: { dataFile } });
  return () => app.close();
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('a tenant whose first request after a restart loads its data keeps nobody else waiting', async () => {
  const finished: string[] = [];
  const note = (name: string) => () => finished.push(name);
  const count = app.get('query', { query: 'count(m)' }, BIG);
  await Promise.all([
    count.then(note('query')),
    app.get('/ready', {}, { 'x-scope-orgid': '' }).then(note('ready')),
    app.push(request('n', 1), OTHER).then(note('push')),
  ]);
  expect(finished).toHaveLength(3);
  expect(finished.at(-1)).toBe('query');
  expect(await count).toMatchObject({
    json: { data: { result: [{ value: [START_MS / 1000, `${SERIES_COUNT}`] }] } },
  });
});

test('a push and a query that come first together both have all of the tenant', async () => {
  const [pushed, asked] = await Promise.all([
    app.push(request('new', 1), BIG),
    app.get('query', { query: 'count(m)' }, BIG),
  ]);
  expect([pushed.status, asked.status]).toEqual([200, 200]);
  expect(await app.get('query', { query: 'count({i!=""})' }, BIG)).toMatchObject({
    json: { data: { result: [{ value: [START_MS / 1000, `${SERIES_COUNT + 1}`] }] } },
  });
});

test('warming up loads what nobody has asked for', async () => {
  expect(app.server.store.usage().logBytes).toBe(0);
  await app.server.warmUp();
  expect(app.server.store.usage().logBytes).toBeGreaterThan(SERIES_COUNT);
});
