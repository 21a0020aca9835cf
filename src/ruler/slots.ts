import { xxhash64 } from './xxhash.ts';

/** When a group is due: every `intervalMs`, `offsetMs` after a whole multiple of it. */
export interface Slots {
  readonly intervalMs: number;
  /** `[0, intervalMs)`. */
  readonly offsetMs: number;
}

/** What a group is known by: the file that Cortex keeps its namespace in, and its name. */
export interface GroupPlace {
  readonly file: string;
  readonly name: string;
}

/** The file of a namespace; `directory` is `-ruler.rule-path`. */
export function ruleFile(directory: string, tenant: string, namespace: string): string {
  const escaped = encodeURIComponent(namespace.toWellFormed())
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%(24|26|2B|3A|3D|40)/g, (code) => decodeURIComponent(code));
  return `${directory.replace(/\/+$/, '')}/${tenant}/${escaped}`;
}

/**
 * The slots of a group. Groups of one interval are spread over it by their names, so that they are not all due at once and
 * stay where they are across restarts. They are Cortex's slots: it divides the hash of these two labels by the interval, in
 * nanoseconds.
 */
export function slotsOf({ file, name }: GroupPlace, intervalMs: number): Slots {
  const separator = Uint8Array.of(0xff);
  const parts = ['file', file, 'name', name].flatMap((text) => [Buffer.from(text), separator]);
  const offsetNs = xxhash64(Buffer.concat(parts)) % (BigInt(intervalMs) * 1_000_000n);
  return { intervalMs, offsetMs: Number(offsetNs / 1_000_000n) };
}

/** The latest slot that is not after `timeMs`. */
export function slotAt({ intervalMs, offsetMs }: Slots, timeMs: number): number {
  return Math.floor((timeMs - offsetMs) / intervalMs) * intervalMs + offsetMs;
}
