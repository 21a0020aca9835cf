import { ABSENT, FLOAT, SampleColumns, type StepColumn, type StepGrid, setHistogram } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { SeriesSet } from '../../model/series-source.ts';
import type { Work } from '../../model/work.ts';
import { interpolateHistograms } from '../functions/histogram-interpolation.ts';
import { histogramTexts } from '../functions/histogram-texts.ts';
import type { Notes } from './notes.ts';
import type { VectorOperator } from './operator.ts';
import type { QueryContext } from './query-context.ts';
import { noHistogramsInExtensions } from './range-selector.ts';
import { columnWeight } from './sample-weight.ts';
import type { SelectorSpec } from './vector-selector.ts';
import { type Moments, momentsOf, removeStaleMarkers } from './windows.ts';

/**
 * `up smoothed`: at every step the value on the straight line between the nearest samples before and behind it, each at
 * most one lookback away; with none behind it, the one before.
 */
export class SmoothedSelectorOperator implements VectorOperator {
  readonly #context: QueryContext;
  readonly #spec: SelectorSpec;
  readonly #moments: Moments;
  readonly #notes: Notes;
  readonly #samples = new SampleColumns();
  #set: SeriesSet | undefined;
  #nextSeries = 0;

  /** `notes` are about the selector. */
  constructor(context: QueryContext, grid: StepGrid, spec: SelectorSpec, notes: Notes) {
    this.#context = context;
    this.#spec = spec;
    this.#notes = notes;
    this.#moments = momentsOf(grid, spec);
  }

  *prepare(): Work<readonly Labels[]> {
    const { source, tenant, lookbackMs } = this.#context;
    const startMs = this.#moments.startMs - lookbackMs + 1;
    const endMs = this.#moments.endMs + lookbackMs;
    this.#set = yield* source.selectInSlices({ tenant, matchers: this.#spec.matchers, startMs, endMs });
    return this.#set.labels;
  }

  next(out: StepColumn): void {
    const series = this.#nextSeries++;
    this.#set!.read(series, this.#samples);
    removeStaleMarkers(this.#samples);
    out.histograms = undefined;
    const { account, lookbackMs } = this.#context;
    const presentCount = interpolate(this.#samples, this.#moments, lookbackMs, out);
    if (!this.#samples.histograms) {
      account.hold(presentCount);
      return;
    }
    this.#interpolateHistograms(this.#set!.labels[series]!.metricName, out);
    account.hold(columnWeight(out));
  }

  /** Goes over the steps where a native histogram is in reach: `interpolate` took them for floats. */
  #interpolateHistograms(metricName: string, out: StepColumn): void {
    const { timestampsMs, histograms, count } = this.#samples;
    const { lookbackMs, features } = this.#context;
    let first = 0;
    let end = 0;
    for (let step = 0; step < out.present.length; step++) {
      const momentMs = this.#moments.startMs + step * this.#moments.stepMs;
      while (first < count && timestampsMs[first]! <= momentMs - lookbackMs) first += 1;
      while (end < count && timestampsMs[end]! <= momentMs + lookbackMs) end += 1;
      let histogramCount = 0;
      for (let i = first; i < end; i++) if (histograms![i]) histogramCount += 1;
      if (histogramCount === 0) continue;
      if (!features.prometheus314) throw noHistogramsInExtensions();
      out.present[step] = ABSENT;
      if (histogramCount < end - first) {
        this.#notes.warn(histogramTexts.mixedWithFloats(metricName));
        continue;
      }
      const histogram = this.#histogramAt(momentMs, first, end, metricName);
      if (histogram) setHistogram(out, step, histogram);
    }
  }

  #histogramAt(momentMs: number, first: number, end: number, metricName: string): NativeHistogram | undefined {
    const { timestampsMs } = this.#samples;
    const histograms = this.#samples.histograms!;
    let next = first;
    while (next < end && timestampsMs[next]! < momentMs) next += 1;
    if (next < end && timestampsMs[next] === momentMs) return histograms[next];
    if (next === first) return undefined;
    const before = histograms[next - 1]!;
    // What the hint tells of is the sample before, not the moment.
    if (next === end) return before.with({ counterResetHint: 'unknown' });
    const behind = histograms[next]!;
    const isCounter = before.counterResetHint !== 'gauge' || behind.counterResetHint !== 'gauge';
    const fraction = (momentMs - timestampsMs[next - 1]!) / (timestampsMs[next]! - timestampsMs[next - 1]!);
    if (before.usesCustomBuckets !== behind.usesCustomBuckets) {
      this.#notes.warn(histogramTexts.mixedSchemas(metricName));
      return undefined;
    }
    return interpolateHistograms({ before, behind, fraction, isCounter }, (combination, operation) => {
      if (combination?.hasReconciledBounds) this.#notes.inform(histogramTexts.reconciledBounds(operation));
      return combination?.histogram;
    });
  }

  close(): void {
    this.#set = undefined;
  }
}

/** Returns how many steps have a value. */
function interpolate(samples: SampleColumns, moments: Moments, lookbackMs: number, out: StepColumn): number {
  const { timestampsMs, values, count } = samples;
  const { values: outValues, present } = out;
  let presentCount = 0;
  let next = 0;
  for (let step = 0; step < present.length; step++) {
    const momentMs = moments.startMs + step * moments.stepMs;
    while (next < count && timestampsMs[next]! < momentMs) next += 1;
    const before = next - 1;
    const isBefore = before >= 0 && timestampsMs[before]! > momentMs - lookbackMs;
    const isBehind = next < count && timestampsMs[next]! <= momentMs + lookbackMs;
    present[step] = ABSENT;
    if (isBehind && timestampsMs[next] === momentMs) outValues[step] = values[next]!;
    else if (!isBefore) continue;
    else if (!isBehind) outValues[step] = values[before]!;
    else {
      const rise = (values[next]! - values[before]!) * (momentMs - timestampsMs[before]!);
      outValues[step] = values[before]! + rise / (timestampsMs[next]! - timestampsMs[before]!);
    }
    present[step] = FLOAT;
    presentCount += 1;
  }
  return presentCount;
}
