import type { ComparisonOp } from '../../../grammar/ast.ts';
import { HISTOGRAM, histogramAt, type StepColumn } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import { isComparison, isTrimOp, type ValueOp } from './arithmetic.ts';
import { combine, dropFloats, putOutcome } from './combine.ts';
import { type HistogramOutcome, operateOnHistograms } from './histogram-operation.ts';
import { type DropName, dropNames } from './metric-name.ts';
import type { Notes } from './notes.ts';
import type { ScalarOperator, VectorOperator } from './operator.ts';

export interface VectorScalarOptions {
  readonly op: ValueOp;
  readonly isBool: boolean;
  /** `2 - x` rather than `x - 2`. */
  readonly isScalarLeft: boolean;
  readonly stepCount: number;
  readonly dropName: DropName;
  readonly notes: Notes;
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
  readonly #keepsName: boolean;
  readonly #scalars: Float64Array;
  #areDistinct = false;

  constructor(vector: VectorOperator, scalar: ScalarOperator, options: VectorScalarOptions) {
    this.#vector = vector;
    this.#scalar = scalar;
    this.#options = options;
    this.#isFilter = isComparison(options.op) && !options.isBool;
    this.#keepsName = this.#isFilter || isTrimOp(options.op);
    this.#scalars = new Float64Array(options.stepCount);
  }

  *prepare(): Work<readonly Labels[]> {
    yield* this.#scalar.evaluate(this.#scalars);
    const labels = yield* this.#vector.prepare();
    const areDistinct = this.#vector.areDistinct === true;
    const output = this.#keepsName
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
    const outcomes = out.histograms && this.#histogramOutcomes(out);
    this.#combineFloats(out);
    if (!outcomes) return;
    const { isBool } = this.#options;
    for (let step = 0; step < out.present.length; step++) {
      if (out.present[step] === HISTOGRAM) putOutcome(outcomes[step], { isBool }, step, out);
    }
  }

  #histogramOutcomes(column: StepColumn): (HistogramOutcome | undefined)[] {
    const { op, isScalarLeft, notes } = this.#options;
    const outcomes: (HistogramOutcome | undefined)[] = [];
    for (let step = 0; step < column.present.length; step++) {
      const histogram = histogramAt(column, step);
      if (!histogram) continue;
      const scalar = this.#scalars[step]!;
      outcomes[step] = isScalarLeft
        ? operateOnHistograms(op, scalar, histogram, notes)
        : operateOnHistograms(op, histogram, scalar, notes);
    }
    return outcomes;
  }

  #combineFloats(out: StepColumn): void {
    const { op, isBool, isScalarLeft, notes } = this.#options;
    if (isTrimOp(op)) {
      dropFloats(op, notes, out);
    } else if (this.#isFilter && isScalarLeft) {
      // The value that stays is the vector's, so the comparison is turned around.
      combine({ op: MIRRORED[op as ComparisonOp], isBool: false }, { left: out.values, right: this.#scalars }, out);
    } else if (isScalarLeft) {
      combine({ op, isBool }, { left: this.#scalars, right: out.values }, out);
    } else {
      combine({ op, isBool }, { left: out.values, right: this.#scalars }, out);
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
