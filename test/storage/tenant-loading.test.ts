import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../src/model/clock.ts';
import type { TenantId } from '../../src/model/tenant.ts';
import { openStore } from '../../src/storage/sqlite-store.ts';
import type { Store } from '../../src/storage/types.ts';
import { appendRuns, readAll, type TestRun } from '../support/store-batches.ts';

const TENANT = 'team-a' as TenantId;
const OTHER = 'team-b' as TenantId;
/** Enough for many pages of rows, and for a load that takes several slices. */
const SERIES_COUNT = 5_000;

let directory: string;
const opened: Store[] = [];

function open(): Store {
  const path = join(directory, 'store.db');
  const clock = new ManualClock(0);
  const store = openStore({ path, clock, retentionMs: 0, checkpointIntervalMs: 60_000, decodedCacheBytes: 1 << 20 });
  opened.push(store);
  return store;
}

/** A store just opened on a file that has `TENANT` with many series, each with a sample in a chunk and one in the log. */
async function reopened(): Promise<Store> {
  const before = open();
  await appendRuns(before, TENANT, manySeries(1000)).committed;
  await before.checkpoint({ force: true });
  await appendRuns(before, TENANT, manySeries(2000)).committed;
  await before.close();
  return open();
}

function manySeries(timestampMs: number): TestRun[] {
  return Array.from({ length: SERIES_COUNT }, (_, i) => [{ __name__: 'm', i: `${i}` }, [[timestampMs, i]]]);
}

/** Begins to load; at the first pause of the load it goes on here. */
async function loadUntilPause(
  store: Store,
): Promise<{ readonly loaded: Promise<void>; readonly isDone: () => boolean }> {
  let isDone = false;
  const loaded = store.load(TENANT).then(() => {
    isDone = true;
  });
  await Promise.resolve();
  return { loaded, isDone: () => isDone };
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pocket-cortex-'));
});

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  rmSync(directory, { recursive: true, force: true });
});

test('a tenant that was loaded in slices has all of its data, in the order of labels', async () => {
  const store = await reopened();
  await Promise.all([store.load(TENANT), store.load(TENANT)]);
  const { labels } = store.select({ tenant: TENANT, matchers: [], startMs: 0, endMs: 5000 });
  const texts = labels.map((one) => one.get('i'));
  expect(texts).toEqual(Array.from({ length: SERIES_COUNT }, (_, i) => `${i}`).sort());
  const samples = Object.values(readAll(store, TENANT));
  expect(samples).toEqual(texts.map((i) => [1000, 2000].map((timestampMs) => [timestampMs, Number(i)])));
});

test('the event loop turns while a tenant loads, and others read and write', async () => {
  const store = await reopened();
  const { loaded, isDone } = await loadUntilPause(store);
  const { committed } = appendRuns(store, OTHER, [[{ __name__: 'n' }, [[1000, 1]]]]);
  await committed;
  expect([isDone(), readAll(store, OTHER)]).toEqual([false, { '{__name__="n"}': [[1000, 1]] }]);
  await loaded;
  expect(store.statistics(TENANT).seriesCount).toBe(SERIES_COUNT);
});

test('who appends to a tenant that loads appends to all of it', async () => {
  const store = await reopened();
  const { loaded, isDone } = await loadUntilPause(store);
  expect(isDone()).toBe(false);
  const again = appendRuns(store, TENANT, [[{ __name__: 'm', i: '7' }, [[2000, 8]]]]);
  expect(again.rejections.map(({ reason }) => reason)).toEqual(['duplicate-timestamp']);
  await appendRuns(store, TENANT, [[{ __name__: 'new' }, [[3000, 3]]]]).committed;
  await loaded;
  expect(store.statistics(TENANT).seriesCount).toBe(SERIES_COUNT + 1);
  expect(Object.keys(readAll(store, TENANT)).at(-1)).toBe('{__name__="new"}');
});

test('who reads a tenant that loads reads all of it', async () => {
  const store = await reopened();
  const { loaded } = await loadUntilPause(store);
  expect(Object.keys(readAll(store, TENANT))).toHaveLength(SERIES_COUNT);
  await loaded;
});

test('a tenant that is deleted while it loads is gone', async () => {
  const store = await reopened();
  const { loaded } = await loadUntilPause(store);
  store.deleteTenant(TENANT);
  await loaded;
  await store.load(TENANT);
  expect([store.tenants(), readAll(store, TENANT), store.usage().logBytes]).toEqual([[], {}, 0]);
  await appendRuns(store, TENANT, [[{ __name__: 'n' }, [[1, 1]]]]).committed;
  expect(readAll(store, TENANT)).toEqual({ '{__name__="n"}': [[1, 1]] });
});

test('a store closes while a tenant loads', async () => {
  const store = await reopened();
  const { loaded } = await loadUntilPause(store);
  await Promise.all([store.close(), loaded]);
  const after = open();
  await after.load(TENANT);
  expect(after.seriesCount(TENANT)).toBe(SERIES_COUNT);
});

test('a damaged tenant is an error for everybody who asks for it, and for nobody else', async () => {
  await (await reopened()).close();
  const database = new Database(join(directory, 'store.db'));
  database.exec(`DELETE FROM label_pairs WHERE pair = ${SERIES_COUNT}`);
  database.close();
  const store = open();
  const damaged = expect.objectContaining({ code: 'storage-corrupt' });
  const outcomes = await Promise.allSettled([store.load(TENANT), store.load(TENANT), store.load(OTHER)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  await expect(store.load(TENANT)).rejects.toEqual(damaged);
  expect(() => store.statistics(TENANT)).toThrow(damaged);
});
