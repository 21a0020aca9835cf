import type { TrimOp } from '../../../grammar/ast.ts';
import { ABSENT, FLOAT, type StepColumn, setHistogram } from '../../model/columns.ts';
import { isComparison, type NumberOp, operations } from './arithmetic.ts';
import { type HistogramOutcome, incompatibleTypes } from './histogram-operation.ts';
import type { Notes } from './notes.ts';

/**
 * Overwrites the values of `out` with `left op right` at every step, and takes the steps away where a filter does not
 * hold. Where `out` is absent, what stands in `left` and `right` is garbage, and so is the result.
 */
export function combine(
  { op, isBool }: { op: NumberOp; isBool: boolean },
  { left, right }: { left: Float64Array; right: Float64Array },
  out: StepColumn,
): void {
  const { values } = out;
  const stepCount = values.length;
  // Loops of their own for what dashboards compute most: a call a value costs more than the operation.
  switch (op) {
    case '+':
      for (let step = 0; step < stepCount; step++) values[step] = left[step]! + right[step]!;
      return;
    case '-':
      for (let step = 0; step < stepCount; step++) values[step] = left[step]! - right[step]!;
      return;
    case '*':
      for (let step = 0; step < stepCount; step++) values[step] = left[step]! * right[step]!;
      return;
    case '/':
      for (let step = 0; step < stepCount; step++) values[step] = left[step]! / right[step]!;
      return;
    default:
      if (isComparison(op) && !isBool) filter(op, { left, right }, out);
      else compute(op, { left, right }, out);
  }
}

function compute(
  op: NumberOp,
  { left, right }: { left: Float64Array; right: Float64Array },
  { values, present }: StepColumn,
): void {
  const operation = operations[op];
  for (let step = 0; step < values.length; step++) {
    if (present[step] === FLOAT) values[step] = operation(left[step]!, right[step]!);
  }
}

/** Keeps the left value. */
function filter(
  op: NumberOp,
  { left, right }: { left: Float64Array; right: Float64Array },
  { values, present }: StepColumn,
): void {
  const comparison = operations[op];
  for (let step = 0; step < values.length; step++) {
    if (present[step] !== FLOAT) continue;
    values[step] = left[step]!;
    if (comparison(left[step]!, right[step]!) === 0) present[step] = ABSENT;
  }
}

/** Puts what an operator made of native histograms at `step`: for `bool` 1 or 0, for a filter that does not hold nothing. */
export function putOutcome(
  outcome: HistogramOutcome | undefined,
  { isBool }: { isBool: boolean },
  step: number,
  out: StepColumn,
): void {
  if (outcome === undefined || (!outcome.holds && !isBool)) {
    out.present[step] = ABSENT;
  } else if (isBool) {
    out.values[step] = outcome.holds ? 1 : 0;
    out.present[step] = FLOAT;
  } else {
    setHistogram(out, step, outcome.histogram);
  }
}

/** Floats cannot be trimmed: takes them away, with a note. */
export function dropFloats(op: TrimOp, notes: Notes, { present }: StepColumn): void {
  for (let step = 0; step < present.length; step++) {
    if (present[step] !== FLOAT) continue;
    notes.inform(incompatibleTypes(op, 0, 0));
    present[step] = ABSENT;
  }
}
