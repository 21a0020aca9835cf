import { ABSENT, FLOAT, type StepColumn } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import { isComparison, type NumberOp, type NumberOperation, operations } from './arithmetic.ts';
import type { DropName } from './metric-name.ts';
import type { ScalarOperator, VectorOperator } from './operator.ts';

export interface VectorScalarOptions {
  readonly op: NumberOp;
  readonly isBool: boolean;
  /** `2 - x` rather than `x - 2`. */
  readonly isScalarLeft: boolean;
  readonly stepCount: number;
  readonly dropName: DropName;
}

/**
 * A vector and a number: arithmetic, a comparison with `bool`, or a comparison that filters and keeps the vector's
 * value, on whichever side of the operator that stands.
 */
export class BinaryVectorScalarOperator implements VectorOperator {
  readonly #vector: VectorOperator;
  readonly #scalar: ScalarOperator;
  readonly #options: VectorScalarOptions;
  readonly #isFilter: boolean;
  readonly #scalars: Float64Array;

  constructor(vector: VectorOperator, scalar: ScalarOperator, options: VectorScalarOptions) {
    this.#vector = vector;
    this.#scalar = scalar;
    this.#options = options;
    this.#isFilter = isComparison(options.op) && !options.isBool;
    this.#scalars = new Float64Array(options.stepCount);
  }

  *prepare(): Work<readonly Labels[]> {
    yield* this.#scalar.evaluate(this.#scalars);
    const labels = yield* this.#vector.prepare();
    return this.#isFilter ? labels : labels.map(this.#options.dropName);
  }

  next(out: StepColumn): void {
    this.#vector.next(out);
    const operation = operations[this.#options.op];
    const operands = { scalars: this.#scalars, isScalarLeft: this.#options.isScalarLeft };
    if (this.#isFilter) filterInPlace(out, operation, operands);
    else computeInPlace(out, operation, operands);
  }

  close(): void {
    this.#vector.close();
    this.#scalar.close();
  }
}

interface Operands {
  readonly scalars: Float64Array;
  readonly isScalarLeft: boolean;
}

function computeInPlace({ values, present }: StepColumn, operation: NumberOperation, operands: Operands): void {
  const { scalars, isScalarLeft } = operands;
  for (let step = 0; step < values.length; step++) {
    if (present[step] !== FLOAT) continue;
    const value = values[step]!;
    values[step] = isScalarLeft ? operation(scalars[step]!, value) : operation(value, scalars[step]!);
  }
}

function filterInPlace({ values, present }: StepColumn, comparison: NumberOperation, operands: Operands): void {
  const { scalars, isScalarLeft } = operands;
  for (let step = 0; step < values.length; step++) {
    if (present[step] !== FLOAT) continue;
    const value = values[step]!;
    const holds = isScalarLeft ? comparison(scalars[step]!, value) : comparison(value, scalars[step]!);
    if (holds === 0) present[step] = ABSENT;
  }
}
