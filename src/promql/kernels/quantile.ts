import { ABSENT, FLOAT, type StepColumn } from '../../model/columns.ts';
import type { RangeWindows } from './range-windows.ts';
import { floatScratch } from './scratch.ts';

/**
 * The `q`-quantile of `count` sorted numbers and `nanCount` NaN that sort before them, between two of them by linear
 * interpolation. NaN without values or for a NaN `q`; -Inf and +Inf for a `q` below 0 and above 1.
 */
function quantileOfSorted(q: number, sorted: Float64Array, count: number, nanCount: number): number {
  const total = count + nanCount;
  if (total === 0 || Number.isNaN(q)) return NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  const rank = q * (total - 1);
  const lower = Math.max(0, Math.floor(rank));
  const upper = Math.min(total - 1, lower + 1);
  const weight = rank - Math.floor(rank);
  const lowerValue = lower < nanCount ? NaN : sorted[lower - nanCount]!;
  const upperValue = upper < nanCount ? NaN : sorted[upper - nanCount]!;
  return lowerValue * (1 - weight) + upperValue * weight;
}

const windowScratch = floatScratch();
const deviationScratch = floatScratch();

/** More new samples than this, and sorting the window anew beats inserting them one by one. */
const INSERT_LIMIT = 24;
/** For fewer values a loop is done before `copyWithin` has begun. */
const COPY_FROM = 64;

/** `quantile_over_time`. The window is kept sorted from step to step: what leaves is cut out, what comes is put in. */
export function quantileOverTime(windows: RangeWindows, quantiles: Float64Array, out: StepColumn): void {
  overSortedWindows(windows, out, (sorted, count, nanCount, step) =>
    quantileOfSorted(quantiles[step]!, sorted, count, nanCount),
  );
}

/** `mad_over_time`: the median of the distances from the median. With `isNanKept`, one NaN makes it NaN. */
export function medianAbsoluteDeviation(windows: RangeWindows, isNanKept: boolean, out: StepColumn): void {
  overSortedWindows(windows, out, (sorted, count, nanCount) => {
    if (isNanKept && nanCount > 0) return NaN;
    const median = quantileOfSorted(0.5, sorted, count, nanCount);
    const deviations = deviationScratch.take(count);
    const kept = sortDeviations(sorted, count, median, deviations);
    return quantileOfSorted(0.5, deviations, kept, count + nanCount - kept);
  });
}

/** Writes the distances of `sorted` from `median`, ascending; returns how many there are. NaN is left out. */
function sortDeviations(sorted: Float64Array, count: number, median: number, deviations: Float64Array): number {
  if (!Number.isFinite(median)) {
    // Only what is finite, or infinite on the other side, has a distance from infinity.
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const deviation = Math.abs(sorted[i]! - median);
      if (!Number.isNaN(deviation)) deviations[kept++] = deviation;
    }
    return kept;
  }
  // On both sides of the median the distances grow: two sorted runs to merge.
  let right = firstNotBelow(sorted, count, median);
  let left = right - 1;
  for (let i = 0; i < count; i++) {
    const below = left >= 0 ? median - sorted[left]! : Infinity;
    const above = right < count ? sorted[right]! - median : Infinity;
    if (left >= 0 && (below < above || right === count)) {
      deviations[i] = below;
      left -= 1;
    } else {
      deviations[i] = above;
      right += 1;
    }
  }
  return count;
}

function overSortedWindows(
  { samples, from, to }: RangeWindows,
  out: StepColumn,
  resultOf: (sorted: Float64Array, count: number, nanCount: number, step: number) => number,
): void {
  const { values } = samples;
  const sorted = windowScratch.take(samples.count);
  const stepCount = out.values.length;
  let count = 0;
  let nanCount = 0;
  let heldFrom = 0;
  let heldTo = 0;
  for (let step = 0; step < stepCount; step++) {
    const first = from[step]!;
    const end = to[step]!;
    out.present[step] = first < end ? FLOAT : ABSENT;
    if (first >= end) continue;
    if (first >= heldTo || end - heldTo > INSERT_LIMIT || first - heldFrom > INSERT_LIMIT) {
      count = 0;
      for (let i = first; i < end; i++) if (!Number.isNaN(values[i]!)) sorted[count++] = values[i]!;
      sorted.subarray(0, count).sort();
      nanCount = end - first - count;
    } else {
      for (let i = heldFrom; i < first; i++) {
        if (Number.isNaN(values[i]!)) nanCount -= 1;
        else count = cutOut(sorted, count, values[i]!);
      }
      for (let i = heldTo; i < end; i++) {
        if (Number.isNaN(values[i]!)) nanCount += 1;
        else count = putIn(sorted, count, values[i]!);
      }
    }
    heldFrom = first;
    heldTo = end;
    out.values[step] = resultOf(sorted, count, nanCount, step);
  }
}

/** Removes one `value`, which is there; returns the new count. */
function cutOut(sorted: Float64Array, count: number, value: number): number {
  const at = firstNotBelow(sorted, count, value);
  if (count - at > COPY_FROM) sorted.copyWithin(at, at + 1, count);
  else for (let i = at + 1; i < count; i++) sorted[i - 1] = sorted[i]!;
  return count - 1;
}

function putIn(sorted: Float64Array, count: number, value: number): number {
  const at = firstNotBelow(sorted, count, value);
  if (count - at > COPY_FROM) sorted.copyWithin(at + 1, at, count);
  else for (let i = count; i > at; i--) sorted[i] = sorted[i - 1]!;
  sorted[at] = value;
  return count + 1;
}

function firstNotBelow(sorted: Float64Array, count: number, value: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
