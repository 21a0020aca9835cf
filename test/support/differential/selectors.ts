import { DATA_END_MS, DATA_START_MS } from './data.ts';
import type { Dice } from './dice.ts';
import { clause, NO_CLAUSE, type Term, term } from './term.ts';

/** The metrics of `generateData`, with matchers that choose among their series. */
const metrics: Readonly<Record<string, readonly string[]>> = {
  requests_total: [
    'job="api"',
    'instance=~"a.*|b:2"',
    'code!="404"',
    'code=~"5..", job!~"w.+"',
    'job=~".*", code="200"',
  ],
  temperature: ['job="db"', 'zone="x"', 'zone!=""', 'instance=~"[ab]:."', 'job=~"api|web", zone="y"'],
  memory_bytes: ['job="api"', 'instance="a:1"', 'instance!~"c.*"'],
  level: ['job="web"', 'instance=~".:[12]"', 'job!="web"'],
  up: ['job="api"', 'job=~"db|web"', 'instance="a:1"'],
  build_info: ['version="1.0"', 'job="db"', 'arch="arm"'],
  target_info: ['cloud="north"', 'rack=~"r[01]"', 'job!="api"'],
  odd: [
    'kind="nan"',
    'kind=~"nan.*|infinite.*"',
    'kind="zeros"',
    'kind=~"halves|mixed"',
    'kind!~"huge|tiny"',
    'kind="everything"',
  ],
  latency_bucket: ['job="api"', 'le!="+Inf"', 'instance="a:1"', 'le=~"0.1|1|[+]Inf"'],
  latency_sum: ['job="api"', 'instance="b:2"'],
  latency_count: ['job="api"', 'instance!="b:2"'],
  broken_bucket: [
    'shape="falling"',
    'shape=~"falling.*|unbounded"',
    'shape!~"not.*"',
    'shape=~"negative.*|empty"',
    'shape=~".*nan|infinite.*"',
  ],
  sparse: ['kind="once"', 'kind="lookback-apart"', 'kind=~"slowly|twice"', 'kind=~"bursts.*|ends.*"'],
  moment_seconds: ['kind="one"', 'kind!="one"'],
  distinct: ['job="api"', 'rank=~"[0-4]"', 'rank!="3"'],
  duration_seconds: ['job="api"', 'instance=~"a.*|b:2"', 'job!="web"', 'instance="c:3"'],
  inflight: ['job="db"', 'instance!="a:1"'],
  size_bytes: ['job="web"', 'instance=~"[ab]:."'],
  changing: ['kind="schema"', 'kind="floats"', 'kind="bounds"', 'kind!="bounds"', 'job="api"'],
  labelled: ['text="ünïcode"', 'text=~"a.b|A|a"', 'text!~".*\\\\s.*"', 'n="1"', 'text="back\\\\slash"', '_under!=""'],
};

const names = Object.keys(metrics);
/** Several metrics at a time, none, and what is refused. */
const oddSelectors = [
  '{__name__=~"up|level|sparse", job="api"}',
  '{__name__=~"latency_.*|requests_total",instance="a:1"}',
  '{job="db",__name__!~"odd|broken.*|labelled|sparse"}',
  'nonexistent{job="api", zone=~"x|y"}',
  '{job=~".*"}',
  'up{job=""}',
  'up{__name__="level"}',
];
const spans = ['15s', '30s', '45s', '1m', '100s', '5m', '10m', '1ms', '1m30s', '33s', '20m', '1h'];
const offsets = ['15s', '1m', '5m', '-30s', '-2m', '10m', '7s500ms', '1h'];

/** `metric{…}` without modifiers, of any metric unless one is given. */
export function series(dice: Dice, metric?: string): Term {
  if (metric === undefined && dice.chance(0.03)) return term('vector', dice.pick(oddSelectors));
  const name = metric ?? dice.pick(names);
  const matchers = dice.pick(metrics[name]!);
  if (dice.chance(0.04)) return term('vector', `{"${name}"`, clause(', ', matchers), '}');
  return term('vector', name, dice.chance(0.5) ? clause('{', matchers, '}') : NO_CLAUSE);
}

export function selector(dice: Dice, metric?: string): Term {
  return term('vector', series(dice, metric), modifiers(dice));
}

export function rangeSelector(dice: Dice, metric?: string): Term {
  return term('matrix', series(dice, metric), `[${dice.pick(spans)}]`, modifiers(dice));
}

export function subquery(dice: Dice, inner: Term): Term {
  const step = dice.pick(['', '15s', '20s', '1m', '7s', '3m', '90s']);
  return term(
    'matrix',
    inner,
    `[${dice.pick(['1m', '2m', '5m', '10m', '47s', '20m'])}:`,
    clause(step),
    ']',
    modifiers(dice),
  );
}

/** `offset` and `@`, mostly none. */
function modifiers(dice: Dice): Term {
  const offset = dice.chance(0.12) ? clause(` offset ${dice.pick(offsets)}`) : NO_CLAUSE;
  const at = dice.chance(0.08) ? clause(` @ ${moment(dice)}`) : NO_CLAUSE;
  if (offset === NO_CLAUSE && at === NO_CLAUSE) return NO_CLAUSE;
  return dice.chance(0.5) ? clause(offset, at) : clause(at, offset);
}

function moment(dice: Dice): string {
  if (dice.chance(0.5)) return dice.pick(['start()', 'end()']);
  return `${(DATA_START_MS + dice.below(DATA_END_MS - DATA_START_MS)) / 1000}`;
}
