import type { StepColumn } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import type { LabelFunction } from '../functions/types.ts';
import { LabelMemo, namesKey } from './label-memo.ts';
import { isNameDropped, markNameDropped, withoutNameMark } from './metric-name.ts';
import type { VectorOperator } from './operator.ts';

export interface LabelCall {
  readonly name: string;
  readonly strings: readonly string[];
  /** Whether the function gives a series of these labels another metric name. */
  readonly setsName: (labels: Labels) => Work<boolean>;
}

/** `label_replace(x, …)` and its like: other labels, same values. */
export class LabelFunctionOperator implements VectorOperator {
  readonly #function: LabelFunction;
  readonly #child: VectorOperator;
  readonly #call: LabelCall;

  constructor(labelFunction: LabelFunction, child: VectorOperator, call: LabelCall) {
    this.#function = labelFunction;
    this.#child = child;
    this.#call = call;
  }

  *prepare(): Work<readonly Labels[]> {
    const { name, strings } = this.#call;
    let series: readonly Labels[];
    try {
      series = yield* this.#child.prepare();
    } catch (error) {
      // What is wrong with the arguments is told before what is wrong with the vector.
      this.#function.create(strings);
      throw error;
    }
    return yield* known.of(series, namesKey([name, ...strings]), () => this.#change(series));
  }

  *#change(series: readonly Labels[]): Work<readonly Labels[]> {
    // Bad arguments are an error even where there is no series.
    const change = this.#function.create(this.#call.strings);
    const changed: Labels[] = [];
    for (const labels of series) {
      changed.push(isNameDropped(labels) ? yield* this.#changeUnnamed(labels, change) : yield* change(labels));
      yield;
    }
    return changed;
  }

  *#changeUnnamed(labels: Labels, change: (labels: Labels) => Work<Labels>): Work<Labels> {
    const named = withoutNameMark(labels);
    const changed = yield* change(named);
    // A name that was given anew is not dropped at the end.
    return (yield* this.#call.setsName(named)) ? changed : markNameDropped(changed);
  }

  next(out: StepColumn): void {
    this.#child.next(out);
  }

  close(): void {
    this.#child.close();
  }
}

/** Values may be made as long as one likes: a hundred characters count as a series. */
const known = new LabelMemo<readonly Labels[]>((changed) => {
  let characters = 0;
  for (const labels of changed) for (let i = 0; i < labels.size; i++) characters += labels.valueAt(i).length;
  return Math.floor(characters / 100);
});
