import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../src/model/clock.ts';
import { SampleColumns } from '../../src/model/columns.ts';
import { Labels } from '../../src/model/labels.ts';
import type { TenantId } from '../../src/model/tenant.ts';
import { runAtOnce } from '../../src/model/work.ts';
import { openStore, type StoreOptions } from '../../src/storage/sqlite-store.ts';
import type { Store } from '../../src/storage/types.ts';
import { appendRuns, readAll, type TestRun } from '../support/store-batches.ts';

const TENANT = 'team-a' as TenantId;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

let directory: string;
let path: string;
let clock: ManualClock;
const opened: Store[] = [];

function open(options: Partial<StoreOptions> = {}): Store {
  const store = openStore({
    path,
    clock,
    retentionMs: 0,
    checkpointIntervalMs: MINUTE_MS,
    decodedCacheBytes: 1 << 20,
    ...options,
  });
  opened.push(store);
  return store;
}

/** Looks into the file of a closed store. */
function inspect<Result>(look: (database: Database.Database) => Result): Result {
  const database = new Database(path);
  try {
    return look(database);
  } finally {
    database.close();
  }
}

/** Rows of the one series run that the file has, as they were up to version 5 of the schema. */
function giveEachSeriesARow(database: Database.Database): void {
  const [run] = database.prepare('SELECT labels FROM series').pluck().all() as [Buffer];
  database.exec('DELETE FROM series');
  database.exec('ALTER TABLE series DROP COLUMN count');
  const insert = database.prepare('INSERT INTO series (tenant, series, labels) VALUES (1, ?, ?)');
  let seriesRef = 1;
  for (let start = 0; start < run.length; seriesRef++) {
    const end = run.indexOf(0, start) < 0 ? run.length : run.indexOf(0, start);
    insert.run(seriesRef, run.subarray(start, end));
    start = end + 1;
  }
  database.pragma('user_version = 5');
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pocket-cortex-'));
  path = join(directory, 'store.db');
  clock = new ManualClock(0);
});

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('opening', () => {
  test('refuses a file that is open already', async () => {
    const store = open();
    expect(() => open()).toThrow(
      expect.objectContaining({
        code: 'storage-locked',
        message: `${path} is in use by another process; stop it, or choose another file`,
      }),
    );
    await store.close();
    await open().close();
  });

  test('refuses a file of a newer version and leaves it alone', async () => {
    await open().close();
    inspect((database) => database.pragma('user_version = 99'));
    expect(() => open()).toThrow(expect.objectContaining({ code: 'storage-too-new' }));
    expect(inspect((database) => database.pragma('user_version', { simple: true }))).toBe(99);
  });

  test('brings a file of the first version up to date', async () => {
    await open().close();
    inspect((database) => {
      for (const table of ['alertmanager_configs', 'rule_progress', 'deleted_tenants', 'tenant_origins']) {
        database.exec(`DROP TABLE ${table}`);
      }
      database.exec('ALTER TABLE series DROP COLUMN count');
      database.pragma('user_version = 1');
    });
    const store = open();
    store.setAlertmanagerConfig(TENANT, { configuration: 'route: {}', templates: {} });
    expect(store.alertmanagerConfig(TENANT)).toEqual({ configuration: 'route: {}', templates: {} });
    store.setRuleProgress(TENANT, 'a group', 60_000);
    expect(store.ruleProgress(TENANT)).toEqual(new Map([['a group', 60_000]]));
    await store.close();
  });

  test.for([
    { rows: 'one for many series', isOld: false },
    { rows: 'one for each series, as older versions wrote them', isOld: true },
  ])('series are read from rows of $rows, and those that are too old are taken out', async ({ isOld }) => {
    const runs = Array.from({ length: 5 }, (_, i): TestRun => [{ a: `${i}`, all: 'yes' }, [[i < 3 ? 1000 : 9000, i]]]);
    const before = open();
    await appendRuns(before, TENANT, runs).committed;
    await before.close();
    if (isOld) inspect(giveEachSeriesARow);
    const store = open();
    expect(store.seriesCount(TENANT)).toBe(5);
    expect(Object.keys(readAll(store, TENANT))).toEqual(runs.map(([labels]) => Labels.fromRecord(labels).toString()));
    await store.close();
    clock = new ManualClock(10_000);
    const later = open({ retentionMs: 5000 });
    await later.checkpoint();
    await later.close();
    const after = open();
    expect(after.seriesCount(TENANT)).toBe(2);
    expect(Object.keys(readAll(after, TENANT))).toEqual(['{a="3", all="yes"}', '{a="4", all="yes"}']);
    await after.close();
  });

  test('refuses a database of another program', () => {
    inspect((database) => database.exec('CREATE TABLE things (name TEXT)'));
    expect(() => open()).toThrow(expect.objectContaining({ code: 'storage-corrupt' }));
  });

  test('refuses what is no database', () => {
    writeFileSync(path, 'once upon a time there was a file that was no database '.repeat(100));
    expect(() => open()).toThrow(expect.objectContaining({ code: 'storage-corrupt' }));
  });

  test('says that a directory is missing', () => {
    path = join(directory, 'no', 'such', 'store.db');
    expect(() => open()).toThrow(expect.objectContaining({ code: 'internal', message: expect.stringContaining(path) }));
  });

  test('opens an empty file', () => {
    writeFileSync(path, '');
    expect(open().tenants()).toEqual([]);
  });
});

