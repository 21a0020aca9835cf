import type { TenantLimits } from '../limits/limits.ts';
import { SampleColumns } from '../model/columns.ts';
import { listOfLabels } from '../model/label.ts';
import type { Labels } from '../model/labels.ts';
import { createMatcher } from '../model/matcher.ts';
import type { TenantId } from '../model/tenant.ts';
import type { Work } from '../model/work.ts';
import { NO_SERIES, type SeriesRef, type Store } from '../storage/types.ts';
import type { IngestMetrics } from './ingest-metrics.ts';
import type { IngestSettings } from './ingest-settings.ts';
import { asIngesterError } from './ingester-errors.ts';
import type { Row } from './rows.ts';
import { SeriesAdmission } from './series-admission.ts';
import { validateSeries } from './validate-series.ts';

/** Samples of one series that were computed here, floats only. */
export interface ComputedSeries {
  readonly labels: Labels;
  readonly samples: SampleColumns;
}

export interface ComputedOptions {
  /** Writes nothing unless all series can be written. */
  readonly isAllOrNothing: boolean;
  /**
   * Refuses a series that has a sample of the same time as the first of these, or a newer one; else samples of other times
   * are added.
   */
  readonly mustBeNewer: boolean;
  /** Breaks it off between two pauses. */
  readonly signal?: AbortSignal;
}

export interface ComputedOutcome {
  /** Whether a series was refused because of `mustBeNewer`. */
  readonly isBehind: boolean;
  /** What is wrong with series that were not written, in the words that a push would get. */
  readonly refusals: readonly string[];
  /** Resolves when the rest is on disk. */
  readonly committed: Promise<void>;
}

/** So many samples are appended between two pauses. */
const PAUSE_EVERY_SAMPLES = 16_384;

/**
 * The way in for samples of any time that were computed here, many of a series at once. Labels and numbers of series obey the
 * limits, as in a push; age and rate do not. What a series has already stays as it is, so the same samples may come again.
 */
export class ComputedSamples {
  readonly #store: Store;
  readonly #metrics: IngestMetrics;
  readonly #settings: IngestSettings;

  constructor({ store, metrics, settings }: { store: Store; metrics: IngestMetrics; settings: IngestSettings }) {
    this.#store = store;
    this.#metrics = metrics;
    this.#settings = settings;
  }

  /** The tenant is loaded. Samples are visible as soon as they are appended. */
  *append(
    tenant: TenantId,
    limits: TenantLimits,
    series: readonly ComputedSeries[],
    { isAllOrNothing, mustBeNewer }: ComputedOptions,
  ): Work<ComputedOutcome> {
    const store = this.#store;
    const admission = new SeriesAdmission({
      store,
      tenant,
      limits,
      settings: this.#settings,
      activeHistogramSeries: () => 0,
    });
    const refusals: string[] = [];
    let isBehind = false;
    const seriesRefs: SeriesRef[] = [];
    for (const { labels, samples } of series) {
      const found = this.#findOrCreate(tenant, limits, labels, admission);
      let refusal = typeof found === 'string' ? found : undefined;
      if (mustBeNewer && typeof found === 'number' && isNotNewer(store, tenant, found, samples)) {
        isBehind = true;
        refusal = `${labels} has newer samples`;
      }
      if (refusal !== undefined) {
        refusals.push(refusal);
        if (isAllOrNothing) return { refusals, isBehind, committed: Promise.resolve() };
      }
      seriesRefs.push(refusal === undefined ? (found as SeriesRef) : NO_SERIES);
      yield;
    }
    const committed: Promise<void>[] = [];
    let batch: { readonly seriesRef: SeriesRef; readonly samples: SampleColumns }[] = [];
    let batchCount = 0;
    const flush = (): void => {
      if (batch.length > 0) committed.push(this.#append(tenant, batch));
      batch = [];
      batchCount = 0;
    };
    for (const [index, { labels, samples }] of series.entries()) {
      const seriesRef = seriesRefs[index]!;
      if (seriesRef === NO_SERIES) continue;
      const isNew = samples.count === 0 || store.newestSampleMs(tenant, seriesRef) < samples.timestampsMs[0]!;
      batch.push({ seriesRef, samples: isNew ? samples : withoutKnown(store, tenant, labels, samples) });
      batchCount += samples.count;
      if (batchCount < PAUSE_EVERY_SAMPLES) continue;
      flush();
      yield;
    }
    flush();
    return { refusals, isBehind, committed: Promise.all(committed).then(() => {}) };
  }

  #findOrCreate(
    tenant: TenantId,
    limits: TenantLimits,
    labels: Labels,
    admission: SeriesAdmission,
  ): SeriesRef | string {
    const { allowsUtf8Names } = this.#settings;
    const verdict = validateSeries([...labels].flat(), limits, { allowsUtf8Names });
    if (verdict.kind === 'dropped') return NO_SERIES;
    if (verdict.kind === 'refused') return verdict.refusal.message;
    const list = listOfLabels(verdict.labels);
    const result = admission.findOrCreate(list, 0, list.length, Infinity);
    switch (result.kind) {
      case 'series':
        return result.seriesRef;
      case 'over-limit':
        return asIngesterError(tenant, result.refusal.message);
      default:
        return asIngesterError(tenant, 'no metric name label');
    }
  }

