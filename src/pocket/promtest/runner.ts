import { ABSENT, histogramAt } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { QueryResult, QueryValue } from '../../model/query-result.ts';
import type { SeriesSource } from '../../model/series-source.ts';
import { FAKE_TENANT, type TenantId } from '../../model/tenant.ts';
import { differenceOf, formatActual, formatExpected } from './compare.ts';
import { load } from './load.ts';
import { MemorySource } from './memory-source.ts';
import { type EvalCommand, type Expectation, parseScript } from './script.ts';

/** What runs the queries: the engine's front, or another engine behind the same two calls. */
export interface ScriptEngine {
  instant(query: { tenant: TenantId; query: string; timeMs: number }): Promise<QueryResult>;
  range(query: {
    tenant: TenantId;
    query: string;
    startMs: number;
    endMs: number;
    stepMs: number;
  }): Promise<QueryResult>;
}

export type Verdict = 'passed' | 'failed';

export interface EvaluationOutcome {
  readonly file: string;
  readonly line: number;
  readonly query: string;
  readonly verdict: Verdict;
  /** Why it failed; '' when it passed. */
  readonly reason: string;
  readonly expected: string;
  readonly actual: string;
}

/**
 * Runs a script of Prometheus's test language, each evaluation whatever became of those before. An instant query is also
 * run as the middle step of a range query, which must give the same.
 * @throws {PocketCortexError} `bad-data` when the text is no script
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
  const failure = failureOf(command, answer) ?? (await rangeModeFailure(command, engine, answer));
  const outcome = {
    line: command.line,
    query: command.query,
    expected: formatExpected(command),
    actual: 'error' in answer ? `error: ${answer.error}` : formatActual(answer.result.value),
  };
  return failure === undefined
    ? { ...outcome, verdict: 'passed', reason: '' }
    : { ...outcome, verdict: 'failed', reason: failure };
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

/** These stand for the query's own range, so they mean something else in a range query. */
const QUERY_CONTEXT_CALL = /(?:start|end|range|step)\(\)/;
const MINUTE_MS = 60_000;

/** What goes wrong when an instant query is run as the middle one of three steps. */
async function rangeModeFailure(
  command: EvalCommand,
  engine: ScriptEngine,
  answer: Answer,
): Promise<string | undefined> {
  const { query, times } = command;
  if (times.kind !== 'instant' || 'error' in answer) return undefined;
  const { value } = answer.result;
  const isComparable = value.kind === 'vector' || value.kind === 'scalar';
  if (!isComparable || QUERY_CONTEXT_CALL.test(query)) return undefined;
  const range = { startMs: times.timeMs - MINUTE_MS, endMs: times.timeMs + MINUTE_MS, stepMs: MINUTE_MS };
  try {
    const result = await engine.range({ tenant: FAKE_TENANT, query, ...range });
    if (command.expectations.some(({ kind }) => kind === 'ordered')) return undefined;
    const difference = differenceOf(command, middleStepOf(result.value, value.kind));
    return difference && `in a range query: ${difference}`;
  } catch (error) {
    return `in a range query: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function middleStepOf(value: QueryValue, kind: 'vector' | 'scalar'): QueryValue {
  if (value.kind !== 'matrix') return value;
  const labels: Labels[] = [];
  const values: number[] = [];
  const histograms: (NativeHistogram | undefined)[] = [];
  for (const { labels: seriesLabels, column } of value.series) {
    if (column.present[1] === ABSENT) continue;
    labels.push(seriesLabels);
    values.push(column.values[1]!);
    histograms.push(histogramAt(column, 1));
  }
  const timestampMs = value.grid.startMs + value.grid.stepMs;
  if (kind === 'scalar') return { kind, timestampMs, value: values[0] ?? NaN };
  return { kind, timestampMs, labels, values: Float64Array.from(values), histograms };
}
