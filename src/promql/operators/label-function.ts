import type { StepColumn } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import type { LabelFunction } from '../functions/types.ts';
import { isNameDropped, markNameDropped, withoutNameMark } from './metric-name.ts';
import type { VectorOperator } from './operator.ts';

/** `label_replace(x, …)` and its like: other labels, same values. */
export class LabelFunctionOperator implements VectorOperator {
  readonly #function: LabelFunction;
  readonly #child: VectorOperator;
  readonly #strings: readonly string[];
  readonly #setsName: (labels: Labels) => Work<boolean>;

  constructor(
    labelFunction: LabelFunction,
    child: VectorOperator,
    strings: readonly string[],
    setsName: (labels: Labels) => Work<boolean>,
  ) {
    this.#function = labelFunction;
    this.#child = child;
    this.#strings = strings;
    this.#setsName = setsName;
  }

  *prepare(): Work<readonly Labels[]> {
    // Bad arguments are an error even where there is no series.
    const change = this.#function.create(this.#strings);
    const changed: Labels[] = [];
    for (const labels of yield* this.#child.prepare()) {
      changed.push(isNameDropped(labels) ? yield* this.#changeUnnamed(labels, change) : yield* change(labels));
      yield;
    }
    return changed;
  }

  *#changeUnnamed(labels: Labels, change: (labels: Labels) => Work<Labels>): Work<Labels> {
    const named = withoutNameMark(labels);
    const changed = yield* change(named);
    // A name that was given anew is not dropped at the end.
    return (yield* this.#setsName(named)) ? changed : markNameDropped(changed);
  }

  next(out: StepColumn): void {
    this.#child.next(out);
  }

  close(): void {
    this.#child.close();
  }
}
