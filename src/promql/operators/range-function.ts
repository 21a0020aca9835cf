import { ABSENT, type StepColumn, WholeColumns } from '../../model/columns.ts';
import { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import type { FunctionContext, RangeContext, RangeFunction, RangeWindows } from '../functions/types.ts';
import { dropNames } from './metric-name.ts';
import type { RangeOperator, ScalarOperator, VectorOperator } from './operator.ts';
import type { QueryContext } from './query-context.ts';
import { RepeatedWindows } from './repeated-windows.ts';
import { columnWeight } from './sample-weight.ts';
import { evaluateScalars } from './scalar-arguments.ts';

/** `rate(x[5m])` and its like: one series in, one series out. */
export class RangeFunctionOperator implements VectorOperator {
  readonly #function: RangeFunction;
  readonly #range: RangeOperator;
  readonly #scalars: readonly ScalarOperator[];
  /** One for all series, `labels` those of the current one. */
  readonly #context: { -readonly [Key in keyof RangeContext]: RangeContext[Key] };
  readonly #query: QueryContext;
  /** For a function that may be told of every distinct window once. */
  readonly #repeated: RepeatedWindows | undefined;
  readonly #columns: WholeColumns;
  #scalarValues: readonly Float64Array[] = [];
  #inputLabels: readonly Labels[] = [];
  #areDistinct = false;
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
    this.#context = { ...context, labels: Labels.EMPTY };
    this.#query = query;
    this.#columns = new WholeColumns(context.grid.count);
    const { isOfSamplesAlone = false } = rangeFunction;
    this.#repeated = isOfSamplesAlone && context.grid.count > 1 ? new RepeatedWindows(context.grid.count) : undefined;
  }

  *prepare(): Work<readonly Labels[]> {
    this.#scalarValues = yield* evaluateScalars(this.#scalars, this.#context.grid.count);
    this.#inputLabels = yield* this.#range.prepare();
    const areDistinct = this.#range.areDistinct === true;
    const output = this.#function.keepsMetricName
      ? { labels: this.#inputLabels, areDistinct }
      : yield* dropNames(this.#inputLabels, { areDistinct, dropName: this.#query.dropName });
    this.#areDistinct = output.areDistinct;
    return output.labels;
  }

  get areDistinct(): boolean {
    return this.#areDistinct;
  }

  next(out: StepColumn): void {
    this.#context.labels = this.#inputLabels[this.#nextSeries++]!;
    const windows = this.#range.next();
    out.histograms = undefined;
    if (windows.samples.count === 0) {
      out.present.fill(ABSENT);
      return;
    }
    this.#apply(windows, out);
    this.#query.account.hold(this.#columns.isWhole(out.present) ? out.present.length : columnWeight(out));
  }

  #apply(windows: RangeWindows, out: StepColumn): void {
    const apply = (these: RangeWindows, into: StepColumn): void =>
      this.#function.apply(these, this.#scalarValues, into, this.#context);
    if (this.#repeated && isOfFloats(windows) && this.#repeated.apply(windows, out, apply)) return;
    apply(windows, out);
  }

  close(): void {
    this.#range.close();
    for (const scalar of this.#scalars) scalar.close();
  }
}

/** Windows that are nothing but their floats. */
function isOfFloats({ samples, extension }: RangeWindows): boolean {
  return samples.histograms === undefined && samples.startTimestampsMs === undefined && extension === undefined;
}
