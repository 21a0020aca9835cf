import type { TenantLimits } from '../limits/limits.ts';
import type { Labels } from '../model/labels.ts';
import type { TenantId } from '../model/tenant.ts';
import type { BatchExemplar, MetricMetadata, WriteBatch } from '../model/write-batch.ts';
import { NO_SERIES, type Store } from '../storage/types.ts';
import { decodeLabels } from '../wire/remote-write-labels.ts';
import type { IngestMetrics, PushCounts } from './ingest-metrics.ts';
import {
  exemplarRefusal,
  firstOutOfBounds,
  metadataRefusal,
  type TimeBounds,
  timeBounds,
  timestampRefusal,
} from './validate-samples.ts';
import { type Refusal, validateSeries } from './validate-series.ts';

/** What of a request passed validation. */
export interface Admission {
  /** Of every series of the request: its number; NO_SERIES for those that are new and those that were refused. */
  readonly seriesRefs: Uint32Array;
  /** The labels of series that the store did not know by their bytes, by index in the request. */
  readonly newLabels: ReadonlyMap<number, Labels>;
  /** The indexes of series that go no further. */
  readonly refusedSeries: ReadonlySet<number>;
  readonly metadata: readonly MetricMetadata[];
  readonly counts: PushCounts;
  readonly admittedSeriesCount: number;
  /** The text of the first thing that was refused. */
  readonly firstRefusal: string | undefined;
}

export interface AdmissionContext {
  readonly store: Store;
  readonly metrics: IngestMetrics;
  readonly tenant: TenantId;
  readonly limits: TenantLimits;
  readonly nowMs: number;
}

/**
 * The distributor's part of a push: what breaks a rule of its own is refused, with what belongs to the same series; the
 * rest goes on. A series whose bytes the store knows was valid before and only its timestamps are looked at.
 */
export function admit(batch: WriteBatch, context: AdmissionContext): Admission {
  const { store, tenant, limits, metrics } = context;
  const bounds = timeBounds(limits, context.nowMs);
  const hasBadTimes = firstOutOfBounds(batch.timestampsMs, 0, batch.timestampsMs.length, bounds) >= 0;
  const exemplars = exemplarsBySeries(batch.exemplars);
  const seriesRefs = new Uint32Array(batch.seriesCount);
  const newLabels = new Map<number, Labels>();
  const refusedSeries = new Set<number>();
  const counts = { samples: 0, histograms: 0, exemplars: 0, metadata: 0 };
  let firstRefusal: string | undefined;

  for (let i = 0; i < batch.seriesCount; i++) {
    const from = batch.samplesStart[i]!;
    const to = batch.samplesStart[i + 1]!;
    const histogramCount = batch.histogramCounts[i]!;
    const seriesExemplars = exemplars?.get(i);
    const seriesRef = store.findByRawLabels(tenant, batch.body, batch.labelsStart[i]!, batch.labelsEnd[i]!);
    const refuse = (reason: string, message: string | undefined, sampleCount: number, exemplarCount: number) => {
      refusedSeries.add(i);
      firstRefusal ??= message;
      metrics.discarded(tenant, 'samples', reason, sampleCount);
      metrics.discarded(tenant, 'exemplars', reason, exemplarCount);
    };

    let labels: Labels | undefined;
    if (seriesRef === NO_SERIES) {
      const verdict = validateSeries(decodeLabels(batch.body, batch.labelsStart[i]!, batch.labelsEnd[i]!), limits);
      if (verdict.kind !== 'valid') {
        const { reason, message } = verdict.kind === 'refused' ? verdict.refusal : { ...verdict, message: undefined };
        refuse(reason, message, to - from + histogramCount, seriesExemplars?.length ?? 0);
        continue;
      }
      labels = verdict.labels;
    }
    if (hasBadTimes || seriesExemplars) {
      labels ??= store.seriesLabels(tenant, seriesRef);
      const badTime = sampleRefusal(batch, from, to, bounds, labels);
      if (badTime) {
        refuse(badTime.reason, badTime.message, 1, 0);
        continue;
      }
      const badExemplar = firstExemplarRefusal(seriesExemplars, labels);
      if (badExemplar) {
        refuse(badExemplar.reason, badExemplar.message, 0, 1);
        continue;
      }
    }
    if (seriesRef === NO_SERIES) newLabels.set(i, labels!);
    seriesRefs[i] = seriesRef;
    counts.samples += to - from;
    counts.histograms += histogramCount;
    counts.exemplars += seriesExemplars?.length ?? 0;
  }

  const metadata = batch.metadata.filter((entry) => {
    const refusal = metadataRefusal(entry, limits);
    if (!refusal) return true;
    firstRefusal ??= refusal.message;
    metrics.discarded(tenant, 'metadata', refusal.reason, 1);
    return false;
  });
  counts.metadata = metadata.length;
  const admittedSeriesCount = batch.seriesCount - refusedSeries.size;
  return { seriesRefs, newLabels, refusedSeries, metadata, counts, admittedSeriesCount, firstRefusal };
}

/** A series without any label makes Cortex refuse the whole request, whatever else is in it. */
export function hasSeriesWithoutLabels(batch: WriteBatch): boolean {
  for (let i = 0; i < batch.seriesCount; i++) if (batch.labelsStart[i] === batch.labelsEnd[i]) return true;
  return false;
}

function sampleRefusal(
  batch: WriteBatch,
  from: number,
  to: number,
  bounds: TimeBounds,
  labels: Labels,
): Refusal | undefined {
  const index = firstOutOfBounds(batch.timestampsMs, from, to, bounds);
  return index < 0 ? undefined : timestampRefusal(batch.timestampsMs[index]!, bounds, labels.metricName);
}

function firstExemplarRefusal(exemplars: readonly BatchExemplar[] | undefined, labels: Labels): Refusal | undefined {
  for (const exemplar of exemplars ?? []) {
    const refusal = exemplarRefusal(exemplar, labels);
    if (refusal) return refusal;
  }
  return undefined;
}

function exemplarsBySeries(exemplars: readonly BatchExemplar[]): Map<number, BatchExemplar[]> | undefined {
  if (exemplars.length === 0) return undefined;
  const bySeries = new Map<number, BatchExemplar[]>();
  for (const exemplar of exemplars) {
    const known = bySeries.get(exemplar.seriesIndex);
    if (known) known.push(exemplar);
    else bySeries.set(exemplar.seriesIndex, [exemplar]);
  }
  return bySeries;
}
