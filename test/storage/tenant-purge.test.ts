import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ManualClock } from '../../src/model/clock.ts';
import { SampleColumns } from '../../src/model/columns.ts';
import { Labels } from '../../src/model/labels.ts';
import { createMatcher } from '../../src/model/matcher.ts';
import type { TenantId } from '../../src/model/tenant.ts';
import { openStore } from '../../src/storage/sqlite-store.ts';
import type { Store } from '../../src/storage/types.ts';
import { appendRuns, readAll, type TestRun } from '../support/store-batches.ts';

const TENANT = 'team-a' as TenantId;
const OTHER = 'team-b' as TenantId;
/** Two pages of rows, and eight of chunks. */
const SERIES_COUNT = 1000;

let directory: string;
let copies = 0;
const opened: Store[] = [];
const errors: unknown[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pocket-cortex-'));
});

afterEach(async () => {
  vi.restoreAllMocks();
  for (const store of opened.splice(0)) await store.close();
  expect(errors.splice(0)).toEqual([]);
  rmSync(directory, { recursive: true, force: true });
});

function open(path = join(directory, 'store.db')): Store {
  const store = openStore({
    path,
    clock: new ManualClock(0),
    retentionMs: 0,
    checkpointIntervalMs: 60_000,
    decodedCacheBytes: 1 << 20,
    logger: { info() {}, warn() {}, error: (fields) => errors.push(fields) },
  });
  opened.push(store);
  return store;
}

/** What a process that is killed now would leave. */
function killed(): string {
  const copy = join(directory, `copy-${copies++}`);
  mkdirSync(copy);
  for (const suffix of ['', '-wal']) {
    const path = join(directory, `store.db${suffix}`);
    if (existsSync(path)) copyFileSync(path, join(copy, `store.db${suffix}`));
  }
  return join(copy, 'store.db');
}

/** The number of rows that each table has of deleted tenants; tables without are left out. */
function rowsLeft(path: string): Record<string, number> {
  const database = new Database(path);
  const tables = database
    .prepare(
      "SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c ON c.name = 'tenant' WHERE m.type = 'table'",
    )
    .pluck()
    .all() as string[];
  const counts = tables.map((table) => {
    const sql = `SELECT count(*) FROM ${table} WHERE tenant NOT IN (SELECT tenant FROM tenants)`;
    return [table, database.prepare(sql).pluck().get() as number] as const;
  });
  database.close();
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

function runs(timestampMs: number): TestRun[] {
  return Array.from({ length: SERIES_COUNT }, (_, i) => [{ __name__: 'm', i: `${i}` }, [[timestampMs, i]]]);
}

/** A tenant that has rows in every table, and another one that has few. */
async function fill(store: Store): Promise<void> {
  appendRuns(store, OTHER, [[{ a: 'b' }, [[1000, 1]]]]);
  await appendRuns(store, TENANT, runs(1000)).committed;
  await store.checkpoint({ force: true });
  const seriesRef = store.createSeries(TENANT, store.seriesLabels(TENANT, 1));
  const batch = { seriesRefs: new Uint32Array(), samplesStart: new Uint32Array(1), timestampsMs: new Float64Array() };
  const exemplars = [{ seriesRef, exemplar: { labels: [], value: 1, timestampMs: 1000 } }];
  const metadata = [{ metric: 'm', type: 'gauge', help: 'h', unit: '' }] as const;
  const options = { outOfOrderWindowMs: 0, maxExemplars: 10 };
  store.append(TENANT, { ...batch, values: new Float64Array(), exemplars, metadata }, options);
  await appendRuns(store, TENANT, runs(2000)).committed;
  store.setRuleGroup(TENANT, { namespace: 'n', group: 'g', definition: '{}' });
  store.setRuleProgress(TENANT, 'g', 1000);
  store.setAlertmanagerConfig(TENANT, { configuration: 'c', templates: {} });
}

/** Every slice is over as soon as it may pause. */
function makeSlicesShort(): void {
  let nowMs = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => (nowMs += 1000));
}

/** Lets the event loop turn until something was written. */
async function nextTransaction(): Promise<void> {
  const sizeBytes = () => statSync(join(directory, 'store.db-wal')).size;
  const beforeBytes = sizeBytes();
  while (sizeBytes() === beforeBytes) await new Promise((resolve) => setImmediate(resolve));
}

/** All that others may ask of a tenant. */
function visible(store: Store, tenant: TenantId): unknown[] {
  return [
    store.tenants().includes(tenant),
    readAll(store, tenant),
    store.statistics(tenant).seriesCount,
    store.hasChunks(tenant),
    store.metadata(tenant),
    store.ruleGroups(tenant),
    [...store.ruleProgress(tenant)],
    store.alertmanagerConfig(tenant),
  ];
}

