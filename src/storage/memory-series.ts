import { Labels } from '../model/labels.ts';
import type { NativeHistogram } from '../model/native-histogram.ts';
import { ChunkList } from './chunk-list.ts';
import type { LabelSets } from './label-sets.ts';
import { OpenSamples, type SamplePool } from './sample-pool.ts';
import type { SeriesRef } from './types.ts';

/** A full chunk that waits in memory for the next checkpoint. */
export interface SealedChunk {
  readonly chunkId: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly sampleCount: number;
  readonly isLate: boolean;
  readonly data: Uint8Array;
}

/** Shared by the many series that have no chunk yet. */
const NO_CHUNKS = new ChunkList();

/**
 * What memory holds of a series. Its samples are, oldest first: chunks (on disk, the last few perhaps sealed in
 * memory), then `open`; and, apart from those, late chunks and `late`, which may overlap anything.
 */
export class MemorySeries {
  readonly ref: SeriesRef;
  /** Until somebody has asked for them: who knows the labels. */
  #labelSets: LabelSets | undefined;
  #labels: Labels | undefined;
  /** The tenants that have this very object. When they are several it is not changed: see `TenantData.ownSeries`. */
  userCount = 1;
  /** Whether its row is on disk or on its way there. */
  isQueued = false;
  /** The bounds of all its samples; Infinity and -Infinity without any. */
  minMs = Infinity;
  maxMs = -Infinity;

  /** The newest sample that came in order: what decides over the next one. */
  lastMs = -Infinity;
  lastLow = 0;
  lastHigh = 0;
  lastHistogram: NativeHistogram | undefined = undefined;
  /** False after a start, when the newest sample stands in a chunk that was not decoded yet. */
  hasLastBits = true;

  /** The batch that looked at this series last, and where in `BaseStates` it found what was there before. */
  batch = 0;
  baseAt = 0;

  readonly open = new OpenSamples();
  late: OpenSamples | undefined = undefined;
  sealed: SealedChunk[] | undefined = undefined;
  /** The log's record that holds the oldest sample which is in no chunk on disk; 0 when all are. */
  unsavedSince = 0;
  #chunks: ChunkList;

  constructor(ref: SeriesRef, labels: LabelSets | Labels, chunks = NO_CHUNKS) {
    this.ref = ref;
    this.#labelSets = labels instanceof Labels ? undefined : labels;
    this.#labels = labels instanceof Labels ? labels : undefined;
    this.#chunks = chunks;
  }

  /** Of a series that is still there, or that others have as well. */
  get labels(): Labels {
    this.#labels ??= this.#labelSets!.labelsOf(this.ref);
    this.#labelSets = undefined;
    return this.#labels;
  }

  /** The same once more, with room of its own for open samples. Neither tenant knows what the other does with the labels. */
  copy(pool: SamplePool): MemorySeries {
    const copy = new MemorySeries(this.ref, this.labels, this.#chunks.copy());
    copy.isQueued = this.isQueued;
    copy.minMs = this.minMs;
    copy.maxMs = this.maxMs;
    copy.lastMs = this.lastMs;
    copy.lastLow = this.lastLow;
    copy.lastHigh = this.lastHigh;
    copy.lastHistogram = this.lastHistogram;
    copy.hasLastBits = this.hasLastBits;
    copy.batch = this.batch;
    copy.baseAt = this.baseAt;
    copy.open.copyFrom(this.open, pool);
    if (this.late !== undefined) {
      copy.late = new OpenSamples();
      copy.late.copyFrom(this.late, pool);
    }
    copy.sealed = this.sealed?.slice();
    copy.unsavedSince = this.unsavedSince;
    return copy;
  }

  /** Who knows the labels may forget them from now on: others have the series still. */
  keepLabels(): void {
    void this.labels;
  }

  get hasSamples(): boolean {
    return this.maxMs >= this.minMs;
  }

  get chunks(): ChunkList {
    return this.#chunks;
  }

  get hasChunks(): boolean {
    return this.#chunks.count > 0;
  }

  addChunk(chunk: Parameters<ChunkList['add']>[0]): void {
    if (this.#chunks === NO_CHUNKS) this.#chunks = new ChunkList();
    this.#chunks.add(chunk);
  }

  /** Samples that a checkpoint would write. */
  get unsavedCount(): number {
    let count = this.open.count + (this.late?.count ?? 0);
    if (this.sealed) for (const chunk of this.sealed) count += chunk.sampleCount;
    return count;
  }

  includeMs(timestampMs: number): void {
    if (timestampMs < this.minMs) this.minMs = timestampMs;
    if (timestampMs > this.maxMs) this.maxMs = timestampMs;
  }

  /** The chunks with numbers up to `highestId` have numbers now that are `idOffset` higher. */
  moveChunkIds(highestId: number, idOffset: number): void {
    this.#chunks.moveIds(highestId, idOffset);
    this.sealed = this.sealed?.map((chunk) =>
      chunk.chunkId <= highestId ? { ...chunk, chunkId: chunk.chunkId + idOffset } : chunk,
    );
  }

  /** A tenant has it no more. */
  forgetSamples(pool: SamplePool): void {
    this.userCount -= 1;
    if (this.userCount > 0) {
      this.keepLabels();
      return;
    }
    this.open.release(pool);
    this.late?.release(pool);
    this.late = undefined;
    this.sealed = undefined;
    this.unsavedSince = 0;
    this.minMs = Infinity;
    this.maxMs = -Infinity;
  }
}
