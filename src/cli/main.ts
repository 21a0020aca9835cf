import { readFile } from 'node:fs/promises';
import { FlagError } from '../config/arguments.ts';
import { readStartup } from '../config/config.ts';
import { PocketCortexError } from '../model/errors.ts';
import type { DataTerminal } from './load.ts';
import type { Terminal } from './promtest.ts';

const OTHER_COMMANDS = ['promtest', 'rules', 'load', 'export', 'demo'] as const;
type OtherCommand = (typeof OTHER_COMMANDS)[number];

/** Runs the command that the arguments name, `serve` when they name none; the process's exit code tells how it went. */
async function main(argv: readonly string[]): Promise<void> {
  try {
    const [command] = argv;
    const startup = OTHER_COMMANDS.includes(command as OtherCommand)
      ? { kind: command as OtherCommand }
      : await readStartup({ argv, environment: process.env, readFile: (path) => readFile(path, 'utf8') });
    switch (startup.kind) {
      case 'promtest': {
        const { promtest } = await import('./promtest.ts');
        process.exitCode = await promtest(argv.slice(1), terminal());
        break;
      }
      case 'rules': {
        const { rules } = await import('./rules.ts');
        process.exitCode = await rules(argv.slice(1), terminal());
        break;
      }
      case 'load': {
        const { load } = await import('./load.ts');
        process.exitCode = await load(argv.slice(1), await dataTerminal());
        break;
      }
      case 'export': {
        const { exportData } = await import('./export.ts');
        process.exitCode = await exportData(argv.slice(1), { ...(await dataTerminal()), stdout: process.stdout });
        break;
      }
      case 'demo': {
        const { demo } = await import('./demo.ts');
        await demo(argv.slice(1));
        break;
      }
      case 'help': {
        const [{ helpText }, { VERSION }] = await Promise.all([
          import('../config/help.ts'),
          import('../config/version.ts'),
        ]);
        process.stdout.write(helpText(VERSION));
        break;
      }
      case 'version': {
        const { VERSION } = await import('../config/version.ts');
        process.stdout.write(`pocket-cortex ${VERSION}\n`);
        break;
      }
      case 'print':
        process.stdout.write(startup.text);
        break;
      case 'serve': {
        const { serve } = await import('./serve.ts');
        await serve(startup.config, startup.warnings);
        break;
      }
    }
  } catch (error) {
    // What the user can set right is told in a line; anything else is a fault of ours and shows where it happened.
    const isTheirs = error instanceof PocketCortexError;
    process.stderr.write(`pocket-cortex: ${isTheirs ? error.message : ((error as Error).stack ?? error)}\n`);
    process.exitCode = error instanceof FlagError ? 2 : 1;
  }
}

function terminal(): Terminal {
  const { stdout, env } = process;
  return {
    write: (text) => stdout.write(text),
    columns: stdout.columns ?? 120,
    hasColour: stdout.isTTY && !env['NO_COLOR'],
  };
}

/** Progress and counts go to standard error: standard output is for data. */
async function dataTerminal(): Promise<DataTerminal> {
  const { SystemClock } = await import('../model/clock.ts');
  const { stdout, stderr, stdin } = process;
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort(new Error('interrupted')));
  return {
    write: (text) => stdout.write(text),
    screen: {
      write: (text) => stderr.write(text),
      isTerminal: stderr.isTTY === true,
      columns: stderr.columns ?? 80,
    },
    clock: new SystemClock(),
    stdin,
    signal: interrupt.signal,
  };
}

void main(process.argv.slice(2));
