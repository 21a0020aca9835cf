/** A power of two: chunks of so many targets times how many chunks a query reads of each series. */
const SLOT_COUNT = 256;
/** Longer ones are those of samples that come when they like. */
const ENCODED_LIMIT_BYTES = 1024;

interface KnownTimes {
  readonly encoding: number;
  readonly encoded: Uint8Array;
  /** Frozen. */
  readonly timestampsMs: Float64Array;
}

/**
 * The times of chunks that were decoded last, by their encoded bytes: series that are scraped together have chunks with the very
 * same times, which are decoded, and held in memory, once for all of them.
 */
export class ChunkTimes {
  readonly #slots: (KnownTimes | undefined)[] = new Array<KnownTimes | undefined>(SLOT_COUNT).fill(undefined);

  /** The times that stand in `bytes` from `start` on, `count` of them, when they are known. */
  find(bytes: Uint8Array, start: number, encoding: number, count: number): KnownTimes | undefined {
    const known = this.#slots[slotOf(bytes, start, count)];
    if (known?.encoding !== encoding || known.timestampsMs.length !== count) return undefined;
    const { encoded } = known;
    for (let i = 0; i < encoded.length; i++) if (bytes[start + i] !== encoded[i]) return undefined;
    return known;
  }

  /** They were decoded from `bytes` at `[start, end)`, and are never changed from now on. */
  add(bytes: Uint8Array, start: number, end: number, encoding: number, timestampsMs: Float64Array): void {
    if (end - start > ENCODED_LIMIT_BYTES) return;
    const encoded = bytes.slice(start, end);
    this.#slots[slotOf(bytes, start, timestampsMs.length)] = { encoding, encoded, timestampsMs };
  }
}

/** By the first time, which all encodings begin with. */
function slotOf(bytes: Uint8Array, start: number, count: number): number {
  let hash = count;
  for (let i = start; i < start + 8; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return (hash ^ (hash >>> 15)) & (SLOT_COUNT - 1);
}
