import { ABSENT, FLOAT, HISTOGRAM, histogramAt, type StepColumn, setHistogram } from '../../model/columns.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import { compact } from '../../model/native-histogram-buckets.ts';
import { type HistogramFold, meanOfHistograms, sumOfHistograms } from '../../model/native-histogram-fold.ts';
import { histogramTexts } from '../functions/histogram-texts.ts';
import type { Accumulator } from './accumulator.ts';
import type { Notes } from './notes.ts';

/** What an aggregation does about native histograms. */
export interface HistogramTreatment {
  /** About the expression that is aggregated. */
  readonly notes: Notes;
  /** Sums and means make up for what roundings lose, as Prometheus does since 3.10. */
  readonly isCompensated: boolean;
}

/** An accumulator of floats that can tell where it has any. */
export interface FloatAccumulator extends Accumulator {
  has(group: number, step: number): boolean;
}

/** The native histograms of one group at one step. */
interface Fold {
  /** Undefined where the group had floats before: there will be no result. */
  readonly total: HistogramFold | undefined;
  /** Set when exponential and custom buckets met: there will be no result, and what follows is not looked at. */
  stopped?: { readonly hadFloats: boolean };
}

/**
 * `sum` and `avg` of floats, native histograms and both: a group that mixes them at a step has nothing there. Floats
 * are left to an accumulator of theirs; as long as no histogram comes, this costs a look at each column.
 */
export class MixedAccumulator implements Accumulator {
  readonly #op: 'sum' | 'avg';
  readonly #floats: FloatAccumulator;
  readonly #notes: Notes;
  readonly #isCompensated: boolean;
  readonly #foldsOfGroup: (Fold | undefined)[][] = [];

  constructor(op: 'sum' | 'avg', floats: FloatAccumulator, { notes, isCompensated }: HistogramTreatment) {
    this.#op = op;
    this.#floats = floats;
    this.#notes = notes;
    this.#isCompensated = isCompensated;
  }

  add(group: number, column: StepColumn, metricName: string): void {
    this.#floats.add(group, column, metricName);
    if (column.histograms === undefined) return;
    for (let step = 0; step < column.present.length; step++) {
      const histogram = histogramAt(column, step);
      if (histogram) this.#addHistogram(group, step, histogram, metricName);
    }
  }

  addWhole(group: number, values: Float64Array): void {
    this.#floats.addWhole(group, values);
  }

  #addHistogram(group: number, step: number, histogram: NativeHistogram, metricName: string): void {
    this.#foldsOfGroup[group] ??= [];
    const folds = this.#foldsOfGroup[group];
    const fold = folds[step];
    if (!fold) {
      const isFirst = !this.#floats.has(group, step);
      folds[step] = { total: isFirst ? this.#createTotal(histogram) : undefined };
    } else if (fold.total && !fold.stopped && !fold.total.add(histogram)) {
      this.#notes.warn(histogramTexts.mixedSchemas(metricName));
      fold.stopped = { hadFloats: this.#floats.has(group, step) };
    }
  }

  #createTotal(first: NativeHistogram): HistogramFold {
    return (this.#op === 'sum' ? sumOfHistograms : meanOfHistograms)(first, this.#isCompensated);
  }

  finish(group: number, out: StepColumn): void {
    this.#floats.finish(group, out);
    const folds = this.#foldsOfGroup[group];
    if (!folds) return;
    for (let step = 0; step < folds.length; step++) {
      const fold = folds[step];
      if (fold) this.#finishStep(fold, step, out);
    }
  }

  #finishStep({ total, stopped }: Fold, step: number, out: StepColumn): void {
    const hasFloats = stopped ? stopped.hadFloats : out.present[step] === FLOAT;
    out.present[step] = ABSENT;
    if (total?.hasReconciledBounds) this.#notes.inform(histogramTexts.reconciledBounds('aggregation'));
    if (hasFloats) {
      this.#notes.warn(histogramTexts.mixedWithFloatsInAggregation());
      return;
    }
    if (!total || stopped) return;
    if (total.hasResetCollision) this.#notes.warn(histogramTexts.conflictingResets('aggregation'));
    setHistogram(out, step, compact(total.result()));
  }
}

/** Of aggregations that have no use for native histograms: tells of those that it leaves out. */
export class FloatsOnlyAccumulator implements Accumulator {
  readonly #op: string;
  readonly #floats: Accumulator;
  readonly #notes: Notes;

  constructor(op: string, floats: Accumulator, { notes }: HistogramTreatment) {
    this.#op = op;
    this.#floats = floats;
    this.#notes = notes;
  }

  add(group: number, column: StepColumn, metricName: string): void {
    if (hasHistogram(column)) this.#notes.inform(histogramTexts.ignoredInAggregation(this.#op));
    this.#floats.add(group, column, metricName);
  }

  addWhole(group: number, values: Float64Array): void {
    this.#floats.addWhole(group, values);
  }

  finish(group: number, out: StepColumn): void {
    this.#floats.finish(group, out);
  }
}

/** Whether the column has a native histogram at any step. */
export function hasHistogram({ present, histograms }: StepColumn): boolean {
  return histograms !== undefined && present.includes(HISTOGRAM);
}
