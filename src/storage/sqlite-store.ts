import type Database from 'better-sqlite3';
import { assert } from '../model/assert.ts';
import type { Clock } from '../model/clock.ts';
import type { Labels } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import type { SeriesBytesForm, SeriesFinder } from '../model/series-finder.ts';
import type { SelectRequest, SeriesSet } from '../model/series-source.ts';
import { isSetAside, type TenantId } from '../model/tenant.ts';
import { runAtOnce, runInSlices, type Work } from '../model/work.ts';
import type { Exemplar, MetricMetadata } from '../model/write-batch.ts';
import { type AppendContext, appendSamples } from './appender.ts';
import type { CheckpointContext } from './checkpoint.ts';
import { ChunkStore } from './chunk-store.ts';
import { inTransaction, openDatabase } from './database.ts';
import { GroupCommit } from './group-commit.ts';
import { Housekeeping } from './housekeeping.ts';
import { queryLabelNames, queryLabelValues, querySeries, selectAny } from './label-queries.ts';
import { SamplePool } from './sample-pool.ts';
import { readSamples } from './sample-reader.ts';
import { selectSeries } from './selector.ts';
import { SeriesByBytes } from './series-by-bytes.ts';
import { SeriesByLabels } from './series-by-labels.ts';
import { SharedTimes } from './shared-times.ts';
import { prepareTables, type Tables } from './tables/tables.ts';
import type { TenantData } from './tenant-data.ts';
import { TenantDirectory } from './tenant-directory.ts';
import { insertFork } from './tenant-fork.ts';
import { TenantOrigins } from './tenant-origins.ts';
import { TenantPurge } from './tenant-purge.ts';
import { TenantSeparation } from './tenant-separation.ts';
import {
  type AppendBatch,
  type AppendListener,
  type AppendOptions,
  type AppendOutcome,
  type LabelRequest,
  type MetadataOfMetric,
  NO_SERIES,
  type SeriesIndex,
  type SeriesRef,
  type Store,
  type StoredAlertmanagerConfig,
  type StoredRuleGroup,
  type StoreUsage,
  type TenantListener,
  type TenantStatistics,
} from './types.ts';

export interface StoreOptions {
  /** The database file, created when it is not there; `:memory:` keeps everything in this process. */
  readonly path: string;
  readonly clock: Clock;
  /** Samples older than this are dropped; 0 keeps them for ever. A function tells it of each tenant, at any time. */
  readonly retentionMs: number | ((tenant: TenantId) => number);
  readonly checkpointIntervalMs: number;
  /** How much decoded chunks may take in memory. */
  readonly decodedCacheBytes: number;
  readonly logger?: StoreLogger;
}

/** The part of a pino logger that the store calls. */
export interface StoreLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Forks of forks of forks: beyond this one gets rows of its own before it is forked again. */
const LONGEST_CHAIN = 8;
/** 100,000 series are about 20 MB of label fields, half of that as symbols. */
const SERIES_BYTES_LIMIT = 64 << 20;

/**
 * Opens or creates a store. What was acknowledged before a crash is there again.
 * @throws {PocketCortexError} `storage-locked` when another process has the file open, `storage-too-new` when a newer
 * version wrote it, `storage-corrupt` when it is no store.
 */
export function openStore(options: StoreOptions): Store {
  return new SqliteStore(openDatabase(options.path), options);
}

class SqliteStore implements Store {
  readonly #database: Database.Database;
  readonly #tables: Tables;
  readonly #isInMemory: boolean;
  readonly #commit: GroupCommit;
  readonly #pool = new SamplePool();
  readonly #chunks: ChunkStore;
  readonly #tenants: TenantDirectory;
  readonly #separation: TenantSeparation;
  readonly #seriesByBytes: SeriesByBytes;
  readonly #appendContext: AppendContext;
  readonly #purge: TenantPurge;
  readonly #housekeeping: Housekeeping;
  readonly #tenantListeners: TenantListener[] = [];
  readonly #appendListeners = new Set<AppendListener>();
  #closing: Promise<void> | undefined;

