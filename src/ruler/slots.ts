/** When a group is due: every `intervalMs`, `offsetMs` after a whole multiple of it. */
export interface Slots {
  readonly intervalMs: number;
  /** `[0, intervalMs)`. */
  readonly offsetMs: number;
}

/**
 * The slots of a group. Groups of one interval are spread over it by their names, as in Prometheus, so that they are not
 * all due at once, and stay where they are across restarts.
 */
export function slotsOf(groupKey: string, intervalMs: number): Slots {
  return { intervalMs, offsetMs: hash(groupKey) % intervalMs };
}

/** The latest slot that is not after `timeMs`. */
export function slotAt({ intervalMs, offsetMs }: Slots, timeMs: number): number {
  return Math.floor((timeMs - offsetMs) / intervalMs) * intervalMs + offsetMs;
}

/** FNV-1a over UTF-16 units, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
