import type { DecodedChunk } from './chunk-codec.ts';

/** A link of a ring. The ring's own entry holds no chunk; behind it comes the oldest, before it stands the newest. */
class Entry {
  readonly chunkId: number;
  readonly chunk: DecodedChunk | undefined;
  older: Entry = this;
  newer: Entry = this;

  constructor(chunkId: number, chunk: DecodedChunk | undefined) {
    this.chunkId = chunkId;
    this.chunk = chunk;
  }
}

/**
 * Decoded chunks, the least recently used go first when their columns take more than the budget. The order of use is a
 * linked list: a Map has an order too, but one whose first entries are deleted over and over gets ever slower to begin.
 */
export class DecodedCache {
  readonly #limitBytes: number;
  readonly #entries = new Map<number, Entry>();
  readonly #ring = new Entry(0, undefined);
  /** How many chunks have a column of times: it is counted once. */
  readonly #timesUsers = new Map<Float64Array, number>();
  #usedBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Frozen. */
  get(chunkId: number): DecodedChunk | undefined {
    const entry = this.#entries.get(chunkId);
    if (entry === undefined) return undefined;
    unlink(entry);
    this.#linkNewest(entry);
    return entry.chunk;
  }

  add(chunkId: number, chunk: DecodedChunk): void {
    const bytes = sizeBytes(chunk);
    if (bytes > this.#limitBytes) return;
    this.delete(chunkId);
    while (this.#usedBytes + bytes > this.#limitBytes) this.delete(this.#ring.newer.chunkId);
    const entry = new Entry(chunkId, chunk);
    this.#entries.set(chunkId, entry);
    this.#linkNewest(entry);
    this.#usedBytes += this.#share(chunk, 1);
  }

  delete(chunkId: number): void {
    const entry = this.#entries.get(chunkId);
    if (entry?.chunk === undefined) return;
    unlink(entry);
    this.#entries.delete(chunkId);
    this.#usedBytes -= this.#share(entry.chunk, -1);
  }

  /** One more chunk, or one less, and how many bytes that is: its times count with the first and go with the last that has them. */
  #share(chunk: DecodedChunk, change: 1 | -1): number {
    const users = this.#timesUsers.get(chunk.timestampsMs) ?? 0;
    if (users + change === 0) this.#timesUsers.delete(chunk.timestampsMs);
    else this.#timesUsers.set(chunk.timestampsMs, users + change);
    const isAlone = users + change === (change === 1 ? 1 : 0);
    return isAlone ? sizeBytes(chunk) : sizeBytes(chunk) - chunk.timestampsMs.byteLength;
  }

  #linkNewest(entry: Entry): void {
    const ring = this.#ring;
    entry.older = ring.older;
    entry.newer = ring;
    ring.older.newer = entry;
    ring.older = entry;
  }
}

function unlink({ older, newer }: Entry): void {
  older.newer = newer;
  newer.older = older;
}

/** Two columns, histograms, and about what the objects around them take. */
function sizeBytes(chunk: DecodedChunk): number {
  return chunk.timestampsMs.byteLength + chunk.values.byteLength + (chunk.histograms?.sizeBytes ?? 0) + 400;
}
