import type { SampleColumns } from '../../model/columns.ts';

/**
 * Whether the counter of sample `index` began anew after the sample before it. One that began at that very time did too,
 * unless that sample does not know when its own counter began.
 */
export function isStartReset({ timestampsMs, startTimestampsMs }: SampleColumns, index: number): boolean {
  const startMs = startTimestampsMs?.[index] ?? 0;
  if (startMs === 0 || startMs >= timestampsMs[index]!) return false;
  const beforeMs = timestampsMs[index - 1]!;
  if (startMs !== beforeMs) return startMs > beforeMs;
  const startBeforeMs = startTimestampsMs![index - 1] ?? 0;
  return startBeforeMs !== 0 && startBeforeMs < beforeMs;
}

/** Whether in `[first, last]` a counter claims to have begun before the sample of another. */
export function hasStartOverlap(
  { timestampsMs, startTimestampsMs }: SampleColumns,
  first: number,
  last: number,
): boolean {
  if (startTimestampsMs === undefined) return false;
  for (let i = first + 1; i <= last; i++) {
    const startMs = startTimestampsMs[i] ?? 0;
    if (startMs !== 0 && startMs < timestampsMs[i - 1]! && startMs !== startTimestampsMs[i - 1]) return true;
  }
  return false;
}

/** When the counter of a window's first sample began, if that was within the window: it was at zero then. */
export function startInWindow(
  { timestampsMs, startTimestampsMs }: SampleColumns,
  first: number,
  windowStartMs: number,
): number | undefined {
  const startMs = startTimestampsMs?.[first] ?? 0;
  return startMs !== 0 && startMs > windowStartMs && startMs < timestampsMs[first]! ? startMs : undefined;
}
