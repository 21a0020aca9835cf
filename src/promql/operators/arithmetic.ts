import type { ArithmeticOp, BinaryOp, ComparisonOp, SetOp, TrimOp } from '../../../grammar/ast.ts';
import { goAtan2 } from '../kernels/arctangent.ts';
import { goPow } from '../kernels/exponential.ts';

/** The operators between two numbers. */
export type NumberOp = ArithmeticOp | ComparisonOp;

/** The operators that make something of values, histograms among them. */
export type ValueOp = NumberOp | TrimOp;

/** What an operator makes of two numbers. A comparison gives 1 or 0. */
export type NumberOperation = (left: number, right: number) => number;

export const operations: Readonly<Record<NumberOp, NumberOperation>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
  '^': goPow,
  atan2: goAtan2,
  '==': (left, right) => (left === right ? 1 : 0),
  '!=': (left, right) => (left !== right ? 1 : 0),
  '<': (left, right) => (left < right ? 1 : 0),
  '<=': (left, right) => (left <= right ? 1 : 0),
  '>': (left, right) => (left > right ? 1 : 0),
  '>=': (left, right) => (left >= right ? 1 : 0),
};

export function isComparison(op: BinaryOp): op is ComparisonOp {
  return op === '==' || op === '!=' || op === '<' || op === '<=' || op === '>' || op === '>=';
}

export function isSetOp(op: BinaryOp): op is SetOp {
  return op === 'and' || op === 'or' || op === 'unless';
}

/** Trimming works on native histograms only. */
export function isTrimOp(op: BinaryOp): op is TrimOp {
  return op === '</' || op === '>/';
}
