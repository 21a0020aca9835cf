import { ABSENT, FLOAT, type StepColumn } from '../../model/columns.ts';
import type { RangeWindows } from './range-windows.ts';
import { indexScratch } from './scratch.ts';

export interface ExtremeKind {
  readonly isMax: boolean;
  /** Of equal extremes, the latest one counts: seen in `ts_of_max_over_time` and `ts_of_min_over_time`. */
  readonly isTimestamp: boolean;
}

const queueScratch = indexScratch();

/**
 * `max_over_time`, `min_over_time` and the times of their extremes, for a cost that does not grow with the window: a
 * queue holds the indexes of those samples that may still become the extreme, the current one at its head.
 *
 *     max of  3 1 4 1 5 9 2 6     queue after 6: 9 6   (a smaller sample before a greater one never wins again)
 *
 * NaN loses to every number and never enters the queue; a window of nothing but NaN gives NaN.
 */
export function extremeOverTime(windows: RangeWindows, kind: ExtremeKind, out: StepColumn): void {
  const { samples, from, to } = windows;
  const { timestampsMs, values } = samples;
  const { isMax, isTimestamp } = kind;
  const stepCount = out.values.length;
  const queue = queueScratch.take(samples.count);
  let head = 0;
  let tail = 0;
  let entered = from[0] ?? 0;
  for (let step = 0; step < stepCount; step++) {
    const first = from[step]!;
    const end = to[step]!;
    out.present[step] = first < end ? FLOAT : ABSENT;
    if (first >= end) continue;
    if (entered < first) entered = first;
    for (; entered < end; entered++) {
      const value = values[entered]!;
      if (Number.isNaN(value)) continue;
      while (tail > head && loses(values[queue[tail - 1]!]!, value, isMax, isTimestamp)) tail -= 1;
      queue[tail++] = entered;
    }
    while (head < tail && queue[head]! < first) head += 1;
    if (head === tail) {
      out.values[step] = isTimestamp ? timestampsMs[end - 1]! / 1000 : NaN;
    } else {
      const extreme = queue[head]!;
      out.values[step] = isTimestamp ? timestampsMs[extreme]! / 1000 : values[extreme]!;
    }
  }
}

function loses(old: number, value: number, isMax: boolean, toEqual: boolean): boolean {
  if (toEqual && old === value) return true;
  return isMax ? old < value : old > value;
}
