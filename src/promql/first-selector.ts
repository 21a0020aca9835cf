import type { Expr, VectorSelector } from '../../grammar/ast.ts';
import { unreachable } from '../model/assert.ts';
import { atMs, durationMs } from './plan-scope.ts';

/** Where a part of a query looks, seen from the time of the step. */
export interface SelectedMoment {
  readonly offsetMs: number;
  /** The moment of an `@`; undefined when it moves with the steps. */
  readonly atMs: number | undefined;
}

/**
 * Where the first selector of a readied tree looks: by its own `@` and offset, and those of the subqueries around it up
 * to the first `@`. The time of the step when there is no selector.
 */
export function momentOfFirstSelector(expr: Expr): SelectedMoment {
  return findMoment(expr) ?? { offsetMs: 0, atMs: undefined };
}

function findMoment(expr: Expr): SelectedMoment | undefined {
  switch (expr.kind) {
    case 'vector-selector':
      return momentOf(expr);
    case 'matrix-selector':
      return momentOf(expr.selector);
    case 'subquery': {
      const inner = findMoment(expr.expr);
      if (!inner || inner.atMs !== undefined) return inner;
      return { offsetMs: inner.offsetMs + durationMs(expr.offset), atMs: atMs(expr.at) };
    }
    case 'unary':
      return findMoment(expr.operand);
    case 'binary':
      return findMoment(expr.left) ?? findMoment(expr.right);
    case 'aggregate':
      return findMoment(expr.expr) ?? (expr.param && findMoment(expr.param));
    case 'call':
      for (const arg of expr.args) {
        const moment = findMoment(arg);
        if (moment) return moment;
      }
      return undefined;
    case 'paren':
    case 'step-invariant':
      return findMoment(expr.inner);
    case 'number':
    case 'string':
      return undefined;
    default:
      return unreachable(expr);
  }
}

function momentOf(selector: VectorSelector): SelectedMoment {
  return { offsetMs: durationMs(selector.offset), atMs: atMs(selector.at) };
}
