import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Repeated measurements of one thing, in milliseconds. */
export interface Timing {
  readonly medianMs: number;
  readonly fastestMs: number;
  /** Nine in ten were no slower. */
  readonly slowMs: number;
  readonly runs: number;
}

export function summarise(timesMs: readonly number[]): Timing {
  const sorted = [...timesMs].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  return { medianMs: at(0.5), fastestMs: at(0), slowMs: at(0.9), runs: sorted.length };
}

/** How often to repeat: until it took `totalMs` together, but `minRuns` to `maxRuns` times. */
export interface RepeatOptions {
  readonly minRuns: number;
  readonly maxRuns: number;
  readonly totalMs: number;
}

/** Times `work` after one run that does not count. */
export async function repeat(work: () => unknown, options: RepeatOptions): Promise<Timing> {
  const [timing] = await repeatInTurn([work], options);
  return timing!;
}

/**
 * Times several works that are to be compared, one run of each in turn, so that whatever else the machine does hits all
 * of them alike.
 */
export async function repeatInTurn(works: readonly (() => unknown)[], options: RepeatOptions): Promise<Timing[]> {
  for (const work of works) await work();
  const timesMs: number[][] = works.map(() => []);
  let totalMs = 0;
  for (let run = 0; run < options.maxRuns; run++) {
    if (run >= options.minRuns && totalMs >= options.totalMs * works.length) break;
    for (const [i, work] of works.entries()) {
      const startedMs = performance.now();
      await work();
      const tookMs = performance.now() - startedMs;
      timesMs[i]!.push(tookMs);
      totalMs += tookMs;
    }
  }
  return timesMs.map(summarise);
}

/** Processor time that a process has used, all threads; undefined where there is no /proc. */
export function processorMs(pid: number): number | undefined {
  const text = readProc(pid, 'stat');
  if (text === undefined) return undefined;
  // The name in parentheses may hold spaces; user and system time are the 14th and 15th field.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

/** Linux counts processor time in hundredths of a second. */
const MS_PER_TICK = 10;

/** Resident memory of a process; undefined where there is no /proc. */
export function residentBytes(pid: number): number | undefined {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(pid, 'status') ?? '');
  return match ? Number(match[1]) * 1024 : undefined;
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}

/** The size of all files in `folder` and below. */
export function folderBytes(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    // A file may go away while we look: a log that was trimmed.
    bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}