const NOTHING = [false, {}, 0, false, [], [], [], undefined];

test('a deleted tenant is gone at once, its rows go in slices', async () => {
  const store = open();
  await fill(store);
  const before = rowsLeft(killed());
  expect(before).toEqual({});
  store.deleteTenant(TENANT);
  expect(visible(store, TENANT)).toEqual(NOTHING);
  expect(rowsLeft(killed())).toEqual({
    deleted_tenants: 1,
    label_pairs: SERIES_COUNT + 1,
    // In runs of up to 512.
    series: Math.ceil(SERIES_COUNT / 512),
    chunks: SERIES_COUNT,
    chunk_data: SERIES_COUNT,
    log: 1,
    exemplars: 1,
    metadata: 1,
    rule_groups: 1,
    rule_progress: 1,
    alertmanager_configs: 1,
  });
  await store.checkpoint();
  expect(rowsLeft(killed())).toEqual({});
  expect(readAll(store, OTHER)).toEqual({ '{a="b"}': [[1000, 1]] });
  store.deleteTenant(OTHER);
  await store.checkpoint();
  expect(store.usage()).toMatchObject({ openSamplesBytes: 0, logBytes: 0 });
});

test('nothing comes back wherever the process is killed, and the next one removes the rest', async () => {
  const store = open();
  await fill(store);
  makeSlicesShort();
  store.deleteTenant(TENANT);
  const killedAt = [killed()];
  while ('deleted_tenants' in rowsLeft(killed())) {
    await nextTransaction();
    killedAt.push(killed());
  }
  const left = killedAt.map((path) => JSON.stringify(rowsLeft(path)));
  expect(left.length).toBeGreaterThan(15);
  expect(new Set(left).size).toBe(left.length);
  for (const path of killedAt) {
    const after = open(path);
    expect(visible(after, TENANT)).toEqual(NOTHING);
    await after.checkpoint();
    expect(readAll(after, OTHER)).toEqual({ '{a="b"}': [[1000, 1]] });
    await after.close();
    expect(rowsLeft(path)).toEqual({});
  }
});

test('a tenant of the same name is written and read while the rows of the one before it go', async () => {
  const store = open();
  await fill(store);
  makeSlicesShort();
  store.deleteTenant(TENANT);
  const again: TestRun[] = [[{ __name__: 'm', i: '7' }, [[500, 8]]]];
  const outcome = appendRuns(store, TENANT, again);
  expect(outcome.rejections).toEqual([]);
  await outcome.committed;
  expect(rowsLeft(killed())).toMatchObject({ deleted_tenants: 1 });
  const read = { '{__name__="m", i="7"}': [[500, 8]] };
  expect(readAll(open(killed()), TENANT)).toEqual(read);
  await store.checkpoint({ force: true });
  expect(rowsLeft(killed())).toEqual({});
  expect(readAll(store, TENANT)).toEqual(read);
  expect(readAll(open(killed()), TENANT)).toEqual(read);
});

test('a store closes in the middle, the next one goes on', async () => {
  const store = open();
  await fill(store);
  makeSlicesShort();
  store.deleteTenant(TENANT);
  await nextTransaction();
  await store.close();
  const path = join(directory, 'store.db');
  expect(rowsLeft(path)).toMatchObject({ deleted_tenants: 1 });
  const after = open();
  await after.checkpoint();
  await after.close();
  expect(rowsLeft(path)).toEqual({});
});

test('a tenant that never had a row leaves no mark, for its number is given out again', async () => {
  const store = open();
  store.createSeries(TENANT, Labels.fromRecord({ a: 'b' }));
  store.deleteTenant(TENANT);
  await store.close();
  const after = open();
  await appendRuns(after, OTHER, [[{ a: 'b' }, [[1000, 1]]]]).committed;
  await after.checkpoint();
  await after.close();
  expect(readAll(open(), OTHER)).toEqual({ '{a="b"}': [[1000, 1]] });
});

test('a query that has begun reads nothing of a deleted tenant', async () => {
  const store = open();
  await fill(store);
  const set = store.select({
    tenant: TENANT,
    matchers: [createMatcher('__name__', '=', 'm')],
    startMs: 0,
    endMs: 9000,
  });
  const columns = new SampleColumns();
  set.read(5, columns);
  expect(columns.count).toBe(2);
  store.deleteTenant(TENANT);
  set.read(6, columns);
  expect(columns.count).toBe(0);
});
