import { assert } from '../model/assert.ts';
import { Labels, METRIC_NAME } from '../model/labels.ts';
import type { TenantId } from '../model/tenant.ts';
import { ByteWriter } from './bytes.ts';
import { ExemplarRing } from './exemplar-ring.ts';
import { LabelIndex, type LabelPair } from './label-index.ts';
import { MemorySeries } from './memory-series.ts';
import { MetadataSet } from './metadata-set.ts';
import { PendingWrites } from './pending-writes.ts';
import type { SamplePool } from './sample-pool.ts';
import { SelectionCache } from './selection-cache.ts';
import { hashWith, SeriesHash } from './series-hash.ts';
import { SeriesOrder } from './series-order.ts';
import { NO_SERIES, type SeriesRef } from './types.ts';

const writer = new ByteWriter();
const flatScratch: string[] = [];

/** All that memory holds of one tenant. */
export class TenantData {
  readonly tenant: TenantId;
  /** Names the tenant in the tables. */
  readonly number: number;
  readonly pending: PendingWrites;
  /** By `SeriesRef`; undefined where a series is no more. Objects may be shared with forks: see `ownSeries`. */
  seriesByRef: (MemorySeries | undefined)[] = [undefined];
  readonly #labelsOf = (seriesRef: SeriesRef): Labels => this.seriesByRef[seriesRef]?.labels ?? Labels.EMPTY;
  labels = new LabelIndex();
  order = new SeriesOrder(this.#labelsOf);
  readonly selections = new SelectionCache();
  exemplars = new ExemplarRing();
  metadata = new MetadataSet();
  #hash = new SeriesHash();
  /** Labels that were just looked for in vain, and which pairs there are of those that were looked for last. */
  #missed: Labels | undefined;
  readonly #lookedUp: (LabelPair | undefined)[] = [];
  #seriesCount = 0;

  /** The newest sample that came in order: bounds are measured from it. */
  newestMs = -Infinity;
  oldestMs = Infinity;
  /** `newestMs` when the tenant was last flushed on demand. */
  flushedMs = -Infinity;
  /** Samples accepted since the process started. */
  sampleCount = 0;
  batch = 0;
  /** Work that pauses looks here when it goes on. */
  isDeleted = false;

  /** The number of the next record of the log. */
  nextSequence = 1;
  /** Sizes of the records that the log holds, the last one that of `nextSequence - 1`. */
  logRecordBytes: number[] = [];

  constructor(tenant: TenantId, number: number, isNew: boolean) {
    this.tenant = tenant;
    this.number = number;
    this.pending = new PendingWrites(number, isNew ? tenant : undefined);
  }

  get seriesCount(): number {
    return this.#seriesCount;
  }

  series(seriesRef: SeriesRef): MemorySeries {
    const series = this.seriesByRef[seriesRef];
    assert(series !== undefined, 'a series reference names a series of its tenant');
    return series;
  }

  /** The series, for whoever is going to change it: what other tenants have as well stays as it is. */
  ownSeries(seriesRef: SeriesRef, pool: SamplePool): MemorySeries {
    const series = this.series(seriesRef);
    if (series.userCount === 1) return series;
    const owned = series.copy(pool);
    series.userCount -= 1;
    this.seriesByRef[seriesRef] = owned;
    return owned;
  }

  findSeries(labels: Labels): SeriesRef {
    let hash = 0;
    let isKnown = true;
    for (let i = 0; i < labels.size; i++) {
      const pair = this.labels.find(labels.nameAt(i), labels.valueAt(i));
      this.#lookedUp[i] = pair;
      if (pair === undefined) isKnown = false;
      else hash = hashWith(hash, pair.hash);
    }
    // With a label that no series has it is none of them.
    const seriesRef = isKnown ? this.#hash.find(hash, labels, this.seriesByRef) : NO_SERIES;
    this.#missed = seriesRef === NO_SERIES ? labels : undefined;
    return seriesRef;
  }

  findOrCreateSeries(labels: Labels): MemorySeries {
    const known = labels === this.#missed ? NO_SERIES : this.findSeries(labels);
    if (known !== NO_SERIES) return this.series(known);
    const pairs: LabelPair[] = [];
    for (let i = 0; i < labels.size; i++) {
      const pair = this.#lookedUp[i];
      pairs.push(pair ? this.labels.own(pair) : this.labels.findOrCreate(labels.nameAt(i), labels.valueAt(i)));
    }
    return this.addSeries(this.seriesByRef.length, pairs);
  }

  /** `pairs` are in the order of their names. */
  addSeries(seriesRef: SeriesRef, pairs: readonly LabelPair[]): MemorySeries {
    let hash = 0;
    let length = 0;
    for (const pair of pairs) {
      flatScratch[length++] = pair.name;
      flatScratch[length++] = pair.value;
      hash = hashWith(hash, pair.hash);
      // Most lists stay at one, and an array that was pushed to has room for 17.
      if (pair.seriesRefs.length === 0) pair.seriesRefs = [seriesRef];
      else pair.seriesRefs.push(seriesRef);
    }
    // A copy has no room to grow, which for most would be as much again.
    const series = new MemorySeries(seriesRef, Labels.fromSorted(flatScratch.slice(0, length)));
    this.reserveRef(seriesRef);
    this.seriesByRef[seriesRef] = series;
    this.#missed = undefined;
    this.#hash.add(hash, seriesRef);
    this.order.add(seriesRef);
    this.selections.clear();
    this.#seriesCount += 1;
    return series;
  }

  /** No series to come gets this reference or a lower one. */
  reserveRef(seriesRef: SeriesRef): void {
    while (this.seriesByRef.length <= seriesRef) this.seriesByRef.push(undefined);
  }

  /**
   * Another tenant with all of this, shared until one of the two changes it. Its rows are written by others. Every series
   * has to be queued.
   */
  fork(tenant: TenantId, number: number): TenantData {
    const fork = new TenantData(tenant, number, false);
    this.#missed = undefined;
    for (const series of this.seriesByRef) if (series !== undefined) series.userCount += 1;
    fork.seriesByRef = this.seriesByRef.slice();
    fork.labels = this.labels.copy();
    fork.order = this.order.copy(fork.#labelsOf);
    fork.exemplars = this.exemplars.copy();
    fork.metadata = this.metadata.copy();
    fork.#hash = this.#hash.copy();
    fork.#seriesCount = this.#seriesCount;
    fork.newestMs = this.newestMs;
    fork.oldestMs = this.oldestMs;
    fork.flushedMs = this.flushedMs;
    fork.sampleCount = this.sampleCount;
    fork.batch = this.batch;
    fork.nextSequence = this.nextSequence;
    fork.logRecordBytes = this.logRecordBytes.slice();
    return fork;
  }

  /** Queues the series that wait for their first sample. */
  queueAllSeries(pool: SamplePool): void {
    for (const series of this.seriesByRef) {
      if (series !== undefined && !series.isQueued) this.queueSeries(this.ownSeries(series.ref, pool));
    }
  }

  /** A series gets its rows with its first sample: one whose samples were all refused leaves nothing behind. */
  queueSeries(series: MemorySeries): void {
    series.isQueued = true;
    writer.clear();
    const { labels } = series;
    for (let i = 0; i < labels.size; i++) {
      const pair = this.#pair(labels.nameAt(i), labels.valueAt(i));
      if (!pair.isQueued) {
        this.labels.findOrCreate(pair.name, pair.value).isQueued = true;
        this.pending.addPair(pair);
      }
      writer.varint(pair.pair);
    }
    this.pending.addSeries(series.ref, writer.toBytes());
  }

  /** The label pairs that no other series has. */
  pairsOnlyOf(removed: ReadonlySet<MemorySeries>): LabelPair[] {
    const uses = new Map<LabelPair, number>();
    for (const { labels } of removed) {
      for (const [name, value] of labels) {
        const pair = this.#pair(name, value);
        uses.set(pair, (uses.get(pair) ?? 0) + 1);
      }
    }
    return [...uses].filter(([pair, count]) => pair.seriesRefs.length === count).map(([pair]) => pair);
  }

  removeSeries(removed: ReadonlySet<MemorySeries>): void {
    if (removed.size === 0) return;
    this.#missed = undefined;
    const seriesRefs = new Set<SeriesRef>();
    const pairs = new Set<LabelPair>();
    for (const { ref } of removed) seriesRefs.add(ref);
    this.order.remove(seriesRefs);
    for (const series of removed) {
      this.seriesByRef[series.ref] = undefined;
      this.#hash.remove(series.labels, series.ref);
      for (const [name, value] of series.labels) pairs.add(this.#pair(name, value));
    }
    this.exemplars.removeSeries(seriesRefs);
    this.selections.clear();
    this.#seriesCount -= removed.size;
    this.labels.remove(seriesRefs, pairs);
  }

  #pair(name: string, value: string): LabelPair {
    const pair = this.labels.find(name, value);
    assert(pair !== undefined, 'the labels of a series have postings');
    return pair;
  }

  recomputeOldest(): void {
    this.oldestMs = Infinity;
    for (const series of this.seriesByRef) {
      if (series !== undefined && series.minMs < this.oldestMs) this.oldestMs = series.minMs;
    }
  }

  seriesCountOfMetric(metricName: string): number {
    return this.labels.find(METRIC_NAME, metricName)?.seriesRefs.length ?? 0;
  }

  includeSample(timestampMs: number): void {
    if (timestampMs > this.newestMs) this.newestMs = timestampMs;
    if (timestampMs < this.oldestMs) this.oldestMs = timestampMs;
  }
}
