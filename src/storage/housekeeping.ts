import type { Clock, Timer } from '../model/clock.ts';
import { QuietWatch } from '../model/quiet-watch.ts';
import type { TenantId } from '../model/tenant.ts';
import { runInSlices } from '../model/work.ts';
import { type CheckpointContext, checkpointTenant } from './checkpoint.ts';
import { sweepTenant } from './retention.ts';
import type { TenantDirectory } from './tenant-directory.ts';
import type { TenantPurge } from './tenant-purge.ts';

/** Open samples in memory (16 bytes each): beyond this they are written whether it is worthwhile or not. */
const OPEN_SAMPLES_LIMIT_BYTES = 24 << 20;
/** With more series so much for each: 64 samples in a chunk are still worth its row, and with very many series 16. */
const OPEN_BYTES_PER_SERIES = 1024;
const OPEN_BYTES_PER_SERIES_OF_MANY = 256;
const OPEN_SAMPLES_LIMIT_OF_MANY_BYTES = 192 << 20;
/** Once nobody has written for a while there is time: then this much is enough, a third of it, or half for each series. */
const QUIET_MS = 1000;
const QUIET_OPEN_SAMPLES_LIMIT_BYTES = 8 << 20;
const QUIET_OPEN_BYTES_PER_SERIES = 512;
/** The log, for all tenants: what a start has to read at most, and what the file may hold besides chunks. */
const LOG_LIMIT_BYTES = 32 << 20;
/** How often tenants that nobody asked for since the start are looked at for data that is too old. */
const UNLOADED_SWEEP_MS = 3_600_000;
/** Retention alone does not need more than this. */
const SWEEP_LIMIT_MS = 3_600_000;
const FREE_PAGES_KEPT = 512;
const FREE_PAGES_PER_STEP = 256;

export interface HousekeepingOptions {
  readonly clock: Clock;
  /** 0 keeps a tenant's data for ever; asked again and again. */
  readonly retentionMs: (tenant: TenantId) => number;
  readonly checkpointIntervalMs: number;
  readonly logger?: { error(fields: object, message: string): void };
}

/** When checkpoints and retention happen: by the clock, by how much came in, on demand. One at a time. */
export class Housekeeping {
  readonly #context: CheckpointContext;
  readonly #tenants: TenantDirectory;
  readonly #purge: TenantPurge;
  readonly #options: HousekeepingOptions;
  readonly #quiet: QuietWatch;
  #timer: Timer | undefined;
  #timerDueMs = Infinity;
  #running: Promise<void> | undefined;
  /** What the log had after the last run, and what came since. */
  #logBytes = 0;
  #hasNews = false;
  #unloadedSweptMs = -Infinity;
  #isStopped = false;

