import { ABSENT, type StepColumn, setHistogram } from '../../model/columns.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { Combination } from '../../model/native-histogram-arithmetic.ts';
import { informAt, warnAt } from './annotate.ts';
import { type HistogramOperation, histogramTexts } from './histogram-texts.ts';
import type { RangeContext, RangeWindows } from './types.ts';

/** A window that holds native histograms, `[first, last]`. */
export interface HistogramWindow {
  readonly histograms: readonly (NativeHistogram | undefined)[];
  readonly first: number;
  readonly last: number;
}

/**
 * Goes on where a kernel has treated all samples as floats: windows of native histograms get theirs, mixed ones nothing
 * and a warning.
 */
export function forHistogramWindows(
  { samples, from, to }: RangeWindows,
  out: StepColumn,
  context: RangeContext,
  windowValue: (window: HistogramWindow, step: number) => NativeHistogram | undefined,
): void {
  const histograms = samples.histograms!;
  const histogramsBefore = countHistograms(histograms, samples.count);
  for (let step = 0; step < out.present.length; step++) {
    const window = { histograms, first: from[step]!, last: to[step]! - 1 };
    const count = histogramsBefore[to[step]!]! - histogramsBefore[from[step]!]!;
    if (count === 0) continue;
    out.present[step] = ABSENT;
    if (count <= window.last - window.first) {
      warnOf(context, histogramTexts.mixedWithFloats(context.labels.metricName));
      continue;
    }
    const value = windowValue(window, step);
    if (value) setHistogram(out, step, value);
  }
}

/** How many of the samples before each index are native histograms. */
function countHistograms(histograms: readonly (NativeHistogram | undefined)[], sampleCount: number): Int32Array {
  const before = new Int32Array(sampleCount + 1);
  for (let i = 0; i < sampleCount; i++) before[i + 1] = before[i]! + (histograms[i] ? 1 : 0);
  return before;
}

/** The result, and a note when bounds were reconciled; a warning when there is none. */
export function settled(
  combination: Combination | undefined,
  operation: HistogramOperation,
  context: RangeContext,
): NativeHistogram | undefined {
  if (!combination) {
    warnOf(context, histogramTexts.mixedSchemas(context.labels.metricName));
    return undefined;
  }
  if (combination.hasReconciledBounds) {
    informAt(context, context.argSpans[0]!, histogramTexts.reconciledBounds(operation));
  }
  return combination.histogram;
}

/** Warns about the range. */
export function warnOf(context: RangeContext, text: string): void {
  warnAt(context, context.argSpans[0]!, text);
}