  constructor(database: Database.Database, options: StoreOptions) {
    this.#database = database;
    this.#isInMemory = options.path === ':memory:';
    this.#tables = prepareTables(database);
    this.#commit = new GroupCommit(database, this.#tables, (tenant) => this.#tellOf(tenant, 'appeared'));
    const origins = new TenantOrigins(this.#tables.tenantOrigins);
    this.#chunks = new ChunkStore(this.#tables.chunks, origins, options.decodedCacheBytes);
    this.#appendContext = {
      pool: this.#pool,
      nextChunkId: this.#chunks.nextId,
      newestInChunks: this.#chunks.newestInChunks,
    };
    this.#tenants = new TenantDirectory(this.#tables, origins, this.#appendContext);
    this.#separation = new TenantSeparation({
      database,
      tables: this.#tables,
      chunks: this.#chunks,
      pool: this.#pool,
      tenants: this.#tenants,
      isInMemory: this.#isInMemory,
    });
    this.#seriesByBytes = new SeriesByBytes(SERIES_BYTES_LIMIT, (tenant) => this.#tenants.findLoaded(tenant));
    const context: CheckpointContext = {
      database,
      tables: this.#tables,
      commit: this.#commit,
      chunks: this.#chunks,
      pool: this.#pool,
      separate: (data) => this.#separation.separate(data),
    };
    this.#purge = new TenantPurge({
      database,
      tables: this.#tables,
      origins,
      pool: this.#pool,
      logger: options.logger,
    });
    const { retentionMs } = options;
    this.#housekeeping = new Housekeeping(context, this.#tenants, this.#purge, {
      ...options,
      retentionMs: typeof retentionMs === 'function' ? retentionMs : () => retentionMs,
    });
    // A process before this one may have left something.
    void this.#purge.run();
  }

  tenants(): readonly TenantId[] {
    return this.#tenants.names();
  }

  watchTenants(listener: TenantListener): void {
    this.#tenantListeners.push(listener);
  }

  watchAppends(listener: AppendListener): () => void {
    this.#appendListeners.add(listener);
    return () => this.#appendListeners.delete(listener);
  }

  async load(tenant: TenantId): Promise<void> {
    if (this.#closing === undefined) await this.#tenants.load(tenant);
  }

  seriesFinder(tenant: TenantId, form: SeriesBytesForm): SeriesFinder {
    return this.#seriesByBytes.finder(tenant, form);
  }

  forgetSeriesBytes(): void {
    this.#seriesByBytes.forget();
  }

  findSeries(tenant: TenantId, labels: Labels): SeriesRef {
    return this.#tenants.find(tenant)?.findSeries(labels) ?? NO_SERIES;
  }

  createSeries(tenant: TenantId, labels: Labels): SeriesRef {
    this.#expectOpen();
    return this.#tenants.findOrCreate(tenant).findOrCreateSeries(labels).ref;
  }

  seriesIndex(tenant: TenantId): SeriesIndex {
    this.#expectOpen();
    return new SeriesByLabels(this.#tenants, tenant);
  }

  seriesLabels(tenant: TenantId, seriesRef: SeriesRef): Labels {
    const data = this.#tenants.find(tenant);
    assert(data !== undefined, 'a series reference names a series of its tenant');
    return data.series(seriesRef).labels;
  }

  newestSampleMs(tenant: TenantId, seriesRef: SeriesRef): number {
    return this.#tenants.find(tenant)?.seriesByRef[seriesRef]?.lastMs ?? -Infinity;
  }

  seriesCountOfMetric(tenant: TenantId, metricName: string): number {
    return this.#tenants.find(tenant)?.seriesCountOfMetric(metricName) ?? 0;
  }

  append(tenant: TenantId, batch: AppendBatch, options: AppendOptions): AppendOutcome {
    this.#expectOpen();
    this.#commit.expectRoom();
    const data = this.#tenants.findOrCreate(tenant);
    const newestBeforeMs = Math.min(data.newestMs, options.headEndMs ?? Infinity);
    const { acceptedCount, rejections, record } = appendSamples(
      data,
      batch,
      { outOfOrderWindowMs: options.outOfOrderWindowMs, newestMs: newestBeforeMs },
      this.#appendContext,
    );
    if (record !== undefined) {
      // Nobody reopens a database in memory.
      if (!this.#isInMemory) data.pending.addRecord(data.nextSequence, record);
      data.logRecordBytes.push(record.length);
      data.nextSequence += 1;
      this.#housekeeping.noteAppend(record.length);
      for (const listener of this.#appendListeners) listener(tenant);
    }
    const rejectedExemplars = appendExemplars(data, batch.exemplars, options.maxExemplars);
    for (const metadata of batch.metadata) if (data.metadata.add(metadata)) data.pending.addMetadata(metadata);
    return { acceptedCount, newestBeforeMs, rejections, rejectedExemplars, committed: this.#commit.add(data.pending) };
  }

  select(request: SelectRequest): SeriesSet {
    return runAtOnce(this.selectInSlices(request));
  }

  *selectInSlices({ tenant, matchers, startMs, endMs }: SelectRequest): Work<SeriesSet> {
    const data = this.#tenants.find(tenant);
    if (data === undefined) return EMPTY_SET;
    const selection = yield* selectSeries(data, matchers);
    const isInRange = (seriesRef: SeriesRef): boolean => {
      const { hasSamples, maxMs, minMs } = data.series(seriesRef);
      return hasSamples && maxMs >= startMs && minMs <= endMs;
    };
    const isWhole = selection.seriesRefs.every(isInRange);
    const seriesRefs = isWhole ? selection.seriesRefs : selection.seriesRefs.filter(isInRange);
    const labels = isWhole ? selection.labels : seriesRefs.map((seriesRef) => data.series(seriesRef).labels);
    const range = { startMs, endMs };
    const sources = {
      pool: this.#pool,
      chunk: this.#chunks.decoded.bind(this.#chunks, data),
      times: new SharedTimes(),
    };
    return {
      labels,
      read(seriesIndex, into) {
        const series = data.seriesByRef[seriesRefs[seriesIndex]!];
        // Retention may have taken it since. While a tenant is deleted, its samples go bit by bit.
        if (series === undefined || data.isDeleted) into.clear();
        else readSamples(series, range, sources, into);
      },
    };
  }

  *series(request: LabelRequest): Work<Labels[]> {
    const data = this.#tenants.find(request.tenant);
    return data === undefined ? [] : yield* querySeries(data, request);
  }

  *labelNames(request: LabelRequest): Work<string[]> {
    const data = this.#tenants.find(request.tenant);
    return data === undefined ? [] : yield* queryLabelNames(data, request);
  }

  *labelValues(request: LabelRequest & { readonly labelName: string }): Work<string[]> {
    const data = this.#tenants.find(request.tenant);
    return data === undefined ? [] : yield* queryLabelValues(data, request);
  }

  metadata(tenant: TenantId): readonly MetricMetadata[] {
    return this.#tenants.find(tenant)?.metadata.all() ?? [];
  }

  metadataOf(tenant: TenantId, metric: string): MetadataOfMetric {
    const metadata = this.#tenants.find(tenant)?.metadata;
    return { metricCount: metadata?.metricCount ?? 0, entries: metadata?.ofMetric(metric) ?? [] };
  }

  *exemplars(
    tenant: TenantId,
    selectors: readonly (readonly Matcher[])[],
    { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
  ): Work<{ readonly labels: Labels; readonly exemplars: readonly Exemplar[] }[]> {
    const data = this.#tenants.find(tenant);
    if (data === undefined || data.exemplars.count === 0) return [];
    const found: { labels: Labels; exemplars: readonly Exemplar[] }[] = [];
    for (const seriesRef of yield* selectAny(data, selectors)) {
      const exemplars = data.exemplars
        .ofSeries(seriesRef)
        .map(({ exemplar }) => exemplar)
        .filter(({ timestampMs }) => timestampMs >= startMs && timestampMs <= endMs);
      if (exemplars.length > 0) found.push({ labels: data.series(seriesRef).labels, exemplars });
    }
    return found;
  }

  statistics(tenant: TenantId): TenantStatistics {
    const data = this.#tenants.find(tenant);
    return {
      seriesCount: data?.seriesCount ?? 0,
      newestSampleMs: data?.newestMs ?? -Infinity,
      sampleCount: data?.sampleCount ?? 0,
    };
  }

  seriesCount(tenant: TenantId): number {
    return this.#tenants.seriesCount(tenant);
  }

  headSeriesCount(tenant: TenantId): number {
    const seriesCount = this.#tenants.seriesCount(tenant);
    const data = seriesCount === 0 ? undefined : this.#tenants.find(tenant);
    if (data === undefined || data.flushedMs === -Infinity) return seriesCount;
    let count = 0;
    for (const series of data.seriesByRef) if (series !== undefined && series.maxMs > data.flushedMs) count += 1;
    return count;
  }

  hasChunks(tenant: TenantId): boolean {
    const tenantNumber = this.#tenants.numberOf(tenant);
    if (tenantNumber === undefined) return false;
    return this.#tables.chunks.hasOlderThan(this.#tenants.origins.chunksOf(tenantNumber), Number.MAX_SAFE_INTEGER);
  }

  usage(): StoreUsage {
    return {
      rawLabelsBytes: this.#seriesByBytes.usedBytes,
      decodedCacheBytes: this.#chunks.cachedBytes,
      openSamplesBytes: this.#pool.heldBytes,
      logBytes: this.#housekeeping.logBytes,
    };
  }

  ruleGroups(tenant: TenantId): readonly StoredRuleGroup[] {
    const tenantNumber = this.#tenants.numberOf(tenant);
    return tenantNumber === undefined ? [] : this.#tables.ruleGroups.ofTenant(tenantNumber);
  }

  setRuleGroup(tenant: TenantId, group: StoredRuleGroup): void {
    this.#expectOpen();
    const { number, pending } = this.#tenants.findOrCreate(tenant);
    inTransaction(this.#database, () => {
      pending.writeTenant(this.#tables);
      this.#tables.ruleGroups.set(number, group);
    });
    if (pending.markTenantWritten() !== undefined) this.#tellOf(tenant, 'appeared');
  }

  deleteRuleGroups(tenant: TenantId, namespace: string, group?: string): boolean {
    this.#expectOpen();
    const tenantNumber = this.#tenants.numberOf(tenant);
    return tenantNumber !== undefined && this.#tables.ruleGroups.delete(tenantNumber, namespace, group) > 0;
  }

  ruleProgress(tenant: TenantId): ReadonlyMap<string, number> {
    const tenantNumber = this.#tenants.numberOf(tenant);
    return tenantNumber === undefined ? new Map() : this.#tables.ruleProgress.ofTenant(tenantNumber);
  }

  setRuleProgress(tenant: TenantId, groupKey: string, evaluatedMs: number): void {
    this.#expectOpen();
    const tenantNumber = this.#tenants.numberOf(tenant);
    if (tenantNumber !== undefined) this.#tables.ruleProgress.set(tenantNumber, groupKey, evaluatedMs);
  }

  deleteRuleProgress(tenant: TenantId, groupKey: string): void {
    this.#expectOpen();
    const tenantNumber = this.#tenants.numberOf(tenant);
    if (tenantNumber !== undefined) this.#tables.ruleProgress.delete(tenantNumber, groupKey);
  }

  alertmanagerConfig(tenant: TenantId): StoredAlertmanagerConfig | undefined {
    const tenantNumber = this.#tenants.numberOf(tenant);
    return tenantNumber === undefined ? undefined : this.#tables.alertmanagerConfigs.ofTenant(tenantNumber);
  }

  setAlertmanagerConfig(tenant: TenantId, config: StoredAlertmanagerConfig | undefined): void {
    this.#expectOpen();
    if (config === undefined) {
      const tenantNumber = this.#tenants.numberOf(tenant);
      if (tenantNumber !== undefined) this.#tables.alertmanagerConfigs.delete(tenantNumber);
      return;
    }
    const { number, pending } = this.#tenants.findOrCreate(tenant);
    inTransaction(this.#database, () => {
      pending.writeTenant(this.#tables);
      this.#tables.alertmanagerConfigs.set(number, config);
    });
    if (pending.markTenantWritten() !== undefined) this.#tellOf(tenant, 'appeared');
  }

  async forkTenant(from: TenantId, to: TenantId): Promise<void> {
    this.#expectOpen();
    await this.#tenants.load(from);
    await this.#housekeeping.between(() => this.#fork(from, to));
  }

  async #fork(from: TenantId, to: TenantId): Promise<void> {
    const { origins } = this.#tenants;
    const source = this.#tenants.find(from);
    assert(this.#tenants.numberOf(to) === undefined, 'a tenant that is forked into has nothing');
    if (source === undefined || source.pending.isUnborn) return;
    if (origins.depth(source.number) >= LONGEST_CHAIN || this.#separation.isUnfinished(source)) {
      await runInSlices(this.#separation.separate(source));
      if (source.isDeleted) return;
    }
    source.queueAllSeries(this.#pool);
    void this.#commit.add(source.pending);
    this.#commit.flush();
    const number = this.#tenants.nextNumber();
    insertFork({ database: this.#database, origins, isInMemory: this.#isInMemory }, source, to, number);
    this.#tenants.adopt(source.fork(to, number));
    this.#tellOf(to, 'appeared');
    for (const listener of this.#appendListeners) listener(to);
  }

  deleteTenant(tenant: TenantId): void {
    this.#expectOpen();
    const tenantNumber = this.#tenants.numberOf(tenant);
    if (tenantNumber === undefined) return;
    const { tenants, deletedTenants } = this.#tables;
    const { origins } = this.#tenants;
    inTransaction(this.#database, () => {
      // The number of a tenant without a row may be given out again.
      if (tenants.delete(tenantNumber)) deletedTenants.insert(tenantNumber);
      if (!origins.isOrigin(tenantNumber)) origins.delete(tenantNumber);
    });
    origins.tenantDeleted(tenantNumber);
    const data = this.#tenants.remove(tenant);
    if (data !== undefined) {
      this.#commit.forget(data.pending);
      this.#purge.forget(data);
    }
    void this.#purge.run();
    this.#tellOf(tenant, 'deleted');
  }

  async checkpoint(options: { readonly force?: boolean } = {}): Promise<void> {
    this.#expectOpen();
    await this.#purge.run();
    await this.#housekeeping.run(options.force === true);
  }

  async flush(tenants?: readonly TenantId[]): Promise<void> {
    this.#expectOpen();
    for (const tenant of tenants ?? []) await this.#tenants.load(tenant);
    await this.#housekeeping.flush(tenants === undefined ? undefined : new Set(tenants));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#tenants.stopLoading();
    try {
      // A database in memory has nobody to leave something to.
      await this.#housekeeping.finish({ writesAll: !this.#isInMemory });
    } finally {
      this.#database.close();
    }
  }

  #tellOf(tenant: TenantId, change: 'appeared' | 'deleted'): void {
    if (isSetAside(tenant)) return;
    for (const listener of this.#tenantListeners) listener(tenant, change);
  }

  #expectOpen(): void {
    assert(this.#closing === undefined, 'a store is not used after close()');
  }
}

const EMPTY_SET: SeriesSet = { labels: [], read: (_seriesIndex, into) => into.clear() };

/** By Prometheus's rules: judged against what was there before the batch, and dropped silently when that changed. */
function appendExemplars(
  data: TenantData,
  added: AppendBatch['exemplars'],
  maxExemplars: number,
): AppendOutcome['rejectedExemplars'] {
  if (maxExemplars <= 0 || added.length === 0) return [];
  const rejected: { index: number; reason: 'out-of-order' | 'duplicate' }[] = [];
  const accepted: AppendBatch['exemplars'][number][] = [];
  for (const [index, one] of added.entries()) {
    const verdict = data.exemplars.judge(one.seriesRef, one.exemplar);
    if (verdict === 'new') accepted.push(one);
    else rejected.push({ index, reason: verdict });
  }
  for (const { seriesRef, exemplar } of accepted) {
    if (data.exemplars.judge(seriesRef, exemplar) !== 'new') continue;
    data.pending.addExemplar(data.exemplars.add(seriesRef, exemplar));
  }
  const lastGone = data.exemplars.trim(maxExemplars);
  if (lastGone > 0) data.pending.dropExemplars(lastGone);
  return rejected;
}
