import type { DurationExpr } from '../../grammar/ast.ts';
import { unreachable } from '../model/assert.ts';
import { PocketCortexError } from '../model/errors.ts';

/** What the words of a duration expression stand for. */
export interface QueryTimes {
  readonly startMs: number;
  readonly endMs: number;
  /** 0 in an instant query. */
  readonly stepMs: number;
}

/** The longest duration that Go holds, in seconds. */
const LONGEST_SECONDS = 2 ** 63 / 1e9;

/**
 * What a range, a step (both above 0) or an offset comes to, in whole milliseconds.
 * @throws {PocketCortexError} `bad-data`, in Prometheus's words
 */
export function resolveDuration(expr: DurationExpr, times: QueryTimes, use: 'range' | 'offset'): number {
  if (expr.kind === 'duration') return expr.durationMs;
  const seconds = evaluate(expr, times);
  if (!Number.isFinite(seconds)) throw durationError(expr, 'duration is NaN or infinite');
  if (seconds <= 0 && use === 'range') throw durationError(expr, 'duration must be greater than 0');
  if (Math.abs(seconds) > LONGEST_SECONDS) throw durationError(expr, 'duration is out of range');
  return Math.trunc(seconds * 1000);
}

/** In seconds, as Prometheus computes it: rounding shows in the result. */
function evaluate(expr: DurationExpr, times: QueryTimes): number {
  switch (expr.kind) {
    case 'duration':
      return expr.durationMs / 1000;
    case 'duration-paren':
      return evaluate(expr.inner, times);
    case 'duration-unary': {
      const operand = evaluate(expr.operand, times);
      return expr.op === '-' ? -operand : operand;
    }
    case 'duration-call':
      return evaluateCall(
        expr.name,
        expr.args.map((arg) => evaluate(arg, times)),
        times,
      );
    case 'duration-binary': {
      const left = evaluate(expr.left, times);
      const right = evaluate(expr.right, times);
      if (expr.op === '/' && right === 0) throw durationError(expr, 'division by zero');
      if (expr.op === '%' && right === 0) throw durationError(expr, 'modulo by zero');
      return evaluateBinary(expr.op, left, right);
    }
    default:
      return unreachable(expr);
  }
}

function evaluateCall(
  name: 'step' | 'range' | 'min' | 'max' | 'min_of' | 'max_of',
  args: readonly number[],
  { startMs, endMs, stepMs }: QueryTimes,
): number {
  switch (name) {
    case 'step':
      return stepMs / 1000;
    case 'range':
      return (endMs - startMs) / 1000;
    case 'min':
    case 'min_of':
      return Math.min(...args);
    case 'max':
    case 'max_of':
      return Math.max(...args);
    default:
      return unreachable(name);
  }
}

function evaluateBinary(op: '+' | '-' | '*' | '/' | '%' | '^', left: number, right: number): number {
  switch (op) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '%':
      return left % right;
    case '^':
      return left ** right;
    default:
      return unreachable(op);
  }
}

/** Prometheus gives the bounds of the expression here, not line and column. */
function durationError({ span }: DurationExpr, reason: string): PocketCortexError {
  return new PocketCortexError('bad-data', `${span.start}:${span.end}: ${reason}`);
}
