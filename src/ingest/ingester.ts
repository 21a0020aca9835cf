import type { TenantLimits } from '../limits/limits.ts';
import type { Clock } from '../model/clock.ts';
import type { Labels } from '../model/labels.ts';
import type { TenantId } from '../model/tenant.ts';
import type { BatchExemplar, WriteBatch } from '../model/write-batch.ts';
import { type AppendOutcome, NO_SERIES, type Store } from '../storage/types.ts';
import { ActiveHistogramSeries } from './active-histogram-series.ts';
import type { Admission, TimedHistogram } from './admission.ts';
import { type AppendPlan, planAppend } from './append-plan.ts';
import type { IngestMetrics } from './ingest-metrics.ts';
import type { IngestSettings } from './ingest-settings.ts';
import { discardReasons, rejectedExemplarText, rejectedSampleText } from './ingester-errors.ts';
import { keepMetadata } from './metadata-limits.ts';
import { SeriesAdmission } from './series-admission.ts';
import { addStartSamples, type StartedPlan } from './start-samples.ts';

export interface IngestRequest {
  readonly tenant: TenantId;
  readonly limits: TenantLimits;
  readonly batch: WriteBatch;
  readonly admission: Admission;
  /** Results of a rule: where samples of times to come are there already, they are taken all the same. */
  readonly isOfRule: boolean;
}

export interface IngesterOptions {
  readonly store: Store;
  readonly metrics: IngestMetrics;
  readonly clock: Clock;
  readonly settings: IngestSettings;
}

export interface IngestOutcome {
  /** Set when nothing of the request was stored, and why. */
  readonly failure?: string;
  /** The first error in the order of the request, without the words around it. */
  readonly firstError: string | undefined;
  /** Samples that were stored. */
  readonly ingestedCount: number;
  /** Resolves when what was accepted is on disk. */
  readonly committed: Promise<void>;
}

/** The part of a push that Cortex's ingester does: series limits, the append, and texts for what the store refuses. */
export class Ingester {
  readonly #store: Store;
  readonly #metrics: IngestMetrics;
  readonly #clock: Clock;
  readonly #settings: IngestSettings;
  readonly #histogramSeries = new ActiveHistogramSeries();

  constructor({ store, metrics, clock, settings }: IngesterOptions) {
    this.#store = store;
    this.#metrics = metrics;
    this.#clock = clock;
    this.#settings = settings;
  }

