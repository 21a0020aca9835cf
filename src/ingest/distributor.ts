import type { Registry } from 'prom-client';
import type { Limits, TenantLimits } from '../limits/limits.ts';
import { RateLimiter } from '../limits/rate-limiter.ts';
import type { Clock } from '../model/clock.ts';
import { formatFloatCompact } from '../model/go-float.ts';
import type { TenantId } from '../model/tenant.ts';
import { runInSlices } from '../model/work.ts';
import type { WriteBatch } from '../model/write-batch.ts';
import { NO_SERIES, type Store } from '../storage/types.ts';
import { LabelCache } from '../wire/label-cache.ts';
import { namesOfSeries } from '../wire/remote-write-labels.ts';
import {
  type Admission,
  admit,
  hasSeriesWithoutLabels,
  type ReplicaHandling,
  type SeriesReplica,
} from './admission.ts';
import {
  type ComputedOptions,
  type ComputedOutcome,
  ComputedSamples,
  type ComputedSeries,
  computedSeriesOf,
} from './computed-samples.ts';
import type { HaTracker, ReplicaVerdict } from './ha-tracker.ts';
import { Importer, type ImportOutcome } from './importer.ts';
import { IngestMetrics, type PushCounts } from './ingest-metrics.ts';
import { defaultIngestSettings, type IngestSettings } from './ingest-settings.ts';
import { Ingester } from './ingester.ts';
import { asIngesterError } from './ingester-errors.ts';
import { IngestionRates, type Rates, type Source } from './ingestion-rate.ts';
import { type Row, rowsToBatch } from './rows.ts';
import { byteLength, type FlatLabels } from './series-text.ts';

export { addOutcomes, type ImportOutcome, NOTHING_IMPORTED } from './importer.ts';
export type { Row } from './rows.ts';

export interface DistributorOptions {
  readonly store: Store;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly metrics: Registry;
  readonly settings?: IngestSettings;
  /** Who decides between replicas; without it none is known and all are taken. */
  readonly haTracker?: HaTracker;
  /**
   * Who judges writes in place of this one, which then takes what would be refused, as far as it can be kept, and says so in the
   * outcome.
   */
  readonly judge?: Distributor | undefined;
}

/** What a push is answered with: 200 and no text when all of it was kept. */
export interface PushOutcome {
  readonly status: number;
  /** Cortex's text, without a newline behind it. */
  readonly message: string;
  /** What passed validation and was handed on to be stored, which remote write 2.0 tells its sender. */
  readonly written: WrittenCounts;
  /** What Cortex would have answered to what was taken here. */
  readonly wouldRefuse?: { readonly status: number; readonly message: string };
}

export interface WrittenCounts {
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
}

const NOTHING_WRITTEN: WrittenCounts = { samples: 0, histograms: 0, exemplars: 0 };

/** The way into the store: validates against the tenant's limits, keeps what is good and names the first that is not. */
export class Distributor {
  readonly #store: Store;
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #metrics: IngestMetrics;
  readonly #ingester: Ingester;
  readonly #importer: Importer;
  readonly #computed: ComputedSamples;
  readonly #rateLimiter: RateLimiter;
  readonly #histogramRateLimiter: RateLimiter;
  readonly #rates: IngestionRates;
  readonly #settings: IngestSettings;
  readonly #haTracker: HaTracker | undefined;
  readonly #judge: Distributor | undefined;
  readonly #labels = new LabelCache();
  /** The limits under which the store's raw labels were found valid. */
  readonly #validatedUnder = new Map<TenantId, TenantLimits>();

  constructor(options: DistributorOptions) {
    const { store, limits, clock, metrics, settings = defaultIngestSettings, haTracker, judge } = options;
    this.#store = store;
    this.#limits = limits;
    this.#clock = clock;
    this.#metrics = new IngestMetrics(metrics, store);
    this.#ingester = new Ingester({ store, metrics: this.#metrics, clock, settings });
    this.#importer = new Importer({ store, settings });
    this.#computed = new ComputedSamples({ store, metrics: this.#metrics, settings });
    this.#settings = settings;
    this.#haTracker = haTracker;
    this.#judge = judge;
    this.#rateLimiter = new RateLimiter(clock);
    this.#histogramRateLimiter = new RateLimiter(clock);
    this.#rates = new IngestionRates(clock);
  }

