import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Report, readReport, withEarlier, writeReport } from '../../bench/report/files.ts';
import { RowCollector } from '../../bench/report/rows.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A report of one scenario, with a figure of ours. */
function reportOf(scenario: string, commit: string, value: number): Report {
  const rows = new RowCollector(scenario);
  rows.add('pocket-cortex', { name: 'ready after', unit: 'ms' }, value, [value, value + 1]);
  return {
    takenAt: '2026-01-02T03:04:05.678Z',
    machine: {
      ...{ node: 'v20', cpu: 'a processor', cpuCount: 2, memoryBytes: 8 * 2 ** 30, platform: 'linux x64', commit },
      versions: { prometheus: '3.5.0' },
    },
    targets: ['pocket-cortex'],
    scenarios: [{ name: scenario, about: 'what it is about', commit }],
    goals: [],
    rows: rows.rows(),
  };
}

test('what was written is read again, and its text says on what machine and what came out', () => {
  const report = reportOf('start', 'abc', 5);
  const path = writeReport(folder, '2026-01-02', report);
  expect(readReport(folder, '2026-01-02')).toEqual(report);
  expect(readReport(folder, '2026-01-03')).toBeUndefined();
  const text = readFileSync(path, 'utf8');
  expect(text.split('\n').slice(0, 3)).toEqual([
    '# Measured on 2026-01-02',
    '',
    '2 x a processor, 8 GiB, linux x64, Node v20, commit abc; prometheus 3.5.0.',
  ]);
  expect(text).toContain('## start\n\nWhat it is about.\n');
  expect(text).toContain('| ready after (ms) | 5.00 [5.00..6.00] |');
  expect(readFileSync(path.replace('.md', '.json'), 'utf8')).toContain('"spread": [5, 6]');
});

test('scenarios that were run before and not again stay, with their commit; those that were are replaced', () => {
  const both = withEarlier(reportOf('start', 'new', 7), {
    ...reportOf('million', 'old', 5),
    rows: [...reportOf('million', 'old', 5).rows, ...reportOf('start', 'old', 6).rows],
    scenarios: ['million', 'start'].map((name) => ({ name, about: 'x', commit: 'old' })),
  });
  expect(both.scenarios.map(({ name, commit }) => `${name} ${commit}`)).toEqual(['million old', 'start new']);
  expect(both.rows.map(({ scenario, figures }) => [scenario, figures['pocket-cortex']?.value])).toEqual([
    ['million', 5],
    ['start', 7],
  ]);
  expect(both.goals.map(({ what, measured }) => `${what}: ${measured}`)).toEqual([
    'ready after process start: 7.00 ms',
  ]);
});
