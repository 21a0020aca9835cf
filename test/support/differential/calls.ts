import type { Dice } from './dice.ts';
import type { Grow, Production } from './grow.ts';
import { rangeSelector, selector } from './selectors.ts';
import { clause, type Term, term } from './term.ts';

const overTime = [
  'avg_over_time',
  'min_over_time',
  'max_over_time',
  'sum_over_time',
  'count_over_time',
  'stddev_over_time',
  'stdvar_over_time',
  'last_over_time',
  'present_over_time',
  'absent_over_time',
  'mad_over_time',
  'ts_of_max_over_time',
  'ts_of_min_over_time',
  'ts_of_last_over_time',
  'changes',
  'resets',
  'deriv',
  'delta',
  'idelta',
];
const ofCounters = ['rate', 'increase', 'irate', 'resets'];
const mathematics = [
  'abs',
  'ceil',
  'floor',
  'exp',
  'ln',
  'log2',
  'log10',
  'sqrt',
  'sgn',
  'deg',
  'rad',
  'round',
  'sin',
  'cos',
  'tan',
  'asin',
  'acos',
  'atan',
  'sinh',
  'cosh',
  'tanh',
  'asinh',
  'acosh',
  'atanh',
];
const dateParts = ['minute', 'hour', 'day_of_week', 'day_of_month', 'day_of_year', 'days_in_month', 'month', 'year'];
const labelNames = ['job', 'instance', 'code', 'zone', 'kind', 'n', 'new_label', '__name__', 'le', 'a.b', ''];
const quantiles = ['0', '0.1', '0.5', '0.9', '0.999', '1', '-0.5', '1.5', 'NaN'];
const bounds = ['0', '-Inf', '+Inf', '0.3', '1', '5', '-2', 'NaN'];
const highBounds = ['1.5', '2.5', '7', '+Inf', '-Inf', 'NaN'];

function call(name: string, ...args: readonly (string | Term)[]): Term {
  return term('vector', `${name}(`, ...args.flatMap((arg, index) => (index === 0 ? [arg] : [', ', arg])), ')');
}

/** Mostly a number, now and then a scalar that changes from step to step. */
function scalarArgument({ dice, scalar }: Grow, numbers: readonly string[]): Term {
  return dice.chance(0.8) ? term('scalar', dice.pick(numbers)) : scalar();
}

export const rangeCalls: readonly Production[] = [
  ({ dice, matrix }) => call(dice.pick(overTime), matrix()),
  ({ dice, matrix }) => call(dice.pick(overTime), matrix()),
  ({ dice }) =>
    call(dice.pick(ofCounters), rangeSelector(dice, dice.pick(['requests_total', 'latency_count', 'labelled']))),
  ({ dice, matrix }) => call(dice.pick(ofCounters), matrix()),
  (grow) => call('quantile_over_time', scalarArgument(grow, quantiles), grow.matrix()),
  (grow) => call('predict_linear', grow.matrix(), scalarArgument(grow, ['60', '-300', '3600', '0'])),
  (grow) =>
    call(
      'double_exponential_smoothing',
      grow.matrix(),
      scalarArgument(grow, ['0.5', '0.1']),
      scalarArgument(grow, ['0.3', '0.9']),
    ),
];

export const mapCalls: readonly Production[] = [
  ({ dice, vector }) => call(dice.pick(mathematics), vector()),
  ({ dice, vector }) => call(dice.pick(mathematics), vector()),
  (grow) => call('round', grow.vector(), scalarArgument(grow, ['0.1', '5', '1e-3', '1000', '-2', '0', 'Inf'])),
  (grow) =>
    call(
      'clamp',
      grow.vector(),
      scalarArgument(grow, ['-5', '0', '10', 'NaN']),
      scalarArgument(grow, ['1', '20', '-7', 'Inf']),
    ),
  (grow) =>
    call(grow.dice.pick(['clamp_min', 'clamp_max']), grow.vector(), scalarArgument(grow, ['-1', '0', '12.5', 'NaN'])),
  ({ dice, vector, selector }) => call('timestamp', dice.chance(0.5) ? selector() : vector()),
  ({ dice, vector }) => call(dice.pick(dateParts), dice.chance(0.1) ? clause() : vector()),
  ({ scalar }) => call('vector', scalar()),
  ({ vector }) => call('absent', vector()),
  ({ vector }) => call('info', vector()),
  ({ vector, dice }) =>
    call(
      'info',
      vector(),
      dice.pick(['{cloud="north"}', '{rack=~".+"}', '{__name__="build_info"}', '{__name__=~".+_info", version=~".*"}']),
    ),
];

