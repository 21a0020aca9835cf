import { firstDifference, firstValueDifference, sampleCountOf, seriesCountOf } from '../compare.ts';
import type { Query, QueryClient } from '../query-client.ts';
import { knownDifference } from './known-differences.ts';
import type { BenchQuery } from './query.ts';

/** What is to be known of one target's answer before it is timed. */
export interface Verdict {
  /** Whether it is worth timing. */
  readonly isTimed: boolean;
  /** Whether nobody expected it. */
  readonly isWrong: boolean;
  readonly note?: string;
}

/**
 * Asks every target once, which also warms them, and compares the answers with that of the first.
 * @throws when the first has none: an empty answer would be quick, and there is nothing to compare with
 */
export async function checkAnswers(
  asked: Query,
  bench: Pick<BenchQuery, 'compares' | 'isEmpty'>,
  clients: readonly QueryClient[],
): Promise<Verdict[]> {
  const [first, ...others] = clients;
  const expected = (await first!.ask(asked)).toString();
  if (sampleCountOf(expected) === 0 && !bench.isEmpty) throw new Error(`${first!.target.name} has no answer`);
  const verdicts: Verdict[] = [{ isTimed: true, isWrong: false }];
  for (const client of others) {
    const { name } = client.target;
    let actual: string;
    try {
      actual = (await client.ask(asked)).toString();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const isUnknown = /unsupported function/.test(text);
      verdicts.push({ isTimed: false, isWrong: !isUnknown, note: isUnknown ? 'does not know the function' : text });
      continue;
    }
    verdicts.push(judge({ actual, expected, name, asked, bench }));
  }
  return verdicts;
}

interface Answers {
  readonly actual: string;
  readonly expected: string;
  readonly name: string;
  readonly asked: Query;
  readonly bench: Pick<BenchQuery, 'compares'>;
}

function judge({ actual, expected, name, asked, bench }: Answers): Verdict {
  if (bench.compares === 'existence') {
    const [found, due] = [seriesCountOf(actual), seriesCountOf(expected)];
    if (found > 0 === due > 0) return { isTimed: true, isWrong: false };
    return { isTimed: false, isWrong: true, note: `answers differ: ${found} series instead of ${due}` };
  }
  const differenceOf = bench.compares === 'values' ? firstValueDifference : firstDifference;
  const difference = differenceOf(actual, expected);
  if (difference === undefined) return { isTimed: true, isWrong: false };
  if (name === 'victoria-metrics') {
    if (firstDifference(actual, expected, { ignoresNames: true }) === undefined) {
      return { isTimed: true, isWrong: false, note: 'keeps the names of metrics' };
    }
    const known = knownDifference(name, asked.query);
    if (known !== undefined) return { isTimed: true, isWrong: false, note: `answers differ: ${known}` };
    const nameless = firstDifference(actual, expected, { ignoresNames: true });
    return { isTimed: true, isWrong: true, note: `answers differ, nobody knows why: ${nameless}` };
  }
  return { isTimed: false, isWrong: true, note: `answers differ: ${difference}` };
}
