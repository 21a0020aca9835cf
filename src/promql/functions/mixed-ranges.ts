import { SampleColumns, type StepColumn } from '../../model/columns.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { HistogramFold } from '../../model/native-histogram-fold.ts';
import { informAt, warnAt } from './annotate.ts';
import { histogramTexts } from './histogram-texts.ts';
import { forHistogramWindows } from './histogram-windows.ts';
import type { RangeContext, RangeFunction, RangeWindows } from './types.ts';

/** A function of floats only, on a range that may have native histograms too: those are left out, and it says so. */
export function ofFloatsOnly(apply: RangeFunction['apply']): RangeFunction['apply'] {
  return (windows, scalars, out, context) => {
    if (!windows.samples.histograms) {
      apply(windows, scalars, out, context);
      return;
    }
    const floats = floatWindows(windows);
    apply(floats, scalars, out, context);
    for (let step = 0; step < out.present.length; step++) {
      const floatCount = floats.to[step]! - floats.from[step]!;
      if (floatCount === 0 || floatCount === windows.to[step]! - windows.from[step]!) continue;
      informAt(context, context.argSpans[0]!, histogramTexts.ignoredInRange(context.labels.metricName));
      return;
    }
  };
}

/** The same windows over the floats alone. */
function floatWindows(windows: RangeWindows): RangeWindows {
  const { samples } = windows;
  const floats = new SampleColumns(samples.count);
  const floatsBefore = new Int32Array(samples.count + 1);
  for (let i = 0; i < samples.count; i++) {
    if (!samples.histograms![i]) floats.push(samples.timestampsMs[i]!, samples.values[i]!);
    floatsBefore[i + 1] = floats.count;
  }
  const countsBefore = (index: number): number => floatsBefore[index]!;
  return { ...windows, samples: floats, from: windows.from.map(countsBefore), to: windows.to.map(countsBefore) };
}

/**
 * Goes on where a kernel has folded all samples as floats: windows of native histograms are folded as `create` says, mixed
 * ones have nothing, and a warning.
 */
export function foldHistograms(
  windows: RangeWindows,
  create: (first: NativeHistogram, isCompensated: boolean) => HistogramFold,
  out: StepColumn,
  context: RangeContext,
): void {
  if (!windows.samples.histograms) return;
  const isCompensated = context.features?.prometheus314 === true;
  const span = context.argSpans[0]!;
  forHistogramWindows(windows, out, context, ({ histograms, first, last }) => {
    const fold = create(histograms[first]!, isCompensated);
    for (let i = first + 1; i <= last; i++) {
      if (fold.add(histograms[i]!)) continue;
      warnAt(context, span, histogramTexts.mixedSchemas(context.labels.metricName));
      return undefined;
    }
    if (fold.hasResetCollision) warnAt(context, span, histogramTexts.conflictingResets('aggregation'));
    if (fold.hasReconciledBounds) informAt(context, span, histogramTexts.reconciledBounds('aggregation'));
    return fold.result();
  });
}
