import type { StepColumn } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import type { LabelFunction } from '../functions/types.ts';
import type { VectorOperator } from './operator.ts';

/** `label_replace(x, …)` and its like: other labels, same values. */
export class LabelFunctionOperator implements VectorOperator {
  readonly #function: LabelFunction;
  readonly #child: VectorOperator;
  readonly #strings: readonly string[];

  constructor(labelFunction: LabelFunction, child: VectorOperator, strings: readonly string[]) {
    this.#function = labelFunction;
    this.#child = child;
    this.#strings = strings;
  }

  *prepare(): Work<readonly Labels[]> {
    // Bad arguments are an error even where there is no series.
    const change = this.#function.create(this.#strings);
    return (yield* this.#child.prepare()).map(change);
  }

  next(out: StepColumn): void {
    this.#child.next(out);
  }

  close(): void {
    this.#child.close();
  }
}
