import type { StepColumn } from '../../model/columns.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import { addHistograms, divideHistogram, subtractHistograms } from '../../model/native-histogram-arithmetic.ts';
import { compact } from '../../model/native-histogram-buckets.ts';
import { detectReset } from '../../model/native-histogram-resets.ts';
import { secondsOf } from '../kernels/extrapolation.ts';
import type { RateKind } from '../kernels/rate.ts';
import { interpolateHistograms } from './histogram-interpolation.ts';
import { histogramTexts } from './histogram-texts.ts';
import { forHistogramWindows, type HistogramWindow, settled, warnOf } from './histogram-windows.ts';
import type { RangeContext, RangeWindows } from './types.ts';

/**
 * `rate`, `increase` and `delta` of `anchored` and `smoothed` windows of native histograms: as `boundedRate`, with the
 * rules of Prometheus 3.14 (engines before refuse histograms here).
 */
export function boundedHistogramRate(
  windows: RangeWindows,
  kind: RateKind,
  out: StepColumn,
  context: RangeContext,
): void {
  const { samples, windowEndMs, rangeMs, extension } = windows;
  forHistogramWindows(windows, out, context, ({ histograms, first: windowFirst, last: windowLast }, step) => {
    const bounds = { startMs: windowEndMs[step]! - rangeMs, endMs: windowEndMs[step]! };
    const { timestampsMs } = samples;
    const isSmoothed = extension === 'smoothed';
    let first = windowFirst;
    while (first + 1 < windowLast && timestampsMs[first + 1]! <= bounds.startMs) first += 1;
    let last = windowLast;
    if (isSmoothed) {
      last = windowFirst;
      while (last < windowLast && timestampsMs[last]! < bounds.endMs) last += 1;
    }
    if (timestampsMs[last]! <= bounds.startMs || (isSmoothed && timestampsMs[first]! > bounds.endMs)) return undefined;
    const window = { histograms, first, last };
    if (!areOfOneKind(window, kind, context)) return undefined;
    const isBefore = isSmoothed && timestampsMs[first]! < bounds.startMs;
    const isBehind = isSmoothed && last > windowFirst && timestampsMs[last]! > bounds.endMs;
    const moments = { timestampsMs, isCounter: kind.isCounter };
    const left = isBefore
      ? histogramBetween(window, first, { ...moments, atMs: bounds.startMs }, context)
      : histograms[first]!;
    const right = isBehind
      ? histogramBetween(window, last - 1, { ...moments, atMs: bounds.endMs }, context)
      : histograms[last]!;
    if (!left || !right) return undefined;
    const change = boundedChange(window, { left, right, isLeftBetween: isBefore }, kind, context);
    if (!change) return undefined;
    const result = kind.isPerSecond ? divideHistogram(change, secondsOf(rangeMs)) : change;
    return compact(result).with({ counterResetHint: 'gauge' });
  });
}

function areOfOneKind(
  { histograms, first, last }: HistogramWindow,
  { isCounter }: RateKind,
  context: RangeContext,
): boolean {
  const { metricName } = context.labels;
  for (let i = first; i <= last; i++) {
    const histogram = histograms[i]!;
    if (histogram.usesCustomBuckets !== histograms[first]!.usesCustomBuckets) {
      warnOf(context, histogramTexts.mixedSchemas(metricName));
      return false;
    }
    if (isCounter && histogram.counterResetHint === 'gauge') warnOf(context, histogramTexts.notCounter(metricName));
  }
  return true;
}

/** The histogram at `atMs` on the line from sample `index` to the next. */
function histogramBetween(
  { histograms }: Pick<HistogramWindow, 'histograms'>,
  index: number,
  moment: { timestampsMs: Float64Array; isCounter: boolean; atMs: number },
  context: RangeContext,
): NativeHistogram | undefined {
  const { timestampsMs, isCounter, atMs } = moment;
  const [from, to] = [timestampsMs[index]!, timestampsMs[index + 1]!];
  return interpolateHistograms(
    { before: histograms[index]!, behind: histograms[index + 1]!, fraction: (atMs - from) / (to - from), isCounter },
    (combination, operation) => settled(combination, operation, context),
  );
}

function boundedChange(
  { histograms, first, last }: HistogramWindow,
  ends: { left: NativeHistogram; right: NativeHistogram; isLeftBetween: boolean },
  { isCounter }: RateKind,
  context: RangeContext,
): NativeHistogram | undefined {
  const { left, right, isLeftBetween } = ends;
  if (!isCounter && (left.counterResetHint !== 'gauge' || right.counterResetHint !== 'gauge')) {
    warnOf(context, histogramTexts.notGauge(context.labels.metricName));
  }
  const change = settled(subtractHistograms(right, left), 'subtraction', context);
  if (!change || !isCounter) return change;
  let inner = first + 1;
  let previous = left;
  if (isLeftBetween && detectReset(histograms[first + 1]!, histograms[first]!)) {
    // The value on the left is one after this reset already.
    previous = histograms[first + 1]!;
    inner += 1;
  }
  // The value on the right stands for the last sample.
  if (inner > last) return change;
  let correction: NativeHistogram | undefined;
  for (; inner <= last; inner++) {
    const next = inner < last ? histograms[inner]! : right;
    if (detectReset(next, previous)) {
      correction = correction ? settled(addHistograms(correction, previous), 'addition', context) : previous;
      if (!correction) return undefined;
    }
    previous = next;
  }
  return correction ? settled(addHistograms(change, correction), 'addition', context) : change;
}
