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
  /** After so much of it even fewer runs than `minRuns` are enough. */
  readonly limitMs?: number;
}

/** Times `work` after one run that does not count. */
export async function repeat(work: () => unknown, options: RepeatOptions): Promise<Timing> {
  await work();
  const [timing] = await repeatInTurn([work], options);
  return timing!;
}

/**
 * Times several works that are to be compared, one run of each in turn, so that whatever else the machine does hits all
 * of them alike. A work takes part as long as its own time lasts. All have run before, so that nobody's first time counts.
 */
export async function repeatInTurn(works: readonly (() => unknown)[], options: RepeatOptions): Promise<Timing[]> {
  const { minRuns, maxRuns, totalMs, limitMs = Number.POSITIVE_INFINITY } = options;
  const timesMs: number[][] = works.map(() => []);
  const spentMs = works.map(() => 0);
  const isDone = (i: number): boolean => {
    const runs = timesMs[i]!.length;
    return runs >= maxRuns || (runs >= minRuns && spentMs[i]! >= totalMs) || spentMs[i]! >= limitMs;
  };
  for (let run = 0; works.some((_, i) => !isDone(i)); run++) {
    for (let turn = 0; turn < works.length; turn++) {
      // Nobody is always the one after the slowest.
      const i = (turn + run) % works.length;
      if (isDone(i)) continue;
      const startedMs = performance.now();
      await works[i]!();
      const tookMs = performance.now() - startedMs;
      timesMs[i]!.push(tookMs);
      spentMs[i]! += tookMs;
    }
  }
  return timesMs.map(summarise);
}

/** The median; NaN of nothing. */
export function medianOf(values: readonly number[]): number {
  return percentileOf(values, 0.5);
}

/** The value that `share` of all are below of; NaN of nothing. */
export function percentileOf(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The geometric mean; NaN of nothing. */
export function geometricMeanOf(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

const QUIET_LIMIT_MS = 20_000;
const QUIET_WINDOW_MS = 500;

/** Waits until a process uses next to no processor time; at once where there is no /proc. */
export async function awaitQuiet(pid: number): Promise<void> {
  const giveUpMs = performance.now() + QUIET_LIMIT_MS;
  let before = processorMs(pid);
  while (before !== undefined && performance.now() < giveUpMs) {
    await new Promise((resolve) => setTimeout(resolve, QUIET_WINDOW_MS));
    const now = processorMs(pid) ?? before;
    if (now - before <= QUIET_WINDOW_MS * 0.04) return;
    before = now;
  }
}

/** Processor time that a process has used, all threads that it has; undefined where there is no /proc. */
export function processorMs(pid: number): number | undefined {
  return schedulerMs(pid) ?? accountedMs(pid);
}

/** What the scheduler counts, in nanoseconds; not every kernel does. */
function schedulerMs(pid: number): number | undefined {
  let nanoseconds = 0;
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      // A thread may end while we look.
      nanoseconds += Number(readProc(pid, `task/${thread}/schedstat`)?.split(' ')[0] ?? 0);
    }
  } catch {
    return undefined;
  }
  return nanoseconds > 0 ? nanoseconds / 1e6 : undefined;
}

function accountedMs(pid: number): number | undefined {
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

/** The size of all files in `folder` and below; with `isCounted`, of those below the entries it names. */
export function folderBytes(folder: string, isCounted?: (name: string) => boolean): number {
  if (isCounted) {
    const names = readdirSync(folder).filter(isCounted);
    return names.reduce((sum, name) => sum + folderBytes(join(folder, name)), 0);
  }
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    // A file may go away while we look: a log that was trimmed.
    bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}
