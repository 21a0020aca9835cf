import type { Work } from '../../model/work.ts';
import type { ScalarOperator } from './operator.ts';

/** The values of a call's scalar arguments at every step. */
export function* evaluateScalars(scalars: readonly ScalarOperator[], stepCount: number): Work<Float64Array[]> {
  const columns: Float64Array[] = [];
  for (const scalar of scalars) {
    const column = new Float64Array(stepCount);
    yield* scalar.evaluate(column);
    columns.push(column);
  }
  return columns;
}
