import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program that a test started; it dies with the test run at the latest. */
export interface RunningProgram {
  readonly pid: number;
  /** All it has written to stdout and stderr so far. */
  output(): string;
  /** Resolves when it has ended. */
  readonly ended: Promise<ProgramEnd>;
  /** Sends `signal` (SIGTERM) and waits for the end. Fine to call on a program that has ended. */
  stop(signal?: NodeJS.Signals): Promise<ProgramEnd>;
}

export interface ProgramEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ProgramOptions {
  /** What differs from this process's; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export function startProgram(
  command: string,
  commandArguments: readonly string[],
  options: ProgramOptions = {},
): RunningProgram {
  const child = spawn(command, commandArguments, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    cwd: options.cwd,
  });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  // 'close' comes after the last byte of output, 'exit' may come before.
  const ended = once(child, 'close').then(([exitCode, signal]): ProgramEnd => {
    running.delete(child);
    return { exitCode, signal };
  });
  return {
    pid: child.pid ?? 0,
    output: () => output,
    ended,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
  };
}

/** Where `program` lies on PATH, if it does. */
export function findProgram(program: string): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}
