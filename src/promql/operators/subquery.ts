import {
  createStepColumn,
  FLOAT,
  histogramAt,
  SampleColumns,
  type StepColumn,
  type StepGrid,
  WholeColumns,
} from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { Work } from '../../model/work.ts';
import type { RangeWindows } from '../functions/types.ts';
import { ByTimes } from './by-times.ts';
import type { RangeOperator, VectorOperator } from './operator.ts';
import type { SampleAccount } from './query-context.ts';
import { samplesWeight, windowsWeight } from './sample-weight.ts';
import { SlidingWindows } from './sliding-windows.ts';
import { type Moments, momentColumn } from './windows.ts';

/**
 * The steps at which the inside of a subquery is evaluated, once for all its windows: the multiples of `stepMs` in
 * `(startMs - range, endMs]`, so that the same subquery in two queries looks at the same times.
 */
export function subqueryGrid(
  moments: Pick<Moments, 'startMs' | 'endMs'>,
  { rangeMs, stepMs }: { rangeMs: number; stepMs: number },
): StepGrid {
  const startMs = (Math.floor((moments.startMs - rangeMs) / stepMs) + 1) * stepMs;
  const count = Math.max(0, Math.floor((moments.endMs - startMs) / stepMs) + 1);
  return { startMs, stepMs, count };
}

/** `expr[1h:1m]`: the values of `expr` on the subquery's own grid, as samples, cut into the windows of the outer steps. */
export class SubqueryOperator implements RangeOperator {
  readonly #child: VectorOperator;
  readonly #innerGrid: StepGrid;
  readonly #account: SampleAccount;
  readonly #samples = new SampleColumns();
  readonly #windows: ByTimes<SlidingWindows>;
  readonly #column: StepColumn;
  readonly #columns: WholeColumns;
  /** The times of a column that has a value at every step; made for the first one. */
  #allTimestampsMs: Float64Array | undefined;

  constructor(
    inner: { operator: VectorOperator; grid: StepGrid },
    options: { moments: Moments; stepCount: number; rangeMs: number; account: SampleAccount },
  ) {
    this.#child = inner.operator;
    this.#innerGrid = inner.grid;
    this.#account = options.account;
    this.#column = createStepColumn(inner.grid.count);
    this.#columns = new WholeColumns(inner.grid.count);
    const { stepCount, rangeMs } = options;
    const windowEndMs = momentColumn(options.moments, stepCount);
    this.#windows = new ByTimes(stepCount, () => new SlidingWindows(this.#samples, windowEndMs, { rangeMs }));
  }

  *prepare(): Work<readonly Labels[]> {
    // A step wider than the range may leave no moment in it.
    if (this.#innerGrid.count === 0) return [];
    return yield* this.#child.prepare();
  }

  next(): RangeWindows {
    const samples = this.#samples;
    this.#child.next(this.#column);
    samples.clear();
    if (this.#columns.isWhole(this.#column.present)) this.#takeWhole();
    else appendSamplesOf(this.#column, this.#innerGrid, samples);
    const windows = this.#windows.of(samples);
    this.#account.countWindow(samples.histograms ? samplesWeight(samples) : samples.count);
    this.#account.countReads(samples.histograms ? windowsWeight(samples, windows) : windows.sampleCount);
    return windows;
  }

  #takeWhole(): void {
    const { startMs, stepMs, count } = this.#innerGrid;
    this.#allTimestampsMs ??= Float64Array.from({ length: count }, (_, step) => startMs + step * stepMs);
    this.#samples.shareTimestamps(this.#allTimestampsMs);
    this.#samples.values.set(this.#column.values);
  }

  close(): void {
    this.#child.close();
  }
}

/** Adds the present steps of `column` to `into`. */
export function appendSamplesOf(column: StepColumn, grid: StepGrid, into: SampleColumns): void {
  if (column.histograms || into.histograms) {
    appendMixedSamplesOf(column, grid, into);
    return;
  }
  const { values, present } = column;
  let count = into.count;
  let presentCount = 0;
  for (let step = 0; step < present.length; step++) if (present[step] === FLOAT) presentCount += 1;
  into.reserve(count + presentCount);
  const { timestampsMs, values: sampleValues } = into;
  for (let step = 0; step < values.length; step++) {
    if (present[step] !== FLOAT) continue;
    timestampsMs[count] = grid.startMs + step * grid.stepMs;
    sampleValues[count] = values[step]!;
    count += 1;
  }
  into.count = count;
}

/** `appendSamplesOf` a column that may have native histograms. */
function appendMixedSamplesOf(column: StepColumn, grid: StepGrid, into: SampleColumns): void {
  for (let step = 0; step < column.present.length; step++) {
    const timestampMs = grid.startMs + step * grid.stepMs;
    const histogram = histogramAt(column, step);
    if (histogram) into.pushHistogram(timestampMs, withoutResetHint(histogram));
    else if (column.present[step] === FLOAT) into.push(timestampMs, column.values[step]!);
  }
}

/** What the hint tells of is the sample before in storage, which a subquery may leave out, or have twice. */
function withoutResetHint(histogram: NativeHistogram): NativeHistogram {
  const { counterResetHint } = histogram;
  if (counterResetHint === 'unknown' || counterResetHint === 'gauge') return histogram;
  return histogram.with({ counterResetHint: 'unknown' });
}
