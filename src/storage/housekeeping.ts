import type { Clock, Timer } from '../model/clock.ts';
import { runInSlices } from '../model/work.ts';
import { type CheckpointContext, checkpointTenant } from './checkpoint.ts';
import { sweepTenant } from './retention.ts';
import type { TenantDirectory } from './tenant-directory.ts';

/** Open samples in memory: beyond this they are written whether it is worthwhile or not (16 bytes each). */
const OPEN_SAMPLES_LIMIT = 8 << 20;
/** The log, for all tenants: what a start has to read at most, and what the file may hold besides chunks. */
const LOG_LIMIT_BYTES = 64 << 20;
/** How often tenants that nobody asked for since the start are looked at for data that is too old. */
const UNLOADED_SWEEP_MS = 3_600_000;
const FREE_PAGES_KEPT = 512;
const FREE_PAGES_PER_STEP = 256;

export interface HousekeepingOptions {
  readonly clock: Clock;
  readonly retentionMs: number;
  readonly checkpointIntervalMs: number;
  readonly logger?: {
    info(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
}

/** When checkpoints and retention happen: by the clock, by how much came in, on demand. One at a time. */
export class Housekeeping {
  readonly #context: CheckpointContext;
  readonly #tenants: TenantDirectory;
  readonly #options: HousekeepingOptions;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #unsavedBytes = 0;
  #unloadedSweptMs = -Infinity;
  #isStopped = false;

  constructor(context: CheckpointContext, tenants: TenantDirectory, options: HousekeepingOptions) {
    this.#context = context;
    this.#tenants = tenants;
    this.#options = options;
    // Without retention there is nothing to do until somebody writes.
    if (options.retentionMs > 0) this.#arm();
  }

  noteAppend(recordBytes: number): void {
    this.#unsavedBytes += recordBytes;
    if (this.#timer === undefined) this.#arm();
    if (this.#running !== undefined) return;
    if (this.#unsavedBytes > LOG_LIMIT_BYTES || this.#context.pool.allocatedSamples > OPEN_SAMPLES_LIMIT) {
      this.#runInBackground();
    }
  }

  /** Retention, then a checkpoint; with `isFull` of everything. Behind one that runs already. */
  async run(isFull: boolean): Promise<void> {
    while (this.#running !== undefined) await this.#running.catch(() => {});
    const run = this.#run(isFull);
    this.#running = run;
    try {
      await run;
    } finally {
      this.#running = undefined;
    }
  }

  /** Writes everything and gives the room that the log took back to the file system. */
  async finish(): Promise<void> {
    this.stop();
    await this.run(true);
    this.#freePages(Infinity);
    this.#context.database.pragma('wal_checkpoint(TRUNCATE)');
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    if (this.#isStopped) return;
    const { clock, checkpointIntervalMs } = this.#options;
    this.#timer = clock.setTimer(() => {
      this.#timer = undefined;
      this.#runInBackground();
    }, checkpointIntervalMs);
  }

  #runInBackground(): void {
    if (this.#isStopped) return;
    this.run(false)
      .catch((error: unknown) => this.#options.logger?.error({ err: error }, 'checkpoint failed'))
      .finally(() => {
        const hasMore = this.#unsavedBytes > 0 || this.#options.retentionMs > 0;
        if (hasMore && this.#timer === undefined) this.#arm();
      });
  }

  async #run(isFull: boolean): Promise<void> {
    const { pool, commit } = this.#context;
    const writesAll = isFull || this.#unsavedBytes > LOG_LIMIT_BYTES || pool.allocatedSamples > OPEN_SAMPLES_LIMIT;
    commit.flush();
    this.#loadOldTenants();
    const cutoffMs = this.#cutoffMs();
    for (const data of this.#tenants.loaded) {
      if (data.isDeleted) continue;
      await runInSlices(sweepTenant(data, cutoffMs, this.#context));
      if (!data.isDeleted) await runInSlices(checkpointTenant(data, writesAll, this.#context));
    }
    this.#unsavedBytes = 0;
    for (const data of this.#tenants.loaded) for (const bytes of data.logRecordBytes) this.#unsavedBytes += bytes;
    this.#freePages(FREE_PAGES_PER_STEP);
  }

  #cutoffMs(): number {
    const { clock, retentionMs } = this.#options;
    return retentionMs > 0 ? clock.nowMs() - retentionMs : -Infinity;
  }

  /** Retention holds for tenants that nobody asked for, too. */
  #loadOldTenants(): void {
    const cutoffMs = this.#cutoffMs();
    const nowMs = this.#options.clock.nowMs();
    if (cutoffMs === -Infinity || nowMs - this.#unloadedSweptMs < UNLOADED_SWEEP_MS) return;
    this.#unloadedSweptMs = nowMs;
    for (const { tenant, number } of this.#tenants.unloaded) {
      if (this.#context.tables.chunks.hasOlderThan(number, cutoffMs)) this.#tenants.find(tenant);
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
