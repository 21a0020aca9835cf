import type { DurationExpr, Expr, VectorSelector } from '../../../grammar/ast.ts';
import { childrenOf } from '../../../grammar/children.ts';

/** A selector of an expression, and up to when it reads. */
export interface Read {
  readonly selector: VectorSelector;
  /**
   * It reads up to this long before the time that the expression is evaluated for, negative for after it; undefined where that
   * cannot be told, as for a fixed time (`@`).
   */
  readonly behindMs: number | undefined;
}

/** All that an expression reads. */
export function readsOf(expr: Expr): Read[] {
  const reads: Read[] = [];
  collect(expr, 0, reads);
  return reads;
}

function collect(expr: Expr, behindMs: number | undefined, reads: Read[]): void {
  switch (expr.kind) {
    case 'vector-selector':
      reads.push({ selector: expr, behindMs: behindOf(expr, behindMs) });
      return;
    case 'matrix-selector':
      reads.push({ selector: expr.selector, behindMs: behindOf(expr.selector, behindMs) });
      return;
    case 'subquery':
      collect(expr.expr, expr.at ? undefined : plus(behindMs, expr.offset), reads);
      return;
    default:
      for (const child of childrenOf(expr)) collect(child, behindMs, reads);
  }
}

function behindOf({ at, offset, extension }: VectorSelector, behindMs: number | undefined): number | undefined {
  // A smoothed selector reads beyond its end.
  return at || extension === 'smoothed' ? undefined : plus(behindMs, offset);
}

function plus(behindMs: number | undefined, offset: DurationExpr | undefined): number | undefined {
  if (offset === undefined || behindMs === undefined) return behindMs;
  return offset.kind === 'duration' ? behindMs + offset.durationMs : undefined;
}

/** About the query itself, which is another one when it has many steps; `info` selects by what it reads. */
const OF_THE_QUERY: ReadonlySet<string> = new Set(['start', 'end', 'range', 'step', 'info']);

/** Whether an expression has the same value at a moment, whichever other moments it is evaluated at. */
export function isSameAtEachStep(expr: Expr): boolean {
  switch (expr.kind) {
    case 'string':
      return true;
    case 'vector-selector':
      return isFixed(expr);
    case 'matrix-selector':
      return isFixed(expr.selector) && isPlain(expr.range);
    case 'subquery':
      return (
        expr.at?.kind !== 'start' &&
        expr.at?.kind !== 'end' &&
        [expr.range, expr.step, expr.offset].every(isPlain) &&
        isSameAtEachStep(expr.expr)
      );
    case 'call':
      return !OF_THE_QUERY.has(expr.name) && expr.args.every(isSameAtEachStep);
    default:
      return childrenOf(expr).every(isSameAtEachStep);
  }
}

function isFixed({ at, offset }: VectorSelector): boolean {
  return at?.kind !== 'start' && at?.kind !== 'end' && isPlain(offset);
}

function isPlain(duration: DurationExpr | undefined): boolean {
  return duration === undefined || duration.kind === 'duration';
}
