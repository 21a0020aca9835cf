import { aggregations, ranking } from './aggregations.ts';
import { fraction, histogramCalls, labelCalls, mapCalls, nativeCalls, rangeCalls, sortingCalls } from './calls.ts';
import type { Dice } from './dice.ts';
import type { Grow, Production } from './grow.ts';
import { scalarOperators, vectorOperators } from './operators.ts';
import { rangeSelector, selector, subquery } from './selectors.ts';
import { type Term, term } from './term.ts';

/** How often each family is chosen, relative to the others. */
const families: readonly (readonly [weight: number, productions: readonly Production[]])[] = [
  [30, rangeCalls],
  [20, mapCalls],
  [25, aggregations],
  [30, vectorOperators],
  [8, histogramCalls],
  [12, nativeCalls],
  [6, labelCalls],
  [3, sortingCalls],
];

const numbers = [
  '0',
  '1',
  '-1',
  '2',
  '0.5',
  '3',
  '10',
  '1e3',
  '-2.5',
  'NaN',
  'Inf',
  '-Inf',
  '0.1',
  '1e-9',
  '7',
  '0x1F',
  '1_000',
  '5m',
  '1e12',
];

/** A query of correct types; `depth` bounds how far it nests. */
export function generateExpression(dice: Dice, depth: number): Term {
  const grow = growing(dice, depth);
  if (dice.chance(0.003)) return term('string', dice.pick(['"text"', "'a\\tb'", '`raw\\n`']));
  if (dice.chance(0.03)) return dice.pick([ranking, ranking, fraction])(growing(dice, depth - 1));
  return dice.chance(0.04) ? grow.scalar() : grow.vector();
}

/** A range vector: only an instant query may ask for one. */
export function generateMatrix(dice: Dice, depth: number): Term {
  return growing(dice, depth).matrix();
}

function growing(dice: Dice, depth: number): Grow {
  const inner = () => growing(dice, depth - 1);
  const isLeaf = (probability: number) => depth <= 0 || dice.chance(probability);
  return {
    dice,
    selector: () => selector(dice),
    vector: () => (isLeaf(0.12) ? selector(dice) : dice.pick(family(dice))(inner())),
    matrix: () => (isLeaf(0.6) ? rangeSelector(dice) : subquery(dice, inner().vector())),
    scalar: () => (isLeaf(0.5) ? plainScalar(dice) : dice.pick(scalarOperators)(inner())),
  };
}

function plainScalar(dice: Dice): Term {
  return term(
    'scalar',
    dice.chance(0.75) ? dice.pick(numbers) : dice.pick(['time()', 'pi()', 'scalar(up{job="api", instance="a:1"})']),
  );
}

function family(dice: Dice): readonly Production[] {
  let rest = dice.below(families.reduce((sum, [weight]) => sum + weight, 0));
  for (const [weight, productions] of families) {
    rest -= weight;
    if (rest < 0) return productions;
  }
  return rangeCalls;
}
