import { expect, test } from 'vitest';
import { ALL_FEATURES, parseExpr, prettyPrint, printExpr } from '../../grammar/promql.ts';

test.for([
  ['sum(rate(x[5m]))by(job)', 'sum by (job) (rate(x[5m]))'],
  ['sum without() (x)', 'sum without () (x)'],
  ['sum by () (x)', 'sum(x)'],
  ['topk(3,x)', 'topk(3, x)'],
  ['SUM(x)', 'sum(x)'],
  ['foo  /   bar', 'foo / bar'],
  ['{ __name__ = "foo", b!~ "x" }', '{__name__="foo",b!~"x"}'],
  ['foo{b=\'2\',a="1"}', 'foo{a="1",b="2"}'],
  ['foo{"b c"="2"}', 'foo{"b c"="2"}'],
  ['{"my.metric"}', '{__name__="my.metric"}'],
  ['foo{a="x\\ny\\"z\\u00ad"}', 'foo{a="x\\ny\\"z\\u00ad"}'],
  ['1e3+0x10', '1000 + 16'],
  ['1e30', '1000000000000000000000000000000'],
  ['1e-7', '0.0000001'],
  ['-  -1', '1'],
  ['-0', '-0'],
  ['Inf - nan', '+Inf - NaN'],
  ['5m', '5m'],
  ['-90s', '-1m30s'],
  ['"a" ', '"a"'],
  ["'\\'\"'", '"\'\\""'],
  ['foo # why\n+ bar', 'foo + bar'],
  ['a*on(x)group_left b', 'a * on (x) group_left () b'],
  ['a*ignoring()group_right(y) b', 'a * ignoring () group_right (y) b'],
  ['a and ignoring() b', 'a and b'],
  ['a and on() b', 'a and on () b'],
  ['a + on("b c") b', 'a + on ("b c") b'],
  ['sum by ("a:b", "c.d") (x)', 'sum by (a:b, "c.d") (x)'],
  ['a + on("b:c")group_left("d:e") b', 'a + on (b:c) group_left (d:e) b'],
  ['a>bool 1', 'a > bool 1'],
  ['a+fill(NaN)b', 'a + fill_left (NaN) fill_right (NaN) b'],
  ['a+fill_left(1e21) fill_right(0.5)b', 'a + fill_left (1e+21) fill_right (0.5) b'],
  ['a+fill_left(5) fill_right(5)b', 'a + fill (5) b'],
  ['x[300]', 'x[5m]'],
  ['x[90m:60]', 'x[1h30m:1m]'],
  ['x[1h:]', 'x[1h:]'],
  ['x offset 5m @ 1.5', 'x @ 1.500 offset 5m'],
  ['x @ -1', 'x @ -1.000'],
  ['x[5m] offset -1w @ start()', 'x[5m] @ start() offset -1w'],
  ['x anchored @ 10', 'x @ 10.000 anchored'],
  ['x[5m] smoothed @ 10', 'x[5m] smoothed @ 10.000'],
  ['x[8d]', 'x[8d]'],
  ['x[5m*2+1]', 'x[5m * 2 + 1]'],
  ['x[(5m+1)*2]', 'x[(5m + 1) * 2]'],
  ['x[MAX_OF(5m,step())]', 'x[max_of(5m, step())]'],
  ['x offset - (1m*2)', 'x offset -(1m * 2)'],
] as const)('prints %s as %s', ([query, printed]) => {
  expect(printExpr(parseExpr(query, ALL_FEATURES))).toBe(printed);
});

test('keeps what fits 100 columns on one line', () => {
  const fitting = `sum by (job) (rate(${'x'.repeat(75)}[5m]))`;
  expect(fitting).toHaveLength(100);
  expect(prettyPrint(parseExpr(fitting))).toBe(fitting);
});

test.for([
  [
    'a binary operator stands on a line of its own',
    'sum by (job, instance) (rate(http_requests_total{code=~"5..",job="api"}[5m])) / on (job, instance) group_left sum by (job, instance) (rate(http_requests_total{job="api"}[5m]))',
    `  sum by (job, instance) (rate(http_requests_total{code=~"5..",job="api"}[5m]))
/ on (job, instance) group_left ()
  sum by (job, instance) (rate(http_requests_total{job="api"}[5m]))`,
  ],
  [
    'arguments stand on lines of their own',
    'histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{handler="/api/v1/query",job="api"}[5m])))',
    `histogram_quantile(
  0.99,
  sum by (le) (rate(http_request_duration_seconds_bucket{handler="/api/v1/query",job="api"}[5m]))
)`,
  ],
  [
    'parentheses, signs, parameters and subqueries',
    '-(topk by (job) (scalar(some_metric_with_a_long_name{job="api"}), max_over_time(rate(another_metric_with_a_long_name{job="api"}[5m])[1h:1m])))',
    `-(
  topk by (job) (
    scalar(some_metric_with_a_long_name{job="api"}),
    max_over_time(rate(another_metric_with_a_long_name{job="api"}[5m])[1h:1m])
  )
)`,
  ],
] as const)('breaks long expressions up: %s', ([, query, pretty]) => {
  expect(prettyPrint(parseExpr(query))).toBe(pretty);
});
