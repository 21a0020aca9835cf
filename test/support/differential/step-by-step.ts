import { apiDifferences } from '../api-difference.ts';
import type { ApiData, ApiSeries, HistogramSample, SampleText } from '../query-api.ts';
import type { Answer } from './ask.ts';
import { type AnswerPair, isRankedAlike, tolerance } from './compare.ts';
import type { DifferentialQuery } from './queries.ts';
import { printTerm } from './term.ts';

/** Whether anything in a query is evaluated at more than one step: a range, or the inside of a subquery. */
export function hasManySteps({ kind, expression }: DifferentialQuery): boolean {
  return kind === 'range' || /\[[^\]]*:[^\]]*\]/.test(printTerm(expression));
}

/** Whether a query is the same question as an instant query at each of its steps. */
export function isSplittable({ kind, expression }: DifferentialQuery): boolean {
  const text = printTerm(expression);
  if (kind !== 'range' || /@ (start|end)\(\)/.test(text)) return false;
  // Of what offset, @ and subqueries point at, info() takes only what lies within the range as a whole.
  return !/\binfo\(/.test(text) || !/@|\boffset\b|\[[^\]]*:[^\]]*\]/.test(text);
}

/**
 * Whether the actual answer to a splittable query is, step by step, what the other server answers to instant queries: then
 * it is that server's range answer that goes wrong. An error must be the error of some step.
 */
export async function agreesStepByStep(
  { query, actual }: AnswerPair,
  askExpected: (query: DifferentialQuery) => Promise<Answer>,
): Promise<boolean> {
  if (query.kind !== 'range') return false;
  for (let timeMs = query.startMs; timeMs <= query.endMs; timeMs += query.stepMs) {
    const expected = await askExpected({ expression: query.expression, kind: 'instant', timeMs });
    if (actual.data && expected.data) {
      const step = { ...actual, data: at(timeMs, actual.data) };
      const differences = apiDifferences(step.data, vectorOf(expected.data), { tolerance });
      if (differences.length > 0 && !isRankedAlike({ query, actual: step, expected })) return false;
    } else if (actual.data) {
      return false;
    } else if (expected.errorType === actual.errorType) {
      return true;
    }
  }
  return actual.data !== undefined;
}

/** One step of a range answer, as the answer to an instant query. */
function at(timeMs: number, { result }: ApiData): ApiData {
  const isThen = ([timeSeconds]: SampleText | HistogramSample) => Math.round(timeSeconds * 1000) === timeMs;
  const series = (result as readonly ApiSeries[]).flatMap(({ metric, values = [], histograms = [] }): ApiSeries[] => {
    const value = values.find(isThen);
    const histogram = histograms.find(isThen);
    if (value) return [{ metric, value }];
    return histogram ? [{ metric, histogram }] : [];
  });
  return { resultType: 'vector', result: series };
}

/** A scalar is a series without labels in a range answer. */
function vectorOf(data: ApiData): ApiData {
  if (data.resultType !== 'scalar') return data;
  return { resultType: 'vector', result: [{ metric: {}, value: data.result as SampleText }] };
}