  /** Visible to reads when it returns. */
  append(request: IngestRequest): IngestOutcome {
    const { tenant, limits, batch, admission } = request;
    const errors = new FirstError();
    const { seriesRefs } = admission;
    // TSDBs that have native histograms switched off drop them without a word to the client.
    const histograms = limits.enableNativeHistograms ? admission.histograms : NO_HISTOGRAMS;
    if (!limits.enableNativeHistograms) {
      this.#metrics.discarded(tenant, 'samples', 'native-histogram-sample', admission.counts.histograms);
    }
    const failed = this.#resolveNewSeries(request, histograms, errors);
    if (failed === 'nameless') {
      return { failure: 'no metric name label', firstError: undefined, ingestedCount: 0, committed: Promise.resolve() };
    }
    const sent = planAppend(batch, seriesRefs, histograms);
    // What was loaded for times to come does not make the present too old, nor does what was there before a clock was set back.
    const headEndMs = this.#clock.nowMs() + limits.creationGracePeriodMs;
    const { newestSampleMs } = this.#store.statistics(tenant);
    const isBeforeOthers = request.isOfRule && newestSampleMs > headEndMs;
    const outOfOrderWindowMs = isBeforeOthers ? Infinity : limits.outOfOrderTimeWindowMs;
    const started = addStartSamples(sent, {
      newestMs: Math.min(newestSampleMs, headEndMs),
      newestOfSeriesMs: (seriesRef) => this.#store.newestSampleMs(tenant, seriesRef),
    });
    const { plan } = started;
    const exemplars = this.#exemplarsToKeep(request, errors);
    const metadata = this.#metadataToKeep(request);
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
      { outOfOrderWindowMs, headEndMs, maxExemplars: Math.max(0, limits.maxExemplars) },
    );
    this.#noteHistogramSeries(tenant, limits, seriesRefs, histograms.keys());
    const rejected = this.#noteRejections(tenant, started, outcome, errors);
    this.#noteRejectedExemplars(tenant, exemplars, seriesRefs, outcome, errors);
    const histogramCount = sent.histograms ? countHistograms(sent.histograms) : 0;
    const ingestedHistogramCount = histogramCount - rejected.histograms;
    const ingestedCount = outcome.acceptedCount - (started.added.size - rejected.starts);
    this.#metrics.ingested(
      'samples',
      ingestedCount - ingestedHistogramCount,
      failed.samples + outcome.rejections.length - rejected.histograms - rejected.starts,
    );
    this.#metrics.ingestedHistograms(ingestedHistogramCount, failed.histograms + rejected.histograms);
    return { firstError: errors.text, ingestedCount, committed: outcome.committed };
  }

  /** Gives every new series its number, as far as limits allow. Returns how many samples that cost. */
  #resolveNewSeries(
    { tenant, limits, batch, admission }: IngestRequest,
    histogramsBySeries: Admission['histograms'],
    errors: FirstError,
  ): { readonly samples: number; readonly histograms: number } | 'nameless' {
    const { newSeries, seriesRefs } = admission;
    const failed = { samples: 0, histograms: 0 };
    if (newSeries.count === 0) return failed;
    const series = new SeriesAdmission({
      store: this.#store,
      tenant,
      limits,
      settings: this.#settings,
      activeHistogramSeries: () => this.#histogramSeries.count(tenant, this.#clock.nowMs()),
      headEndMs: this.#clock.nowMs() + limits.creationGracePeriodMs,
    });
    const list = newSeries.labels;
    for (let place = 0; place < newSeries.count; place++) {
      const i = newSeries.seriesIndexAt(place);
      const first = newSeries.startAt(place);
      const end = newSeries.endAt(place);
      const from = batch.samplesStart[i]!;
      const to = batch.samplesStart[i + 1]!;
      const histograms = histogramsBySeries.get(i) ?? NO_SAMPLES;
      if (from === to && histograms.length === 0) {
        // Without samples there is no new series; exemplars may still belong to one that exists.
        seriesRefs[i] = series.find(list, first, end);
        continue;
      }
      const result = series.findOrCreate(list, first, end, newestOf(batch.timestampsMs, from, to, histograms));
      if (result.kind === 'nameless') return 'nameless';
      if (result.kind === 'series') {
        seriesRefs[i] = result.seriesRef;
        // The next one of this request already counts it.
        if (histograms.length > 0) this.#noteHistogramSeries(tenant, limits, seriesRefs, [i]);
        admission.remember?.(i, result.seriesRef);
        continue;
      }
      failed.samples += to - from;
      failed.histograms += histograms.length;
      const reason = result.kind === 'over-limit' ? result.refusal.reason : discardReasons['out-of-bounds'];
      this.#metrics.discarded(tenant, 'samples', reason, to - from + histograms.length);
      errors.add(i, () =>
        result.kind === 'over-limit'
          ? result.refusal.message
          : rejectedSampleText({
              reason: 'out-of-bounds',
              timestampMs: from < to ? batch.timestampsMs[from]! : histograms[0]!.timestampMs,
              value: undefined,
              existingValue: undefined,
              newestMs: series.newestMs,
              labels: newSeries.labelsAt(place),
            }),
      );
    }
    return failed;
  }

  #exemplarsToKeep({ limits, batch, admission }: IngestRequest, errors: FirstError): readonly BatchExemplar[] {
    if (limits.maxExemplars <= 0 || batch.exemplars.length === 0) return [];
    const { refusedSeries, seriesRefs, newSeries } = admission;
    const kept: BatchExemplar[] = [];
    for (const exemplar of batch.exemplars) {
      const { seriesIndex } = exemplar;
      if (refusedSeries.has(seriesIndex)) continue;
      if (seriesRefs[seriesIndex] !== NO_SERIES) {
        kept.push(exemplar);
        continue;
      }
      this.#metrics.ingested('exemplars', 0, 1);
      errors.add(seriesIndex, () =>
        rejectedExemplarText(
          exemplar,
          newSeries.labelsOf(seriesIndex),
          'exemplars not ingested because series not already present',
        ),
      );
    }
    return kept;
  }

  #metadataToKeep({ tenant, limits, admission }: IngestRequest) {
    if (admission.metadata.length === 0) return [];
    const stored = (metric: string) => this.#store.metadataOf(tenant, metric);
    const { kept, keptCount, overUserLimit, overMetricLimit } = keepMetadata(
      admission.metadata,
      stored,
      limits,
      this.#settings,
    );
    this.#metrics.discarded(tenant, 'metadata', 'per_user_metadata_limit', overUserLimit);
    this.#metrics.discarded(tenant, 'metadata', 'per_metric_metadata_limit', overMetricLimit);
    this.#metrics.ingested('metadata', keptCount, overUserLimit + overMetricLimit);
    return kept;
  }

  #noteHistogramSeries(
    tenant: TenantId,
    { maxNativeHistogramSeriesPerUser, maxGlobalNativeHistogramSeriesPerUser }: TenantLimits,
    seriesRefs: Uint32Array,
    histogramSeries: Iterable<number>,
  ): void {
    if (maxNativeHistogramSeriesPerUser === 0 && maxGlobalNativeHistogramSeriesPerUser === 0) return;
    const nowMs = this.#clock.nowMs();
    for (const i of histogramSeries) {
      if (seriesRefs[i] !== NO_SERIES) this.#histogramSeries.note(tenant, seriesRefs[i]!, nowMs);
    }
  }

  #noteRejections(
    tenant: TenantId,
    { plan, added }: StartedPlan,
    outcome: AppendOutcome,
    errors: FirstError,
  ): { readonly histograms: number; readonly starts: number } {
    let histograms = 0;
    let starts = 0;
    for (const { reason, runIndex, sampleIndex, existingValue } of outcome.rejections) {
      // Nobody sent it, and nobody is told.
      if (added.has(sampleIndex)) {
        starts += 1;
        continue;
      }
      this.#metrics.discarded(tenant, 'samples', discardReasons[reason], 1);
      const isHistogram = plan.histograms?.[sampleIndex] !== undefined;
      if (isHistogram) histograms += 1;
      errors.add(plan.seriesOfRun?.[runIndex] ?? runIndex, () =>
        rejectedSampleText({
          reason,
          timestampMs: plan.timestampsMs[sampleIndex]!,
          value: isHistogram ? undefined : plan.values[sampleIndex]!,
          existingValue,
          newestMs: outcome.newestBeforeMs,
          labels: this.#store.seriesLabels(tenant, plan.seriesRefs[runIndex]!),
        }),
      );
    }
    return { histograms, starts };
  }

  #noteRejectedExemplars(
    tenant: TenantId,
    exemplars: readonly BatchExemplar[],
    seriesRefs: Uint32Array,
    outcome: AppendOutcome,
    errors: FirstError,
  ): void {
    if (exemplars.length === 0) return;
    let failedCount = 0;
    for (const { index, reason } of outcome.rejectedExemplars) {
      // One that is there already is no error.
      if (reason === 'duplicate') continue;
      failedCount += 1;
      const exemplar = exemplars[index]!;
      const labels = (): Labels => this.#store.seriesLabels(tenant, seriesRefs[exemplar.seriesIndex]!);
      errors.add(exemplar.seriesIndex, () => rejectedExemplarText(exemplar, labels(), 'out of order exemplar'));
    }
    this.#metrics.ingested('exemplars', exemplars.length - failedCount, failedCount);
  }
}

const NO_HISTOGRAMS: Admission['histograms'] = new Map();
const NO_SAMPLES: readonly TimedHistogram[] = [];

function countHistograms(histograms: NonNullable<AppendPlan['histograms']>): number {
  let count = 0;
  for (const histogram of histograms) if (histogram !== undefined) count += 1;
  return count;
}

function newestOf(timestampsMs: Float64Array, from: number, to: number, histograms: readonly TimedHistogram[]): number {
  let newestMs = -Infinity;
  for (const { timestampMs } of histograms) newestMs = Math.max(newestMs, timestampMs);
  for (let i = from; i < to; i++) newestMs = Math.max(newestMs, timestampsMs[i]!);
  return newestMs;
}

/**
 * The error of the first series that has one. Within a series the one that was added first stays: samples are
 * reported before exemplars.
 */
class FirstError {
  #seriesIndex = Infinity;
  #text: (() => string) | undefined;

  /** `text` is built only for the error that a client gets to see. */
  add(seriesIndex: number, text: () => string): void {
    if (seriesIndex >= this.#seriesIndex) return;
    this.#seriesIndex = seriesIndex;
    this.#text = text;
  }

  get text(): string | undefined {
    return this.#text?.();
  }
}
