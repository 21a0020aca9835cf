import type { DecodedChunk } from './chunk-codec.ts';

/** Decoded chunks, the least recently used go first when their columns take more than the budget. */
export class DecodedCache {
  readonly #limitBytes: number;
  /** In the order of use: a Map keeps the order of insertion, and a used entry is inserted again. */
  readonly #chunks = new Map<number, DecodedChunk>();
  #usedBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Frozen. */
  get(chunkId: number): DecodedChunk | undefined {
    const chunk = this.#chunks.get(chunkId);
    if (chunk === undefined) return undefined;
    // As long as nothing has to go the order does not matter, and moving an entry costs more than finding it.
    if (this.#usedBytes * 2 > this.#limitBytes) {
      this.#chunks.delete(chunkId);
      this.#chunks.set(chunkId, chunk);
    }
    return chunk;
  }

  add(chunkId: number, chunk: DecodedChunk): void {
    const bytes = sizeBytes(chunk);
    if (bytes > this.#limitBytes) return;
    this.delete(chunkId);
    this.#chunks.set(chunkId, chunk);
    this.#usedBytes += bytes;
    for (const oldestId of this.#chunks.keys()) {
      if (this.#usedBytes <= this.#limitBytes) break;
      this.delete(oldestId);
    }
  }

  delete(chunkId: number): void {
    const chunk = this.#chunks.get(chunkId);
    if (chunk === undefined) return;
    this.#chunks.delete(chunkId);
    this.#usedBytes -= sizeBytes(chunk);
  }

  clear(): void {
    this.#chunks.clear();
    this.#usedBytes = 0;
  }
}

/** Two columns, histograms, and about what the objects around them take. */
function sizeBytes(chunk: DecodedChunk): number {
  return chunk.timestampsMs.byteLength + chunk.values.byteLength + (chunk.histogramsBytes ?? 0) + 400;
}
