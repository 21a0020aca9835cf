import type { NativeHistogram } from '../../model/native-histogram.ts';
import {
  addHistograms,
  type Combination,
  divideHistogram,
  scaleHistogram,
  subtractHistograms,
} from '../../model/native-histogram-arithmetic.ts';
import { compact } from '../../model/native-histogram-buckets.ts';
import { areHistogramsEqual } from '../../model/native-histogram-equality.ts';
import { trimHistogram } from '../../model/native-histogram-trim.ts';
import { histogramTexts } from '../functions/histogram-texts.ts';
import type { ValueOp } from './arithmetic.ts';
import type { Notes } from './notes.ts';

/** What an operator makes of two values of which one is a native histogram, or both. */
export interface HistogramOutcome {
  readonly histogram: NativeHistogram;
  /** Of a comparison: whether it is true. */
  readonly holds: boolean;
}

export type Operand = number | NativeHistogram;

/** Undefined, with a note, where the operator has no use for such operands. */
export function operateOnHistograms(
  op: ValueOp,
  left: Operand,
  right: Operand,
  notes: Notes,
): HistogramOutcome | undefined {
  const histogram = resultOf(op, left, right, notes);
  if (histogram === undefined) return undefined;
  if (typeof left === 'number' || typeof right === 'number') return { histogram, holds: true };
  const isTrue = op !== '==' && op !== '!=' ? true : areHistogramsEqual(left, right) === (op === '==');
  return { histogram, holds: isTrue };
}

function resultOf(op: ValueOp, left: Operand, right: Operand, notes: Notes): NativeHistogram | undefined {
  if (typeof left !== 'number' && typeof right !== 'number') {
    if (op === '+') return combined(addHistograms(left, right), { op, operation: 'addition' }, notes);
    if (op === '-') {
      const difference = combined(subtractHistograms(left, right), { op, operation: 'subtraction' }, notes);
      return difference?.with({ counterResetHint: 'gauge' });
    }
    if (op === '==' || op === '!=') return left;
  } else if (typeof left !== 'number' && typeof right === 'number') {
    if (op === '*') return compact(scaleHistogram(left, right));
    if (op === '/') return compact(divideHistogram(left, right));
    if (op === '</') return trimHistogram(left, right, 'below');
    if (op === '>/') return trimHistogram(left, right, 'above');
  } else if (typeof left === 'number' && typeof right !== 'number' && op === '*') {
    return compact(scaleHistogram(right, left));
  }
  notes.inform(incompatibleTypes(op, left, right));
  return undefined;
}

/** The text about operands that an operator has no use for. */
export function incompatibleTypes(op: ValueOp, left: Operand, right: Operand): string {
  return histogramTexts.incompatibleTypes(typeName(left), op, typeName(right));
}

function typeName(operand: Operand): string {
  return typeof operand === 'number' ? 'float' : 'histogram';
}

/** Conflicting hints leave nothing behind but a warning, as in Prometheus. */
function combined(
  combination: Combination | undefined,
  { op, operation }: { op: '+' | '-'; operation: 'addition' | 'subtraction' },
  notes: Notes,
): NativeHistogram | undefined {
  if (!combination) {
    notes.warn(histogramTexts.incompatibleBuckets(op));
    return undefined;
  }
  if (combination.hasResetCollision) {
    notes.warn(histogramTexts.conflictingResets(operation));
    return undefined;
  }
  if (combination.hasReconciledBounds) notes.inform(histogramTexts.reconciledBounds(operation));
  return compact(combination.histogram);
}
