import type { TenantLimits } from '../limits/limits.ts';
import { Labels, METRIC_NAME } from '../model/labels.ts';
import type { TenantId } from '../model/tenant.ts';
import { isValidUtf8 } from '../model/utf8.ts';
import type { BatchExemplar, WriteBatch } from '../model/write-batch.ts';
import { NO_SERIES, type SeriesRef, type Store } from '../storage/types.ts';
import { namesOfSeries } from '../wire/remote-write-labels.ts';
import type { TimedHistogram } from './admission.ts';
import { planAppend } from './append-plan.ts';
import type { IngestSettings } from './ingest-settings.ts';
import { type FlatLabels, formatSeries } from './series-text.ts';
import { validateHistogram } from './validate-histogram.ts';
import { exemplarRefusal, metadataRefusal } from './validate-samples.ts';
import { validateSeries } from './validate-series.ts';

/** What became of what was imported. */
export interface ImportCounts {
  /** Samples taken, native histograms among them. */
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
  readonly metadata: number;
  /** Samples whose series has another value at their time already, as far as that is noticed: it stays. */
  readonly duplicates: number;
  /** Series of the batch, histograms, exemplars and metadata that make no sense. */
  readonly refused: number;
}

export interface ImportOutcome extends ImportCounts {
  /** What is wrong with the first that was refused. */
  readonly firstRefusal: string | undefined;
}

export const NOTHING_IMPORTED: ImportOutcome = {
  samples: 0,
  histograms: 0,
  exemplars: 0,
  metadata: 0,
  duplicates: 0,
  refused: 0,
  firstRefusal: undefined,
};

/** What became of both; the first refusal is that of the first that has one. */
export function addOutcomes(a: ImportOutcome, b: ImportOutcome): ImportOutcome {
  return {
    samples: a.samples + b.samples,
    histograms: a.histograms + b.histograms,
    exemplars: a.exemplars + b.exemplars,
    metadata: a.metadata + b.metadata,
    duplicates: a.duplicates + b.duplicates,
    refused: a.refused + b.refused,
    firstRefusal: a.firstRefusal ?? b.firstRefusal,
  };
}

export interface ImporterOptions {
  readonly store: Store;
  readonly settings: IngestSettings;
}

/**
 * The kind way in, for data that is brought along: any time in any order, names in any UTF-8, no limits on age, rates
 * and numbers of series. Labels stay as they are: nothing is relabelled, no replica is chosen.
 */
export class Importer {
  readonly #store: Store;
  readonly #settings: IngestSettings;

  constructor({ store, settings }: ImporterOptions) {
    this.#store = store;
    this.#settings = settings;
  }

  /**
   * The tenant is loaded. Resolves when what was taken is on disk.
   * @throws what the store throws when it could not write
   */
  import(tenant: TenantId, limits: TenantLimits, batch: WriteBatch): Promise<ImportOutcome> {
    return this.#import({ tenant, limits, batch, relaxed: undefined });
  }

  /**
   * The same for a push that was refused, what was good in it being stored already: labels become what a push makes of them,
   * and limits on sizes, and on what a series has to have, hold no longer.
   * @throws as `import` does
   */
  importRefused(tenant: TenantId, limits: TenantLimits, batch: WriteBatch): Promise<ImportOutcome> {
    return this.#import({ tenant, limits, batch, relaxed: relax(limits) });
  }

