import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';

/** One line of the report: a figure for each target that was measured. */
export interface Row {
  readonly scenario: string;
  readonly name: string;
  readonly unit: string;
  /** Whether a larger figure is the better one. */
  readonly isMoreBetter: boolean;
  readonly figures: Readonly<Record<string, Figure>>;
}

export interface Figure {
  readonly value: number;
  /** From the fastest to the slow end, in the row's unit; absent for a single measurement. */
  readonly spread?: readonly [low: number, high: number];
}

export interface Machine {
  readonly node: string;
  readonly cpu: string;
  readonly cpuCount: number;
  readonly memoryBytes: number;
  readonly commit: string;
}

export function describeMachine(): Machine {
  return {
    node: process.version,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cpuCount: cpus().length,
    memoryBytes: totalmem(),
    commit: currentCommit(),
  };
}

function currentCommit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

/**
 * A table with one column a target. The ratio says how many times better the first target is than the last; below 1
 * it is worse.
 */
export function formatTable(rows: readonly Row[], targets: readonly string[]): string {
  const isComparison = targets.length > 1;
  const head = ['', ...targets, ...(isComparison ? ['ratio'] : [])];
  const lines = rows.map((row) => [
    `${row.name} (${row.unit})`,
    ...targets.map((target) => formatFigure(row.figures[target])),
    ...(isComparison ? [formatRatio(row, targets)] : []),
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...lines].map((line) => line[column]!.length)));
  return [head, ...lines]
    .map((line) =>
      line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))),
    )
    .map((cells) => cells.join('  ').trimEnd())
    .join('\n');
}

function formatFigure(figure: Figure | undefined): string {
  if (!figure) return '-';
  const value = formatNumber(figure.value);
  return figure.spread ? `${value} [${formatNumber(figure.spread[0])}..${formatNumber(figure.spread[1])}]` : value;
}

function formatNumber(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function formatRatio({ figures, isMoreBetter }: Row, targets: readonly string[]): string {
  const ours = figures[targets[0]!]?.value;
  const theirs = figures[targets.at(-1)!]?.value;
  if (!ours || !theirs) return '-';
  return `${(isMoreBetter ? ours / theirs : theirs / ours).toFixed(2)}x`;
}

/** Writes what was measured as JSON into `folder`; returns the path. */
export function writeReport(folder: string, machine: Machine, rows: readonly Row[]): string {
  mkdirSync(folder, { recursive: true });
  const takenAt = new Date().toISOString();
  const path = join(folder, `${takenAt.replace(/[:.]/g, '-')}.json`);
  writeFileSync(path, `${JSON.stringify({ takenAt, machine, rows }, undefined, 2)}\n`);
  return path;
}
