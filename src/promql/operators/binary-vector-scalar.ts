import type { ComparisonOp } from '../../../grammar/ast.ts';
import type { StepColumn } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import { isComparison, type NumberOp } from './arithmetic.ts';
import { combine } from './combine.ts';
import { type DropName, dropNames } from './metric-name.ts';
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
  #areDistinct = false;

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
    const areDistinct = this.#vector.areDistinct === true;
    const output = this.#isFilter
      ? { labels, areDistinct }
      : yield* dropNames(labels, { areDistinct, dropName: this.#options.dropName });
    this.#areDistinct = output.areDistinct;
    return output.labels;
  }

  get areDistinct(): boolean {
    return this.#areDistinct;
  }

  next(out: StepColumn): void {
    this.#vector.next(out);
    const { isScalarLeft } = this.#options;
    if (this.#isFilter && isScalarLeft) {
      // The value that stays is the vector's, so the comparison is turned around.
      combine(
        { op: MIRRORED[this.#options.op as ComparisonOp], isBool: false },
        { left: out.values, right: this.#scalars },
        out,
      );
    } else if (isScalarLeft) {
      combine(this.#options, { left: this.#scalars, right: out.values }, out);
    } else {
      combine(this.#options, { left: out.values, right: this.#scalars }, out);
    }
  }

  close(): void {
    this.#vector.close();
    this.#scalar.close();
  }
}

/** `2 < x` is `x > 2`. */
const MIRRORED: Readonly<Record<ComparisonOp, ComparisonOp>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};