  /**
   * Resolves when what was accepted is on disk.
   * @throws what the store throws when it could not write; then the client should send the request again.
   */
  async push(tenant: TenantId, batch: WriteBatch): Promise<PushOutcome> {
    const judge = this.#judge;
    if (judge === undefined) return this.#push(tenant, batch, 'api');
    // What was found of its series was found in this one's store.
    const { found: _, ...unknown } = batch;
    const verdict = await judge.push(tenant, unknown);
    const outcome = await this.#push(tenant, batch, 'api');
    const taken = outcome.status < 400 ? outcome : await this.#pushRefused(tenant, batch, outcome);
    const { status, message } = verdict;
    if (status < 400) return taken;
    return taken.status < 400 ? { ...taken, wouldRefuse: { status, message } } : verdict;
  }

  /** What Cortex would keep is stored by now; what it would not keep is brought in behind it. */
  async #pushRefused(tenant: TenantId, batch: WriteBatch, refusal: PushOutcome): Promise<PushOutcome> {
    const { samples, histograms, exemplars, firstRefusal, duplicates } = await this.#importer.importRefused(
      tenant,
      this.#currentLimits(tenant),
      batch,
    );
    // Another value at a time that has one, or labels that name no series: nobody could keep that.
    if (firstRefusal !== undefined || duplicates > 0) return refusal;
    return { status: 200, message: '', written: { samples: samples - histograms, histograms, exemplars } };
  }

  async #push(tenant: TenantId, batch: WriteBatch, source: Source): Promise<PushOutcome> {
    this.#metrics.arrived(tenant, countsOf(batch));
    if (hasSeriesWithoutLabels(batch)) return refused(400, 'empty labels found');
    await this.#store.load(tenant);
    const limits = this.#currentLimits(tenant);
    const replicas = this.#replicas(tenant, batch, limits);
    if (replicas.kind === 'refused') return replicas.outcome;
    const admission = this.#admit(tenant, batch, limits, replicas);
    if (admission.admittedSeriesCount === 0 && admission.metadata.length === 0)
      return outcomeOf(admission.firstRefusal, NOTHING_WRITTEN);
    const overRate = this.#overRate(tenant, admission.counts, limits);
    if (overRate) return overRate;
    const overHistogramRate = this.#overHistogramRate(tenant, admission.counts.histograms, limits);
    const kept = overHistogramRate ? withoutHistogramSeries(admission) : admission;
    const outcome = this.#ingester.append({ tenant, limits, batch, admission: kept, isOfRule: source === 'rule' });
    const { failure, firstError, ingestedCount, committed } = outcome;
    if (failure !== undefined) return refused(500, asIngesterError(tenant, failure, 'Unknown'));
    this.#rates.add(tenant, source, ingestedCount);
    await committed;
    // Cortex asks the ingester last and lets its error win.
    if (firstError !== undefined) return refused(400, asIngesterError(tenant, firstError));
    const { samples, histograms, exemplars } = admission.counts;
    const written = { samples, histograms: overHistogramRate ? 0 : histograms, exemplars };
    return overHistogramRate ? { ...overHistogramRate, written } : outcomeOf(admission.firstRefusal, written);
  }

  /**
   * Appends under the same rules as a push. The texts say what was refused: the first of it, as a push would.
   * @throws as `push` does
   */
  async appendRows(tenant: TenantId, rows: readonly Row[]): Promise<readonly string[]> {
    if (rows.length === 0) return [];
    await this.#judge?.appendRows(tenant, rows);
    const { message } = await this.#push(tenant, rowsToBatch(rows), 'rule');
    return message === '' ? [] : [message];
  }

  /**
   * Takes data that is brought along: any time in any order, without Cortex's limits on age, rates and numbers of series.
   * Resolves when it is on disk; `batch` is borrowed until then.
   * @throws as `push` does
   */
  async import(tenant: TenantId, batch: WriteBatch): Promise<ImportOutcome> {
    await this.#store.load(tenant);
    return this.#importer.import(tenant, this.#currentLimits(tenant), batch);
  }

  /**
   * Appends samples of any time that were computed here, in slices: visible when it resolves. What a series has already stays.
   * @throws what the store throws when it cannot write
   */
  async appendComputed(
    tenant: TenantId,
    series: readonly ComputedSeries[],
    options: ComputedOptions,
  ): Promise<ComputedOutcome> {
    await this.#store.load(tenant);
    return runInSlices(this.#computed.append(tenant, this.#currentLimits(tenant), series, options), options.signal);
  }

  /** As `appendComputed`, of rows. */
  async appendComputedRows(tenant: TenantId, rows: readonly Row[], options: ComputedOptions): Promise<ComputedOutcome> {
    const floats = rows.filter(({ histogram, isStale }) => histogram === undefined || isStale);
    const outcome = await this.appendComputed(tenant, floats.map(computedSeriesOf), options);
    if (floats.length < rows.length && this.#limits.forTenant(tenant).enableNativeHistograms) {
      await this.import(tenant, rowsToBatch(rows.filter((row) => !floats.includes(row))));
    }
    return outcome;
  }

  /** Samples a second that were stored of late. */
  ingestionRates(tenant: TenantId): Rates {
    return this.#rates.get(tenant);
  }

  /** The first series of a request says which replica it is of, unless the tenant mixes them. */
  #replicas(
    tenant: TenantId,
    batch: WriteBatch,
    limits: TenantLimits,
  ): ReplicaHandling | { readonly kind: 'refused'; readonly outcome: PushOutcome } {
    if (!limits.acceptHaSamples || batch.seriesCount === 0) return { kind: 'none' };
    if (limits.acceptMixedHaSamples) {
      return {
        kind: 'series',
        check: (labels, sampleCount) => this.#seriesReplica(tenant, limits, labels, sampleCount),
      };
    }
    const { cluster, replica } = replicaLabels(namesOfSeries(batch).labelsOf(0), limits);
    const sampleCount = batch.timestampsMs.length + batch.histograms.length;
    if (cluster === '' || replica === '' || byteLength(replica) > limits.maxLabelValueLength) {
      this.#metrics.withoutReplica(tenant, sampleCount);
      return { kind: 'request', removesLabel: false };
    }
    const verdict = this.#checkReplica(tenant, cluster, replica, sampleCount);
    switch (verdict?.kind) {
      case 'other-elected':
        return { kind: 'refused', outcome: { status: 202, message: verdict.message, written: countsOf(batch) } };
      case 'too-many-clusters':
        return { kind: 'refused', outcome: refused(400, verdict.message) };
      default:
        return { kind: 'request', removesLabel: true };
    }
  }

  #seriesReplica(tenant: TenantId, limits: TenantLimits, labels: FlatLabels, sampleCount: number): SeriesReplica {
    const { cluster, replica } = replicaLabels(labels, limits);
    if (cluster === '' || replica === '') {
      this.#metrics.withoutReplica(tenant, sampleCount);
      return 'none';
    }
    if (byteLength(replica) > limits.maxLabelValueLength) return 'elected';
    const verdict = this.#checkReplica(tenant, cluster, replica, sampleCount);
    return verdict === undefined || verdict.kind === 'accepted' ? 'elected' : 'other';
  }

  #checkReplica(tenant: TenantId, cluster: string, replica: string, sampleCount: number): ReplicaVerdict | undefined {
    const verdict = this.#haTracker?.check(tenant, cluster, replica);
    if (verdict?.kind === 'other-elected') this.#metrics.deduplicated(tenant, cluster, sampleCount);
    if (verdict?.kind === 'too-many-clusters') {
      this.#metrics.discarded(tenant, 'samples', 'too_many_ha_clusters', sampleCount);
    }
    return verdict;
  }

  #admit(tenant: TenantId, batch: WriteBatch, limits: TenantLimits, replicas: ReplicaHandling): Admission {
    const nowMs = this.#clock.nowMs();
    const admission = admit(batch, {
      store: this.#store,
      metrics: this.#metrics,
      tenant,
      limits,
      nowMs,
      settings: this.#settings,
      replicas,
      labels: this.#labels,
    });
    this.#metrics.received(tenant, admission.counts);
    const newestMs = Math.max(batch.timestampsMs.at(-1) ?? 0, batch.histograms.at(-1)?.timestampMs ?? 0);
    if (newestMs > 0) this.#metrics.sawSample(tenant, newestMs);
    return admission;
  }

  #currentLimits(tenant: TenantId): TenantLimits {
    const limits = this.#limits.forTenant(tenant);
    const before = this.#validatedUnder.get(tenant);
    if (before === limits) return limits;
    // Series that were valid under other limits have to be looked at again.
    if (before) this.#store.forgetSeriesBytes();
    this.#validatedUnder.set(tenant, limits);
    return limits;
  }

  #overRate(tenant: TenantId, counts: PushCounts, limits: TenantLimits): PushOutcome | undefined {
    const sampleCount = counts.samples + counts.histograms;
    const limit = { perSecond: limits.ingestionRate, burst: limits.ingestionBurstSize };
    if (this.#rateLimiter.allow(tenant, sampleCount + counts.exemplars + counts.metadata, limit)) return undefined;
    this.#metrics.discarded(tenant, 'samples', 'rate_limited', sampleCount);
    this.#metrics.discarded(tenant, 'exemplars', 'rate_limited', counts.exemplars);
    this.#metrics.discarded(tenant, 'metadata', 'rate_limited', counts.metadata);
    const rate = formatFloatCompact(limits.ingestionRate);
    return refused(
      429,
      `ingestion rate limit (${rate}) exceeded while adding ${sampleCount} samples and ${counts.metadata} metadata`,
    );
  }

  #overHistogramRate(tenant: TenantId, histogramCount: number, limits: TenantLimits): PushOutcome | undefined {
    const { nativeHistogramIngestionRate: perSecond, nativeHistogramIngestionBurstSize: burst } = limits;
    if (histogramCount === 0) return undefined;
    if (this.#histogramRateLimiter.allow(tenant, histogramCount, { perSecond, burst })) return undefined;
    this.#metrics.discarded(tenant, 'samples', 'native_histogram_rate_limited', histogramCount);
    return refused(
      429,
      `native histogram ingestion rate limit (${formatFloatCompact(perSecond)}) exceeded while adding ${histogramCount} native histogram samples`,
    );
  }
}

