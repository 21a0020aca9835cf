import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type CpuProfile, summariseProfiles } from '../../bench/profile/cpu-profile.ts';
import { profileSections, writeProfiles } from '../../bench/profile/profile-report.ts';

const frame = (functionName: string, url: string) => ({ functionName, url, lineNumber: 0, columnNumber: 0 });
const nodes = [
  { id: 1, callFrame: frame('(idle)', '') },
  { id: 2, callFrame: frame('(garbage collector)', '') },
  { id: 3, callFrame: frame('append', 'file:///a/pocket-cortex/src/storage/appender.ts') },
  { id: 4, callFrame: frame('', 'node:net') },
  { id: 5, callFrame: frame('run', '/a/node_modules/better-sqlite3/lib/methods.js') },
];

/** Samples a millisecond apart, from `startMs` on. */
function profileOf(startMs: number, samples: readonly number[]): CpuProfile {
  return { nodes, startTime: startMs * 1000, samples, timeDeltas: samples.map((_, i) => (i === 0 ? 0 : 1000)) };
}

const starts = [
  { part: 'before', startedUs: 0 },
  { part: 'load', startedUs: 10_000 },
  { part: 'end', startedUs: 20_000 },
  { part: 'load', startedUs: 30_000 },
];

test('a sample counts for the part in which it was taken, until the next one; idle time does not', () => {
  const profiles = [profileOf(8, [3, 3, 3, 2, 1, 1]), profileOf(29, [4, 5, 5, 1])];
  expect(summariseProfiles(profiles, starts)).toEqual([
    { part: 'before', busyMs: 2, functions: [{ name: 'append', place: 'src/storage/appender.ts', selfMs: 2 }] },
    {
      part: 'load',
      busyMs: 4,
      functions: [
        { name: 'run', place: 'better-sqlite3', selfMs: 2 },
        { name: 'append', place: 'src/storage/appender.ts', selfMs: 1 },
        { name: '(garbage collector)', place: '', selfMs: 1 },
      ],
    },
    { part: 'end', busyMs: 1, functions: [{ name: '(anonymous)', place: 'node:net', selfMs: 1 }] },
  ]);
});

test('sections are written beside those that are there, and over those of the same name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-profile-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [load] = summariseProfiles([profileOf(11, [3, 3, 3, 2, 5])], starts);
  writeProfiles(folder, '2026-01-02', profileSections('ingest', [load!], 'old'));
  writeProfiles(folder, '2026-01-02', profileSections('query', [{ ...load!, part: 'query' }], 'new'));
  const path = writeProfiles(folder, '2026-01-02', profileSections('ingest', [load!], 'new'));
  const text = readFileSync(path, 'utf8');
  expect(text.match(/^#.*$/gm)).toEqual(['# Where the time goes, 2026-01-02', '## ingest: load', '## query']);
  expect(text).not.toContain('old');
  expect(text).toContain('| src/storage | 75.0 % |\n| collection of garbage | 25.0 % |\n');
  expect(text).toContain('| 75.0 % | append | src/storage/appender.ts |\n');
});