export const labelCalls: readonly Production[] = [
  ({ dice, vector }) =>
    call(
      'label_replace',
      vector(),
      `"${dice.pick(labelNames)}"`,
      `"${dice.pick(['$1', 'fixed', '$1-$2', '', '<$1>', '$name', '$$'])}"`,
      `"${dice.pick(labelNames)}"`,
      `"${dice.pick(['(.*)', '(.).*', '([a-z]+):([0-9])', 'api', '', '(?P<name>a.*)', '(a|b)(.*)', '('])}"`,
    ),
  ({ dice, vector }) =>
    call(
      'label_join',
      vector(),
      `"${dice.pick(labelNames)}"`,
      `"${dice.pick(['-', '', '/'])}"`,
      ...dice
        .some(labelNames)
        .slice(0, 3)
        .map((name) => `"${name}"`),
    ),
];

export const histogramCalls: readonly Production[] = [
  (grow) => call('histogram_quantile', scalarArgument(grow, quantiles), bucketsOf(grow)),
  (grow) => call('histogram_quantile', scalarArgument(grow, quantiles), bucketsOf(grow)),
  // Bounds above the first bucket, in which versions differ.
  ({ dice }) => {
    const input = dice.pick(['latency_bucket', 'sum by (le, job) (latency_bucket)', 'rate(latency_bucket[5m])']);
    return call('histogram_fraction', dice.pick(highBounds), dice.pick(highBounds), term('vector', input));
  },
  ({ dice, vector }) =>
    call(
      dice.pick(['histogram_count', 'histogram_sum', 'histogram_avg', 'histogram_stddev', 'histogram_stdvar']),
      vector(),
    ),
];

/** The share of any buckets, for where all that depends on it is the share itself. */
export const fraction: Production = (grow) =>
  call('histogram_fraction', scalarArgument(grow, bounds), scalarArgument(grow, bounds), bucketsOf(grow));

function bucketsOf({ dice, vector, selector }: Grow): Term {
  if (dice.chance(0.4)) return nativeOf(dice);
  const metric = dice.pick(['latency_bucket', 'broken_bucket']);
  switch (dice.below(6)) {
    case 0:
      return vector();
    case 1:
      return selector();
    case 2:
      return term('vector', metric);
    case 3:
      return call('rate', rangeSelector(dice, metric));
    case 4:
      return term('vector', 'sum by (le, job) (', call('increase', rangeSelector(dice, 'latency_bucket')), ')');
    default:
      return term('vector', `sum by (le, ${dice.pick(['shape', 'job'])}) (${metric})`);
  }
}

const nativeMetrics = ['duration_seconds', 'inflight', 'size_bytes', 'changing'];

/** What is mostly native histograms. */
function nativeOf(dice: Dice): Term {
  const metric = dice.pick(nativeMetrics);
  switch (dice.below(5)) {
    case 0:
    case 1:
      return selector(dice, metric);
    case 2:
      return call(dice.pick(['rate', 'increase', 'delta', 'irate', 'idelta']), rangeSelector(dice, metric));
    case 3:
      return call(dice.pick(['sum_over_time', 'avg_over_time', 'last_over_time']), rangeSelector(dice, metric));
    default:
      return term(
        'vector',
        `${dice.pick(['sum', 'avg'])} by (${dice.pick(['job', 'instance', 'kind', ''])}) (`,
        call(dice.pick(['rate', 'increase', 'last_over_time']), rangeSelector(dice, metric)),
        ')',
      );
  }
}

/** Operations that are about native histograms: they mean something else, or an error, elsewhere. */
export const nativeCalls: readonly Production[] = [
  ({ dice }) => nativeOf(dice),
  ({ dice }) =>
    call(
      dice.pick(['histogram_count', 'histogram_sum', 'histogram_avg', 'histogram_stddev', 'histogram_stdvar']),
      nativeOf(dice),
    ),
  ({ dice }) =>
    term('vector', '(', nativeOf(dice), ` ${dice.pick(['*', '/'])} `, dice.pick(['2', '0.5', '-1', '0']), ')'),
  ({ dice }) =>
    term(
      'vector',
      '(',
      nativeOf(dice),
      ` ${dice.pick(['+', '-', '==', '!=', 'and', 'unless', '*'])} `,
      nativeOf(dice),
      ')',
    ),
  ({ dice }) => call(dice.pick([...overTime, 'rate', 'increase']), rangeSelector(dice, dice.pick(nativeMetrics))),
];

export const sortingCalls: readonly Production[] = [
  ({ dice, vector }) => call(dice.pick(['sort', 'sort_desc']), vector()),
  ({ dice, vector }) =>
    call(
      dice.pick(['sort_by_label', 'sort_by_label_desc']),
      vector(),
      ...dice.some(['job', 'instance', 'le', 'code']).map((name) => `"${name}"`),
    ),
];
