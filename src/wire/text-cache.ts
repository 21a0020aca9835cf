import { decodeUtf8 } from '../model/utf8.ts';

const SLOT_COUNT = 1 << 12;
/** Longer texts are mostly unique. */
const LONGEST_BYTES = 64;

/**
 * Texts that were decoded lately, found by their bytes. Label names and most label values come again with every new series:
 * looking them up takes less time than decoding them, and all series then share one string. Each text has one slot
 * that it may stand in; who comes later takes it over.
 */
export class TextCache {
  readonly #texts: (string | undefined)[] = new Array(SLOT_COUNT).fill(undefined);
  readonly #lengths = new Uint8Array(SLOT_COUNT);
  readonly #bytes = new Uint8Array(SLOT_COUNT * LONGEST_BYTES);

  /** The same text as `decodeUtf8` gives for `[start, end)`. */
  decode(bytes: Uint8Array, start: number, end: number): string {
    const length = end - start;
    if (length > LONGEST_BYTES) return decodeUtf8(bytes, start, end);
    const slot = slotOf(bytes, start, end);
    const known = this.#texts[slot];
    if (known !== undefined && this.#lengths[slot] === length && this.#holds(slot, bytes, start, length)) return known;
    const text = decodeUtf8(bytes, start, end);
    this.#texts[slot] = text;
    this.#lengths[slot] = length;
    for (let i = 0, at = slot * LONGEST_BYTES; i < length; i++) this.#bytes[at + i] = bytes[start + i]!;
    return text;
  }

  #holds(slot: number, bytes: Uint8Array, start: number, length: number): boolean {
    const own = this.#bytes;
    for (let i = 0, at = slot * LONGEST_BYTES; i < length; i++) if (own[at + i] !== bytes[start + i]) return false;
    return true;
  }
}

/** FNV-1a, the high bits folded in. */
function slotOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return (hash ^ (hash >>> 15)) & (SLOT_COUNT - 1);
}
