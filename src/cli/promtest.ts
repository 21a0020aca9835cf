import { readdir, readFile, stat } from 'node:fs/promises';
import { PocketCortexError } from '../model/errors.ts';
import { countsOf, formatOutcome, formatTable, type Layout } from '../pocket/promtest/report.ts';
import { type EvaluationOutcome, runScript } from '../pocket/promtest/runner.ts';
import { ScriptError } from '../pocket/promtest/script.ts';
import { type EngineProfile, profileOf, scriptEngine } from '../pocket/promtest/script-engine.ts';

const USAGE = 'pocket-cortex promtest [-engine=prometheus|cortex] [-verbose] <script or folder>...';

const HELP = `Usage: ${USAGE}

Runs scripts of Prometheus's PromQL test language; of a folder, its *.test files.

  load 1m
    requests_total{path="/"} 0+60x10

  eval instant at 5m rate(requests_total[2m])
    {path="/"} 1

  -engine=prometheus
        The newest language, everything that has a flag switched on: what Prometheus's own scripts need.
        The default, unless the first line of a script is "# engine: cortex".
  -engine=cortex
        What a tenant of Cortex gets, experimental functions included.
  -verbose
        Tell every evaluation, not just those that failed.

An instant query is also asked as a step of a range query, and at other times with @ on all its selectors.
Exits with 1 when an evaluation failed or a file is no script. NO_COLOR switches colours off.
`;

/** What `promtest` writes to. */
export interface Terminal extends Layout {
  readonly write: (text: string) => void;
}

/**
 * Runs scripts of Prometheus's test language: what failed, a table with a line a script, and `N passed, M failed` at the
 * end. Resolves to the exit code: 1 when an evaluation failed or a file is no script.
 * @throws {PocketCortexError} `bad-config` for arguments that make no sense and files that cannot be read
 */
export async function promtest(args: readonly string[], terminal: Terminal): Promise<number> {
  const { write } = terminal;
  let profile: EngineProfile | undefined;
  let isVerbose = false;
  const scripts: string[] = [];
  for (const arg of args) {
    const engine = /^--?engine=(.*)$/.exec(arg)?.[1];
    if (engine === 'cortex' || engine === 'prometheus') profile = engine;
    else if (/^--?v(?:erbose)?$/.test(arg)) isVerbose = true;
    else if (/^--?h(?:elp)?$/.test(arg)) {
      write(HELP);
      return 0;
    } else if (arg.startsWith('-')) throw usageError(`unknown argument ${arg}`);
    else scripts.push(...(await scriptsAt(arg)));
  }
  if (scripts.length === 0) throw usageError('no scripts named');
  const outcomes: EvaluationOutcome[] = [];
  for (const file of scripts) {
    const ofFile = await runFile(file, profile);
    for (const outcome of ofFile) {
      if (isVerbose || outcome.verdict === 'failed') write(`${formatOutcome(outcome, terminal)}\n`);
    }
    // What failed stands apart from what is next.
    if (countsOf(ofFile).failed > 0) write('\n');
    outcomes.push(...ofFile);
  }
  const { passed, failed } = countsOf(outcomes);
  write(`${formatTable(outcomes, terminal)}\n\n${passed} passed, ${failed} failed\n`);
  return failed > 0 ? 1 : 0;
}

/** A file that is no script is one failure: the others can be run all the same. */
async function runFile(file: string, profile: EngineProfile | undefined): Promise<EvaluationOutcome[]> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw usageError(error.message);
  });
  try {
    return await runScript({ file, text }, scriptEngine(profile ?? profileOf(text) ?? 'prometheus'));
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    const { line, reason } = error;
    return [{ file, line, query: '', when: '', verdict: 'failed', reason, expected: '', actual: '' }];
  }
}

/** The file itself, or the `*.test` files of a folder. */
async function scriptsAt(path: string): Promise<string[]> {
  const status = await stat(path).catch((error: Error) => {
    throw usageError(error.message);
  });
  if (!status.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => name.endsWith('.test')).sort();
  if (names.length === 0) throw usageError(`no *.test files in ${path}`);
  return names.map((name) => `${path.replace(/\/$/, '')}/${name}`);
}

function usageError(message: string): PocketCortexError {
  return new PocketCortexError('bad-config', `promtest: ${message}\nusage: ${USAGE}\n--help tells more`);
}
