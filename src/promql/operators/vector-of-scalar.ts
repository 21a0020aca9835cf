import { FLOAT, type StepColumn } from '../../model/columns.ts';
import { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import type { ScalarOperator, VectorOperator } from './operator.ts';

/** `vector(scalar)`: one series without labels, there at every step. */
export class VectorOfScalarOperator implements VectorOperator {
  readonly #child: ScalarOperator;
  readonly #values: Float64Array;

  constructor(child: ScalarOperator, stepCount: number) {
    this.#child = child;
    this.#values = new Float64Array(stepCount);
  }

  *prepare(): Work<readonly Labels[]> {
    yield* this.#child.evaluate(this.#values);
    return [Labels.EMPTY];
  }

  next(out: StepColumn): void {
    out.values.set(this.#values);
    out.present.fill(FLOAT);
    out.histograms = undefined;
  }

  close(): void {
    this.#child.close();
  }
}