test('leaves one file behind, with nothing in the log, and can be closed twice', async () => {
  const store = open();
  appendRuns(store, TENANT, [[{ a: '1' }, [[1000, 1]]]]);
  await Promise.all([store.close(), store.close()]);
  await store.close();
  expect(readdirSync(directory)).toEqual(['store.db']);
  const counts = inspect((database) =>
    ['log', 'chunks', 'chunk_data', 'series'].map((table) =>
      database.prepare(`SELECT count(*) FROM ${table}`).pluck().get(),
    ),
  );
  expect(counts).toEqual([0, 1, 1, 1]);
});

test('commits what arrives in one turn in one transaction, and says so to each', async () => {
  const store = open();
  const first = appendRuns(store, TENANT, [[{ a: '1' }, [[1000, 1]]]]).committed;
  const second = appendRuns(store, TENANT, [[{ a: '2' }, [[1000, 1]]]]).committed;
  expect(second).toBe(first);
  await first;
  const third = appendRuns(store, TENANT, [[{ a: '2' }, [[2000, 1]]]]).committed;
  expect(third).not.toBe(first);
  await third;
});

describe('a checkpoint', () => {
  test('comes with the clock and writes series that have many samples', async () => {
    const store = open();
    appendRuns(store, TENANT, [
      [{ a: 'busy' }, steps(0, 200)],
      [{ a: 'idle' }, steps(0, 3)],
    ]);
    await clock.advance(MINUTE_MS);
    await store.checkpoint();
    appendRuns(store, TENANT, [[{ a: 'busy' }, steps(200, 2)]]);
    expect(readAll(store, TENANT)).toEqual({ '{a="busy"}': steps(0, 202), '{a="idle"}': steps(0, 3) });
  });

  test('lets appends in between and loses none of them', async () => {
    const store = open();
    const seriesCount = 400;
    const runsAt = (from: number): TestRun[] =>
      Array.from({ length: seriesCount }, (_, series) => [{ series: String(series) }, steps(from, 5)]);
    appendRuns(store, TENANT, runsAt(0));
    const running = store.checkpoint({ force: true });
    let from = 5;
    for (; from < 50; from += 5) {
      await appendRuns(store, TENANT, runsAt(from)).committed;
      expect(readAll(store, TENANT)['{series="399"}']).toEqual(steps(0, from + 5));
    }
    await running;
    await store.checkpoint({ force: true });
    await store.close();
    const all = readAll(open(), TENANT);
    expect(Object.keys(all).length).toBe(seriesCount);
    for (const samples of Object.values(all)) expect(samples).toEqual(steps(0, from));
  });

  test('fills up the last chunk of a series before it begins another', async () => {
    const store = open();
    for (let from = 0; from < 600; from += 60) {
      appendRuns(store, TENANT, [[{ a: '1' }, steps(from, 60)]]);
      await store.checkpoint({ force: true });
    }
    await store.close();
    const sizes = inspect((database) => database.prepare('SELECT sample_count FROM chunks').pluck().all());
    expect(sizes).toEqual([480, 120]);
  });

  test('keeps the write-ahead log and the file small', async () => {
    const store = open();
    for (let from = 0; from < 4000; from += 100) {
      const runs: TestRun[] = Array.from({ length: 100 }, (_, series) => [
        { series: String(series) },
        steps(from, 100),
      ]);
      await appendRuns(store, TENANT, runs).committed;
    }
    expect(statSync(`${path}-wal`).size).toBeLessThan(34 << 20);
    await store.close();
    expect(existsSync(`${path}-wal`)).toBe(false);
    // 400,000 samples.
    expect(statSync(path).size).toBeLessThan(400_000);
  });
});

