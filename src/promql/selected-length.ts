import type { AtModifier, DurationExpr, Expr, VectorSelector } from '../../grammar/ast.ts';
import { unreachable } from '../model/assert.ts';

/** Where the subqueries around a part of a query look, seen from the moment of the query. */
interface Surroundings {
  readonly offsetMs: number;
  readonly rangeMs: number;
  /** The `@` that is nearest; undefined when there is none. */
  readonly atMs: number | undefined;
}

/** Seen from the moment of the query, unless an `@` fixes it. */
interface Interval {
  readonly startMs: number;
  readonly endMs: number;
  readonly isFixed: boolean;
}

/**
 * How much time the selectors of a query look at when it is asked for one moment, what several look at counted once: the
 * length that Cortex compares with `max_query_length`. A query as it was written; durations that it has to compute, and
 * `@ start()`, count as absent.
 */
export function selectedLengthMs(expr: Expr, lookbackMs: number): number {
  const intervals: Interval[] = [];
  collect(expr, { offsetMs: 0, rangeMs: 0, atMs: undefined }, lookbackMs, intervals);
  intervals.sort((a, b) => a.startMs - b.startMs);
  let lengthMs = 0;
  let coveredToMs = -Infinity;
  for (const { startMs, endMs } of intervals) {
    lengthMs += Math.max(0, endMs - Math.max(startMs, coveredToMs));
    coveredToMs = Math.max(coveredToMs, endMs);
  }
  return lengthMs;
}

/**
 * From the first to the last moment that the selectors of a query look at when it is evaluated from `startMs` to `endMs`;
 * 0 and 0 without any. Durations that have to be computed, and `@ start()`, count as absent.
 */
export function selectedTimes(
  expr: Expr,
  times: { readonly startMs: number; readonly endMs: number },
  lookbackMs: number,
): { readonly startMs: number; readonly endMs: number } {
  const intervals: Interval[] = [];
  collect(expr, { offsetMs: 0, rangeMs: 0, atMs: undefined }, lookbackMs, intervals);
  if (intervals.length === 0) return { startMs: 0, endMs: 0 };
  // The earliest moment itself is not looked at: ranges are open on the left.
  return {
    startMs: Math.min(...intervals.map(({ startMs, isFixed }) => startMs + 1 + (isFixed ? 0 : times.startMs))),
    endMs: Math.max(...intervals.map(({ endMs, isFixed }) => endMs + (isFixed ? 0 : times.endMs))),
  };
}

function collect(expr: Expr, around: Surroundings, lookbackMs: number, into: Interval[]): void {
  const each = (children: readonly Expr[]): void => {
    for (const child of children) collect(child, around, lookbackMs, into);
  };
  switch (expr.kind) {
    case 'number':
    case 'string':
      return;
    case 'vector-selector':
      into.push(intervalOf(expr, lookbackMs, around));
      return;
    case 'matrix-selector':
      into.push(intervalOf(expr.selector, literalMs(expr.range) || lookbackMs, around));
      return;
    case 'subquery': {
      const own = { offsetMs: literalMs(expr.offset), rangeMs: literalMs(expr.range) };
      const atMs = timestampOf(expr.at);
      const inside =
        atMs === undefined
          ? { offsetMs: around.offsetMs + own.offsetMs, rangeMs: around.rangeMs + own.rangeMs, atMs: around.atMs }
          : { ...own, atMs };
      collect(expr.expr, inside, lookbackMs, into);
      return;
    }
    case 'unary':
      each([expr.operand]);
      return;
    case 'paren':
    case 'step-invariant':
      each([expr.inner]);
      return;
    case 'binary':
      each([expr.left, expr.right]);
      return;
    case 'aggregate':
      each(expr.param ? [expr.param, expr.expr] : [expr.expr]);
      return;
    case 'call':
      each(expr.args);
      return;
    default:
      unreachable(expr);
  }
}

function intervalOf(selector: VectorSelector, rangeMs: number, around: Surroundings): Interval {
  const ownAtMs = timestampOf(selector.at);
  const endMs = (ownAtMs ?? (around.atMs ?? 0) - around.offsetMs) - literalMs(selector.offset);
  const isFixed = ownAtMs !== undefined || around.atMs !== undefined;
  return { startMs: endMs - rangeMs - (ownAtMs === undefined ? around.rangeMs : 0), endMs, isFixed };
}

function literalMs(duration: DurationExpr | undefined): number {
  return duration?.kind === 'duration' ? duration.durationMs : 0;
}

function timestampOf(at: AtModifier | undefined): number | undefined {
  return at?.kind === 'timestamp' ? at.timestampMs : undefined;
}
