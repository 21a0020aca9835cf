import { apiDifferences } from '../api-difference.ts';
import { type ApiData, type ApiSeries, parseValue } from '../query-api.ts';
import type { Answer } from './ask.ts';
import type { DifferentialQuery } from './queries.ts';
import { printTerm } from './term.ts';

/** Two servers' answers to one query. */
export interface AnswerPair {
  readonly query: DifferentialQuery;
  readonly actual: Answer;
  readonly expected: Answer;
}

/** How far values may lie apart, relative to the larger one. */
export const tolerance = 1e-12;

export interface Difference {
  /** In status or type of error; in labels, values or order; in a warning or an info that only one of them gives. */
  readonly kind: 'outcome' | 'data' | 'annotation';
  readonly text: string;
}

/** What differs; empty when the servers say the same. */
export function answerDifferences(pair: AnswerPair): Difference[] {
  const { actual, expected } = pair;
  if (actual.status !== expected.status || actual.errorType !== expected.errorType) {
    return [{ kind: 'outcome', text: `${outcome(actual)}, not ${outcome(expected)}` }];
  }
  if (!actual.data || !expected.data) return [];
  const data = isRankedAlike(pair)
    ? []
    : apiDifferences(actual.data, expected.data, { tolerance, isOrdered: isSorted(pair) });
  return [
    ...data.map((text): Difference => ({ kind: 'data', text })),
    ...onlyOneSays(annotationsOf(actual), annotationsOf(expected)),
  ];
}

/** Warnings and infos. Numbers in them are rounded: they may differ as values do. */
export function annotationsOf({ warnings, infos }: Answer): readonly string[] {
  return [...warnings, ...infos].map((text) =>
    text.replace(/(?<= got )-?\d[\d.e+-]+/, (number) => Number(number).toPrecision(12)),
  );
}

/** Whether every number is the same double; only meaningful where `answerDifferences` finds none. */
export function isBitIdentical({ actual, expected }: AnswerPair): boolean {
  if (!actual.data || !expected.data) return true;
  return apiDifferences(actual.data, expected.data, { tolerance: 0 }).length === 0;
}

/** Whether native histograms have no part in a query, as far as its text and both answers show. */
export function isOfFloats({ query, actual, expected }: AnswerPair): boolean {
  return (
    !/\b(duration_seconds|inflight|size_bytes|changing)\b/.test(printTerm(query.expression)) &&
    !hasHistograms(actual) &&
    !hasHistograms(expected)
  );
}

function hasHistograms({ data }: Answer): boolean {
  if (data === undefined || data.resultType === 'scalar' || data.resultType === 'string') return false;
  return (data.result as readonly ApiSeries[]).some(({ histogram, histograms }) => histogram ?? histograms);
}

/** The number of values in an answer. */
export function valueCount({ data }: Answer): number {
  if (!data) return 0;
  if (data.resultType === 'scalar' || data.resultType === 'string') return 1;
  return (data.result as readonly ApiSeries[]).reduce(
    (sum, { values = [], histograms = [] }) => sum + (values.length + histograms.length || 1),
    0,
  );
}

function outcome({ status, errorType, error }: Answer): string {
  return errorType === undefined ? `${status}` : `${status} ${errorType} (${error})`;
}

function isSorted({ query, expected: { data } }: AnswerPair): boolean {
  const isSortCall = /^sort(_desc|_by_label|_by_label_desc)?\(/.test(printTerm(query.expression));
  return isSortCall && data!.resultType === 'vector' && !hasTies(data!);
}

/** Of equal values a ranking may keep any: at every time both have to keep the same values. */
export function isRankedAlike({ query, actual, expected }: AnswerPair): boolean {
  return (
    /^(topk|bottomk)\b/.test(printTerm(query.expression)) &&
    !hasHistograms(actual) &&
    !hasHistograms(expected) &&
    JSON.stringify(valuesByTime(actual.data!)) === JSON.stringify(valuesByTime(expected.data!))
  );
}

/** The values at every time, in the order of their size. */
function valuesByTime({ result }: ApiData): readonly (readonly [timeSeconds: number, values: readonly string[]])[] {
  const byTime = new Map<number, number[]>();
  for (const { values, value } of result as readonly ApiSeries[]) {
    for (const [time, text] of values ?? [value!]) byTime.set(time, [...(byTime.get(time) ?? []), parseValue(text)]);
  }
  return [...byTime]
    .sort(([a], [b]) => a - b)
    .map(([time, values]) => [time, values.map((value) => `${value || 0}`).sort()] as const);
}

/** Equal values, NaN among them, may stand in any order. */
function hasTies({ result }: ApiData): boolean {
  const values = (result as readonly ApiSeries[]).flatMap(({ value }) => (value ? [parseValue(value[1])] : []));
  return new Set(values).size !== values.length;
}

function onlyOneSays(actual: readonly string[], expected: readonly string[]): Difference[] {
  // Of more than ten a server shows any ten.
  if (expected.some((text) => text.endsWith('annotations omitted'))) return [];
  return [...actual, ...expected]
    .filter((text) => !actual.includes(text) || !expected.includes(text))
    .map((text) => ({ kind: 'annotation', text }));
}
