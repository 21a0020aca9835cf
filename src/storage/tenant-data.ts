import { assert } from '../model/assert.ts';
import { type Label, listOfLabels } from '../model/label.ts';
import { type Labels, METRIC_NAME } from '../model/labels.ts';
import type { TenantId } from '../model/tenant.ts';
import { ExemplarRing } from './exemplar-ring.ts';
import { LabelIndex, type LabelPair } from './label-index.ts';
import { LabelSets } from './label-sets.ts';
import { MemorySeries } from './memory-series.ts';
import { MetadataSet } from './metadata-set.ts';
import { PendingWrites } from './pending-writes.ts';
import type { SamplePool } from './sample-pool.ts';
import { SelectionCache } from './selection-cache.ts';
import { hashWith, SeriesHash } from './series-hash.ts';
import { SeriesOrder } from './series-order.ts';
import { NO_SERIES, type SeriesRef } from './types.ts';

/** All that memory holds of one tenant. */
export class TenantData {
  readonly tenant: TenantId;
  /** Names the tenant in the tables. */
  readonly number: number;
  readonly pending: PendingWrites;
  /** By `SeriesRef`; undefined where a series is no more. Objects may be shared with forks: see `ownSeries`. */
  seriesByRef: (MemorySeries | undefined)[] = [undefined];
  labels = new LabelIndex();
  labelSets = new LabelSets(this.labels);
  readonly #compare = (a: SeriesRef, b: SeriesRef): number => this.labelSets.compare(a, b);
  order = new SeriesOrder(this.#compare);
  readonly selections = new SelectionCache();
  exemplars = new ExemplarRing();
  metadata = new MetadataSet();
  #hash = new SeriesHash();
  /** Which pairs there are of the labels that were looked for last. */
  readonly #soughtPairs: (LabelPair | undefined)[] = [];
  #soughtCount = 0;
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
    const list = listOfLabels(labels);
    return this.findSeriesOf(list, 0, list.length);
  }

  /** The series that has the labels `[from, to)` of `list`, which are sorted by name; NO_SERIES when there is none. */
  findSeriesOf(list: readonly Label[], from: number, to: number): SeriesRef {
    const pairs = this.#soughtPairs;
    let hash = 0;
    let isKnown = true;
    for (let i = from; i < to; i++) {
      const pair = this.labels.pairOf(list[i]!);
      pairs[i - from] = pair;
      if (pair === undefined) isKnown = false;
      else hash = hashWith(hash, pair.pair);
    }
    this.#soughtCount = to - from;
    // With a label that no series has it is none of them.
    return isKnown ? this.#hash.find(hash, pairs, this.#soughtCount, this.labelSets) : NO_SERIES;
  }

  findOrCreateSeries(labels: Labels): MemorySeries {
    const list = listOfLabels(labels);
    const known = this.findSeriesOf(list, 0, list.length);
    return known === NO_SERIES ? this.createMissedSeries(list, 0) : this.series(known);
  }

  /** Creates the series that was just looked for in vain, with `findSeriesOf`. */
  createMissedSeries(list: readonly Label[], from: number): MemorySeries {
    const pairs = this.#soughtPairs;
    for (let i = 0; i < this.#soughtCount; i++) {
      const pair = pairs[i];
      pairs[i] = pair === undefined ? this.labels.create(list[from + i]!) : this.labels.own(pair);
    }
    return this.addSeries(this.seriesByRef.length, pairs, this.#soughtCount);
  }

  /** The labels are the first `count` of `pairs`, in the order of their names. */
  addSeries(seriesRef: SeriesRef, pairs: readonly (LabelPair | undefined)[], count: number): MemorySeries {
    let hash = 0;
    for (let i = 0; i < count; i++) {
      const pair = pairs[i]!;
      hash = hashWith(hash, pair.pair);
      // Most lists stay at one, and an array that was pushed to has room for 17.
      if (pair.seriesRefs.length === 0) pair.seriesRefs = [seriesRef];
      else pair.seriesRefs.push(seriesRef);
    }
    this.labelSets.add(seriesRef, pairs, count);
    const series = new MemorySeries(seriesRef, this.labelSets);
    this.reserveRef(seriesRef);
    this.seriesByRef[seriesRef] = series;
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
    for (const series of this.seriesByRef) if (series !== undefined) series.userCount += 1;
    fork.seriesByRef = this.seriesByRef.slice();
    fork.labels = this.labels.copy();
    fork.labelSets = this.labelSets.copy(fork.labels);
    fork.order = this.order.copy(fork.#compare);
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
    const { series: rows } = this.pending;
    const size = this.labelSets.size(series.ref);
    rows.series(series.ref, size);
    for (let i = 0; i < size; i++) {
      const pair = this.labelSets.pairAt(series.ref, i);
      if (!pair.isQueued) {
        this.labels.own(pair).isQueued = true;
        this.pending.addPair(pair);
      }
      rows.pair(pair.pair);
    }
  }

  /** The label pairs that no other series has. */
  pairsOnlyOf(removed: ReadonlySet<MemorySeries>): LabelPair[] {
    const uses = new Map<LabelPair, number>();
    for (const { ref } of removed) {
      for (const pair of this.#pairsOf(ref)) uses.set(pair, (uses.get(pair) ?? 0) + 1);
    }
    return [...uses].filter(([pair, count]) => pair.seriesRefs.length === count).map(([pair]) => pair);
  }

  removeSeries(removed: ReadonlySet<MemorySeries>): void {
    if (removed.size === 0) return;
    const seriesRefs = new Set<SeriesRef>();
    const pairs = new Set<LabelPair>();
    for (const { ref } of removed) seriesRefs.add(ref);
    this.order.remove(seriesRefs);
    for (const series of removed) {
      if (series.userCount > 1) series.keepLabels();
      this.seriesByRef[series.ref] = undefined;
      let hash = 0;
      for (const pair of this.#pairsOf(series.ref)) {
        hash = hashWith(hash, pair.pair);
        pairs.add(pair);
      }
      this.#hash.remove(hash, series.ref);
      this.labelSets.remove(series.ref);
    }
    this.exemplars.removeSeries(seriesRefs);
    this.selections.clear();
    this.#seriesCount -= removed.size;
    this.labels.remove(seriesRefs, pairs);
  }

  #pairsOf(seriesRef: SeriesRef): LabelPair[] {
    return Array.from({ length: this.labelSets.size(seriesRef) }, (_, i) => this.labelSets.pairAt(seriesRef, i));
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