describe('retention', () => {
  test('drops chunks, then series, then their labels, from memory and disk', async () => {
    clock = new ManualClock(HOUR_MS);
    const store = open({ retentionMs: HOUR_MS });
    appendRuns(store, TENANT, [
      [{ a: 'old', shared: 'x' }, [[0, 1]]],
      [{ a: 'both', shared: 'x' }, [[0, 1]]],
    ]);
    await store.checkpoint({ force: true });
    // A chunk of its own: the first one is full of other times.
    appendRuns(store, TENANT, [[{ a: 'both', shared: 'x' }, steps(240, 512)]]);
    await store.checkpoint({ force: true });
    await clock.advance(10 * MINUTE_MS);
    await store.checkpoint();
    expect(readAll(store, TENANT)).toEqual({ '{a="both", shared="x"}': steps(240, 512) });
    expect(
      runAtOnce(store.labelValues({ tenant: TENANT, selectors: [], startMs: 0, endMs: 1, labelName: 'a' })),
    ).toEqual(['both']);
    expect(store.statistics(TENANT).seriesCount).toBe(1);
    appendRuns(store, TENANT, [[{ a: 'old', shared: 'x' }, [[HOUR_MS * 3, 2]]]]);
    await store.close();
    expect(readAll(open(), TENANT)).toEqual({
      '{a="both", shared="x"}': steps(240, 512),
      '{a="old", shared="x"}': [[HOUR_MS * 3, 2]],
    });
  });

  test('reaches samples that no checkpoint has seen', async () => {
    const store = open({ retentionMs: HOUR_MS });
    appendRuns(store, TENANT, [
      [{ a: '1' }, [[0, 1]]],
      [{ a: '2' }, [[HOUR_MS, 1]]],
    ]);
    await clock.advance(HOUR_MS + 10 * MINUTE_MS);
    await store.checkpoint();
    expect(readAll(store, TENANT)).toEqual({ '{a="2"}': [[HOUR_MS, 1]] });
  });

  test('reaches tenants that nobody asked for', async () => {
    const store = open();
    appendRuns(store, TENANT, [[{ a: '1' }, [[0, 1]]]]);
    await store.close();
    clock = new ManualClock(3 * HOUR_MS);
    const later = open({ retentionMs: HOUR_MS });
    await later.checkpoint();
    await later.close();
    expect(inspect((database) => database.prepare('SELECT count(*) FROM series').pluck().get())).toBe(0);
  });

  test('lets a query finish that holds a series which goes', async () => {
    const store = open({ retentionMs: HOUR_MS });
    appendRuns(store, TENANT, [[{ a: '1' }, [[0, 1]]]]);
    const set = store.select({ tenant: TENANT, matchers: [], startMs: 0, endMs: 1 });
    await clock.advance(2 * HOUR_MS);
    await store.checkpoint();
    const into = new SampleColumns();
    set.read(0, into);
    expect(into.count).toBe(0);
  });
});

/** Samples `from`, `from + 1` … of one series. */
function steps(from: number, count: number): (readonly [number, number])[] {
  return Array.from({ length: count }, (_, i) => [(from + i) * 15_000, (from + i) % 50] as const);
}
