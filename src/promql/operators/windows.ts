import { isStaleMarker, type SampleColumns, type StepGrid } from '../../model/columns.ts';

/** The moments that a selector or a subquery looks at, one for each step of the query: a grid of their own. */
export interface Moments {
  readonly startMs: number;
  /** 0 when an `@` makes all moments the same. */
  readonly stepMs: number;
  /** The last moment. */
  readonly endMs: number;
}

/**
 * Where the steps of `grid` look, after `@` and offset. On a query over 0, 60, 120 s: `x offset 10s` looks at -10, 50,
 * 110 s, `x @ 30` at 30 s each time and `x @ 30 offset 10s` at 20 s.
 */
export function momentsOf(grid: StepGrid, shift: { offsetMs: number; atMs: number | undefined }): Moments {
  const startMs = (shift.atMs ?? grid.startMs) - shift.offsetMs;
  const stepMs = shift.atMs === undefined ? grid.stepMs : 0;
  return { startMs, stepMs, endMs: startMs + stepMs * (grid.count - 1) };
}

/** The moments as a column over `stepCount` steps. */
export function momentColumn(moments: Moments, stepCount: number): Float64Array {
  const column = new Float64Array(stepCount);
  for (let step = 0; step < stepCount; step++) column[step] = moments.startMs + moments.stepMs * step;
  return column;
}

/**
 * Finds the samples of every window: index `from[k]` up to, not including, `to[k]` are those in
 * `(windowEndMs[k] - beforeMs, windowEndMs[k] + afterMs]`. `windowEndMs` never falls, so both ends only move forward and
 * the cost is linear in samples and steps. Returns the samples of all windows, one counted as often as it is in one.
 */
export function slideWindows(
  samples: SampleColumns,
  windows: { windowEndMs: Float64Array; from: Int32Array; to: Int32Array },
  beforeMs: number,
  afterMs = 0,
): number {
  const { timestampsMs, count } = samples;
  const { windowEndMs, from, to } = windows;
  const stepCount = windowEndMs.length;
  let first = 0;
  let end = 0;
  let total = 0;
  let step = 0;
  // A series may be short: most windows are before or behind it.
  while (step < stepCount && (count === 0 || windowEndMs[step]! + afterMs < timestampsMs[0]!)) step += 1;
  from.fill(0, 0, step);
  to.fill(0, 0, step);
  for (; step < stepCount && first < count; step++) {
    const lastMs = windowEndMs[step]! + afterMs;
    const outMs = windowEndMs[step]! - beforeMs;
    while (end < count && timestampsMs[end]! <= lastMs) end += 1;
    while (first < end && timestampsMs[first]! <= outMs) first += 1;
    from[step] = first;
    to[step] = end;
    total += end - first;
  }
  from.fill(count, step);
  to.fill(count, step);
  return total;
}

/** Takes the staleness markers out, in place: range vectors do not see them. */
export function removeStaleMarkers(samples: SampleColumns): void {
  const { values, bits, count } = samples;
  let kept = 0;
  while (kept < count && !(Number.isNaN(values[kept]!) && isStaleMarker(bits, kept))) kept += 1;
  if (kept === count) return;
  samples.ownTimestamps();
  const { timestampsMs, histograms, startTimestampsMs } = samples;
  for (let i = kept + 1; i < count; i++) {
    if (Number.isNaN(values[i]!) && isStaleMarker(bits, i)) continue;
    timestampsMs[kept] = timestampsMs[i]!;
    values[kept] = values[i]!;
    if (histograms) histograms[kept] = histograms[i];
    if (startTimestampsMs) startTimestampsMs[kept] = startTimestampsMs[i] ?? 0;
    kept += 1;
  }
  samples.count = kept;
}
