import type { TenantLimits } from '../limits/limits.ts';
import { bySeries } from '../model/by-series.ts';
import { labelsOfList, listOfLabels } from '../model/label.ts';
import type { Labels } from '../model/labels.ts';
import type { NativeHistogram } from '../model/native-histogram.ts';
import type { SeriesFinder } from '../model/series-finder.ts';
import type { TenantId } from '../model/tenant.ts';
import type { BatchExemplar, BatchHistogram, MetricMetadata, SeriesNames, WriteBatch } from '../model/write-batch.ts';
import { NO_SERIES, type SeriesRef, type Store } from '../storage/types.ts';
import type { LabelCache } from '../wire/label-cache.ts';
import { namesOfSeries } from '../wire/remote-write-labels.ts';
import type { IngestMetrics, PushCounts } from './ingest-metrics.ts';
import type { IngestSettings } from './ingest-settings.ts';
import { NewSeries } from './new-series.ts';
import type { FlatLabels } from './series-text.ts';
import { validateHistogram } from './validate-histogram.ts';
import {
  exemplarRefusal,
  firstOutOfBounds,
  metadataRefusal,
  type TimeBounds,
  timeBounds,
  timestampRefusal,
} from './validate-samples.ts';
import { areSurelyValid, type Refusal, validateSeries } from './validate-series.ts';

export interface TimedHistogram {
  readonly timestampMs: number;
  /** Since when it counts; 0 when that was not said. */
  readonly startMs: number;
  readonly histogram: NativeHistogram;
}

/** An entry of metadata, and how often the request has it. */
export interface SentMetadata {
  readonly entry: MetricMetadata;
  readonly count: number;
}

/** What of a request passed validation. */
export interface Admission {
  /** Of every series of the request: its number; NO_SERIES for those that are new and those that were refused. */
  readonly seriesRefs: Uint32Array;
  /** Those that the store did not know by their names. */
  readonly newSeries: NewSeries;
  /** The indexes of series that go no further. */
  readonly refusedSeries: ReadonlySet<number>;
  /** Native histograms of the series that go on, by index in the request. */
  readonly histograms: ReadonlyMap<number, readonly TimedHistogram[]>;
  readonly metadata: readonly SentMetadata[];
  readonly counts: PushCounts;
  readonly admittedSeriesCount: number;
  /** Takes the names of new series, where the same name always means the same series. */
  readonly remember: ((seriesIndex: number, seriesRef: SeriesRef) => void) | undefined;
  /** The text of the first thing that was refused. */
  readonly firstRefusal: string | undefined;
}

export interface AdmissionContext {
  readonly store: Store;
  readonly metrics: IngestMetrics;
  readonly tenant: TenantId;
  readonly limits: TenantLimits;
  readonly nowMs: number;
  readonly settings: IngestSettings;
  readonly replicas: ReplicaHandling;
  readonly labels: LabelCache;
}

/** What becomes of the label that names a replica. */
export type ReplicaHandling =
  /** The tenant has none. */
  | { readonly kind: 'none' }
  /** The request as a whole is, or is not, of an elected replica. */
  | { readonly kind: 'request'; readonly removesLabel: boolean }
  /** Each series is looked at; whether it goes on, and whether its label goes. */
  | { readonly kind: 'series'; readonly check: (labels: FlatLabels, sampleCount: number) => SeriesReplica };

export type SeriesReplica = 'elected' | 'other' | 'none';

/**
 * The distributor's part of a push: what breaks a rule of its own is refused, with what belongs to the same series; the
 * rest goes on. A series whose bytes the store knows was valid before and only its timestamps are looked at.
 */
export function admit(batch: WriteBatch, context: AdmissionContext): Admission {
  const run = new AdmissionRun(batch, context);
  run.admitSeries();
  run.admitMetadata();
  return run.result();
}

class AdmissionRun {
  readonly #batch: WriteBatch;
  readonly #context: AdmissionContext;
  readonly #bounds: TimeBounds;
  readonly #exemplars: ReadonlyMap<number, readonly BatchExemplar[]> | undefined;
  readonly #sentHistograms: ReadonlyMap<number, readonly BatchHistogram[]> | undefined;
  readonly #histograms = new Map<number, readonly TimedHistogram[]>();
  readonly #seriesRefs: Uint32Array;
  readonly #newSeries = new NewSeries();
  readonly #refusedSeries = new Set<number>();
  readonly #counts = { samples: 0, histograms: 0, exemplars: 0, metadata: 0 };
  /** Where the same name may be another series in another request, none are looked up. */
  readonly #usesNames: boolean;
  /** Whether valid labels stay as they are. */
  readonly #leavesLabels: boolean;
  readonly #names: SeriesNames;
  readonly #finder: SeriesFinder;
  readonly #metadata: SentMetadata[] = [];
  #firstRefusal: string | undefined;

