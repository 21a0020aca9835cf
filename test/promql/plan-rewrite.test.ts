import { expect, test } from 'vitest';
import type { Expr } from '../../grammar/ast.ts';
import { ALL_FEATURES, parseExpr, printExpr } from '../../grammar/promql.ts';
import { rewrite } from '../../src/promql/plan-rewrite.ts';

const times = { startMs: 60_000, endMs: 600_000, stepMs: 30_000 };

/** The tree as text, with `once(…)` around what is evaluated once for all steps. */
function print(expr: Expr): string {
  return printExpr(markInvariant(expr));
}

function markInvariant(expr: Expr): Expr {
  switch (expr.kind) {
    case 'step-invariant':
      return { kind: 'call', name: 'once', args: [markInvariant(expr.inner)], span: expr.span };
    case 'binary':
      return { ...expr, left: markInvariant(expr.left), right: markInvariant(expr.right) };
    case 'call':
      return { ...expr, args: expr.args.map(markInvariant) };
    case 'aggregate':
      return { ...expr, expr: markInvariant(expr.expr) };
    case 'subquery':
      return { ...expr, expr: markInvariant(expr.expr) };
    case 'unary':
      return { ...expr, operand: markInvariant(expr.operand) };
    default:
      return expr;
  }
}

test.for([
  ['up', 'up'],
  ['1', '1'],
  ['1 + 2', 'once(1 + 2)'],
  ['up + 1', 'up + 1'],
  ['up + (1 + 2)', 'up + once(1 + 2)'],
  ['up @ 5', 'once(up @ 5.000)'],
  ['up @ start()', 'once(up @ 60.000)'],
  ['up @ end() offset 1m', 'once(up @ 600.000 offset 1m)'],
  ['-up @ 5', 'once(-up @ 5.000)'],
  ['sum(rate(x[5m] @ 5))', 'once(sum(rate(x[5m] @ 5.000)))'],
  ['sum(up @ 5) / up', 'once(sum(up @ 5.000)) / up'],
  // Range vectors are evaluated by their function.
  ['x[5m] @ 5', 'x[5m] @ 5.000'],
  ['rate(x[5m])', 'rate(x[5m])'],
  // The time of the step counts even where the data does not change.
  ['time() + 1', 'time() + 1'],
  ['hour(up @ 5)', 'hour(once(up @ 5.000))'],
  ['predict_linear(x[5m] @ 5, 1)', 'predict_linear(x[5m] @ 5.000, 1)'],
  ['timestamp(up @ 5)', 'once(timestamp(up @ 5.000))'],
  ['timestamp(abs(up @ 5))', 'timestamp(once(abs(up @ 5.000)))'],
  ['vector(1)', 'once(vector(1))'],
  // The inside of a subquery has steps of its own, whatever holds for the whole.
  ['sum_over_time((up @ 5)[5m:1m])', 'sum_over_time(once(up @ 5.000)[5m:1m])'],
  ['sum_over_time(up[5m:1m] @ 5)', 'once(sum_over_time(up[5m:1m] @ 5.000))'],
  ['topk(1, up @ 5) or up', 'once(topk(1, up @ 5.000)) or up'],
  // Words for the query itself become what they stand for.
  ['x[step() * 2]', 'x[1m]'],
  ['x[range()] offset -(step())', 'x[9m] offset -30s'],
  ['x[5m:min_of(step(), 1m)]', 'x[5m:30s]'],
  ['start() + end()', 'once(60 + 600)'],
  ['range() / step()', 'once(540 / 30)'],
] as const)('%s becomes %s', ([query, expected]) => {
  expect(print(rewrite(parseExpr(query, ALL_FEATURES), times))).toBe(expected);
});

test.for([
  ['x[step() - 30]', '2:13: duration must be greater than 0'],
  ['x[1m / (step() - 30)]', '2:20: division by zero'],
] as const)('%s makes no sense', ([query, message]) => {
  expect(() => rewrite(parseExpr(query, ALL_FEATURES), times)).toThrow(
    expect.objectContaining({ code: 'bad-data', message }),
  );
});
