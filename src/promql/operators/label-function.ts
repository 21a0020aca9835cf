import type { StepColumn } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import type { LabelFunction } from '../functions/types.ts';
import { mapSeries } from './label-work.ts';
import { isNameDropped, markNameDropped, withoutNameMark } from './metric-name.ts';
import type { VectorOperator } from './operator.ts';

/** `label_replace(x, …)` and its like: other labels, same values. */
export class LabelFunctionOperator implements VectorOperator {
  readonly #function: LabelFunction;
  readonly #child: VectorOperator;
  readonly #strings: readonly string[];
  readonly #setsName: (labels: Labels) => boolean;

  constructor(
    labelFunction: LabelFunction,
    child: VectorOperator,
    strings: readonly string[],
    setsName: (labels: Labels) => boolean,
  ) {
    this.#function = labelFunction;
    this.#child = child;
    this.#strings = strings;
    this.#setsName = setsName;
  }

  *prepare(): Work<readonly Labels[]> {
    // Bad arguments are an error even where there is no series.
    const change = this.#function.create(this.#strings);
    const setsName = this.#setsName;
    return yield* mapSeries(yield* this.#child.prepare(), (labels) => {
      if (!isNameDropped(labels)) return change(labels);
      const named = withoutNameMark(labels);
      // A name that was given anew is not dropped at the end.
      return setsName(named) ? change(named) : markNameDropped(change(named));
    });
  }

  next(out: StepColumn): void {
    this.#child.next(out);
  }

  close(): void {
    this.#child.close();
  }
}
