import { createStepColumn, FLOAT, type StepColumn } from '../../model/columns.ts';
import { formatFloatCompact } from '../../model/go-float.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import { histogramTexts } from '../functions/histogram-texts.ts';
import { type Grouping, type Groups, groupSeries } from './grouping.ts';
import { hasHistogram } from './histogram-accumulator.ts';
import { copyColumn, materialise } from './materialise.ts';
import type { Notes } from './notes.ts';
import type { ScalarOperator, VectorOperator } from './operator.ts';
import type { SampleAccount } from './query-context.ts';

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
    const columns = yield* materialise(this.#child, { seriesCount: series.length, stepCount, account });
    if (columns.some(hasHistogram)) notes.inform(histogramTexts.ignoredInAggregation('quantile'));
    const groups = yield* groupSeries(series, grouping);
    const results: StepColumn[] = [];
    for (const members of membersOf(groups, columns)) results.push(yield* this.#quantilesOf(members));
    this.#results = results;
    warnOfRanks(this.#ranks, this.#options.warn);
    return groups.labels;
  }

  /** Pauses between steps: sorting the values of a large group takes a while. */
  *#quantilesOf(members: readonly StepColumn[]): Work<StepColumn> {
    const out = createStepColumn(this.#options.stepCount);
    const values = new Float64Array(members.length);
    for (let step = 0; step < out.values.length; step++) {
      let count = 0;
      for (const { values: own, present } of members) if (present[step] === FLOAT) values[count++] = own[step]!;
      if (count === 0) continue;
      out.values[step] = quantileOf(values.subarray(0, count), this.#ranks[step]!);
      out.present[step] = FLOAT;
      yield;
    }
    return out;
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

function membersOf({ labels, groupOfSeries }: Groups, columns: readonly StepColumn[]): StepColumn[][] {
  const members = labels.map((): StepColumn[] => []);
  for (let i = 0; i < columns.length; i++) members[groupOfSeries[i]!]!.push(columns[i]!);
  return members;
}

/** Sorts `values` in place. */
function quantileOf(values: Float64Array, quantile: number): number {
  if (Number.isNaN(quantile)) return NaN;
  if (quantile < 0) return -Infinity;
  if (quantile > 1) return Infinity;
  values.sort();
  // Typed arrays sort NaN behind all numbers; in PromQL it comes first.
  let nanCount = 0;
  while (nanCount < values.length && Number.isNaN(values[values.length - 1 - nanCount]!)) nanCount += 1;
  const rank = quantile * (values.length - 1);
  const lower = Math.floor(rank);
  const upper = Math.min(values.length - 1, lower + 1);
  const weight = rank - lower;
  const at = (index: number): number => (index < nanCount ? NaN : values[index - nanCount]!);
  return at(lower) * (1 - weight) + at(upper) * weight;
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
