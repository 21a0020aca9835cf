import { ABSENT, HISTOGRAM, type StepColumn } from '../../model/columns.ts';
import { formatFloatCompact } from '../../model/go-float.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import { histogramTexts } from '../functions/histogram-texts.ts';
import { type Grouping, type Groups, groupSeries } from './grouping.ts';
import { copyColumn, materialise } from './materialise.ts';
import { hasAny } from './merge-duplicates.ts';
import type { Notes } from './notes.ts';
import type { ScalarOperator, VectorOperator } from './operator.ts';
import { executionError, type SampleAccount } from './query-context.ts';
import { largestFirst, smallestFirst, ValueHeap } from './value-heap.ts';

export interface RankedOptions {
  readonly op: 'topk' | 'bottomk' | 'limitk';
  readonly grouping: Grouping;
  readonly stepCount: number;
  readonly account: SampleAccount;
  /** About the aggregation. */
  readonly notes: Notes;
}

/** Series of one step that are offered without a pause. */
const PAUSE_EVERY = 4096;

/** Go's bounds of an int64, as floats: what lies beyond is refused. */
const LEAST_K = -(2 ** 63);
const MOST_K = 2 ** 63;

/**
 * `topk`, `bottomk` and `limitk`: at every step some series of each group, with their own labels. Over one step `topk` and
 * `bottomk` yield them in order of value.
 */
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
    const { grouping, stepCount, account } = this.#options;
    const limits = new Float64Array(stepCount);
    yield* this.#parameter.evaluate(limits);
    const series = yield* this.#child.prepare();
    const columns = yield* materialise(this.#child, { seriesCount: series.length, stepCount, account });
    if (!isAnySeriesAsked(limits)) return [];
    const order = yield* this.#choose(columns, yield* groupSeries(series, grouping), limits);
    const listed = stepCount === 1 ? order : [...series.keys()].filter((index) => hasAny(columns[index]!));
    this.#chosen = listed.map((index) => columns[index]!);
    return listed.map((index) => series[index]!);
  }

  /** Leaves in `columns` only what is chosen. Returns the series chosen at the last step, in their order. */
  *#choose(columns: readonly StepColumn[], groups: Groups, limits: Float64Array): Work<number[]> {
    const { op, stepCount, notes } = this.#options;
    const heaps = groups.labels.map(() => new ValueHeap(op === 'bottomk' ? largestFirst : smallestFirst));
    // What each series has at the step: a series that is chosen gets it back.
    const kinds = new Uint8Array(columns.length);
    let order: number[] = [];
    for (let step = 0; step < stepCount; step++) {
      for (const heap of heaps) heap.clear();
      const limit = Math.min(Math.trunc(limits[step]!), columns.length);
      for (let index = 0; index < columns.length; index++) {
        const { values, present } = columns[index]!;
        const kind = present[step]!;
        if (kind === ABSENT) continue;
        kinds[index] = kind;
        const isHistogram = kind === HISTOGRAM;
        present[step] = ABSENT;
        if (limit >= 1) {
          if (isHistogram && op !== 'limitk') notes.inform(histogramTexts.ignoredInAggregation(op));
          else
            offer(heaps[groups.groupOfSeries[index]!]!, { op, limit, index, value: isHistogram ? 0 : values[step]! });
        }
        if (index % PAUSE_EVERY === PAUSE_EVERY - 1) yield;
      }
      order = [];
      for (const heap of heaps) {
        // Over several steps the result is in order of labels anyway.
        if (op !== 'limitk' && stepCount === 1) yield* heap.sortDescending();
        for (const index of heap.series) {
          columns[index]!.present[step] = kinds[index]!;
          order.push(index);
        }
      }
      yield;
    }
    return order;
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

interface Offer {
  readonly op: RankedOptions['op'];
  readonly limit: number;
  readonly index: number;
  readonly value: number;
}

function offer(heap: ValueHeap, { op, limit, index, value }: Offer): void {
  if (heap.size < limit) {
    heap.push(index, value);
  } else if (op !== 'limitk') {
    const top = heap.top;
    const isBetter = op === 'topk' ? top < value : top > value;
    if (isBetter || (Number.isNaN(top) && !Number.isNaN(value))) heap.replaceTop(index, value);
  }
}

/** @throws {PocketCortexError} `execution-error` when a parameter is no number that a count can be made of. */
function isAnySeriesAsked(limits: Float64Array): boolean {
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
