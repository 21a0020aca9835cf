import { readdir, readFile, stat } from 'node:fs/promises';
import { PocketCortexError } from '../model/errors.ts';
import { countsOf, formatOutcome, formatTable } from '../pocket/promtest/report.ts';
import { type EvaluationOutcome, runScript } from '../pocket/promtest/runner.ts';
import { type EngineProfile, profileOf, scriptEngine } from '../pocket/promtest/script-engine.ts';

const USAGE = 'pocket-cortex promtest [-engine=cortex|prometheus] <script or folder>...';

/**
 * Runs scripts of Prometheus's test language and writes what did not pass, then a table. Resolves to the exit code: 1 when
 * an evaluation failed.
 * @throws {PocketCortexError} `bad-config` for arguments that make no sense, `bad-data` for a file that is no script
 */
export async function promtest(args: readonly string[], write: (text: string) => void): Promise<number> {
  let profile: EngineProfile | undefined;
  const scripts: string[] = [];
  for (const arg of args) {
    const engine = /^--?engine=(.*)$/.exec(arg)?.[1];
    if (engine === 'cortex' || engine === 'prometheus') profile = engine;
    else if (arg.startsWith('-')) throw usageError(`unknown argument ${arg}`);
    else scripts.push(...(await scriptsAt(arg)));
  }
  if (scripts.length === 0) throw usageError('no scripts named');
  const outcomes: EvaluationOutcome[] = [];
  for (const file of scripts) outcomes.push(...(await runFile(file, profile)));
  for (const outcome of outcomes) if (outcome.verdict !== 'passed') write(`${formatOutcome(outcome)}\n`);
  write(`\n${formatTable(outcomes)}\n`);
  return countsOf(outcomes).failed > 0 ? 1 : 0;
}

async function runFile(file: string, profile: EngineProfile | undefined): Promise<EvaluationOutcome[]> {
  try {
    const text = await readFile(file, 'utf8');
    return await runScript({ file, text }, scriptEngine(profile ?? profileOf(text)));
  } catch (error) {
    if (!(error instanceof PocketCortexError)) throw error;
    throw new PocketCortexError(error.code, `${file}: ${error.message}`, { cause: error });
  }
}

/** The file itself, or the `*.test` files of a folder. */
async function scriptsAt(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = (await readdir(path)).filter((name) => name.endsWith('.test')).sort();
    return names.map((name) => `${path.replace(/\/$/, '')}/${name}`);
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error));
  }
}

function usageError(message: string): PocketCortexError {
  return new PocketCortexError('bad-config', `promtest: ${message}\nusage: ${USAGE}`);
}
