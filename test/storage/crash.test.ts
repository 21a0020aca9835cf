import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ManualClock } from '../../src/model/clock.ts';
import { openStore } from '../../src/storage/sqlite-store.ts';
import type { Store } from '../../src/storage/types.ts';
import { compileFolders } from '../support/compiled-module.ts';
import { problemsOf } from './child/numbered-batches.ts';

/** `KILL_COUNT=1000 npx vitest run test/storage/crash` takes a quarter of an hour. */
const KILL_COUNT = Number(process.env['KILL_COUNT'] ?? 20);

let directory: string;
let program: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'pocket-cortex-crash-'));
  const compiled = join(directory, 'compiled');
  compileFolders(['src/model', 'src/storage', 'test/support', 'test/storage/child'], compiled);
  program = join(compiled, 'test/storage/child/ingest.js');
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

function open(path: string): Store {
  return openStore({
    path,
    clock: new ManualClock(),
    retentionMs: 0,
    checkpointIntervalMs: 60_000,
    decodedCacheBytes: 1 << 20,
  });
}

test(`every acknowledged sample is there once after each of ${KILL_COUNT} SIGKILLs`, {
  timeout: KILL_COUNT * 9000,
}, async () => {
  const path = join(directory, 'store.db');
  const acknowledged: number[] = [];
  let lastSent = 0;
  for (let kill = 1; kill <= KILL_COUNT; kill++) {
    const seen = await runAndKill(path, lastSent + 1, Math.random() * 150);
    acknowledged.push(...seen.acknowledged);
    lastSent = seen.lastSent;
    // A copy: looking at the file itself would tidy it up, and the next start would find less to do.
    const copy = join(directory, `copy-${kill}`);
    mkdirSync(copy);
    for (const suffix of ['', '-wal']) {
      if (existsSync(path + suffix)) copyFileSync(path + suffix, join(copy, `store.db${suffix}`));
    }
    const database = new Database(join(copy, 'store.db'));
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    database.close();
    const store = open(join(copy, 'store.db'));
    expect(problemsOf(store, acknowledged, lastSent)).toEqual([]);
    await store.close();
    const again = open(join(copy, 'store.db'));
    expect(problemsOf(again, acknowledged, lastSent)).toEqual([]);
    await again.close();
    rmSync(copy, { recursive: true });
  }
  expect(acknowledged.length).toBeGreaterThan(KILL_COUNT);
});

test('a second process is told that the file is in use, until the first one is killed', async () => {
  const path = join(directory, 'locked.db');
  const child = spawn(process.execPath, [program, path, '1'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve) => {
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.includes('acknowledged')) resolve();
    });
  });
  expect(() => open(path)).toThrow(expect.objectContaining({ code: 'storage-locked' }));
  child.kill('SIGKILL');
  await once(child, 'close');
  const store = open(path);
  expect(store.tenants()).toEqual(['team-a']);
  await store.close();
});

test('a process that closed its store ends by itself', async () => {
  const path = join(directory, 'closed.db');
  const child = spawn(process.execPath, [program, path, '1', '7'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  expect([code, signal]).toEqual([0, null]);
  const store = open(path);
  expect(problemsOf(store, [1, 2, 3, 4, 5, 6, 7], 7)).toEqual([]);
  await store.close();
});

/** Runs the program until some time after its first acknowledgement. */
async function runAndKill(
  path: string,
  first: number,
  lifeMs: number,
): Promise<{ acknowledged: number[]; lastSent: number }> {
  const child = spawn(process.execPath, [program, path, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  let isDoomed = false;
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (text: string) => {
    output += text;
    if (isDoomed || !output.includes('acknowledged')) return;
    isDoomed = true;
    setTimeout(() => child.kill('SIGKILL'), lifeMs);
  });
  const [, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  expect(signal).toBe('SIGKILL');
  const numbers = (word: string) =>
    [...output.matchAll(new RegExp(`^${word} (\\d+)\\n`, 'gm'))].map(([, n]) => Number(n));
  return { acknowledged: numbers('acknowledged'), lastSent: Math.max(...numbers('sent')) };
}
