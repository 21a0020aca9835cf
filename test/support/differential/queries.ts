import { DATA_END_MS, DATA_START_MS } from './data.ts';
import type { Dice } from './dice.ts';
import { generateExpression, generateMatrix } from './expressions.ts';
import { printTerm, type Term } from './term.ts';

/** A question for both servers. */
export type DifferentialQuery = { readonly expression: Term } & QueryTimes;

export type QueryTimes =
  | { readonly kind: 'instant'; readonly timeMs: number }
  | { readonly kind: 'range'; readonly startMs: number; readonly endMs: number; readonly stepMs: number };

export function generateQuery(dice: Dice): DifferentialQuery {
  const depth = dice.pick([1, 2, 2, 3, 3, 4]);
  if (dice.chance(0.5)) {
    const expression = dice.chance(0.06) ? generateMatrix(dice, depth) : generateExpression(dice, depth);
    return { expression, kind: 'instant', timeMs: moment(dice) };
  }
  const expression = generateExpression(dice, depth);
  const stepMs = dice.pick([15_000, 15_000, 30_000, 60_000, 13_000, 7_500, 310_000]);
  const startMs = moment(dice);
  if (dice.chance(0.005)) return { expression, kind: 'range', startMs, ...dice.pick(refusedRanges(startMs)) };
  return { expression, kind: 'range', startMs, endMs: startMs + stepMs * dice.pick([0, 1, 5, 20, 30]), stepMs };
}

/** Too many points, no step, an end before the start. */
function refusedRanges(startMs: number) {
  return [
    { endMs: startMs + 11_001_000, stepMs: 1000 },
    { endMs: startMs, stepMs: 0 },
    { endMs: startMs - 1000, stepMs: 1000 },
  ];
}

/** On a scrape as often as not; now and then before the first sample or after the last one. */
function moment(dice: Dice): number {
  const timeMs = DATA_START_MS - 120_000 + dice.below(DATA_END_MS - DATA_START_MS + 500_000);
  return dice.chance(0.5) ? timeMs : timeMs - ((timeMs - DATA_START_MS) % 15_000);
}

/** The query and its times on one line. */
export function describeQuery(query: DifferentialQuery): string {
  const times =
    query.kind === 'instant'
      ? `at ${query.timeMs / 1000}`
      : `from ${query.startMs / 1000} to ${query.endMs / 1000} step ${query.stepMs / 1000}`;
  return `${printTerm(query.expression)}  (${times})`;
}
