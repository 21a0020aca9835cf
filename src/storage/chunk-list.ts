/**
 * The chunks of one series in the order they were made, as numbers: a server may hold a million of them.
 *
 *     #numbers   WIDTH numbers a chunk: id (negative for a late chunk), oldest and newest sample
 */
const WIDTH = 3;

export class ChunkList {
  /** A plain array: a typed one takes three times the room of a few numbers. */
  #numbers: number[] = EMPTY;
  count = 0;
  lateCount = 0;
  /** The last chunk in order and how many samples it has: it may take more. 0 when there is none. */
  lastId = 0;
  lastSampleCount = 0;

  idAt(index: number): number {
    return Math.abs(this.#numbers[index * WIDTH]!);
  }

  isLateAt(index: number): boolean {
    return this.#numbers[index * WIDTH]! < 0;
  }

  minMsAt(index: number): number {
    return this.#numbers[index * WIDTH + 1]!;
  }

  maxMsAt(index: number): number {
    return this.#numbers[index * WIDTH + 2]!;
  }

  add(chunk: {
    readonly chunkId: number;
    readonly minMs: number;
    readonly maxMs: number;
    readonly sampleCount: number;
    readonly isLate: boolean;
  }): void {
    const chunkId = chunk.isLate ? -chunk.chunkId : chunk.chunkId;
    if (this.count === 0) this.#numbers = [chunkId, chunk.minMs, chunk.maxMs];
    else this.#numbers.push(chunkId, chunk.minMs, chunk.maxMs);
    this.count += 1;
    if (chunk.isLate) {
      this.lateCount += 1;
    } else {
      this.lastId = chunk.chunkId;
      this.lastSampleCount = chunk.sampleCount;
    }
  }

  copy(): ChunkList {
    const copy = new ChunkList();
    if (this.count === 0) return copy;
    copy.#numbers = this.#numbers.slice();
    copy.count = this.count;
    copy.lateCount = this.lateCount;
    copy.lastId = this.lastId;
    copy.lastSampleCount = this.lastSampleCount;
    return copy;
  }

  /** The chunks with numbers up to `highestId` have numbers now that are `idOffset` higher. */
  moveIds(highestId: number, idOffset: number): void {
    for (let index = 0; index < this.count; index++) {
      if (this.idAt(index) <= highestId) this.#numbers[index * WIDTH]! += this.isLateAt(index) ? -idOffset : idOffset;
    }
    if (this.lastId > 0 && this.lastId <= highestId) this.lastId += idOffset;
  }

  /** The last chunk in order has more samples now. */
  extendLast(maxMs: number, sampleCount: number): void {
    for (let index = this.count - 1; index >= 0; index--) {
      if (this.isLateAt(index)) continue;
      this.#numbers[index * WIDTH + 2] = maxMs;
      this.lastSampleCount = sampleCount;
      return;
    }
  }

  /** Forgets all chunks whose newest sample is older than `cutoffMs`. */
  dropOlderThan(cutoffMs: number): void {
    let kept = 0;
    for (let index = 0; index < this.count; index++) {
      if (this.maxMsAt(index) < cutoffMs) {
        if (this.isLateAt(index)) this.lateCount -= 1;
        if (this.idAt(index) === this.lastId) this.lastId = 0;
        continue;
      }
      this.#numbers.copyWithin(kept * WIDTH, index * WIDTH, (index + 1) * WIDTH);
      kept += 1;
    }
    this.count = kept;
    this.#numbers = this.#numbers.slice(0, kept * WIDTH);
  }
}

/** Shared by the many series that have no chunk yet. */
const EMPTY: number[] = [];
