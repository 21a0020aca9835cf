import { ABSENT, copyPresent, FLOAT, type SampleColumns, type StepColumn } from '../../model/columns.ts';
import type { DistinctWindows } from './distinct-windows.ts';
import { type Extrapolation, secondsOf } from './extrapolation.ts';
import { extrapolationOf, type RangeWindows } from './range-windows.ts';
import { floatScratch, indexScratch } from './scratch.ts';
import { isStartReset } from './start-times.ts';

export interface RateKind {
  /** Values only grow; where one falls, the counter was reset. */
  readonly isCounter: boolean;
  /** By the second, rather than over the whole range. */
  readonly isPerSecond: boolean;
}

const changeScratch = floatScratch();
const resetScratch = indexScratch();

/**
 * `rate`, `increase` and `delta`: the change from a window's first sample to its last, extrapolated to the window's
 * ends where samples lie close to them.
 *
 *     window      (-----------------------------]
 *     samples        *     *     *     *
 *                 |--|     |-----|     |--------|
 *         durationToStart  average     durationToEnd
 *
 * A distance to an end of at most 1.1 times the average between samples is bridged; of a longer one, half the average is.
 * Counter resets are looked up in a list made once for the series, so a window costs as much as it has resets; they are
 * added in the order of time because Prometheus rounds in that order.
 */
export function extrapolatedRate(windows: RangeWindows, { isCounter, isPerSecond }: RateKind, out: StepColumn): void {
  const { values } = windows.samples;
  const extrapolation = extrapolationOf(windows, isPerSecond);
  const { zeroReach, factors } = extrapolation;
  const { from, to, ofStep, count } = extrapolation.windows;
  const outValues = out.values;
  const stepCount = outValues.length;
  copyPresent(extrapolation.present, out.present);
  const changes = changeScratch.take(count);
  let mayReachZero = false;
  for (let i = 0; i < count; i++) {
    const first = from[i]!;
    const last = to[i]! - 1;
    if (last <= first) {
      changes[i] = 0;
      continue;
    }
    const firstValue = values[first]!;
    const change = values[last]! - firstValue;
    changes[i] = change;
    if (!(firstValue > zeroReach[i]! * change)) mayReachZero = true;
  }
  // Where the counter was reset it rose by more than was seen.
  if (isCounter && addResets(windows.samples, extrapolation.windows, changes)) mayReachZero = true;
  for (let step = 0; step < stepCount; step++) outValues[step] = changes[ofStep[step]!]! * factors[step]!;
  if (!isCounter || !mayReachZero) return;
  for (let i = 0; i < count; i++) {
    const first = from[i]!;
    const change = changes[i]!;
    if (to[i]! - first < 2 || values[first]! > zeroReach[i]! * change) continue;
    rateFromZero(extrapolation, i, { firstValue: values[first]!, change, windows, isPerSecond }, outValues);
  }
}

/** The rate of one distinct window of a counter that may have started within it: the line is not followed below zero. */
function rateFromZero(
  { sampledSeconds, startGaps, endGaps, windows: { firstStep } }: Extrapolation,
  window: number,
  counter: { firstValue: number; change: number; windows: RangeWindows; isPerSecond: boolean },
  outValues: Float64Array,
): void {
  const { firstValue, change, isPerSecond } = counter;
  const sampled = sampledSeconds[window]!;
  const rangeSeconds = secondsOf(counter.windows.rangeMs);
  const toZero = change > 0 && firstValue >= 0 ? sampled * (firstValue / change) : Infinity;
  for (let step = firstStep[window]!; step < firstStep[window + 1]!; step++) {
    const startGap = startGaps[step]!;
    const factor = (sampled + (toZero < startGap ? toZero : startGap) + endGaps[step]!) / sampled;
    outValues[step] = change * (isPerSecond ? factor / rangeSeconds : factor);
  }
}

/** Adds to the change of each window the values before its counter resets; false where there are none. */
function addResets({ values }: SampleColumns, { from, to, count }: DistinctWindows, changes: Float64Array): boolean {
  if (count === 0) return false;
  const end = to[count - 1]!;
  const resets = resetScratch.take(end);
  const resetCount = findResets(values, from[0]!, end, resets);
  let firstReset = 0;
  for (let i = 0; i < count && firstReset < resetCount; i++) {
    while (firstReset < resetCount && resets[firstReset]! <= from[i]!) firstReset += 1;
    let change = changes[i]!;
    for (let k = firstReset; k < resetCount && resets[k]! < to[i]!; k++) change += values[resets[k]! - 1]!;
    changes[i] = change;
  }
  return resetCount > 0;
}

