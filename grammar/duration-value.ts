import { unreachable } from '../src/model/assert.ts';
import { PocketCortexError } from '../src/model/errors.ts';
import type { DurationBinary, DurationCall, DurationExpr } from './ast.ts';

/** What durations may refer to: the query's step and the span from its first to its last step. */
export interface DurationContext {
  readonly stepMs: number;
  readonly rangeMs: number;
}

/**
 * The whole milliseconds that a range, a step or an offset comes to; only an offset `mayBeNegative`.
 * @throws {PocketCortexError} `bad-data`, with Prometheus's text, when arithmetic leads nowhere
 */
export function resolveDuration(
  duration: DurationExpr,
  context: DurationContext,
  { mayBeNegative }: { mayBeNegative: boolean },
): number {
  if (duration.kind === 'duration') return duration.durationMs;
  const seconds = evaluate(duration, context);
  if (!Number.isFinite(seconds)) return refuse(duration, 'duration is NaN or infinite');
  if (seconds <= 0 && !mayBeNegative) return refuse(duration, 'duration must be greater than 0');
  if (Math.abs(seconds) > 2 ** 63 / 1e9) return refuse(duration, 'duration is out of range');
  return Math.trunc(seconds * 1000);
}

/** In seconds, where a plain number and a duration mean the same. */
function evaluate(duration: DurationExpr, context: DurationContext): number {
  switch (duration.kind) {
    case 'duration':
      return duration.durationMs / 1000;
    case 'duration-paren':
      return evaluate(duration.inner, context);
    case 'duration-unary':
      return evaluate(duration.operand, context) * (duration.op === '-' ? -1 : 1);
    case 'duration-call':
      return evaluateCall(duration, context);
    case 'duration-binary':
      return evaluateBinary(duration, context);
    default:
      return unreachable(duration);
  }
}

function evaluateCall({ name, args }: DurationCall, context: DurationContext): number {
  switch (name) {
    case 'step':
      return context.stepMs / 1000;
    case 'range':
      return context.rangeMs / 1000;
    case 'min':
    case 'min_of':
      return Math.min(...args.map((arg) => evaluate(arg, context)));
    case 'max':
    case 'max_of':
      return Math.max(...args.map((arg) => evaluate(arg, context)));
    default:
      return unreachable(name);
  }
}

function evaluateBinary(duration: DurationBinary, context: DurationContext): number {
  const left = evaluate(duration.left, context);
  const right = evaluate(duration.right, context);
  switch (duration.op) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return right === 0 ? refuse(duration, 'division by zero') : left / right;
    case '%':
      return right === 0 ? refuse(duration, 'modulo by zero') : left % right;
    case '^':
      return left ** right;
    default:
      return unreachable(duration.op);
  }
}

function refuse({ span }: DurationExpr, problem: string): never {
  throw new PocketCortexError('bad-data', `${span.start}:${span.end}: ${problem}`);
}
