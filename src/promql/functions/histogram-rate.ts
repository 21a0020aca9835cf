import { ABSENT, type StepColumn, setHistogram } from '../../model/columns.ts';
import { NativeHistogram } from '../../model/native-histogram.ts';
import {
  addHistograms,
  divideHistogram,
  plainDifference,
  scaleHistogram,
  subtractHistograms,
} from '../../model/native-histogram-arithmetic.ts';
import { compact, reduceResolution } from '../../model/native-histogram-buckets.ts';
import { detectReset } from '../../model/native-histogram-resets.ts';
import { extrapolationFactor, secondsOf } from '../kernels/extrapolation.ts';
import type { RateKind } from '../kernels/rate.ts';
import { isStartReset, startInWindow } from '../kernels/start-times.ts';
import { histogramTexts } from './histogram-texts.ts';
import { forHistogramWindows, type HistogramWindow, settled, warnOf } from './histogram-windows.ts';
import type { RangeContext, RangeWindows } from './types.ts';

/** `rate`, `increase` and `delta` of a series with native histograms. */
export function histogramRate(windows: RangeWindows, kind: RateKind, out: StepColumn, context: RangeContext): void {
  const { samples, windowEndMs, rangeMs } = windows;
  const { timestampsMs } = samples;
  const resets = kind.isCounter ? findResets(windows) : undefined;
  forHistogramWindows(windows, out, context, (window, step) => {
    const { histograms, first, last } = window;
    const oldest = histograms[first]!;
    const startMs = kind.isCounter ? startInWindow(samples, first, windowEndMs[step]! - rangeMs) : undefined;
    if (first === last && startMs === undefined) return undefined;
    const sampled = first === last ? undefined : changeOf(window, resets, context);
    if (first !== last && !sampled) return undefined;
    const isRising = kind.isCounter && sampled !== undefined && sampled.count > 0 && oldest.count >= 0;
    const change =
      startMs === undefined ? sampled : sampled ? settled(addHistograms(sampled, oldest), 'addition', context) : oldest;
    if (!change) return undefined;
    const factor = extrapolationFactor({
      startMs,
      firstMs: timestampsMs[first]!,
      lastMs: timestampsMs[last]!,
      intervalCount: last - first,
      endMs: windowEndMs[step]!,
      rangeMs,
      zeroAt: isRising ? oldest.count / sampled.count : undefined,
    });
    return scaleHistogram(change, kind.isPerSecond ? factor / secondsOf(rangeMs) : factor);
  });
}

/** For every sample of the windows whether the counter was reset just before it: 1 for yes. */
function findResets({ samples, from, to }: RangeWindows): Uint8Array {
  const histograms = samples.histograms!;
  const isReset = new Uint8Array(samples.count);
  const end = to.at(-1) ?? 0;
  for (let i = (from[0] ?? 0) + 1; i < end; i++) {
    const [before, current] = [histograms[i - 1], histograms[i]];
    if (before && current && (isStartReset(samples, i) || detectReset(current, before))) isReset[i] = 1;
  }
  return isReset;
}

/** The change over a window of two and more; of a counter when `resets` are given. Undefined when kinds of buckets mix. */
function changeOf(
  { histograms, first, last }: HistogramWindow,
  resets: Uint8Array | undefined,
  context: RangeContext,
): NativeHistogram | undefined {
  const { metricName } = context.labels;
  const newest = histograms[last]!;
  const oldest = histograms[first]!;
  let base = oldest;
  if (resets?.[first + 1] === 1) {
    // What was before a reset is not looked at, so it need not fit.
    const { schema, customBounds } = histograms[first + 1]!;
    base = new NativeHistogram({ schema, customBounds, count: 0, sum: 0 });
  }
  const isGauge = ({ counterResetHint }: NativeHistogram): boolean => counterResetHint === 'gauge';
  if (newest.usesCustomBuckets !== base.usesCustomBuckets) {
    if (resets && (isGauge(oldest) || isGauge(newest))) warnOf(context, histogramTexts.notCounter(metricName));
    warnOf(context, histogramTexts.mixedSchemas(metricName));
    return undefined;
  }
  let schema = Math.min(base.schema, newest.schema);
  let hasGauge = isGauge(oldest) || isGauge(newest);
  if (resets) {
    for (let i = first + 1; i < last; i++) {
      const between = histograms[i]!;
      if (between.usesCustomBuckets !== base.usesCustomBuckets) {
        warnOf(context, histogramTexts.mixedSchemas(metricName));
        return undefined;
      }
      schema = Math.min(schema, between.schema);
      hasGauge ||= isGauge(between);
    }
    if (hasGauge) warnOf(context, histogramTexts.notCounter(metricName));
  } else if (!isGauge(oldest) || !isGauge(newest)) {
    warnOf(context, histogramTexts.notGauge(metricName));
  }
  let nextReset = first + 2;
  while (resets && nextReset <= last && resets[nextReset] !== 1) nextReset += 1;
  const plain = resets && nextReset <= last ? undefined : plainDifference(newest, base);
  if (plain && schema === newest.schema) return plain;
  let change = settled(subtractHistograms(reduceResolution(newest, schema), base), 'subtraction', context);
  if (resets) {
    for (let i = nextReset; i <= last && change; i++) {
      if (resets[i] === 1) change = settled(addHistograms(change, histograms[i - 1]!), 'addition', context);
    }
  }
  return change && compact(change).with({ counterResetHint: 'gauge' });
}

/** `irate` and `idelta` where one of a window's last two samples is a native histogram. */
export function instantHistogramChange(
  { samples, from, to }: RangeWindows,
  kind: RateKind,
  out: StepColumn,
  context: RangeContext,
): void {
  const { timestampsMs } = samples;
  const histograms = samples.histograms!;
  for (let step = 0; step < out.present.length; step++) {
    const last = to[step]! - 1;
    if (last <= from[step]!) continue;
    const [before, newest] = [histograms[last - 1], histograms[last]];
    if (!before && !newest) continue;
    out.present[step] = ABSENT;
    if (!before || !newest) {
      warnOf(context, histogramTexts.mixedWithFloats(context.labels.metricName));
      continue;
    }
    const isReset = kind.isCounter && (isStartReset(samples, last) || detectReset(newest, before));
    const change = changeBetween(before, newest, { isCounter: kind.isCounter, isReset }, context);
    if (!change) continue;
    const seconds = (timestampsMs[last]! - timestampsMs[last - 1]!) / 1000;
    setHistogram(out, step, kind.isPerSecond ? divideHistogram(change, seconds) : change);
  }
}

function changeBetween(
  before: NativeHistogram,
  newest: NativeHistogram,
  { isCounter, isReset }: { isCounter: boolean; isReset: boolean },
  context: RangeContext,
): NativeHistogram | undefined {
  const { metricName } = context.labels;
  const gauges = [before, newest].filter(({ counterResetHint }) => counterResetHint === 'gauge').length;
  if (isCounter && gauges > 0) warnOf(context, histogramTexts.notCounter(metricName));
  if (!isCounter && gauges < 2) warnOf(context, histogramTexts.notGauge(metricName));
  const change = isReset ? newest : settled(subtractHistograms(newest, before), 'subtraction', context);
  return change && compact(change).with({ counterResetHint: 'gauge' });
}