  constructor(context: CheckpointContext, tenants: TenantDirectory, purge: TenantPurge, options: HousekeepingOptions) {
    this.#context = context;
    this.#tenants = tenants;
    this.#purge = purge;
    this.#options = options;
    this.#quiet = new QuietWatch(options.clock, QUIET_MS);
    this.#quiet.onQuiet(() => {
      if (this.#isOverQuietBudget()) this.#runInBackground(true);
    });
    this.#arm();
  }

  /** The records of the log of all tenants that were read since the start. */
  get logBytes(): number {
    let logBytes = 0;
    for (const { logRecordBytes } of this.#tenants.loaded) for (const bytes of logRecordBytes) logBytes += bytes;
    return logBytes;
  }

  noteAppend(recordBytes: number): void {
    this.#logBytes += recordBytes;
    if (!this.#hasNews) {
      this.#hasNews = true;
      this.#arm();
    }
    if (this.#isOverQuietBudget()) this.#quiet.touch();
    if (this.#running === undefined && this.#isOverBudget()) this.#runInBackground(false);
  }

  /** Retention, then a checkpoint; with `writesAll` of everything. Behind one that runs already. */
  run(writesAll: boolean): Promise<void> {
    return this.#runAlone(() => this.#run(writesAll));
  }

  /** Writes all of these tenants, or of all that are loaded. Behind a checkpoint that runs already. */
  flush(tenants: ReadonlySet<TenantId> | undefined): Promise<void> {
    return this.#runAlone(() => this.#flush(tenants));
  }

  /** Has `work` done while no checkpoint runs. */
  between(work: () => Promise<void>): Promise<void> {
    return this.#runAlone(work);
  }

  async #runAlone(work: () => Promise<void>): Promise<void> {
    while (this.#running !== undefined) await this.#running.catch(() => {});
    this.#running = work();
    try {
      await this.#running;
    } finally {
      this.#running = undefined;
    }
  }

  async #flush(tenants: ReadonlySet<TenantId> | undefined): Promise<void> {
    this.#context.commit.flush();
    await this.#loadForks();
    for (const data of this.#tenants.loaded) {
      if (tenants !== undefined && !tenants.has(data.tenant)) continue;
      const newestMs = data.newestMs;
      if (!data.isDeleted) await runInSlices(checkpointTenant(data, true, this.#context));
      data.flushedMs = newestMs;
    }
    this.#logBytes = this.logBytes;
  }

  /** The last thing: commits; with `writesAll` checkpoints and gives the room that the log took back to the file system. */
  async finish({ writesAll }: { readonly writesAll: boolean }): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#quiet.stop();
    this.#purge.stop();
    while (this.#running !== undefined) await this.#running.catch(() => {});
    this.#context.commit.flush();
    if (!writesAll) return;
    await this.run(true);
    this.#freePages(Infinity);
    this.#context.database.pragma('wal_checkpoint(TRUNCATE)');
  }

  /** Without retention there is nothing to do until somebody writes. */
  #arm(): void {
    if (this.#isStopped) return;
    const { clock, checkpointIntervalMs } = this.#options;
    const delayMs = this.#hasNews ? checkpointIntervalMs : this.#sweepMs();
    const dueMs = clock.nowMs() + delayMs;
    if (dueMs >= this.#timerDueMs) return;
    this.#timer?.cancel();
    this.#timerDueMs = dueMs;
    this.#timer = clock.setTimer(
      () => {
        this.#timer = undefined;
        this.#timerDueMs = Infinity;
        this.#runInBackground(false);
        // Chunks hold what the log holds; whoever has a retention looks at the time.
      },
      delayMs,
      { leavesData: true },
    );
  }

  /** A tenth of the shortest retention there is. */
  #sweepMs(): number {
    const { retentionMs, checkpointIntervalMs } = this.#options;
    let shortestMs = Infinity;
    const look = (tenant: TenantId): void => {
      const ofTenantMs = retentionMs(tenant);
      if (ofTenantMs > 0) shortestMs = Math.min(shortestMs, ofTenantMs);
    };
    for (const { tenant } of this.#tenants.loaded) look(tenant);
    for (const { tenant } of this.#tenants.unloaded) look(tenant);
    if (shortestMs === Infinity) return Infinity;
    return Math.max(checkpointIntervalMs, Math.min(shortestMs / 10, SWEEP_LIMIT_MS));
  }

  #runInBackground(writesAll: boolean): void {
    if (this.#isStopped) return;
    this.run(writesAll)
      .catch((error: unknown) => this.#options.logger?.error({ err: error }, 'checkpoint failed'))
      .finally(() => this.#arm());
  }

  #isOverBudget(): boolean {
    if (this.#logBytes > LOG_LIMIT_BYTES) return true;
    const { usedBytes } = this.#context.pool;
    return usedBytes > OPEN_SAMPLES_LIMIT_BYTES && usedBytes > openSamplesLimitBytes(this.#tenants.loadedSeriesCount);
  }

  #isOverQuietBudget(): boolean {
    const { usedBytes } = this.#context.pool;
    if (usedBytes <= QUIET_OPEN_SAMPLES_LIMIT_BYTES) return false;
    return usedBytes > this.#tenants.loadedSeriesCount * QUIET_OPEN_BYTES_PER_SERIES;
  }

  async #run(isFull: boolean): Promise<void> {
    const writesAll = isFull || this.#isOverBudget();
    this.#context.commit.flush();
    this.#hasNews = false;
    // For what a run before this one could not write.
    void this.#purge.run();
    await this.#loadOldTenants();
    await this.#loadForks();
    for (const data of this.#tenants.loaded) {
      if (!data.isDeleted) await runInSlices(sweepTenant(data, this.#cutoffMs(data.tenant), this.#context));
      if (!data.isDeleted) await runInSlices(checkpointTenant(data, writesAll, this.#context));
    }
    this.#context.pool.trim();
    this.#logBytes = this.logBytes;
    this.#freePages(FREE_PAGES_PER_STEP);
  }

  #cutoffMs(tenant: TenantId): number {
    const { clock, retentionMs } = this.#options;
    const ofTenantMs = retentionMs(tenant);
    return ofTenantMs > 0 ? clock.nowMs() - ofTenantMs : -Infinity;
  }

  /** Retention holds for tenants that nobody asked for, too. */
  async #loadOldTenants(): Promise<void> {
    const nowMs = this.#options.clock.nowMs();
    if (nowMs - this.#unloadedSweptMs < UNLOADED_SWEEP_MS) return;
    this.#unloadedSweptMs = nowMs;
    for (const { tenant, number } of this.#tenants.unloaded) {
      const cutoffMs = this.#cutoffMs(tenant);
      if (cutoffMs === -Infinity) continue;
      const chunksOf = this.#tenants.origins.chunksOf(number);
      if (this.#context.tables.chunks.hasOlderThan(chunksOf, cutoffMs)) await this.#tenants.load(tenant);
    }
  }

  /** What others read of a tenant is given to them before it is changed, and that should not be read at once then. */
  async #loadForks(): Promise<void> {
    const { origins } = this.#tenants;
    for (const { tenant, number } of this.#tenants.unloaded) {
      if (origins.of(number)) await this.#tenants.load(tenant);
    }
  }

  /** Pages that a trimmed log left are used again; only when there are many they leave the file. */
  #freePages(limit: number): void {
    const { database } = this.#context;
    const freeCount = database.pragma('freelist_count', { simple: true }) as number;
    if (freeCount === 0 || (limit !== Infinity && freeCount < FREE_PAGES_KEPT)) return;
    database.exec(`PRAGMA incremental_vacuum(${Math.min(limit, freeCount)})`);
  }
}

function openSamplesLimitBytes(seriesCount: number): number {
  const ofMany = Math.max(OPEN_SAMPLES_LIMIT_OF_MANY_BYTES, seriesCount * OPEN_BYTES_PER_SERIES_OF_MANY);
  return Math.max(OPEN_SAMPLES_LIMIT_BYTES, Math.min(seriesCount * OPEN_BYTES_PER_SERIES, ofMany));
}
