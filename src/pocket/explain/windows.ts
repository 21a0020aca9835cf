import type { AtModifier, DurationExpr, Expr, VectorSelector } from '../../../grammar/ast.ts';
import { unreachable } from '../../model/assert.ts';

/** The times that a query is about. */
export interface QueryTimes {
  readonly startMs: number;
  readonly endMs: number;
  /** 0 for an instant query. */
  readonly stepMs: number;
}

/** A selector of a query with the times that it looks at: `(startMs, endMs]`. */
export interface SelectorWindow {
  readonly selector: VectorSelector;
  readonly startMs: number;
  readonly endMs: number;
  /** Undefined for one that looks back for its last sample. */
  readonly rangeMs: number | undefined;
  /** The function that is given the range, if any. */
  readonly call: string | undefined;
}

type Resolve = (duration: DurationExpr, mayBeNegative: boolean) => number;

interface Scope {
  readonly times: QueryTimes;
  readonly query: QueryTimes;
  readonly lookbackMs: number;
  readonly resolve: Resolve;
  readonly call: string | undefined;
}

/** Every selector of `expr` with its times, from left to right. */
export function selectorWindows(
  expr: Expr,
  options: { readonly times: QueryTimes; readonly lookbackMs: number; readonly resolve: Resolve },
): readonly SelectorWindow[] {
  return windowsOf(expr, { ...options, query: options.times, call: undefined });
}

function windowsOf(expr: Expr, scope: Scope): readonly SelectorWindow[] {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return [];
    case 'vector-selector': {
      const { startMs, endMs } = moved(scope, expr.at, expr.offset);
      return [{ selector: expr, startMs: startMs - scope.lookbackMs, endMs, rangeMs: undefined, call: scope.call }];
    }
    case 'matrix-selector': {
      const { selector } = expr;
      const rangeMs = scope.resolve(expr.range, false);
      const { startMs, endMs } = moved(scope, selector.at, selector.offset);
      return [{ selector, startMs: startMs - rangeMs, endMs, rangeMs, call: scope.call }];
    }
    case 'subquery': {
      const times = moved(scope, expr.at, expr.offset);
      const startMs = times.startMs - scope.resolve(expr.range, false);
      return windowsOf(expr.expr, { ...scope, times: { ...times, startMs }, call: undefined });
    }
    case 'unary':
      return windowsOf(expr.operand, scope);
    case 'paren':
    case 'step-invariant':
      return windowsOf(expr.inner, scope);
    case 'binary':
      return [expr.left, expr.right].flatMap((side) => windowsOf(side, { ...scope, call: undefined }));
    case 'aggregate':
      return windowsOf(expr.expr, { ...scope, call: undefined });
    case 'call':
      return expr.args.flatMap((arg) => windowsOf(arg, { ...scope, call: expr.name }));
    default:
      return unreachable(expr);
  }
}

function moved(scope: Scope, at: AtModifier | undefined, offset: DurationExpr | undefined): QueryTimes {
  const { times, query } = scope;
  const fixedMs =
    at === undefined
      ? undefined
      : at.kind === 'timestamp'
        ? at.timestampMs
        : at.kind === 'start'
          ? query.startMs
          : query.endMs;
  const offsetMs = offset === undefined ? 0 : scope.resolve(offset, true);
  return {
    stepMs: times.stepMs,
    startMs: (fixedMs ?? times.startMs) - offsetMs,
    endMs: (fixedMs ?? times.endMs) - offsetMs,
  };
}
