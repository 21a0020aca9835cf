import type { AtModifier, DurationExpr, DurationLiteral, Expr, VectorSelector } from '../../grammar/ast.ts';
import { resolveDuration } from '../../grammar/promql.ts';
import { unreachable } from '../model/assert.ts';

/** What the words of a query about itself stand for: `@ start()`, `step()` and such. */
export interface QueryTimes {
  readonly startMs: number;
  readonly endMs: number;
  /** 0 in an instant query. */
  readonly stepMs: number;
}

/** Where in the query the part stands that is resolved. */
interface Place extends QueryTimes {
  /** In the parameter of an aggregation, which Prometheus leaves as it was written: `@ start()` and `@ end()` mean nothing there. */
  readonly isInParameter?: boolean;
}

/**
 * Readies a checked tree for planning: duration expressions become durations and `@ start()` a time, parentheses go, and
 * the largest parts that are the same at every step are wrapped as `step-invariant`.
 * @throws {PocketCortexError} `bad-data` for a duration that makes no sense
 */
export function rewrite(expr: Expr, times: QueryTimes): Expr {
  const { expr: rewritten, isWrappable } = wrapInvariant(resolve(expr, times));
  return isWrappable ? wrap(rewritten) : rewritten;
}

function resolve(expr: Expr, times: Place): Expr {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return expr;
    case 'paren':
    case 'step-invariant':
      return resolve(expr.inner, times);
    case 'vector-selector':
      return resolveSelector(expr, times);
    case 'matrix-selector':
      return {
        ...expr,
        selector: resolveSelector(expr.selector, times),
        range: resolved(expr.range, times, 'range'),
      };
    case 'subquery':
      return {
        ...expr,
        expr: resolve(expr.expr, times),
        range: resolved(expr.range, times, 'range'),
        step: expr.step && resolved(expr.step, times, 'range'),
        offset: expr.offset && resolved(expr.offset, times, 'offset'),
        at: resolveAt(expr.at, times),
      };
    case 'unary':
      return { ...expr, operand: resolve(expr.operand, times) };
    case 'binary':
      return { ...expr, left: resolve(expr.left, times), right: resolve(expr.right, times) };
    case 'aggregate':
      return {
        ...expr,
        expr: resolve(expr.expr, times),
        param: expr.param && resolve(expr.param, { ...times, isInParameter: true }),
      };
    case 'call': {
      const seconds = querySeconds(expr.name, times);
      if (seconds !== undefined) return { kind: 'number', value: seconds, isDuration: false, span: expr.span };
      return { ...expr, args: expr.args.map((arg) => resolve(arg, times)) };
    }
    default:
      return unreachable(expr);
  }
}

function resolveSelector(selector: VectorSelector, times: Place): VectorSelector {
  return {
    ...selector,
    offset: selector.offset && resolved(selector.offset, times, 'offset'),
    at: resolveAt(selector.at, times),
  };
}

function resolved(
  expr: DurationExpr,
  { startMs, endMs, stepMs }: QueryTimes,
  use: 'range' | 'offset',
): DurationLiteral {
  if (expr.kind === 'duration') return expr;
  const durationMs = resolveDuration(expr, { stepMs, rangeMs: endMs - startMs }, { mayBeNegative: use === 'offset' });
  return { kind: 'duration', durationMs, isNumber: false, span: expr.span };
}

function resolveAt(at: AtModifier | undefined, times: Place): AtModifier | undefined {
  if (at === undefined || at.kind === 'timestamp') return at;
  if (times.isInParameter) return undefined;
  return { kind: 'timestamp', timestampMs: at.kind === 'start' ? times.startMs : times.endMs };
}

/** The value of a function that is about the query itself: a constant once the query is known. */
function querySeconds(name: string, { startMs, endMs, stepMs }: QueryTimes): number | undefined {
  switch (name) {
    case 'start':
      return startMs / 1000;
    case 'end':
      return endMs / 1000;
    case 'range':
      return (endMs - startMs) / 1000;
    case 'step':
      return startMs === endMs ? 0 : stepMs / 1000;
    default:
      return undefined;
  }
}

/** Functions whose value depends on the time of the step even where their arguments do not. */
const STEP_DEPENDENT: ReadonlySet<string> = new Set([
  'days_in_month',
  'day_of_month',
  'day_of_week',
  'day_of_year',
  'hour',
  'minute',
  'month',
  'year',
  'predict_linear',
  'time',
  'timestamp',
]);

interface Wrapping {
  readonly expr: Expr;
  readonly isInvariant: boolean;
  /** Worth a wrapper: not so for literals, nor for range vectors, which their function evaluates. */
  readonly isWrappable: boolean;
}

function wrapInvariant(expr: Expr): Wrapping {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return { expr, isInvariant: true, isWrappable: false };
    case 'vector-selector':
      return { expr, isInvariant: expr.at !== undefined, isWrappable: expr.at !== undefined };
    case 'matrix-selector':
      return { expr, isInvariant: expr.selector.at !== undefined, isWrappable: false };
    case 'subquery': {
      // Its inside has steps of its own.
      const inner = wrapInvariant(expr.expr);
      const inside = inner.isWrappable ? wrap(inner.expr) : inner.expr;
      return { expr: { ...expr, expr: inside }, isInvariant: expr.at !== undefined, isWrappable: false };
    }
    case 'unary': {
      const operand = wrapInvariant(expr.operand);
      return { ...operand, expr: { ...expr, operand: operand.expr } };
    }
    case 'aggregate': {
      const inner = wrapInvariant(expr.expr);
      return { ...inner, expr: { ...expr, expr: inner.expr } };
    }
    case 'binary': {
      const left = wrapInvariant(expr.left);
      const right = wrapInvariant(expr.right);
      if (left.isInvariant && right.isInvariant) {
        return { expr: { ...expr, left: left.expr, right: right.expr }, isInvariant: true, isWrappable: true };
      }
      return { expr: { ...expr, left: wrapped(left), right: wrapped(right) }, isInvariant: false, isWrappable: false };
    }
    case 'call': {
      const args = expr.args.map(wrapInvariant);
      // The time of a sample is not the time of the step.
      const isSampleTime = expr.name === 'timestamp' && expr.args[0]?.kind === 'vector-selector';
      const isStepDependent = STEP_DEPENDENT.has(expr.name) && !isSampleTime;
      if (!isStepDependent && args.every(({ isInvariant }) => isInvariant)) {
        return { expr: { ...expr, args: args.map((arg) => arg.expr) }, isInvariant: true, isWrappable: true };
      }
      return { expr: { ...expr, args: args.map(wrapped) }, isInvariant: false, isWrappable: false };
    }
    case 'paren':
    case 'step-invariant':
      return wrapInvariant(expr.inner);
    default:
      return unreachable(expr);
  }
}

function wrapped({ expr, isWrappable }: Wrapping): Expr {
  return isWrappable ? wrap(expr) : expr;
}

function wrap(inner: Expr): Expr {
  return { kind: 'step-invariant', inner, span: inner.span };
}
