import type { ArithmeticOp, BinaryOp, ComparisonOp, SetOp, TrimOp } from '../../../grammar/ast.ts';
import { goAtan2 } from '../kernels/arctangent.ts';

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
  '^': power,
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

/** Go's (and C's) power: 1 to any power is 1, and so is -1 to an infinite one; JavaScript says NaN. */
function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && (exponent === Infinity || exponent === -Infinity))) return 1;
  return base ** exponent;
}
