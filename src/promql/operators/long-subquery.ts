import { createStepColumn, SampleColumns, type StepGrid } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import type { RangeWindows } from '../functions/types.ts';
import type { RangeOperator, VectorOperator } from './operator.ts';
import type { SampleAccount } from './query-context.ts';
import { samplesWeight, windowsWeight } from './sample-weight.ts';
import { appendSamplesOf } from './subquery.ts';
import { type Moments, momentColumn, slideWindows } from './windows.ts';

/** Subqueries of more steps than this are long: columns of all steps would fill the memory. */
export const LONG_STEP_COUNT = 1 << 18;

const STEPS_AT_ONCE = 1 << 15;

/**
 * A subquery of very many steps, such as `x[10y:1s]`. Its inside is evaluated stretch by stretch, each with operators of
 * its own, and only the samples that it has are kept: as in Prometheus it is they that count, not the steps.
 */
export class LongSubqueryOperator implements RangeOperator {
  readonly #plan: (grid: StepGrid) => VectorOperator;
  readonly #innerGrid: StepGrid;
  readonly #account: SampleAccount;
  readonly #windows: RangeWindows;
  #series: readonly SampleColumns[] = [];
  #nextSeries = 0;

  constructor(
    inner: { plan: (grid: StepGrid) => VectorOperator; grid: StepGrid },
    options: { moments: Moments; stepCount: number; rangeMs: number; account: SampleAccount },
  ) {
    this.#plan = inner.plan;
    this.#innerGrid = inner.grid;
    this.#account = options.account;
    this.#windows = {
      samples: new SampleColumns(),
      from: new Int32Array(options.stepCount),
      to: new Int32Array(options.stepCount),
      windowEndMs: momentColumn(options.moments, options.stepCount),
      rangeMs: options.rangeMs,
    };
  }

  *prepare(): Work<readonly Labels[]> {
    const found = new FoundSeries();
    const { startMs, stepMs, count } = this.#innerGrid;
    for (let first = 0; first < count; first += STEPS_AT_ONCE) {
      const grid = { startMs: startMs + first * stepMs, stepMs, count: Math.min(STEPS_AT_ONCE, count - first) };
      yield* this.#evaluate(grid, found);
      yield;
    }
    this.#series = found.samples;
    return found.labels;
  }

  *#evaluate(grid: StepGrid, found: FoundSeries): Work<void> {
    const operator = this.#plan(grid);
    try {
      const series = yield* operator.prepare();
      if (series.length === 0) return;
      const column = createStepColumn(grid.count);
      found.beginStretch();
      for (const labels of series) {
        operator.next(column);
        appendSamplesOf(column, grid, found.of(labels));
        yield;
      }
    } finally {
      operator.close();
    }
  }

  next(): RangeWindows {
    const windows = { ...this.#windows, samples: this.#series[this.#nextSeries++]! };
    const sampleCount = slideWindows(windows.samples, windows, windows.rangeMs);
    this.#account.countWindow(windows.samples.histograms ? samplesWeight(windows.samples) : windows.samples.count);
    this.#account.countReads(windows.samples.histograms ? windowsWeight(windows.samples, windows) : sampleCount);
    return windows;
  }

  close(): void {
    this.#series = [];
  }
}

/** What was found so far, by the labels of the series; several of the same labels in one stretch stay apart. */
class FoundSeries {
  readonly labels: Labels[] = [];
  readonly samples: SampleColumns[] = [];
  readonly #byKey = new Map<string, SampleColumns[]>();
  readonly #seen = new Map<string, number>();

  beginStretch(): void {
    this.#seen.clear();
  }

  of(labels: Labels): SampleColumns {
    const nth = this.#seen.get(labels.key) ?? 0;
    this.#seen.set(labels.key, nth + 1);
    const known = this.#byKey.get(labels.key) ?? [];
    this.#byKey.set(labels.key, known);
    let samples = known[nth];
    if (!samples) {
      samples = new SampleColumns();
      known.push(samples);
      this.labels.push(labels);
      this.samples.push(samples);
    }
    return samples;
  }
}
