import type { Expr } from '../../grammar/ast.ts';
import { typeOf } from '../../grammar/promql.ts';
import { unreachable } from '../model/assert.ts';

/** Whether a part of `expr` is a scalar, which has a value at every step. What subqueries hold has steps of its own. */
export function hasScalar(expr: Expr): boolean {
  if (typeOf(expr) === 'scalar') return true;
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'vector-selector':
    case 'matrix-selector':
    case 'subquery':
      return false;
    case 'unary':
      return hasScalar(expr.operand);
    case 'paren':
    case 'step-invariant':
      return hasScalar(expr.inner);
    case 'binary':
      return hasScalar(expr.left) || hasScalar(expr.right);
    case 'aggregate':
      return hasScalar(expr.expr) || (expr.param !== undefined && hasScalar(expr.param));
    case 'call':
      return expr.args.some(hasScalar);
    default:
      return unreachable(expr);
  }
}
