import type { QueryApi } from '../query-api.ts';
import { ask } from './ask.ts';
import { isLeftToChance, LEFT_TO_CHANCE, TAKEN_BACK } from './chance.ts';
import { type AnswerPair, answerDifferences, isBitIdentical, isOfFloats, valueCount } from './compare.ts';
import { createDice } from './dice.ts';
import { olderWays } from './older-engine.ts';
import type { OlderServer } from './older-server.ts';
import { type DifferentialQuery, describeQuery, generateQuery } from './queries.ts';
import { shrink } from './shrink.ts';
import { agreesStepByStep, isSplittable } from './step-by-step.ts';
import { explanations } from './version-differences.ts';

export interface DifferentialOptions {
  readonly actualApi: QueryApi;
  readonly expectedApi: QueryApi;
  /** Ours, in the ways of the version that `expectedApi` is of. */
  readonly older: OlderServer;
  readonly seed: number;
  readonly queryCount: number;
  /** Queries under way at a time. */
  readonly concurrency?: number;
  /** So many failures are shrunk and told, the rest is only counted. */
  readonly reportLimit?: number;
}

export interface DifferentialReport {
  readonly queryCount: number;
  readonly errorCount: number;
  readonly emptyCount: number;
  readonly valueCount: number;
  /** Queries answered with numbers that are all the same doubles. */
  readonly bitIdenticalCount: number;
  /** Of these queries how many neither name nor yield native histograms, how many of those are bit-identical, and how many fail. */
  readonly floatQueryCount: number;
  readonly floatBitIdenticalCount: number;
  readonly floatFailureCount: number;
  /** In how many queries each known difference showed. */
  readonly knownDifferences: ReadonlyMap<string, number>;
  readonly failureCount: number;
  /** The failures told, each with its smallest query and both answers. */
  readonly failures: readonly string[];
}

/** Asks both servers the queries that follow from `seed` and compares what they say. */
export async function runDifferential(options: DifferentialOptions): Promise<DifferentialReport> {
  const { actualApi, expectedApi, older, seed, queryCount, concurrency = 8, reportLimit = 20 } = options;
  const dice = createDice(seed);
  const report = {
    queryCount,
    errorCount: 0,
    emptyCount: 0,
    valueCount: 0,
    bitIdenticalCount: 0,
    floatQueryCount: 0,
    floatBitIdenticalCount: 0,
    floatFailureCount: 0,
  };
  const knownDifferences = new Map<string, number>();
  const failing: DifferentialQuery[] = [];

  const askBoth = async (query: DifferentialQuery): Promise<AnswerPair> => {
    const [actual, expected] = await Promise.all([ask(actualApi, query), ask(expectedApi, query)]);
    return { query, actual, expected };
  };

  const askExpected = (query: DifferentialQuery) => ask(expectedApi, query);
  const explainAsItIs = async (pair: AnswerPair, asLastResort = false): Promise<string[] | undefined> => {
    const found = explanations(pair, answerDifferences(pair), { asLastResort });
    if (found === undefined) return undefined;
    const isOfRanges = [...found].some((difference) => difference.isOfRanges);
    if (isOfRanges && isSplittable(pair.query) && !(await agreesStepByStep(pair, askExpected))) return undefined;
    for (const { isProven } of found) if (isProven && !(await isProven(pair, askExpected))) return undefined;
    return [...found].map(({ name }) => name);
  };
  const explain = async (pair: AnswerPair): Promise<string[] | undefined> => {
    const asItIs = await explainAsItIs(pair);
    if (asItIs) return asItIs;
    for (const ways of combinations(olderWays)) {
      const others = await explainAsItIs({ ...pair, actual: await older.ask(ways, pair.query) });
      if (others) return [...ways.map(({ name }) => name), ...others];
    }
    for (let attempt = 0; attempt < 12; attempt++) {
      const again = { ...pair, expected: await askExpected(pair.query) };
      if (answerDifferences(again).length === 0) return [TAKEN_BACK];
    }
    const atLast = await explainAsItIs(pair, true);
    if (atLast) return atLast;
    return (await isLeftToChance(pair, () => askExpected(pair.query))) ? [LEFT_TO_CHANCE] : undefined;
  };

  let generated = 0;
  const worker = async () => {
    while (generated < queryCount) {
      generated++;
      const pair = await askBoth(generateQuery(dice));
      const count = valueCount(pair.expected);
      report.valueCount += count;
      if (pair.expected.status !== 200) report.errorCount++;
      else if (count === 0) report.emptyCount++;
      const float = isOfFloats(pair) ? 1 : 0;
      report.floatQueryCount += float;
      if (answerDifferences(pair).length === 0) {
        if (!isBitIdentical(pair)) continue;
        report.bitIdenticalCount++;
        report.floatBitIdenticalCount += float;
        continue;
      }
      const known = await explain(pair);
      if (known === undefined) {
        failing.push(pair.query);
        report.floatFailureCount += float;
      }
      for (const name of known ?? []) knownDifferences.set(name, (knownDifferences.get(name) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));

  const failures: string[] = [];
  for (const query of failing.slice(0, reportLimit)) {
    const isUnexplained = async (pair: AnswerPair) => {
      return answerDifferences(pair).length > 0 && (await explain(pair)) === undefined;
    };
    const smallest = await shrink(query, async (candidate) => await isUnexplained(await askBoth(candidate)));
    failures.push(describeFailure(query, await askBoth(smallest)));
  }
  return { ...report, knownDifferences, failureCount: failing.length, failures };
}

/** Every choice of some of `items`, small ones first. */
function combinations<Item>(items: readonly Item[]): Item[][] {
  const all = Array.from({ length: 2 ** items.length - 1 }, (_, at) =>
    items.filter((_, bit) => ((at + 1) >> bit) % 2 === 1),
  );
  return all.sort((a, b) => a.length - b.length);
}

function describeFailure(original: DifferentialQuery, pair: AnswerPair): string {
  return [
    describeQuery(pair.query),
    ...answerDifferences(pair)
      .slice(0, 10)
      .map(({ text }) => `  ${text}`),
    `  actual:   ${shorten(JSON.stringify(pair.actual))}`,
    `  expected: ${shorten(JSON.stringify(pair.expected))}`,
    `  shrunk from: ${describeQuery(original)}`,
  ].join('\n');
}

function shorten(text: string): string {
  return text.length <= 1500 ? text : `${text.slice(0, 1500)} …`;
}
