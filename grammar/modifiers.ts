import type { AtModifier, DurationExpr, Expr, Span, Subquery, VectorSelector } from './ast.ts';
import { ParseFailure } from './position.ts';

/** What stands behind an expression makes a new one of it, or is refused in Prometheus's words. All throw `ParseFailure`. */

/** `expr offset …`; `end` is where the modifier ends. */
export function withOffset(expr: Expr, offset: DurationExpr, end: number): Expr {
  // An offset of nothing leaves no trace, so that another may follow.
  const change = { offset: offset.kind === 'duration' && offset.durationMs === 0 ? undefined : offset };
  const target = modified(expr, 'offset modifier');
  if (target.offset) throw new ParseFailure(expr.span.start, 'offset may not be set multiple times');
  return apply(expr, change, end);
}

/** `expr @ …` */
export function withAt(expr: Expr, at: AtModifier, end: number): Expr {
  const target = modified(expr, '@ modifier');
  if (target.at) throw new ParseFailure(expr.span.start, '@ <timestamp> may not be set multiple times');
  return apply(expr, { at }, end);
}

/**
 * The moment of `expr @ seconds`, checked to be one.
 * @throws {ParseFailure}
 */
export function timestampOf(expr: Expr, seconds: number): AtModifier {
  if (!(Math.abs(seconds) < 2 ** 63)) {
    const text = Number.isFinite(seconds) ? `${BigInt(seconds)}.000000` : goNonFinite(seconds);
    throw new ParseFailure(expr.span.start, `timestamp out of bounds for @ modifier: ${text}`);
  }
  return { kind: 'timestamp', timestampMs: roundAwayFromZero(seconds * 1000) };
}

/** `expr anchored`, `expr smoothed` */
export function withExtension(expr: Expr, extension: 'anchored' | 'smoothed', end: number): Expr {
  const { start } = expr.span;
  switch (expr.kind) {
    case 'vector-selector':
    case 'matrix-selector': {
      const { extension: present } = expr.kind === 'vector-selector' ? expr : expr.selector;
      if (present !== undefined && present !== extension) {
        throw new ParseFailure(start, 'anchored and smoothed modifiers cannot be used together');
      }
      return apply(expr, { extension }, end);
    }
    case 'subquery':
      throw new ParseFailure(start, `${extension} modifier is not supported for subqueries`);
    default:
      // Prometheus's words for whatever is no selector: there is nothing there to extend.
      throw new ParseFailure(start, `${extension} modifier not implemented`);
  }
}

/** `expr[range]`; `brackets` is where the brackets stand. `mayFollowStartOrEnd`: 3.9 overlooks `@ start()` before a range. */
export function withRange(expr: Expr, range: DurationExpr, brackets: Span, mayFollowStartOrEnd: boolean): Expr {
  const refuse = (message: string): never => {
    throw new ParseFailure(brackets.start, message);
  };
  if (expr.kind !== 'vector-selector') return refuse('ranges only allowed for vector selectors');
  if (expr.offset) return refuse('no offset modifiers allowed before range');
  if (expr.at && !(mayFollowStartOrEnd && expr.at.kind !== 'timestamp')) {
    return refuse('no @ modifiers allowed before range');
  }
  return { kind: 'matrix-selector', selector: expr, range, span: { start: expr.span.start, end: brackets.end } };
}

/** `expr[range:step]` */
export function withSubquery(expr: Expr, range: DurationExpr, step: DurationExpr | undefined, end: number): Subquery {
  return { kind: 'subquery', expr, range, step, offset: undefined, at: undefined, span: { ...expr.span, end } };
}

type Modifiable = VectorSelector | Subquery;

/** The node whose fields a modifier of `expr` sets. */
function modified(expr: Expr, what: string): Modifiable {
  if (expr.kind === 'vector-selector' || expr.kind === 'subquery') return expr;
  if (expr.kind === 'matrix-selector') return expr.selector;
  throw new ParseFailure(
    expr.span.start,
    `${what} must be preceded by an instant vector selector or range vector selector or a subquery`,
  );
}

type Change = Partial<Pick<VectorSelector, 'offset' | 'at' | 'extension'>>;

function apply(expr: Expr, change: Change, end: number): Expr {
  const span = { start: expr.span.start, end };
  return expr.kind === 'matrix-selector'
    ? { ...expr, selector: { ...expr.selector, ...change }, span }
    : ({ ...expr, ...change, span } as Expr);
}

function goNonFinite(value: number): string {
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

/** Go's `math.Round`: halves go away from zero. */
function roundAwayFromZero(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value));
}
