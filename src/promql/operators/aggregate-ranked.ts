import { createStepColumn, type StepColumn } from '../../model/columns.ts';
import { formatFloatCompact } from '../../model/go-float.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import { histogramTexts } from '../functions/histogram-texts.ts';
import { type Grouping, groupSeries } from './grouping.ts';
import { copyColumn } from './materialise.ts';
import type { Notes } from './notes.ts';
import type { ScalarOperator, VectorOperator } from './operator.ts';
import { executionError, type SampleAccount } from './query-context.ts';
import { RankedHeaps } from './ranked-heaps.ts';

export interface RankedOptions {
  readonly op: 'topk' | 'bottomk';
  readonly grouping: Grouping;
  readonly stepCount: number;
  readonly account: SampleAccount;
  /** About the aggregation. */
  readonly notes: Notes;
}

/** Go's bounds of an int64, as floats: what lies beyond is refused. */
const LEAST_K = -(2 ** 63);
const MOST_K = 2 ** 63;

/** `topk` and `bottomk`: at every step some series of each group, with their own labels; over one step in order of value. */
export class RankedAggregateOperator implements VectorOperator {
  readonly #child: VectorOperator;
  readonly #parameter: ScalarOperator;
  readonly #options: RankedOptions;
  #chosen: readonly StepColumn[] = [];
  #nextSeries = 0;

  constructor(child: VectorOperator, parameter: ScalarOperator, options: RankedOptions) {
    this.#child = child;
    this.#parameter = parameter;
    this.#options = options;
  }

  *prepare(): Work<readonly Labels[]> {
    const { op, grouping, stepCount, account, notes } = this.#options;
    const limits = new Float64Array(stepCount);
    yield* this.#parameter.evaluate(limits);
    const series = yield* this.#child.prepare();
    account.assertRoomFor(series.length * stepCount);
    const heaps = new RankedHeaps({ isTop: op === 'topk', groups: yield* groupSeries(series, grouping), limits });
    const column = createStepColumn(stepCount);
    for (let index = 0; index < series.length; index++) {
      this.#child.next(column);
      heaps.add(index, column);
      yield;
    }
    // What is wrong with the parameter is told when all has been read.
    if (!isAnySeriesAsked(limits)) return [];
    if (heaps.hasSeenHistogram) notes.inform(histogramTexts.ignoredInAggregation(op));
    const columns = yield* heaps.columns();
    const listed = stepCount === 1 ? yield* heaps.inOrder() : [...columns.keys()];
    this.#chosen = listed.map((index) => columns.get(index)!);
    return listed.map((index) => series[index]!);
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

/** @throws {PocketCortexError} `execution-error` when a parameter is no number that a count can be made of. */
export function isAnySeriesAsked(limits: Float64Array): boolean {
  let least = Number.MAX_VALUE;
  let most = -Number.MAX_VALUE;
  for (const limit of limits) {
    least = Math.min(least, limit);
    most = Math.max(most, limit);
  }
  if (most < 1) return false;
  if (Number.isNaN(most)) throw executionError('Parameter value is NaN');
  if (least <= LEAST_K) throw executionError(`Scalar value ${formatFloatCompact(least)} underflows int64`);
  if (most >= MOST_K) throw executionError(`Scalar value ${formatFloatCompact(most)} overflows int64`);
  return true;
}
