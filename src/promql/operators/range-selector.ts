import { SampleColumns, type StepGrid } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { SeriesSet } from '../../model/series-source.ts';
import type { Work } from '../../model/work.ts';
import type { RangeWindows } from '../functions/types.ts';
import { ByTimes } from './by-times.ts';
import { HistogramStatistics } from './histogram-statistics.ts';
import type { RangeOperator } from './operator.ts';
import { executionError, type QueryContext } from './query-context.ts';
import { samplesWeight, windowsWeight } from './sample-weight.ts';
import { SlidingWindows } from './sliding-windows.ts';
import type { SelectorSpec } from './vector-selector.ts';
import { type Moments, momentColumn, momentsOf, removeStaleMarkers } from './windows.ts';

export interface RangeSelectorSpec extends SelectorSpec {
  readonly rangeMs: number;
  readonly extension: 'anchored' | 'smoothed' | undefined;
}

/** `x[5m]`: at every step the samples in `(step - range, step]`, staleness markers left out. */
export class RangeSelectorOperator implements RangeOperator {
  readonly areDistinct = true;
  readonly #context: QueryContext;
  readonly #spec: RangeSelectorSpec;
  readonly #moments: Moments;
  readonly #beforeMs: number;
  readonly #afterMs: number;
  readonly #samples = new SampleColumns();
  readonly #windows: ByTimes<SlidingWindows>;
  #set: SeriesSet | undefined;
  #nextSeries = 0;

  constructor(context: QueryContext, grid: StepGrid, spec: RangeSelectorSpec) {
    this.#context = context;
    this.#spec = spec;
    this.#moments = momentsOf(grid, spec);
    // Extended windows reach one lookback further, to know the values at the edges of the range.
    this.#beforeMs = spec.rangeMs + (spec.extension ? context.lookbackMs : 0);
    this.#afterMs = spec.extension === 'smoothed' ? context.lookbackMs : 0;
    const windowEndMs = momentColumn(this.#moments, grid.count);
    const reach = { beforeMs: this.#beforeMs, afterMs: this.#afterMs };
    this.#windows = new ByTimes(
      grid.count,
      () => new SlidingWindows(this.#samples, windowEndMs, { ...spec, ...reach }),
    );
  }

  *prepare(): Work<readonly Labels[]> {
    const { source, tenant } = this.#context;
    const startMs = this.#moments.startMs - this.#beforeMs + 1;
    const endMs = this.#moments.endMs + this.#afterMs;
    this.#set = yield* source.selectInSlices({ tenant, matchers: this.#spec.matchers, startMs, endMs });
    return this.#set.labels;
  }

  next(): RangeWindows {
    const samples = this.#samples;
    this.#set!.read(this.#nextSeries++, samples);
    removeStaleMarkers(samples);
    const windows = this.#windows.of(samples);
    if (samples.histograms && this.#spec.extension && !this.#context.features.prometheus314) {
      if (hasHistogramInWindows(samples, windows)) throw noHistogramsInExtensions();
    }
    if (samples.histograms && this.#spec.isForStatistics) this.#keepStatistics(samples.histograms, windows);
    const { account } = this.#context;
    account.countWindow(samples.count);
    // Prometheus's count of histograms slips where windows slide: at most by all of them.
    if (samples.histograms) account.hold(samplesWeight(samples));
    account.countReads(samples.histograms ? windowsWeight(samples, windows) : windows.sampleCount);
    return windows;
  }

  /** Takes the buckets from the histograms. */
  #keepStatistics(histograms: (NativeHistogram | undefined)[], { from, to }: RangeWindows): void {
    const statistics = new HistogramStatistics(this.#context.features);
    let read = 0;
    for (let step = 0; step < from.length; step++) {
      // Where windows are further apart than they are long, Prometheus does not read what lies between them.
      if (from[step]! > read) {
        statistics.forget();
        read = from[step]!;
      }
      for (; read < to[step]!; read++) {
        const histogram = histograms[read];
        if (histogram) histograms[read] = statistics.next(histogram);
      }
    }
  }

  close(): void {
    this.#set = undefined;
  }
}

/** Before 3.10, extended selectors refuse what they cannot interpolate. */
export function noHistogramsInExtensions(): Error {
  return executionError('smoothed and anchored modifiers do not work with native histograms');
}

function hasHistogramInWindows({ histograms }: SampleColumns, { from, to }: RangeWindows): boolean {
  for (let step = 0; step < from.length; step++) {
    for (let i = from[step]!; i < to[step]!; i++) if (histograms?.[i]) return true;
  }
  return false;
}
