import { unreachable } from '../src/model/assert.ts';
import type { Expr, VectorSelector } from './ast.ts';

/** The expressions right below `expr`, in the order of the text. */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'vector-selector':
    case 'matrix-selector':
      return [];
    case 'subquery':
      return [expr.expr];
    case 'unary':
      return [expr.operand];
    case 'binary':
      return [expr.left, expr.right];
    case 'aggregate':
      return expr.param ? [expr.param, expr.expr] : [expr.expr];
    case 'call':
      return expr.args;
    case 'paren':
    case 'step-invariant':
      return [expr.inner];
    default:
      return unreachable(expr);
  }
}

/** `expr` and all below it, in the order of the text. */
export function* allOf(expr: Expr): IterableIterator<Expr> {
  yield expr;
  for (const child of childrenOf(expr)) yield* allOf(child);
}

/** The selectors of an expression, in the order of the text. */
export function* selectorsOf(expr: Expr): IterableIterator<VectorSelector> {
  for (const part of allOf(expr)) {
    if (part.kind === 'vector-selector') yield part;
    if (part.kind === 'matrix-selector') yield part.selector;
  }
}
