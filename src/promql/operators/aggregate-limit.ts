import { ABSENT, createStepColumn, type StepColumn } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import { isAnySeriesAsked } from './aggregate-ranked.ts';
import { type Grouping, groupSeries } from './grouping.ts';
import { copyColumn } from './materialise.ts';
import { hasAny } from './merge-duplicates.ts';
import type { ScalarOperator, VectorOperator } from './operator.ts';
import type { SampleAccount } from './query-context.ts';

export interface LimitOptions {
  readonly grouping: Grouping;
  readonly stepCount: number;
  readonly account: SampleAccount;
}

/** `limitk`: at every step the first series of each group, native histograms too. */
export class LimitOperator implements VectorOperator {
  readonly #child: VectorOperator;
  readonly #parameter: ScalarOperator;
  readonly #options: LimitOptions;
  #chosen: readonly StepColumn[] = [];
  #nextSeries = 0;

  constructor(child: VectorOperator, parameter: ScalarOperator, options: LimitOptions) {
    this.#child = child;
    this.#parameter = parameter;
    this.#options = options;
  }

  *prepare(): Work<readonly Labels[]> {
    const { grouping, stepCount, account } = this.#options;
    const limits = new Float64Array(stepCount);
    yield* this.#parameter.evaluate(limits);
    const series = yield* this.#child.prepare();
    account.assertRoomFor(series.length * stepCount);
    const { labels, groupOfSeries } = yield* groupSeries(series, grouping);
    const counts = new Int32Array(labels.length * stepCount);
    const listed: { readonly group: number; readonly labels: Labels }[] = [];
    const chosen: StepColumn[] = [];
    let column = createStepColumn(stepCount);
    for (let index = 0; index < series.length; index++) {
      this.#child.next(column);
      const group = groupOfSeries[index]!;
      keepFirst(column, limits, counts.subarray(group * stepCount, (group + 1) * stepCount));
      if (hasAny(column)) {
        listed.push({ group, labels: series[index]! });
        chosen.push(column);
        column = createStepColumn(stepCount);
      }
      yield;
    }
    // What is wrong with the parameter is told when all has been read.
    if (!isAnySeriesAsked(limits)) return [];
    const order = [...listed.keys()];
    // Over one step they come group by group.
    if (stepCount === 1) order.sort((a, b) => listed[a]!.group - listed[b]!.group);
    this.#chosen = order.map((index) => chosen[index]!);
    return order.map((index) => listed[index]!.labels);
  }

  next(out: StepColumn): void {
    copyColumn(this.#chosen[this.#nextSeries++]!, out);
  }

  close(): void {
    this.#chosen = [];
    this.#child.close();
    this.#parameter.close();
  }
}

/** Takes the values of those steps that have enough; `counts` are those of the group. */
function keepFirst({ present }: StepColumn, limits: Float64Array, counts: Int32Array): void {
  for (let step = 0; step < present.length; step++) {
    if (present[step] === ABSENT) continue;
    if (counts[step]! + 1 <= limits[step]!) counts[step]! += 1;
    else present[step] = ABSENT;
  }
}
