import { apiDifferences } from '../api-difference.ts';
import { type ApiData, type ApiSeries, parseValue, type SampleText } from '../query-api.ts';
import type { Answer } from './ask.ts';
import { type AnswerPair, tolerance } from './compare.ts';
import { hasManySteps } from './step-by-step.ts';
import { printTerm } from './term.ts';

/** Under this name `isLeftToChance` is counted beside the version differences. */
export const LEFT_TO_CHANCE = 'an order of series that Prometheus leaves to chance';

/**
 * What Prometheus said once and, asked again, says as we do: histograms that a subquery left in its memory may be written over
 * by other queries (prometheus#16879), and info() hands on series in any order, on which warnings about what is mixed depend.
 */
export const TAKEN_BACK = 'an answer that Prometheus takes back';

/** How often Prometheus is asked at most: of two sums that it may or may not find equal it may be long until it has said both. */
const ATTEMPTS = 100;

/**
 * Whether Prometheus, asked again, contradicts itself where it contradicts us. Over several steps all its versions gather the result
 * of an operator, a function or a ranking in a Go map (`rangeEval` and `rangeEvalAgg` in promql/engine.go) and hand it on in the
 * order in which Go goes through that, another one each time; the result of a single step keeps its order. From the order follow
 * which of equals a ranking keeps, and the last digits of sums, and with them what a comparison keeps: there we have to be as close
 * to its answers as they are to each other.
 */
export async function isLeftToChance(pair: AnswerPair, askAgain: () => Promise<Answer>): Promise<boolean> {
  const { query, actual, expected } = pair;
  if (!actual.data || !expected.data || !hasManySteps(query)) return false;
  const isRanking = /\b(topk|bottomk|limitk)\b/.test(printTerm(query.expression));
  const numbers = numbersOf(actual.data);
  const answers: ReadonlyMap<string, number>[] = [numbersOf(expected.data)];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { data } = await askAgain();
    if (!data) continue;
    if (isRanking && apiDifferences(data, expected.data, { tolerance }).length > 0) return true;
    answers.push(numbersOf(data));
    if (!isRanking && answers.length > 12 && isAsClose(numbers, answers)) return true;
  }
  return false;
}

/** Whether every number lies no further from `others` than those lie from each other; what is missing is missing in some of them. */
function isAsClose(numbers: ReadonlyMap<string, number>, others: readonly ReadonlyMap<string, number>[]): boolean {
  for (const place of new Set(others.flatMap((other) => [...other.keys()]))) {
    if (!numbers.has(place) && others.every((other) => other.has(place))) return false;
  }
  for (const [place, number] of numbers) {
    const found = others.flatMap((other) => other.get(place) ?? []);
    if (found.some((value) => Object.is(value, number))) continue;
    if (found.length === 0) return false;
    const [least, most] = [Math.min(...found), Math.max(...found)];
    const spread = Math.max(most - least, tolerance * Math.abs(most));
    if (!(number >= least - spread && number <= most + spread)) return false;
  }
  return true;
}

/** All numbers of an answer, each by its place. */
function numbersOf({ resultType, result }: ApiData): ReadonlyMap<string, number> {
  if (resultType === 'string') return new Map();
  const series =
    resultType === 'scalar' ? [{ metric: {}, value: result as SampleText }] : (result as readonly ApiSeries[]);
  const numbers = new Map<string, number>();
  for (const { metric, value, values = [], histogram, histograms = [] } of series) {
    const place = JSON.stringify(Object.entries(metric).sort());
    for (const [time, text] of value ? [value] : values) numbers.set(`${place} ${time}`, parseValue(text));
    for (const [time, { count, sum, buckets = [] }] of histogram ? [histogram] : histograms) {
      for (const [at, part] of [count, sum, ...buckets.flat()].entries()) {
        numbers.set(`${place} ${time} ${at}`, parseValue(`${part}`));
      }
    }
  }
  return numbers;
}
