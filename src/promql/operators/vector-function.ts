import type { StepColumn } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import type { FunctionContext, VectorFunction } from '../functions/types.ts';
import { copyColumn, materialise } from './materialise.ts';
import type { ScalarOperator, VectorOperator } from './operator.ts';
import type { QueryContext } from './query-context.ts';
import { evaluateScalars } from './scalar-arguments.ts';

/** `sort(x)`, `histogram_quantile(q, x)` and their like: all series at once. */
export class VectorFunctionOperator implements VectorOperator {
  readonly #function: VectorFunction;
  readonly #child: VectorOperator;
  readonly #scalars: readonly ScalarOperator[];
  readonly #strings: readonly string[];
  readonly #context: FunctionContext;
  readonly #query: QueryContext;
  #columns: readonly StepColumn[] = [];
  #nextSeries = 0;

  constructor(
    vectorFunction: VectorFunction,
    inputs: { vector: VectorOperator; scalars: readonly ScalarOperator[]; strings: readonly string[] },
    context: FunctionContext,
    query: QueryContext,
  ) {
    this.#function = vectorFunction;
    this.#child = inputs.vector;
    this.#scalars = inputs.scalars;
    this.#strings = inputs.strings;
    this.#context = context;
    this.#query = query;
  }

  *prepare(): Work<readonly Labels[]> {
    const stepCount = this.#context.grid.count;
    const scalars = yield* evaluateScalars(this.#scalars, stepCount);
    const labels = yield* this.#child.prepare();
    const columns = yield* materialise(this.#child, {
      seriesCount: labels.length,
      stepCount,
      account: this.#query.account,
    });
    const input = { labels, columns, scalars, strings: this.#strings };
    const output = yield* this.#function.apply(input, this.#context);
    this.#columns = output.columns;
    return output.labels;
  }

  next(out: StepColumn): void {
    copyColumn(this.#columns[this.#nextSeries++]!, out);
  }

  close(): void {
    this.#columns = [];
    this.#child.close();
    for (const scalar of this.#scalars) scalar.close();
  }
}
