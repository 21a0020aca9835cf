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

const ATTEMPTS = 12;

/**
 * Whether Prometheus, asked again, contradicts itself where it contradicts us. Over several steps all its versions gather the result
 * of an operator, a function or a ranking in a Go map (`rangeEval` and `rangeEvalAgg` in promql/engine.go) and hand it on in the
 * order in which Go goes through that, another one each time; the result of a single step keeps its order. From the order follow
 * which of equals a ranking keeps, and the last digits of sums: there we have to be as close to its answers as they are to each other.
 */
export async function isLeftToChance(pair: AnswerPair, askAgain: () => Promise<Answer>): Promise<boolean> {
  const { query, actual, expected } = pair;
  if (!actual.data || !expected.data || !hasManySteps(query)) return false;
  const answers: ApiData[] = [expected.data];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { data } = await askAgain();
    if (data) answers.push(data);
  }
  if (/\b(topk|bottomk|limitk)\b/.test(printTerm(query.expression))) {
    return answers.some((answer) => apiDifferences(answer, expected.data!, { tolerance }).length > 0);
  }
  return isAsClose(numbersOf(actual.data), answers.map(numbersOf));
}

/** Whether every number lies no further from `others` than those lie from each other. */
function isAsClose(numbers: ReadonlyMap<string, number>, others: readonly ReadonlyMap<string, number>[]): boolean {
  if (others.some((other) => other.size !== numbers.size)) return false;
  for (const [place, number] of numbers) {
    const found = others.map((other) => other.get(place));
    if (found.some((value) => Object.is(value, number))) continue;
    const [least, most] = [Math.min(...(found as number[])), Math.max(...(found as number[]))];
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
