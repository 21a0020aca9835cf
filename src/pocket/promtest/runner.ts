import { formatDuration } from '../../model/duration.ts';
import type { QueryResult } from '../../model/query-result.ts';
import type { SeriesSource } from '../../model/series-source.ts';
import { FAKE_TENANT } from '../../model/tenant.ts';
import { differenceOf, formatActual, formatExpected } from './compare.ts';
import { load } from './load.ts';
import { MemorySource } from './memory-source.ts';
import { rerunFailure, type ScriptEngine } from './reruns.ts';
import { type EvalCommand, type EvalTimes, type Expectation, parseScript } from './script.ts';

export type Verdict = 'passed' | 'failed';

export interface EvaluationOutcome {
  readonly file: string;
  readonly line: number;
  /** '' for a file that is no script: the reason says why. */
  readonly query: string;
  /** At what time or times: `at 5m`. */
  readonly when: string;
  readonly verdict: Verdict;
  /** Why it failed; '' when it passed. */
  readonly reason: string;
  readonly expected: string;
  readonly actual: string;
}

/**
 * Runs a script of Prometheus's test language, each evaluation whatever became of those before. An instant query is also
 * asked in other ways that must give the same (`reruns.ts`).
 * @throws {ScriptError} when the text is no script
 */
export async function runScript(
  script: { readonly file: string; readonly text: string },
  createEngine: (source: SeriesSource) => ScriptEngine,
): Promise<EvaluationOutcome[]> {
  const source = new MemorySource();
  const engine = createEngine(source);
  const outcomes: EvaluationOutcome[] = [];
  for (const command of parseScript(script.text)) {
    switch (command.kind) {
      case 'clear':
        source.clear();
        break;
      case 'load':
        load(command, source);
        break;
      case 'eval':
        outcomes.push({ file: script.file, ...(await runEvaluation(command, engine)) });
        break;
    }
  }
  return outcomes;
}

async function runEvaluation(command: EvalCommand, engine: ScriptEngine): Promise<Omit<EvaluationOutcome, 'file'>> {
  const answer = await answerOf(command, engine);
  const failure =
    failureOf(command, answer) ??
    ('result' in answer ? await rerunFailure(command, engine, answer.result.value) : undefined);
  const outcome = {
    line: command.line,
    query: command.query,
    when: formatTimes(command.times),
    expected: formatExpected(command),
    actual: 'error' in answer ? `error: ${answer.error}` : formatActual(answer.result.value),
  };
  return failure === undefined
    ? { ...outcome, verdict: 'passed', reason: '' }
    : { ...outcome, verdict: 'failed', reason: failure };
}

function formatTimes(times: EvalTimes): string {
  if (times.kind === 'instant') return `at ${formatDuration(times.timeMs)}`;
  const { startMs, endMs, stepMs } = times;
  return `from ${formatDuration(startMs)} to ${formatDuration(endMs)} step ${formatDuration(stepMs)}`;
}

type Answer = { readonly result: QueryResult } | { readonly error: string };

async function answerOf({ query, times }: EvalCommand, engine: ScriptEngine): Promise<Answer> {
  try {
    const result =
      times.kind === 'instant'
        ? await engine.instant({ tenant: FAKE_TENANT, query, timeMs: times.timeMs })
        : await engine.range({ tenant: FAKE_TENANT, query, ...times });
    return { result };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function failureOf(command: EvalCommand, answer: Answer): string | undefined {
  const failures = command.expectations.filter(({ kind }) => kind === 'fail');
  if ('error' in answer) {
    if (failures.length === 0) return answer.error;
    const unmet = failures.find((expectation) => !isMet(expectation, answer.error));
    return unmet && `expected an error ${describe(unmet)}, got: ${answer.error}`;
  }
  if (failures.length > 0) return 'expected an error, but got none';
  const { annotations, value } = answer.result;
  return (
    annotationFailure(command, 'warn', annotations.warnings) ??
    annotationFailure(command, 'info', annotations.infos) ??
    differenceOf(command, value)
  );
}

/** Every expected text must be there; and, once one is expected, there must be no other. */
function annotationFailure(
  { expectations }: EvalCommand,
  kind: 'warn' | 'info',
  actual: readonly string[],
): string | undefined {
  if (expectations.some((expectation) => expectation.kind === `no_${kind}`) && actual.length > 0) {
    return `unexpected ${kind}: ${actual.join('; ')}`;
  }
  const expected = expectations.filter((expectation) => expectation.kind === kind);
  const unmet = expected.find((expectation) => !actual.some((text) => isMet(expectation, text)));
  if (unmet) return `expected ${kind} ${describe(unmet)}, got: ${actual.join('; ') || 'none'}`;
  if (expected.length === 0 || expected.some(({ isLoose }) => isLoose)) return undefined;
  const unnamed = actual.find((text) => !expected.some((expectation) => isMet(expectation, text)));
  return unnamed && `unexpected ${kind}: ${unnamed}`;
}

function isMet({ text }: Expectation, actual: string): boolean {
  if (text === undefined) return true;
  return text.kind === 'msg' ? text.message === actual : text.matches(actual);
}

function describe({ text }: Expectation): string {
  if (text === undefined) return 'of any text';
  return text.kind === 'msg' ? `"${text.message}"` : `like ${text.pattern}`;
}
