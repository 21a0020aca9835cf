import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionTime, PartProfile } from './cpu-profile.ts';

const AREAS = 10;
const LINES = 15;

/** A scenario's parts as sections of Markdown, by their titles. */
export function profileSections(
  scenario: string,
  parts: readonly PartProfile[],
  commit: string,
): ReadonlyMap<string, string> {
  return new Map(
    parts.map(({ part, busyMs, functions }) => {
      const share = (ms: number): string => `${((ms / busyMs) * 100).toFixed(1)} %`;
      const areas = areasOf(functions).map(({ area, selfMs }) => [area, share(selfMs)]);
      const lines = functions.slice(0, LINES).map(({ name, place, selfMs }) => [share(selfMs), name, place]);
      const text = [
        `${Math.round(busyMs).toLocaleString('en-US')} ms in which there was something to do; commit ${commit}.`,
        table(['area', 'share'], areas),
        table(['share', 'function, without what it calls', 'where'], lines),
      ].join('\n\n');
      return [part === scenario ? scenario : `${scenario}: ${part}`, text];
    }),
  );
}

/** Writes the sections to `<name>.profile.md`, beside or over those that are there; returns its path. */
export function writeProfiles(folder: string, name: string, sections: ReadonlyMap<string, string>): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.profile.md`);
  const earlier = existsSync(path) ? readSections(readFileSync(path, 'utf8')) : [];
  const all = new Map([...earlier, ...sections]);
  const parts = [...all].map(([title, text]) => `## ${title}\n\n${text}`);
  writeFileSync(path, `${[`# Where the time goes, ${name.slice(0, 10)}`, ...parts].join('\n\n')}\n`);
  return path;
}

function readSections(text: string): [title: string, text: string][] {
  const [, ...sections] = text.split(/^## /m);
  return sections.map((section) => {
    const end = section.indexOf('\n');
    return [section.slice(0, end), section.slice(end).trim()];
  });
}

/** Time by floor of the project, by package, and what is neither. */
function areasOf(functions: readonly FunctionTime[]): { readonly area: string; readonly selfMs: number }[] {
  const timesMs = new Map<string, number>();
  for (const { name, place, selfMs } of functions) {
    const area = areaOf(name, place);
    timesMs.set(area, (timesMs.get(area) ?? 0) + selfMs);
  }
  const areas = [...timesMs].map(([area, selfMs]) => ({ area, selfMs })).sort((a, b) => b.selfMs - a.selfMs);
  return areas.slice(0, AREAS);
}

function areaOf(name: string, place: string): string {
  if (name === '(garbage collector)') return 'collection of garbage';
  // SQLite, system calls, and what V8 does besides running functions.
  if (place === '') return 'native code';
  if (place.startsWith('node:')) return 'Node';
  return /^(?:src\/[^/:]+|grammar)/.exec(place)?.[0] ?? place;
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const rows = [head, head.map(() => '---'), ...lines];
  return rows.map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
}
