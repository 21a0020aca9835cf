import type { Grow, Production } from './grow.ts';
import { rangeSelector, selector } from './selectors.ts';
import { clause, NO_CLAUSE, type Term, term } from './term.ts';

const simple = ['sum', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar'];
const groupings = [
  'job',
  'instance',
  'job, instance',
  'code',
  'le',
  'kind',
  'zone, job',
  'le, shape',
  'missing',
  '',
  '__name__',
  'n',
];
const counts = ['1', '2', '3', '5', '0', '-1', '100', '2.9'];

function grouping({ dice }: Grow): Term {
  if (dice.chance(0.3)) return NO_CLAUSE;
  return clause(` ${dice.pick(['by', 'by', 'without'])} (${dice.pick(groupings)}) `);
}

export const aggregations: readonly Production[] = [
  (grow) => term('vector', grow.dice.pick(simple), grouping(grow), '(', grow.vector(), ')'),
  (grow) => term('vector', grow.dice.pick(simple), grouping(grow), '(', grow.vector(), ')'),
  (grow) => term('vector', grow.dice.pick(simple), grouping(grow), '(', grow.vector(), ')'),
  (grow) => term('vector', grow.dice.pick(simple), '(', grow.vector(), ')', grouping(grow)),
  (grow) => term('vector', 'quantile', grouping(grow), '(', quantile(grow), ', ', grow.vector(), ')'),
  (grow) =>
    term(
      'vector',
      'count_values',
      grouping(grow),
      `("${grow.dice.pick(['value', 'job', 'le', 'a b', ''])}", `,
      counted(grow),
      ')',
    ),
  (grow) =>
    term('vector', grow.dice.pick(['topk', 'bottomk']), grouping(grow), '(', count(grow), ', ', ranked(grow), ')'),
  (grow) => term('vector', 'limitk', grouping(grow), '(', count(grow), ', ', selector(grow.dice), ')'),
  // Which series a ratio keeps is not said, only that it and its complement share out all of them.
  // All of one metric, for `and` does not look at names.
  ({ dice }) => {
    const inner = selector(dice, dice.pick(['requests_total', 'latency_bucket', 'level']));
    const ratio = dice.pick(['0.3', '0.5', '0.01']);
    const rest = (Number(ratio) - 1).toFixed(2);
    const operator = dice.pick(['or', 'and']);
    return term('vector', `(limit_ratio(${ratio}, `, inner, `) ${operator} limit_ratio(${rest}, `, inner, '))');
  },
  (grow) => term('vector', 'limit_ratio', grouping(grow), `(${grow.dice.pick(['0', '1', '-1'])}, `, grow.vector(), ')'),
];

function quantile({ dice, scalar }: Grow): Term {
  return dice.chance(0.85) ? term('scalar', dice.pick(['0', '0.25', '0.5', '0.95', '1', '-1', '2', 'NaN'])) : scalar();
}

function count({ dice, scalar }: Grow): Term {
  return dice.chance(0.9) ? term('scalar', dice.pick(counts)) : scalar();
}

/** Where values are equal, a ranking may choose any: values that never are. `generateExpression` ranks others, not inside of anything. */
function ranked({ dice }: Grow): Term {
  return term('vector', dice.pick(['', '-', '2 * ']), selector(dice, 'distinct'));
}

/** Values that become labels must be the same to the last bit: what was written, or counts. */
function counted({ dice }: Grow): Term {
  if (dice.chance(0.5)) return selector(dice);
  return term(
    'vector',
    dice.pick(['count_over_time', 'changes', 'max_over_time', 'last_over_time']),
    '(',
    rangeSelector(dice),
    ')',
  );
}

/** A ranking of any values, for where ties do no harm. */
export const ranking: Production = (grow) =>
  term('vector', grow.dice.pick(['topk', 'bottomk']), grouping(grow), '(', count(grow), ', ', grow.vector(), ')');