  #view: DataView | undefined;
  /** For the names of new series. */
  readonly #remember = (seriesIndex: number, seriesRef: SeriesRef): void => {
    const { starts, ends } = this.#names;
    this.#view ??= viewOf(this.#names.bytes);
    this.#finder.remember(this.#view, starts[seriesIndex]!, ends[seriesIndex]!, seriesRef);
  };

  constructor(batch: WriteBatch, context: AdmissionContext) {
    this.#batch = batch;
    this.#context = context;
    this.#bounds = timeBounds(context.limits, context.nowMs);
    this.#exemplars = bySeries(batch.exemplars);
    this.#sentHistograms = bySeries(batch.histograms);
    this.#seriesRefs = new Uint32Array(batch.seriesCount);
    const { replicas } = context;
    this.#usesNames = replicas.kind === 'none' || (replicas.kind === 'request' && replicas.removesLabel);
    const { metricRelabelConfigs, dropLabels } = context.limits;
    this.#leavesLabels = metricRelabelConfigs.length === 0 && dropLabels.length === 0 && replicas.kind === 'none';
    this.#names = namesOfSeries(batch);
    this.#finder = batch.found?.finder ?? context.store.seriesFinder(context.tenant, this.#names.form);
  }

  admitSeries(): void {
    const { seriesCount, samplesStart, timestampsMs } = this.#batch;
    const knownRefs = this.#usesNames ? this.#knownRefs() : undefined;
    // One look at all timestamps tells whether any series has to be looked at by itself.
    const areTimesFine = firstOutOfBounds(timestampsMs, 0, timestampsMs.length, this.#bounds) < 0;
    const isPlain = areTimesFine && this.#exemplars === undefined && this.#sentHistograms === undefined;
    for (let i = 0; i < seriesCount; i++) {
      const seriesRef = knownRefs === undefined ? NO_SERIES : knownRefs[i]!;
      if (seriesRef === NO_SERIES && !this.#readLabels(i)) continue;
      if (!isPlain && !this.#admitSamples(i, seriesRef)) {
        this.#newSeries.drop();
        continue;
      }
      if (seriesRef === NO_SERIES) this.#newSeries.add(i);
      this.#seriesRefs[i] = seriesRef;
      this.#counts.samples += samplesStart[i + 1]! - samplesStart[i]!;
      this.#counts.histograms += this.#sentHistograms?.get(i)?.length ?? 0;
      this.#counts.exemplars += this.#exemplars?.get(i)?.length ?? 0;
    }
  }

  admitMetadata(): void {
    const { limits, metrics, tenant } = this.#context;
    const { metadata, metadataCounts } = this.#batch;
    for (const [i, entry] of metadata.entries()) {
      const count = metadataCounts === undefined ? 1 : metadataCounts[i]!;
      const refusal = metadataRefusal(entry, limits);
      if (refusal) {
        this.#firstRefusal ??= refusal.message;
        metrics.discarded(tenant, 'metadata', refusal.reason, count);
      } else {
        this.#metadata.push({ entry, count });
        this.#counts.metadata += count;
      }
    }
  }

  result(): Admission {
    return {
      seriesRefs: this.#seriesRefs,
      newSeries: this.#newSeries,
      refusedSeries: this.#refusedSeries,
      histograms: this.#histograms,
      metadata: this.#metadata,
      counts: this.#counts,
      remember: this.#usesNames ? this.#remember : undefined,
      admittedSeriesCount: this.#batch.seriesCount - this.#refusedSeries.size,
      firstRefusal: this.#firstRefusal,
    };
  }

  /** The series that are known by their names. */
  #knownRefs(): Uint32Array {
    const { seriesCount, found } = this.#batch;
    const finder = this.#finder;
    const refs = new Uint32Array(seriesCount);
    if (found !== undefined) {
      for (let i = 0; i < seriesCount; i++) refs[i] = finder.recheck(found.seriesRefs[i]!);
      return refs;
    }
    const { starts, ends } = this.#names;
    const view = viewOf(this.#names.bytes);
    for (let i = 0; i < seriesCount; i++) refs[i] = finder.find(view, starts[i]!, ends[i]!);
    return refs;
  }

  /** Looks at what series `i` carries. Whether it may go on. */
  #admitSamples(i: number, seriesRef: SeriesRef): boolean {
    const { store, tenant } = this.#context;
    const { labels: list, end } = this.#newSeries;
    const labels =
      seriesRef === NO_SERIES ? labelsOfList(list, end, list.length) : store.seriesLabels(tenant, seriesRef);
    const badTime = this.#timeRefusal(i, labels);
    if (badTime) return this.#refuse(i, badTime.reason, badTime.message, { sampleCount: 1, exemplarCount: 0 });
    const badExemplar = firstExemplarRefusal(this.#exemplars?.get(i), labels);
    if (badExemplar) {
      return this.#refuse(i, badExemplar.reason, badExemplar.message, { sampleCount: 0, exemplarCount: 1 });
    }
    return this.#admitHistograms(i, labels);
  }

  #admitHistograms(i: number, labels: Labels): boolean {
    const sent = this.#sentHistograms?.get(i);
    if (sent === undefined) return true;
    const admitted: TimedHistogram[] = [];
    for (const one of sent) {
      const { timestampMs, startMs } = one;
      const { oldestMs, newestMs } = this.#bounds;
      const verdict =
        timestampMs > newestMs || timestampMs < oldestMs
          ? { kind: 'refused' as const, refusal: timestampRefusal(timestampMs, this.#bounds, labels.metricName) }
          : validateHistogram(one, this.#context.limits, () => [...labels].flat());
      if (verdict.kind === 'refused') {
        const { reason, message } = verdict.refusal;
        return this.#refuse(i, reason, message, { sampleCount: 1, exemplarCount: 0 });
      }
      admitted.push({ timestampMs, startMs, histogram: verdict.histogram });
    }
    this.#histograms.set(i, admitted);
    return true;
  }

  /** Puts the labels of series `i` behind those of the new series. Whether it may go on. */
  #readLabels(i: number): boolean {
    const { limits, settings, labels } = this.#context;
    const { labels: list, end } = this.#newSeries;
    this.#view ??= viewOf(this.#names.bytes);
    labels.read(this.#names, this.#view, i, list);
    if (this.#leavesLabels && areSurelyValid(list, end, limits)) return true;
    const raw: string[] = [];
    for (let at = end; at < list.length; at++) raw.push(list[at]!.name, list[at]!.value);
    this.#newSeries.drop();
    const { samplesStart } = this.#batch;
    const sampleCount = samplesStart[i + 1]! - samplesStart[i]! + (this.#sentHistograms?.get(i)?.length ?? 0);
    const replica = this.#replicaOf(raw, sampleCount);
    if (replica === 'other') {
      this.#refusedSeries.add(i);
      return false;
    }
    const { allowsUtf8Names } = settings;
    const verdict = validateSeries(raw, limits, { removesReplica: replica === 'elected', allowsUtf8Names });
    if (verdict.kind === 'valid') {
      for (const label of listOfLabels(verdict.labels)) list.push(label);
      return true;
    }
    const lost = { sampleCount, exemplarCount: this.#exemplars?.get(i)?.length ?? 0 };
    if (verdict.kind === 'dropped') this.#refuse(i, verdict.reason, undefined, lost);
    else this.#refuse(i, verdict.refusal.reason, verdict.refusal.message, lost);
    return false;
  }

  #replicaOf(labels: FlatLabels, sampleCount: number): SeriesReplica {
    const { replicas } = this.#context;
    if (replicas.kind === 'series') return replicas.check(labels, sampleCount);
    return replicas.kind === 'request' && replicas.removesLabel ? 'elected' : 'none';
  }

  #timeRefusal(i: number, labels: Labels): Refusal | undefined {
    const { timestampsMs, samplesStart } = this.#batch;
    const index = firstOutOfBounds(timestampsMs, samplesStart[i]!, samplesStart[i + 1]!, this.#bounds);
    return index < 0 ? undefined : timestampRefusal(timestampsMs[index]!, this.#bounds, labels.metricName);
  }

  #refuse(
    i: number,
    reason: string,
    message: string | undefined,
    lost: { readonly sampleCount: number; readonly exemplarCount: number },
  ): false {
    const { metrics, tenant } = this.#context;
    this.#refusedSeries.add(i);
    this.#firstRefusal ??= message;
    metrics.discarded(tenant, 'samples', reason, lost.sampleCount);
    metrics.discarded(tenant, 'exemplars', reason, lost.exemplarCount);
    return false;
  }
}

/** A series without any label makes Cortex refuse the whole request, whatever else is in it. */
export function hasSeriesWithoutLabels(batch: WriteBatch): boolean {
  const { seriesCount, found } = batch;
  // What was found has labels. Names are made when somebody asks for them.
  let names: SeriesNames | undefined;
  for (let i = 0; i < seriesCount; i++) {
    if (found !== undefined && found.seriesRefs[i] !== NO_SERIES) continue;
    names ??= namesOfSeries(batch);
    if (names.starts[i] === names.ends[i]) return true;
  }
  return false;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

function firstExemplarRefusal(exemplars: readonly BatchExemplar[] | undefined, labels: Labels): Refusal | undefined {
  for (const exemplar of exemplars ?? []) {
    const refusal = exemplarRefusal(exemplar, labels);
    if (refusal) return refusal;
  }
  return undefined;
}
