import { ABSENT, type StepColumn } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import type { FunctionContext, RangeFunction } from '../functions/types.ts';
import { mapSeries } from './label-work.ts';
import type { RangeOperator, ScalarOperator, VectorOperator } from './operator.ts';
import type { QueryContext } from './query-context.ts';
import { columnWeight } from './sample-weight.ts';
import { evaluateScalars } from './scalar-arguments.ts';

/** `rate(x[5m])` and its like: one series in, one series out. */
export class RangeFunctionOperator implements VectorOperator {
  readonly #function: RangeFunction;
  readonly #range: RangeOperator;
  readonly #scalars: readonly ScalarOperator[];
  readonly #context: FunctionContext;
  readonly #query: QueryContext;
  #scalarValues: readonly Float64Array[] = [];
  #inputLabels: readonly Labels[] = [];
  #nextSeries = 0;

  constructor(
    rangeFunction: RangeFunction,
    inputs: { range: RangeOperator; scalars: readonly ScalarOperator[] },
    context: FunctionContext,
    query: QueryContext,
  ) {
    this.#function = rangeFunction;
    this.#range = inputs.range;
    this.#scalars = inputs.scalars;
    this.#context = context;
    this.#query = query;
  }

  *prepare(): Work<readonly Labels[]> {
    this.#scalarValues = yield* evaluateScalars(this.#scalars, this.#context.grid.count);
    this.#inputLabels = yield* this.#range.prepare();
    return this.#function.keepsMetricName
      ? this.#inputLabels
      : yield* mapSeries(this.#inputLabels, this.#query.dropName);
  }

  next(out: StepColumn): void {
    const labels = this.#inputLabels[this.#nextSeries++]!;
    const windows = this.#range.next();
    out.histograms = undefined;
    if (windows.samples.count === 0) {
      out.present.fill(ABSENT);
      return;
    }
    this.#function.apply(windows, this.#scalarValues, out, { ...this.#context, labels });
    this.#query.account.hold(columnWeight(out));
  }

  close(): void {
    this.#range.close();
    for (const scalar of this.#scalars) scalar.close();
  }
}