/** Writes the indexes of samples in `[from, end)` that are below their predecessor there, ascending, and returns how many there are. */
function findResets(values: Float64Array, from: number, end: number, resets: Int32Array): number {
  let count = 0;
  let previous = from < end ? values[from]! : 0;
  for (let i = from + 1; i < end; i++) {
    const value = values[i]!;
    if (value < previous) resets[count++] = i;
    previous = value;
  }
  return count;
}

/**
 * `rate`, `increase` and `delta` of `anchored` and `smoothed` selectors, which have samples beyond the range's ends.
 * `anchored` takes the sample before the range for the value at its start; `smoothed` interpolates at both ends.
 */
export function boundedRate(windows: RangeWindows, kind: RateKind, out: StepColumn): void {
  const { samples, from, to, windowEndMs, rangeMs } = windows;
  const { timestampsMs, values } = samples;
  const { isCounter, isPerSecond } = kind;
  const isSmoothed = windows.extension === 'smoothed';
  const stepCount = out.values.length;
  const rangeSeconds = secondsOf(rangeMs);
  for (let step = 0; step < stepCount; step++) {
    out.present[step] = ABSENT;
    const windowFirst = from[step]!;
    const windowLast = to[step]! - 1;
    if (windowLast < windowFirst) continue;
    const endMs = windowEndMs[step]!;
    const startMs = endMs - rangeMs;
    let first = windowFirst;
    while (first + 1 < windowLast && timestampsMs[first + 1]! <= startMs) first += 1;
    let last = windowLast;
    if (isSmoothed) {
      last = windowFirst;
      while (last < windowLast && timestampsMs[last]! < endMs) last += 1;
    }
    if (timestampsMs[last]! <= startMs || (isSmoothed && timestampsMs[first]! > endMs)) continue;

    const isBefore = timestampsMs[first]! < startMs;
    const isBehind = timestampsMs[last]! > endMs;
    const left = isSmoothed && isBefore ? valueBetween(samples, first, startMs, isCounter) : values[first]!;
    const right =
      isSmoothed && isBehind && last > windowFirst ? valueBetween(samples, last - 1, endMs, isCounter) : values[last]!;
    let change = right - left;
    if (isCounter) {
      // The values at the ends stand for the samples there, so only those strictly inside are looked at.
      const innerFrom = timestampsMs[first]! <= startMs ? first + 1 : first;
      const innerTo = timestampsMs[last]! >= endMs ? last - 1 : last;
      let correction = 0;
      let previous = left;
      for (let i = innerFrom; i <= innerTo; i++) {
        if (values[i]! < previous) correction += previous;
        previous = values[i]!;
      }
      if (right < previous) correction += previous;
      change += correction;
    }
    out.values[step] = isPerSecond ? change / rangeSeconds : change;
    out.present[step] = FLOAT;
  }
}

/** The value at `timestampMs` on the line from sample `index` to the next; a counter that falls starts anew from zero. */
function valueBetween(
  samples: RangeWindows['samples'],
  index: number,
  timestampMs: number,
  isCounter: boolean,
): number {
  const { timestampsMs, values } = samples;
  const y2 = values[index + 1]!;
  const y1 = isCounter && y2 < values[index]! ? 0 : values[index]!;
  const fromMs = timestampsMs[index]!;
  return y1 + ((y2 - y1) * (timestampMs - fromMs)) / (timestampsMs[index + 1]! - fromMs);
}

/** `irate` and `idelta`: the change between a window's last two samples. */
export function instantChange(windows: RangeWindows, kind: RateKind, out: StepColumn): void {
  const { samples, from, to } = windows;
  const { timestampsMs, values } = samples;
  const hasStarts = samples.startTimestampsMs !== undefined;
  const stepCount = out.values.length;
  for (let step = 0; step < stepCount; step++) {
    const last = to[step]! - 1;
    if (last <= from[step]!) {
      out.present[step] = ABSENT;
      continue;
    }
    const isReset = kind.isCounter && (values[last]! < values[last - 1]! || (hasStarts && isStartReset(samples, last)));
    const change = isReset ? values[last]! : values[last]! - values[last - 1]!;
    const seconds = (timestampsMs[last]! - timestampsMs[last - 1]!) / 1000;
    out.values[step] = kind.isPerSecond ? change / seconds : change;
    out.present[step] = FLOAT;
  }
}
