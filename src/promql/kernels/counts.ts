import { ABSENT, FLOAT, type StepColumn, setHistogram } from '../../model/columns.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import { areHistogramsEqual } from '../../model/native-histogram-equality.ts';
import { detectReset } from '../../model/native-histogram-resets.ts';
import type { RangeWindows } from './range-windows.ts';
import { indexScratch } from './scratch.ts';
import { isStartReset } from './start-times.ts';

/** `count_over_time`. */
export function countOverTime({ from, to }: RangeWindows, out: StepColumn): void {
  const stepCount = out.values.length;
  for (let step = 0; step < stepCount; step++) {
    const count = to[step]! - from[step]!;
    out.values[step] = count;
    out.present[step] = count > 0 ? FLOAT : ABSENT;
  }
}

/** `present_over_time`. */
export function presentOverTime({ from, to }: RangeWindows, out: StepColumn): void {
  const stepCount = out.values.length;
  for (let step = 0; step < stepCount; step++) {
    out.values[step] = 1;
    out.present[step] = to[step]! > from[step]! ? FLOAT : ABSENT;
  }
}

/** `first_over_time`, `last_over_time` and, with a scale of 1/1000 of their timestamps, `ts_of_first…` and `ts_of_last…`. */
export function endOverTime(
  { samples, from, to }: RangeWindows,
  kind: { readonly isLast: boolean; readonly isTimestamp: boolean },
  out: StepColumn,
): void {
  const { timestampsMs, values, histograms } = samples;
  const stepCount = out.values.length;
  for (let step = 0; step < stepCount; step++) {
    const first = from[step]!;
    const end = to[step]!;
    out.present[step] = first < end ? FLOAT : ABSENT;
    if (first >= end) continue;
    const index = kind.isLast ? end - 1 : first;
    const histogram = kind.isTimestamp ? undefined : histograms?.[index];
    if (histogram) setHistogram(out, step, histogram);
    else out.values[step] = kind.isTimestamp ? timestampsMs[index]! / 1000 : values[index]!;
  }
}

const countScratch = indexScratch();

/**
 * `changes` and `resets`: how often a sample of the window differs from, or is below, the one before it in the window.
 * Counted once along the series; a window's count is a difference.
 */
export function countTransitions(windows: RangeWindows, counts: 'changes' | 'resets', out: StepColumn): void {
  const { samples, from, to, windowEndMs, rangeMs, extension } = windows;
  const { timestampsMs, values, histograms } = samples;
  const hasStarts = samples.startTimestampsMs !== undefined;
  const stepCount = out.values.length;
  const start = from[0] ?? 0;
  const end = to[stepCount - 1] ?? 0;
  const before = countScratch.take(samples.count + 1);
  let count = 0;
  before[start] = 0;
  for (let i = start + 1; i < end; i++) {
    const value = values[i]!;
    const previous = values[i - 1]!;
    if (histograms && (histograms[i] || histograms[i - 1])) {
      const isReset = counts === 'resets' && hasStarts && isStartReset(samples, i);
      if (isReset || isHistogramTransition(histograms[i - 1], histograms[i], counts)) count += 1;
    } else if (counts === 'resets') {
      if (value < previous || (hasStarts && isStartReset(samples, i))) count += 1;
    } else if (value !== previous && !(Number.isNaN(value) && Number.isNaN(previous))) {
      count += 1;
    }
    before[i] = count;
  }
  for (let step = 0; step < stepCount; step++) {
    let first = from[step]!;
    const last = to[step]! - 1;
    out.present[step] = ABSENT;
    if (first > last) continue;
    if (extension !== undefined) {
      // Counting starts at the last sample before the range.
      const startMs = windowEndMs[step]! - rangeMs;
      if (timestampsMs[last]! <= startMs) continue;
      while (first + 1 < last && timestampsMs[first + 1]! <= startMs) first += 1;
    }
    out.values[step] = before[last]! - before[first]!;
    out.present[step] = FLOAT;
  }
}

/** From a float to a native histogram or back is both a change and a reset. */
function isHistogramTransition(
  previous: NativeHistogram | undefined,
  current: NativeHistogram | undefined,
  counts: 'changes' | 'resets',
): boolean {
  if (!previous || !current) return true;
  return counts === 'resets' ? detectReset(current, previous) : !areHistogramsEqual(current, previous);
}
