import type { Expr, VectorSelector } from '../../grammar/ast.ts';
import { unreachable } from '../model/assert.ts';

/** Every selector of an expression, from left to right. */
export function selectorsOf(expr: Expr): readonly VectorSelector[] {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return [];
    case 'vector-selector':
      return [expr];
    case 'matrix-selector':
      return [expr.selector];
    case 'subquery':
      return selectorsOf(expr.expr);
    case 'unary':
      return selectorsOf(expr.operand);
    case 'paren':
    case 'step-invariant':
      return selectorsOf(expr.inner);
    case 'binary':
      return [...selectorsOf(expr.left), ...selectorsOf(expr.right)];
    case 'aggregate':
      return [...(expr.param ? selectorsOf(expr.param) : []), ...selectorsOf(expr.expr)];
    case 'call':
      return expr.args.flatMap(selectorsOf);
    default:
      return unreachable(expr);
  }
}