  async #import({ tenant, limits, batch, relaxed }: Import): Promise<ImportOutcome> {
    const refusals = new Refusals();
    const seriesRefs = this.#seriesRefs({ tenant, limits, batch, relaxed }, refusals);
    const histograms = histogramsOf(batch, seriesRefs, relaxed ? [limits, relaxed] : [limits], refusals);
    const exemplars = batch.exemplars.filter((exemplar) => {
      const seriesRef = seriesRefs[exemplar.seriesIndex]!;
      return seriesRef !== NO_SERIES && this.#isFineExemplar(tenant, seriesRef, exemplar, refusals);
    });
    const metadata = batch.metadata.filter((entry) =>
      refusals.take(metadataRefusal(entry, relaxed ?? limits)?.message),
    );
    const plan = planAppend(batch, seriesRefs, histograms);
    const outcome = this.#store.append(
      tenant,
      {
        seriesRefs: plan.seriesRefs,
        samplesStart: plan.samplesStart,
        timestampsMs: plan.timestampsMs,
        values: plan.values,
        histograms: plan.histograms,
        exemplars: exemplars.map((exemplar) => ({ seriesRef: seriesRefs[exemplar.seriesIndex]!, exemplar })),
        metadata,
      },
      { outOfOrderWindowMs: Infinity, maxExemplars: Math.max(0, limits.maxExemplars) },
    );
    let histogramCount = 0;
    for (const ofSeries of histograms.values()) histogramCount += ofSeries.length;
    for (const { sampleIndex } of outcome.rejections) if (plan.histograms?.[sampleIndex]) histogramCount -= 1;
    await outcome.committed;
    return {
      samples: outcome.acceptedCount,
      histograms: histogramCount,
      exemplars: limits.maxExemplars > 0 ? exemplars.length - outcome.rejectedExemplars.length : 0,
      metadata: metadata.length,
      duplicates: outcome.rejections.length,
      refused: refusals.count,
      firstRefusal: refusals.first,
    };
  }

  #seriesRefs({ tenant, limits, batch, relaxed }: Import, refusals: Refusals): Uint32Array {
    const usesNames = leavesLabelsAlone(limits);
    const { seriesCount } = batch;
    const { form, bytes, starts, ends, labelsOf } = namesOfSeries(batch);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const finder = this.#store.seriesFinder(tenant, form);
    const seriesRefs = new Uint32Array(seriesCount);
    for (let i = 0; i < seriesCount; i++) {
      const start = starts[i]!;
      const end = ends[i]!;
      let seriesRef = usesNames ? finder.find(view, start, end) : NO_SERIES;
      if (seriesRef === NO_SERIES) {
        const raw = labelsOf(i);
        seriesRef = relaxed
          ? this.#findOrCreateAsPushed(tenant, raw, relaxed, refusals)
          : this.#findOrCreate(tenant, raw, refusals);
        // What a push finds by its bytes it does not validate any more.
        const isRemembered = usesNames && seriesRef !== NO_SERIES && this.#couldBePushed(raw, limits);
        if (isRemembered) finder.remember(view, start, end, seriesRef);
      }
      seriesRefs[i] = seriesRef;
    }
    return seriesRefs;
  }

  #findOrCreate(tenant: TenantId, raw: FlatLabels, refusals: Refusals): SeriesRef {
    if (!refusals.take(labelsFault(raw) ?? nameFault(raw))) return NO_SERIES;
    const pairs: [string, string][] = [];
    for (let i = 0; i < raw.length; i += 2) pairs.push([raw[i]!, raw[i + 1]!]);
    return this.#store.createSeries(tenant, Labels.of(pairs));
  }

  #findOrCreateAsPushed(tenant: TenantId, raw: FlatLabels, relaxed: TenantLimits, refusals: Refusals): SeriesRef {
    if (!refusals.take(labelsFault(raw))) return NO_SERIES;
    const verdict = validateSeries(raw, relaxed, { allowsUtf8Names: true, removesReplica: relaxed.acceptHaSamples });
    if (verdict.kind === 'refused') refusals.take(verdict.refusal.message);
    return verdict.kind === 'valid' ? this.#store.createSeries(tenant, verdict.labels) : NO_SERIES;
  }

  #couldBePushed(raw: FlatLabels, limits: TenantLimits): boolean {
    const { allowsUtf8Names } = this.#settings;
    return validateSeries(raw, limits, { allowsUtf8Names }).kind === 'valid';
  }

  #isFineExemplar(tenant: TenantId, seriesRef: SeriesRef, exemplar: BatchExemplar, refusals: Refusals): boolean {
    return refusals.take(exemplarRefusal(exemplar, this.#store.seriesLabels(tenant, seriesRef))?.message);
  }
}

interface Import {
  readonly tenant: TenantId;
  readonly limits: TenantLimits;
  readonly batch: WriteBatch;
  /** Limits for what those of the tenant refuse. */
  readonly relaxed: TenantLimits | undefined;
}

function relax(limits: TenantLimits): TenantLimits {
  return {
    ...limits,
    enforceMetricName: false,
    maxLabelNamesPerSeries: Infinity,
    maxLabelNameLength: Infinity,
    maxLabelValueLength: Infinity,
    maxLabelsSizeBytes: 0,
    maxNativeHistogramBuckets: 0,
    maxNativeHistogramSampleSizeBytes: 0,
    maxMetadataLength: Infinity,
  };
}

/** Whether a push of the same bytes would be the same series. */
function leavesLabelsAlone({ metricRelabelConfigs, dropLabels, acceptHaSamples }: TenantLimits): boolean {
  return metricRelabelConfigs.length === 0 && dropLabels.length === 0 && !acceptHaSamples;
}

function labelsFault(raw: FlatLabels): string | undefined {
  const names = new Set<string>();
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!;
    if (name === '') return `a label without a name: ${formatSeries(raw)}`;
    if (names.has(name)) return `the label ${name} is there twice: ${formatSeries(raw)}`;
    if (!isValidUtf8(name) || !isValidUtf8(raw[i + 1]!)) return `a label is no valid UTF-8: ${formatSeries(raw)}`;
    names.add(name);
  }
  return undefined;
}

function nameFault(raw: FlatLabels): string | undefined {
  for (let i = 0; i < raw.length; i += 2) if (raw[i] === METRIC_NAME && raw[i + 1] !== '') return undefined;
  return `a series without a metric name: ${formatSeries(raw)}`;
}

/** Each is held to the first of `limits` that it passes, so that one which was stored before comes out the same. */
function histogramsOf(
  batch: WriteBatch,
  seriesRefs: Uint32Array,
  limits: readonly TenantLimits[],
  refusals: Refusals,
): ReadonlyMap<number, readonly TimedHistogram[]> {
  const found = new Map<number, TimedHistogram[]>();
  for (const sent of batch.histograms) {
    const { seriesIndex, timestampMs, startMs } = sent;
    if (seriesRefs[seriesIndex] === NO_SERIES) continue;
    const labels = () => namesOfSeries(batch).labelsOf(seriesIndex);
    let verdict = validateHistogram(sent, limits[0]!, labels);
    for (let i = 1; i < limits.length && verdict.kind === 'refused'; i++) {
      verdict = validateHistogram(sent, limits[i]!, labels);
    }
    if (verdict.kind === 'refused') {
      refusals.take(verdict.refusal.message);
      continue;
    }
    const timed = { timestampMs, startMs, histogram: verdict.histogram };
    const ofSeries = found.get(seriesIndex);
    if (ofSeries) ofSeries.push(timed);
    else found.set(seriesIndex, [timed]);
  }
  return found;
}

class Refusals {
  count = 0;
  first: string | undefined;

  /** Counts `refusal`, if there is one. Whether there is none. */
  take(refusal: string | undefined): boolean {
    if (refusal === undefined) return true;
    this.count += 1;
    this.first ??= refusal;
    return false;
  }
}
