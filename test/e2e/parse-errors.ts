/** Where Prometheus 3.5 answers otherwise than the 3.9 inside of Cortex, which pocket-cortex follows. */
export interface VersionDifference {
  readonly reason: string;
  /** Rewrites what 3.5 says to what 3.9 says; or what the query holds that only one of them knows. */
  readonly rewrite?: readonly [from: RegExp, to: string];
  readonly queries?: RegExp;
}

export const parseDifferences: readonly VersionDifference[] = [
  {
    reason:
      '3.6 knows step() in durations, and names it among what may stand there (prometheus#16777, generated_parser.y)',
    rewrite: [/expected number or duration\b/, 'expected number, duration, or step()'],
  },
  {
    reason: '3.6 names a range and a subquery together until it knows which (prometheus#16777, generated_parser.y)',
    rewrite: [
      /in subquery selector, expected number or duration$/,
      'in subquery or range selector, expected number, duration, or step()',
    ],
  },
  {
    reason: '3.6 takes step for a word of its own (prometheus#16777, lex.go)',
    rewrite: [/unexpected identifier "step" /, 'unexpected "step" '],
  },
  { reason: '3.6 knows step() in durations (prometheus#16777)', queries: /\[\s*step\b|\bstep\(/i },
  {
    reason: '3.8 says @ where 3.5 says the number of its token (prometheus#17380, lex.go)',
    rewrite: [/unexpected "<Item \d+>" <op:@>/, 'unexpected <op:@>'],
  },
  { reason: '3.7 knows the function, behind a flag (prometheus#17021)', queries: /\b(?:ts_of_)?first_over_time\b/ },
  { reason: '3.7 knows the modifier, behind a flag (prometheus#16457)', queries: /\b(?:anchored|smoothed)\b/i },
  {
    reason: '3.5 takes any letter behind an amount for a colon, 3.6 looks (prometheus#16777, lexStatements in lex.go)',
    queries: /\[\d+(?:[smhdwy]\w*)?(?: +|:\s*)[a-z]/i,
  },
  {
    reason: 'Cortex keeps the function that Prometheus 3.0 renamed (its pkg/parser/parser.go)',
    queries: /\bholt_winters\b/,
  },
];

/** Queries that fail while they run, or make Prometheus warn. */
export const failingQueries: readonly string[] = [
  // Joins
  'a * on(job) b',
  'a * on(job) group_left() b',
  'a * on(job) group_right() b',
  'a * on(job) one',
  'one * on(job) a',
  'a * ignoring(inst) one',
  'one / ignoring(inst) b',
  'a == on(job) one',
  'a > bool on(job) one',
  'a * on(job) group_left(inst) one',
  'one * on(job) group_left() a',
  'a * on(job) group_right() one',
  'a + on(job) group_left(missing) b',
  'a * on() group_left() one',
  'a{inst="1"} * on(inst) one',
  'sum by (job) (a) * on(job) group_left(inst) a',
  '{__name__=~"a|b"} == {__name__=~"a|b"}',
  // Labels
  'label_replace(a, "inst", "x", "", "")',
  'label_replace(a, "job", "x", "inst", ".*")',
  'label_replace(a, "dst", "$1", "src", "(")',
  'label_replace(a, "dst", "$1", "src", "*")',
  'label_replace(a, "dst", "$1", "src", "a{1001}")',
  'label_replace(a, "dst", "$1", "src", "[")',
  'label_replace(a, "dst", "$1", "src", "(?=x)")',
  'label_replace(a, "", "$1", "src", ".*")',
  'label_replace(a, "\\xff", "$1", "src", ".*")',
  'label_replace({__name__=~"a|b"}, "__name__", "c", "", "")',
  'label_replace(nothing, "dst", "$1", "src", "(")',
  'label_replace(nothing, "", "$1", "src", "x")',
  'label_replace(a, "inst", "z", "", "") * on(job) group_left() one',
  'label_join(a, "inst", "-", "job")',
  'label_join(a, "", "-", "job")',
  'label_join(a, "\\xff", "-", "job")',
  'label_join(a, "dst", "-", "\\xff")',
  'label_join(a, "dst", "-", "")',
  'label_join(nothing, "", "-", "job")',
  'count_values("", a)',
  'count_values("", nothing)',
  // Names that are dropped
  '{__name__=~"a|b"} + 1',
  '1 - {__name__=~"a|b"}',
  '-{__name__=~"a|b"}',
  '{__name__=~"a|b"} > bool 0',
  'abs({__name__=~"a|b"})',
  'round({__name__=~"a|b"}, 2)',
  'clamp({__name__=~"a|b"}, 0, 1)',
  'timestamp({__name__=~"a|b"})',
  'day_of_month({__name__=~"a|b"})',
  'rate({__name__=~"a|b"}[5m])',
  'changes({__name__=~"a|b"}[5m])',
  'count_over_time({__name__=~"a|b"}[5m])',
  'quantile_over_time(0.5, {__name__=~"a|b"}[5m])',
  'max_over_time(abs({__name__=~"a|b"})[5m:1m])',
  'sum(abs({__name__=~"a|b"}))',
  // Parameters
  'topk(1e30, a)',
  'topk(Inf, a)',
  'topk(NaN, a)',
  'bottomk(1e19, a)',
  'bottomk(NaN, a)',
  'topk(scalar(nothing), a)',
  'quantile(2, a)',
  'quantile(-1, a)',
  'quantile(NaN, a)',
  'quantile(scalar(nothing), a)',
  'quantile_over_time(2, a[5m])',
  'quantile_over_time(NaN, a[5m])',
  'histogram_quantile(2, h_bucket)',
  'histogram_quantile(0.5, h_bucket)',
  'histogram_quantile(NaN, h_bucket)',
  'histogram_quantile(0.5, a)',
  'rate(a[5m])',
  'rate(one[5m:1m])',
];

export const executionDifferences: readonly VersionDifference[] = [
  {
    reason: '3.6 has words of its own for a parameter that is no number (prometheus#16725)',
    rewrite: [/Scalar value NaN overflows int64/, 'Parameter value is NaN'],
  },
  {
    reason:
      '3.7 says the metric in this warning only with delayed name removal, as steps may differ in it (prometheus#16794)',
    rewrite: [/(malformed value of "[^"]*") for metric name "\w+"/, '$1'],
  },
];
