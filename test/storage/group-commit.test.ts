import type Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { TenantId } from '../../src/model/tenant.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { GroupCommit } from '../../src/storage/group-commit.ts';
import { PendingWrites } from '../../src/storage/pending-writes.ts';
import { prepareTables } from '../../src/storage/tables/tables.ts';

/** A database that has room for `pageCount` pages more. */
function limitedDatabase(pageCount: number): { database: Database.Database; allow: (pages: number) => void } {
  const database = openDatabase(':memory:');
  const allow = (pages: number): void => {
    const used = database.pragma('page_count', { simple: true }) as number;
    database.pragma(`max_page_count = ${used + pages}`);
  };
  allow(pageCount);
  return { database, allow };
}

function sequences(database: Database.Database): unknown[] {
  return database.prepare('SELECT sequence FROM log ORDER BY sequence').pluck().all();
}

test('rejects when the disk takes nothing, and makes it good with the next commit', async () => {
  const { database, allow } = limitedDatabase(0);
  const commit = new GroupCommit(database, prepareTables(database));
  const writes = new PendingWrites(1, 'team-a' as TenantId);
  writes.addRecord(1, new Uint8Array(100_000));
  await expect(commit.add(writes)).rejects.toMatchObject({
    code: 'internal',
    message: 'writing to the database failed: database or disk is full',
  });
  expect(sequences(database)).toEqual([]);
  allow(1000);
  writes.addRecord(2, new Uint8Array(10));
  await commit.add(writes);
  expect(sequences(database)).toEqual([1, 2]);
  expect(database.prepare('SELECT name FROM tenants').pluck().all()).toEqual(['team-a']);
});

test('resolves for a batch that brought nothing new only when what it repeats is on disk', async () => {
  const { database, allow } = limitedDatabase(0);
  const commit = new GroupCommit(database, prepareTables(database));
  const writes = new PendingWrites(1, 'team-a' as TenantId);
  writes.addRecord(1, new Uint8Array(100_000));
  await expect(commit.add(writes)).rejects.toThrow();
  await expect(commit.add(new PendingWrites(2, undefined))).rejects.toThrow();
  allow(1000);
  await commit.add(new PendingWrites(2, undefined));
  expect(sequences(database)).toEqual([1]);
});

test('takes nothing more when too much waits for the disk', async () => {
  const { database } = limitedDatabase(0);
  const commit = new GroupCommit(database, prepareTables(database));
  const writes = new PendingWrites(1, 'team-a' as TenantId);
  commit.expectRoom();
  writes.addRecord(1, new Uint8Array(65 << 20));
  await expect(commit.add(writes)).rejects.toThrow();
  expect(() => commit.expectRoom()).toThrow(expect.objectContaining({ code: 'internal' }));
});
