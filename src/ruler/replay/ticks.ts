/** Moments at which a group is evaluated: `count` of them, `intervalMs` apart. */
export interface Ticks {
  readonly firstMs: number;
  readonly intervalMs: number;
  readonly count: number;
  /** What is read and written is so much earlier. */
  readonly queryOffsetMs: number;
}

/** The ticks from `nextMs` on that are not after `endMs`. */
export function ticksUntil(
  { nextMs, intervalMs, queryOffsetMs }: { nextMs: number; intervalMs: number; queryOffsetMs: number },
  endMs: number,
): Ticks {
  const count = Math.max(0, Math.floor((endMs - nextMs) / intervalMs) + 1);
  return { firstMs: nextMs, intervalMs, count, queryOffsetMs };
}

/** A group that is due. */
export interface DueGroup {
  readonly group: number;
  readonly timeMs: number;
}

/**
 * The ticks of several groups in the order in which timers would fire that each group sets anew when it was evaluated: by
 * time; and of those that are due together, the one first that was set first. `groups` are in the order in which they were
 * set at the beginning.
 */
export function dueInOrder(groups: readonly { readonly group: number; readonly ticks: Ticks }[]): DueGroup[] {
  const due: (DueGroup & { readonly isFirst: boolean; readonly intervalMs: number; readonly place: number })[] = [];
  for (const [place, { group, ticks }] of groups.entries()) {
    const { firstMs, intervalMs, count } = ticks;
    for (let i = 0; i < count; i++) {
      due.push({ group, timeMs: firstMs + i * intervalMs, isFirst: i === 0, intervalMs, place });
    }
  }
  if (groups.length === 1) return due;
  return due.sort((a, b) => {
    if (a.timeMs !== b.timeMs) return a.timeMs - b.timeMs;
    // One that waits for longer was set earlier.
    return a.isFirst && b.isFirst ? a.place - b.place : b.intervalMs - a.intervalMs || a.place - b.place;
  });
}
