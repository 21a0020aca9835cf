import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import type { TargetKind } from '../targets/target.ts';

export interface Machine {
  readonly node: string;
  readonly cpu: string;
  readonly cpuCount: number;
  readonly memoryBytes: number;
  readonly platform: string;
  /** Of the project; `+` when files differ from it. */
  readonly commit: string;
  /** What each peer says of its version. */
  readonly versions: Readonly<Record<string, string>>;
}

export function describeMachine(targets: readonly TargetKind[]): Machine {
  const versions: Record<string, string> = {};
  for (const { name, version } of targets) {
    const found = version?.();
    if (found !== undefined) versions[name] = found;
  }
  return {
    node: process.version,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cpuCount: cpus().length,
    memoryBytes: totalmem(),
    platform: `${process.platform} ${process.arch}`,
    commit: currentCommit(),
    versions,
  };
}

export function machineText({ node, cpu, cpuCount, memoryBytes, platform, commit, versions }: Machine): string {
  const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const gigabytes = Math.round(memoryBytes / 2 ** 30);
  return [`${cpuCount} x ${cpu}, ${gigabytes} GiB, ${platform}, Node ${node}, commit ${commit}`, ...peers].join('; ');
}

/** The version that a program prints when asked with `argument`. */
export function versionOf(command: string, argument: string): string | undefined {
  try {
    const text = execFileSync(command, [argument], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    return /\bv?(\d+\.\d+\.\d+)/.exec(text)?.[1];
  } catch {
    return undefined;
  }
}

function currentCommit(): string {
  const git = (...words: string[]): string => execFileSync('git', words, { encoding: 'utf8' }).trim();
  try {
    const isClean = git('status', '--porcelain', '--untracked-files=no', 'src', 'grammar') === '';
    return git('rev-parse', '--short', 'HEAD') + (isClean ? '' : '+');
  } catch {
    return 'unknown';
  }
}
