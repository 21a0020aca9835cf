import { ColumnMaker } from '../../model/column-maker.ts';
import { createStepColumn, FLOAT, type StepColumn } from '../../model/columns.ts';
import { formatFloatCompact } from '../../model/go-float.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import { histogramTexts } from '../functions/histogram-texts.ts';
import { moveNanToFront, selectRank, smallestOf } from '../kernels/select-rank.ts';
import { type Grouping, groupSeries } from './grouping.ts';
import { hasHistogram } from './histogram-accumulator.ts';
import { copyColumn } from './materialise.ts';
import type { Notes } from './notes.ts';
import type { ScalarOperator, VectorOperator } from './operator.ts';
import type { SampleAccount } from './query-context.ts';
import { StepRows } from './step-rows.ts';

export interface QuantileOptions {
  readonly grouping: Grouping;
  readonly stepCount: number;
  readonly account: SampleAccount;
  /** About the parameter. */
  readonly warn: (text: string) => void;
  /** About the expression. */
  readonly notes: Notes;
}

/** `quantile(0.9, x)`: between the two nearest of the group's values at a step, in proportion. */
export class QuantileAggregateOperator implements VectorOperator {
  readonly #child: VectorOperator;
  readonly #parameter: ScalarOperator;
  readonly #options: QuantileOptions;
  readonly #ranks: Float64Array;
  #results: readonly StepColumn[] = [];
  #nextGroup = 0;

  constructor(child: VectorOperator, parameter: ScalarOperator, options: QuantileOptions) {
    this.#child = child;
    this.#parameter = parameter;
    this.#options = options;
    this.#ranks = new Float64Array(options.stepCount);
  }

  *prepare(): Work<readonly Labels[]> {
    const { grouping, stepCount, account, notes } = this.#options;
    yield* this.#parameter.evaluate(this.#ranks);
    const series = yield* this.#child.prepare();
    account.assertRoomFor(series.length * stepCount);
    const groups = yield* groupSeries(series, grouping);
    const rows = new StepRows(groups, stepCount);
    const column = createStepColumn(stepCount);
    let isHistogramSeen = false;
    for (let index = 0; index < series.length; index++) {
      this.#child.next(column);
      isHistogramSeen ||= hasHistogram(column);
      rows.add(index, column);
      yield;
    }
    if (isHistogramSeen) notes.inform(histogramTexts.ignoredInAggregation('quantile'));
    warnOfRanks(this.#ranks, this.#options.warn);
    const maker = new ColumnMaker(stepCount);
    const results: StepColumn[] = [];
    for (let group = 0; group < groups.labels.length; group++) {
      const result = maker.create();
      yield* this.#writeQuantiles(rows, group, result);
      results.push(result);
    }
    this.#results = results;
    return groups.labels;
  }

  /** Pauses between steps: a large group takes a while. */
  *#writeQuantiles(rows: StepRows, group: number, { values, present }: StepColumn): Work<void> {
    const ranks = this.#ranks;
    for (let step = 0; step < values.length; step++) {
      const count = rows.count(group, step);
      if (count === 0) continue;
      const isKnown = rows.isRepeated(group, step) && Object.is(ranks[step], ranks[step - 1]);
      values[step] = isKnown
        ? values[step - 1]!
        : quantileOf(rows.values, rows.start(group, step), count, ranks[step]!);
      present[step] = FLOAT;
      yield;
    }
  }

  next(out: StepColumn): void {
    copyColumn(this.#results[this.#nextGroup++]!, out);
  }

  close(): void {
    this.#results = [];
    this.#child.close();
    this.#parameter.close();
  }
}

/** The quantile of the `count` values from `start` on, which are moved. NaN comes before all numbers. */
function quantileOf(values: Float64Array, start: number, count: number, quantile: number): number {
  if (Number.isNaN(quantile)) return NaN;
  if (quantile < 0) return -Infinity;
  if (quantile > 1) return Infinity;
  const end = start + count;
  const nanCount = moveNanToFront(values, start, end);
  const rank = quantile * (count - 1);
  const lower = Math.floor(rank);
  const weight = rank - lower;
  if (lower < nanCount) return NaN;
  selectRank(values, start + nanCount, end, lower - nanCount);
  const lowerValue = values[start + lower]!;
  const upperValue = lower + 1 < count ? smallestOf(values, start + lower + 1, end) : lowerValue;
  return lowerValue * (1 - weight) + upperValue * weight;
}

/** One NaN hides all other ranks that are off but infinite ones, as in Prometheus. */
function warnOfRanks(ranks: Float64Array, warn: (text: string) => void): void {
  let hasNaN = false;
  let least = Infinity;
  let most = -Infinity;
  for (const rank of ranks) {
    if (Number.isNaN(rank)) hasNaN = true;
    if (rank < least) least = rank;
    if (rank > most) most = rank;
  }
  const rule = 'quantile value should be between 0 and 1';
  if (hasNaN) warn(`${rule}, got NaN`);
  if (most > (hasNaN ? Number.MAX_VALUE : 1)) warn(`${rule}, got ${formatFloatCompact(most)}`);
  if (least < (hasNaN ? -Number.MAX_VALUE : 0)) warn(`${rule}, got ${formatFloatCompact(least)}`);
}