/** Series that carry native histograms stay out with all that they carry. */
function withoutHistogramSeries(admission: Admission): Admission {
  const { histograms, counts } = admission;
  const seriesRefs = admission.seriesRefs.slice();
  const refusedSeries = new Set(admission.refusedSeries);
  for (const i of histograms.keys()) {
    seriesRefs[i] = NO_SERIES;
    refusedSeries.add(i);
  }
  return {
    ...admission,
    seriesRefs,
    newSeries: admission.newSeries.without(histograms),
    refusedSeries,
    histograms: new Map(),
    counts: { ...counts, histograms: 0 },
  };
}

function replicaLabels(
  labels: FlatLabels,
  { haClusterLabel, haReplicaLabel }: TenantLimits,
): { readonly cluster: string; readonly replica: string } {
  let cluster = '';
  let replica = '';
  for (let i = 0; i < labels.length; i += 2) {
    if (labels[i] === haReplicaLabel) replica = labels[i + 1]!;
    if (labels[i] === haClusterLabel) cluster = labels[i + 1]!;
  }
  return { cluster, replica };
}

function refused(status: number, message: string): PushOutcome {
  return { status, message, written: NOTHING_WRITTEN };
}

function outcomeOf(firstRefusal: string | undefined, written: WrittenCounts): PushOutcome {
  return firstRefusal === undefined
    ? { status: 200, message: '', written }
    : { status: 400, message: firstRefusal, written };
}

function metadataCount({ metadata, metadataCounts }: WriteBatch): number {
  return metadataCounts === undefined ? metadata.length : metadataCounts.reduce((sum, count) => sum + count, 0);
}

function countsOf(batch: WriteBatch): PushCounts {
  return {
    samples: batch.timestampsMs.length,
    histograms: batch.histograms.length,
    exemplars: batch.exemplars.length,
    metadata: metadataCount(batch),
  };
}
