import { createStepColumn, type StepColumn, WholeColumns } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import type { Accumulator } from './accumulator.ts';
import { accumulators } from './accumulators.ts';
import { type Grouping, groupSeries } from './grouping.ts';
import type { HistogramTreatment } from './histogram-accumulator.ts';
import type { VectorOperator } from './operator.ts';
import type { SampleAccount } from './query-context.ts';

export interface AggregateOptions extends HistogramTreatment {
  readonly op: keyof typeof accumulators;
  readonly grouping: Grouping;
  readonly stepCount: number;
  readonly account: SampleAccount;
}

/** `sum by (job) (x)` and its like: adds one series after the other to its group and keeps none. */
export class AggregateOperator implements VectorOperator {
  readonly areDistinct = true;
  readonly #child: VectorOperator;
  readonly #options: AggregateOptions;
  #accumulator: Accumulator | undefined;
  #nextGroup = 0;

  constructor(child: VectorOperator, options: AggregateOptions) {
    this.#child = child;
    this.#options = options;
  }

  *prepare(): Work<readonly Labels[]> {
    const { op, grouping, stepCount, account } = this.#options;
    const series = yield* this.#child.prepare();
    const groups = yield* groupSeries(series, grouping);
    const groupCount = groups.labels.length;
    account.assertRoomFor(groupCount * stepCount);
    const accumulator = accumulators[op]({ groupCount, stepCount }, this.#options);
    const column = createStepColumn(stepCount);
    const columns = new WholeColumns(stepCount);
    for (let i = 0; i < series.length; i++) {
      this.#child.next(column);
      const group = groups.groupOfSeries[i]!;
      if (columns.isWhole(column.present)) accumulator.addWhole(group, column.values);
      else accumulator.add(group, column, series[i]!.metricName);
      yield;
    }
    this.#accumulator = accumulator;
    return groups.labels;
  }

  next(out: StepColumn): void {
    out.histograms = undefined;
    this.#accumulator!.finish(this.#nextGroup++, out);
  }

  close(): void {
    this.#accumulator = undefined;
    this.#child.close();
  }
}
