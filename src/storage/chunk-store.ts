import { PocketCortexError } from '../model/errors.ts';
import type { NewestSample } from './base-states.ts';
import { type DecodedChunk, decodeChunk } from './chunk-codec.ts';
import { ChunkTimes } from './chunk-times.ts';
import { DecodedCache } from './decoded-cache.ts';
import type { MemorySeries } from './memory-series.ts';
import type { ChunksTable } from './tables/chunks-table.ts';
import type { TenantData } from './tenant-data.ts';
import type { TenantOrigins } from './tenant-origins.ts';

/** Hands out chunks decoded, from the cache, from memory (sealed ones) or from the disk, and numbers new ones. */
export class ChunkStore {
  readonly #table: ChunksTable;
  readonly #origins: TenantOrigins;
  readonly #cache: DecodedCache;
  readonly #times = new ChunkTimes();
  #lastId: number;

  constructor(table: ChunksTable, origins: TenantOrigins, cacheLimitBytes: number) {
    this.#table = table;
    this.#origins = origins;
    this.#cache = new DecodedCache(cacheLimitBytes);
    this.#lastId = table.lastId();
  }

  /** A chunk's number: higher than all before, so that the data of chunks lie on the disk in the order of time. */
  readonly nextId = (): number => {
    this.#lastId += 1;
    return this.#lastId;
  };

  /** Takes the numbers up to `lastId` away from `nextId`. */
  reserveIds(lastId: number): void {
    this.#lastId = Math.max(this.#lastId, lastId);
  }

  get cachedBytes(): number {
    return this.#cache.usedBytes;
  }

  /** Frozen. @throws {PocketCortexError} `storage-corrupt` */
  decoded(data: TenantData, series: MemorySeries, chunkId: number): DecodedChunk {
    const cached = this.#cache.get(chunkId);
    if (cached) return cached;
    const decoded = this.#decode(data, series, chunkId);
    this.#cache.add(chunkId, decoded);
    return decoded;
  }

  /** As `decoded`, for whoever is about to replace the chunk: it is not worth a place in the cache. */
  decodedOnce(data: TenantData, series: MemorySeries, chunkId: number): DecodedChunk {
    return this.#cache.get(chunkId) ?? this.#decode(data, series, chunkId);
  }

  #decode(data: TenantData, series: MemorySeries, chunkId: number): DecodedChunk {
    const bytes =
      series.sealed?.find((sealed) => sealed.chunkId === chunkId)?.data ??
      this.#table.data(data.number, chunkId) ??
      this.#table.data(this.#origins.chunksOf(data.number), chunkId);
    if (bytes === undefined) {
      throw new PocketCortexError('storage-corrupt', `the database is damaged: chunk ${chunkId} is missing`);
    }
    return decodeChunk(bytes, this.#times);
  }

  /** The chunk is gone or has other samples now. */
  invalidate(chunkId: number): void {
    this.#cache.delete(chunkId);
  }

  /** See `AppendContext`. */
  readonly newestInChunks = (data: TenantData, series: MemorySeries): NewestSample => {
    const { values, histograms } = this.decoded(data, series, series.chunks.lastId);
    const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
    const histogram = histograms?.slice(values.length - 1, values.length)[0];
    return { low: words.at(-2)!, high: words.at(-1)!, histogram };
  };
}
