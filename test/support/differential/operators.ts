import type { Dice } from './dice.ts';
import type { Production } from './grow.ts';
import { selector } from './selectors.ts';
import { clause, NO_CLAUSE, type Term, term } from './term.ts';

const arithmetic = ['+', '-', '*', '/', '%', '^', 'atan2'];
const comparisons = ['==', '!=', '<', '<=', '>', '>='];
const joinLabels = ['job', 'instance', 'job, instance', 'code', 'kind', 'le', 'zone', ''];
const included = ['', 'version', 'cloud, rack', 'zone', 'job', 'version, arch', 'code'];

export const vectorOperators: readonly Production[] = [
  ({ dice, vector, scalar }) => parens(dice, vector(), operator(dice), scalar()),
  ({ dice, vector, scalar }) => parens(dice, scalar(), operator(dice), vector()),
  ({ dice, vector }) => parens(dice, vector(), operator(dice), matching(dice), vector()),
  // The same series on both sides meet without further ado.
  ({ dice, vector }) => {
    const inner = vector();
    return parens(dice, inner, operator(dice), inner);
  },
  // The joins that people write: many series of a metric, one of another.
  ({ dice }) =>
    parens(
      dice,
      selector(dice, dice.pick(['requests_total', 'latency_bucket', 'temperature'])),
      operator(dice),
      grouped(dice, 'left'),
      one(dice),
    ),
  ({ dice }) =>
    parens(
      dice,
      one(dice),
      operator(dice),
      grouped(dice, 'right'),
      selector(dice, dice.pick(['requests_total', 'latency_bucket'])),
    ),
  ({ dice, vector }) => {
    const labels = dice.pick(['job', 'instance', 'job, instance']);
    const side = () => term('vector', `${dice.pick(['sum', 'max', 'avg', 'count'])} by (${labels}) (`, vector(), ')');
    return parens(dice, side(), operator(dice), dice.chance(0.3) ? clause(` on (${labels}) `) : NO_CLAUSE, side());
  },
  ({ dice, vector }) => parens(dice, vector(), ` ${dice.pick(['and', 'or', 'unless'])} `, setMatching(dice), vector()),
  ({ dice, vector }) => parens(dice, vector(), ` ${dice.pick(['and', 'or', 'unless'])} `, setMatching(dice), vector()),
  ({ dice, vector }) => term('vector', '-', parens(dice, vector())),
];

export const scalarOperators: readonly Production[] = [
  ({ dice, scalar }) => parensOf('scalar', dice, scalar(), ` ${dice.pick(arithmetic)} `, scalar()),
  ({ dice, scalar }) => parensOf('scalar', dice, scalar(), ` ${dice.pick(comparisons)} bool `, scalar()),
  ({ scalar }) => term('scalar', '-', scalar()),
  ({ vector }) => term('scalar', 'scalar(', vector(), ')'),
];

function parens(dice: Dice, ...parts: readonly (string | Term)[]): Term {
  return parensOf('vector', dice, ...parts);
}

/** Now and then without parentheses: then operators around it may take its operands apart, and types may be wrong. */
function parensOf(type: Term['type'], dice: Dice, ...parts: readonly (string | Term)[]): Term {
  return dice.chance(0.25) ? term(type, ...parts) : term(type, '(', ...parts, ')');
}

function operator(dice: Dice): Term {
  if (dice.chance(0.55)) return term('string', ` ${dice.pick(arithmetic)} `);
  return term('string', ` ${dice.pick(comparisons)} `, dice.chance(0.3) ? clause('bool ') : NO_CLAUSE);
}

function matching(dice: Dice): Term {
  if (dice.chance(0.2)) return NO_CLAUSE;
  const keyword = dice.pick(['on', 'ignoring']);
  const group = dice.chance(0.4)
    ? clause(`${dice.pick(['group_left', 'group_right'])} (${dice.pick(included)}) `)
    : NO_CLAUSE;
  return clause(`${keyword} (${dice.pick(joinLabels)}) `, group);
}

function setMatching(dice: Dice): Term {
  return dice.chance(0.4)
    ? NO_CLAUSE
    : clause(`${dice.pick(['on', 'ignoring'])} (${dice.pick([...joinLabels, '__name__'])}) `);
}

function grouped(dice: Dice, side: 'left' | 'right'): Term {
  return clause('on (job, instance) ', `group_${side} `, clause(`(${dice.pick(included)}) `));
}

/** One series a target. */
function one(dice: Dice): Term {
  return selector(dice, dice.pick(['build_info', 'target_info', 'up', 'level', 'memory_bytes']));
}
