import { ABSENT, FLOAT, type StepColumn } from '../../model/columns.ts';
import { extrapolationFactor, secondsOf } from './extrapolation.ts';
import type { RangeWindows } from './range-windows.ts';
import type { RateKind } from './rate.ts';
import { isStartReset, startInWindow } from './start-times.ts';

/**
 * `rate` and `increase` of a series that knows when its counters began: resets are seen where no value fell, and what a
 * counter that began in the window had counted by its first sample belongs to it.
 */
export function rateFromStarts(
  { samples, from, to, windowEndMs, rangeMs }: RangeWindows,
  { isPerSecond }: RateKind,
  out: StepColumn,
): void {
  const { timestampsMs, values } = samples;
  for (let step = 0; step < out.values.length; step++) {
    const first = from[step]!;
    const last = to[step]! - 1;
    out.present[step] = ABSENT;
    if (last < first) continue;
    const endMs = windowEndMs[step]!;
    const startMs = startInWindow(samples, first, endMs - rangeMs);
    if (first === last && startMs === undefined) continue;
    let change = values[last]! - values[first]!;
    for (let i = first + 1; i <= last; i++) {
      if (values[i]! < values[i - 1]! || isStartReset(samples, i)) change += values[i - 1]!;
    }
    const isRising = change > 0 && values[first]! >= 0;
    const zeroAt = isRising ? values[first]! / change : undefined;
    if (startMs !== undefined) change += values[first]!;
    const sampled = { firstMs: timestampsMs[first]!, lastMs: timestampsMs[last]!, intervalCount: last - first };
    const factor = extrapolationFactor({ ...sampled, endMs, rangeMs, zeroAt, startMs });
    out.values[step] = change * (isPerSecond ? factor / secondsOf(rangeMs) : factor);
    out.present[step] = FLOAT;
  }
}