  #append(
    tenant: TenantId,
    batch: readonly { readonly seriesRef: SeriesRef; readonly samples: SampleColumns }[],
  ): Promise<void> {
    let total = 0;
    for (const { samples } of batch) total += samples.count;
    const all = new SampleColumns(total);
    const samplesStart = new Uint32Array(batch.length + 1);
    for (const [index, { samples }] of batch.entries()) {
      all.appendFrom(samples, 0, samples.count);
      samplesStart[index + 1] = all.count;
    }
    const { committed, acceptedCount } = this.#store.append(
      tenant,
      {
        seriesRefs: Uint32Array.from(batch, ({ seriesRef }) => seriesRef),
        samplesStart,
        timestampsMs: all.timestampsMs,
        values: all.values,
        exemplars: [],
        metadata: [],
      },
      { outOfOrderWindowMs: Infinity, maxExemplars: 0 },
    );
    this.#metrics.ingested('samples', acceptedCount, 0);
    // Whoever waits for it comes later: until then a failure is nobody's unhandled one.
    committed.catch(() => {});
    return committed;
  }
}

/** A row as a series of one sample. */
export function computedSeriesOf({ labels, timestampMs, value, isStale }: Row): ComputedSeries {
  const samples = new SampleColumns(1);
  if (isStale) samples.pushStaleMarker(timestampMs);
  else samples.push(timestampMs, value);
  return { labels, samples };
}

function isNotNewer(store: Store, tenant: TenantId, seriesRef: SeriesRef, { count, timestampsMs }: SampleColumns) {
  return count > 0 && store.newestSampleMs(tenant, seriesRef) >= timestampsMs[0]!;
}

/** Those of `samples` at whose times the series has nothing. */
function withoutKnown(store: Store, tenant: TenantId, labels: Labels, samples: SampleColumns): SampleColumns {
  const { timestampsMs, values, count } = samples;
  const matchers = [...labels].map(([name, value]) => createMatcher(name, '=', value));
  const set = store.select({ tenant, matchers, startMs: timestampsMs[0]!, endMs: timestampsMs[count - 1]! });
  const index = set.labels.findIndex((own) => own.equals(labels));
  if (index < 0) return samples;
  const known = new SampleColumns();
  set.read(index, known);
  const fresh = new SampleColumns(count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    while (at < known.count && known.timestampsMs[at]! < timestampsMs[i]!) at += 1;
    if (at < known.count && known.timestampsMs[at] === timestampsMs[i]) continue;
    fresh.append(timestampsMs, values, i, i + 1);
  }
  return fresh;
}
