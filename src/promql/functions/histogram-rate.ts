import { ABSENT, type SampleColumns, type StepColumn, setHistogram } from '../../model/columns.ts';
import { NativeHistogram } from '../../model/native-histogram.ts';
import {
  addHistograms,
  divideHistogram,
  scaleHistogram,
  subtractHistograms,
} from '../../model/native-histogram-arithmetic.ts';
import { compact, reduceResolution } from '../../model/native-histogram-buckets.ts';
import { detectReset } from '../../model/native-histogram-resets.ts';
import { extrapolation, type RateKind, secondsOf } from '../kernels/rate.ts';
import { isStartReset, startInWindow } from '../kernels/start-times.ts';
import { informAt, warnAt } from './annotate.ts';
import { type HistogramOperation, histogramTexts } from './histogram-texts.ts';
import type { RangeContext, RangeWindows } from './types.ts';

/** A window that holds native histograms, `[first, last]`. */
interface Window {
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
  windowValue: (window: Window, step: number) => NativeHistogram | undefined,
): void {
  const histograms = samples.histograms!;
  const histogramsBefore = countHistograms(histograms, samples.count);
  for (let step = 0; step < out.present.length; step++) {
    const window = { histograms, first: from[step]!, last: to[step]! - 1 };
    const count = histogramsBefore[to[step]!]! - histogramsBefore[from[step]!]!;
    if (count === 0) continue;
    out.present[step] = ABSENT;
    if (count <= window.last - window.first) {
      warn(context, histogramTexts.mixedWithFloats(context.labels.metricName));
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

/** `rate`, `increase` and `delta` of a series with native histograms. */
export function histogramRate(windows: RangeWindows, kind: RateKind, out: StepColumn, context: RangeContext): void {
  const { samples, windowEndMs, rangeMs } = windows;
  const { timestampsMs } = samples;
  const resets = kind.isCounter ? new ResetCache(samples) : undefined;
  forHistogramWindows(windows, out, context, (window, step) => {
    const { histograms, first, last } = window;
    const oldest = histograms[first]!;
    const startMs = kind.isCounter ? startInWindow(samples, first, windowEndMs[step]! - rangeMs) : undefined;
    if (first === last && startMs === undefined) return undefined;
    const sampled = first === last ? undefined : changeOf(window, resets, context);
    if (first !== last && !sampled) return undefined;
    const isRising = kind.isCounter && sampled !== undefined && sampled.count > 0 && oldest.count >= 0;
    const change =
      startMs === undefined
        ? sampled
        : sampled
          ? combined(addHistograms(sampled, oldest), 'addition', context)
          : oldest;
    if (!change) return undefined;
    const factor = extrapolation({
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

/** Whether the counter was reset just before a sample: asked for once, however many windows it is in. */
class ResetCache {
  readonly #samples: SampleColumns;
  readonly #known = new Map<number, boolean>();

  constructor(samples: SampleColumns) {
    this.#samples = samples;
  }

  at(histograms: readonly (NativeHistogram | undefined)[], index: number): boolean {
    let isReset = this.#known.get(index);
    if (isReset === undefined) {
      isReset = isStartReset(this.#samples, index) || detectReset(histograms[index]!, histograms[index - 1]!);
      this.#known.set(index, isReset);
    }
    return isReset;
  }
}

/** The change over a window of two and more; of a counter when `resets` are given. Undefined when kinds of buckets mix. */
function changeOf(
  { histograms, first, last }: Window,
  resets: ResetCache | undefined,
  context: RangeContext,
): NativeHistogram | undefined {
  const { metricName } = context.labels;
  const newest = histograms[last]!;
  const oldest = histograms[first]!;
  let base = oldest;
  if (resets?.at(histograms, first + 1)) {
    // What was before a reset is not looked at, so it need not fit.
    const { schema, customBounds } = histograms[first + 1]!;
    base = new NativeHistogram({ schema, customBounds, count: 0, sum: 0 });
  }
  const isGauge = ({ counterResetHint }: NativeHistogram): boolean => counterResetHint === 'gauge';
  if (newest.usesCustomBuckets !== base.usesCustomBuckets) {
    if (resets && (isGauge(oldest) || isGauge(newest))) warn(context, histogramTexts.notCounter(metricName));
    warn(context, histogramTexts.mixedSchemas(metricName));
    return undefined;
  }
  let schema = Math.min(base.schema, newest.schema);
  let hasGauge = isGauge(oldest) || isGauge(newest);
  if (resets) {
    for (let i = first + 1; i < last; i++) {
      const between = histograms[i]!;
      if (between.usesCustomBuckets !== base.usesCustomBuckets) {
        warn(context, histogramTexts.mixedSchemas(metricName));
        return undefined;
      }
      schema = Math.min(schema, between.schema);
      hasGauge ||= isGauge(between);
    }
    if (hasGauge) warn(context, histogramTexts.notCounter(metricName));
  } else if (!isGauge(oldest) || !isGauge(newest)) {
    warn(context, histogramTexts.notGauge(metricName));
  }
  let change = combined(subtractHistograms(reduceResolution(newest, schema), base), 'subtraction', context);
  if (resets) {
    for (let i = first + 2; i <= last && change; i++) {
      if (resets.at(histograms, i)) change = combined(addHistograms(change, histograms[i - 1]!), 'addition', context);
    }
  }
  return change && compact(change).with({ counterResetHint: 'gauge' });
}

/** The result, and a note when bounds were reconciled; a warning when there is none. */
function combined(
  combination: ReturnType<typeof addHistograms>,
  operation: HistogramOperation,
  context: RangeContext,
): NativeHistogram | undefined {
  if (!combination) {
    warn(context, histogramTexts.mixedSchemas(context.labels.metricName));
    return undefined;
  }
  if (combination.hasReconciledBounds) {
    informAt(context, context.argSpans[0]!, histogramTexts.reconciledBounds(operation));
  }
  return combination.histogram;
}

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

function areOfOneKind({ histograms, first, last }: Window, { isCounter }: RateKind, context: RangeContext): boolean {
  const { metricName } = context.labels;
  for (let i = first; i <= last; i++) {
    const histogram = histograms[i]!;
    if (histogram.usesCustomBuckets !== histograms[first]!.usesCustomBuckets) {
      warn(context, histogramTexts.mixedSchemas(metricName));
      return false;
    }
    if (isCounter && histogram.counterResetHint === 'gauge') warn(context, histogramTexts.notCounter(metricName));
  }
  return true;
}

/** The histogram at `atMs` on the line from sample `index` to the next. */
function histogramBetween(
  { histograms }: Pick<Window, 'histograms'>,
  index: number,
  moment: { timestampsMs: Float64Array; isCounter: boolean; atMs: number },
  context: RangeContext,
): NativeHistogram | undefined {
  const { timestampsMs, isCounter, atMs } = moment;
  const [from, to] = [timestampsMs[index]!, timestampsMs[index + 1]!];
  return interpolateHistograms(
    { before: histograms[index]!, behind: histograms[index + 1]!, fraction: (atMs - from) / (to - from), isCounter },
    (combination, operation) => combined(combination, operation, context),
  );
}

/** `before` and `behind` mixed: a counter that was reset between them starts anew from zero. */
export function interpolateHistograms(
  ends: { before: NativeHistogram; behind: NativeHistogram; fraction: number; isCounter: boolean },
  settle: (combination: ReturnType<typeof addHistograms>, operation: HistogramOperation) => NativeHistogram | undefined,
): NativeHistogram | undefined {
  const { before, behind, fraction, isCounter } = ends;
  if (fraction === 0) return before;
  if (fraction === 1) return behind;
  if (isCounter && detectReset(behind, before)) return scaleHistogram(behind, fraction);
  const rise = settle(subtractHistograms(behind, before), 'subtraction');
  return rise && settle(addHistograms(scaleHistogram(rise, fraction), before), 'addition');
}

function boundedChange(
  { histograms, first, last }: Window,
  ends: { left: NativeHistogram; right: NativeHistogram; isLeftBetween: boolean },
  { isCounter }: RateKind,
  context: RangeContext,
): NativeHistogram | undefined {
  const { left, right, isLeftBetween } = ends;
  if (!isCounter && (left.counterResetHint !== 'gauge' || right.counterResetHint !== 'gauge')) {
    warn(context, histogramTexts.notGauge(context.labels.metricName));
  }
  const change = combined(subtractHistograms(right, left), 'subtraction', context);
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
      correction = correction ? combined(addHistograms(correction, previous), 'addition', context) : previous;
      if (!correction) return undefined;
    }
    previous = next;
  }
  return correction ? combined(addHistograms(change, correction), 'addition', context) : change;
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
      warn(context, histogramTexts.mixedWithFloats(context.labels.metricName));
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
  if (isCounter && gauges > 0) warn(context, histogramTexts.notCounter(metricName));
  if (!isCounter && gauges < 2) warn(context, histogramTexts.notGauge(metricName));
  const change = isReset ? newest : combined(subtractHistograms(newest, before), 'subtraction', context);
  return change && compact(change).with({ counterResetHint: 'gauge' });
}

function warn(context: RangeContext, text: string): void {
  warnAt(context, context.argSpans[0]!, text);
}
