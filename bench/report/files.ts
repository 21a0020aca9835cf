import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Goal, goalsTable, judgeGoals } from './goals.ts';
import { type Machine, machineText } from './machine.ts';
import type { Row } from './rows.ts';
import { markdownTable, targetsIn } from './table.ts';

export interface Report {
  readonly takenAt: string;
  readonly machine: Machine;
  readonly targets: readonly string[];
  readonly scenarios: readonly ScenarioReport[];
  readonly goals: readonly Goal[];
  readonly rows: readonly Row[];
}

export interface ScenarioReport {
  readonly name: string;
  readonly about: string;
  /** Of the project when it was run. */
  readonly commit: string;
  readonly failure?: string;
}

/** The report under this name, if there is one. */
export function readReport(folder: string, name: string): Report | undefined {
  const path = join(folder, `${name}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Report) : undefined;
}

/** `report` with those scenarios of an earlier one that it does not have. */
export function withEarlier(report: Report, earlier: Report | undefined): Report {
  if (!earlier) return report;
  const isMissing = (name: string): boolean => !report.scenarios.some((scenario) => scenario.name === name);
  const rows = [...earlier.rows.filter(({ scenario }) => isMissing(scenario)), ...report.rows];
  const scenarios = [...earlier.scenarios.filter(({ name }) => isMissing(name)), ...report.scenarios];
  const targets = [...new Set([...report.targets, ...earlier.targets])];
  const versions = { ...earlier.machine.versions, ...report.machine.versions };
  return { ...report, machine: { ...report.machine, versions }, targets, scenarios, rows, goals: judgeGoals(rows) };
}

/** Writes `<name>.json` and `<name>.md` into `folder`, over what is there; returns the path of the text. */
export function writeReport(folder: string, name: string, report: Report): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), jsonOf(report));
  const path = join(folder, `${name}.md`);
  writeFileSync(path, markdownOf(report));
  return path;
}

/** Objects over several lines, pairs of numbers on one: as the project's formatter has it. */
function jsonOf(report: Report): string {
  const text = JSON.stringify(report, undefined, 2);
  return `${text.replace(/\[\s+([^\s[\]{}]+(?:,\s+[^\s[\]{}]+)*)\s+\]/g, (_, items: string) => `[${items.replace(/\s+/g, ' ')}]`)}\n`;
}

function markdownOf({ takenAt, machine, targets, scenarios, goals, rows }: Report): string {
  const parts = [
    `# Measured on ${takenAt.slice(0, 10)}`,
    `${machineText(machine)}.`,
    'Medians of alternated runs, in brackets from the fastest to the one that nine in ten were not slower than. The ratios say how many times better pocket-cortex is; below 1 it is worse.',
  ];
  if (goals.length > 0) parts.push('## Goals', goalsTable(goals));
  for (const { name, about, commit, failure } of scenarios) {
    const when = commit === machine.commit ? '' : ` (commit ${commit})`;
    parts.push(`## ${name}`, `${about[0]?.toUpperCase()}${about.slice(1)}${when}.`);
    if (failure !== undefined) parts.push(`Failed: ${failure}`);
    const own = rows.filter(({ scenario }) => scenario === name);
    if (own.length > 0) parts.push(markdownTable(own, targetsIn(own, targets)));
  }
  return `${parts.join('\n\n')}\n`;
}
