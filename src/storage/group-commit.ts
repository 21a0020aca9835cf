import type Database from 'better-sqlite3';
import { PocketCortexError } from '../model/errors.ts';
import type { TenantId } from '../model/tenant.ts';
import { inTransaction } from './database.ts';
import type { PendingWrites } from './pending-writes.ts';
import type { Tables } from './tables/tables.ts';

/** When this much could not be written nothing more is taken in. */
const PENDING_LIMIT_BYTES = 64 << 20;

/**
 * Puts all that arrives in one turn of the event loop into one transaction. What a failed transaction had is in the
 * next one again, so memory and disk agree as soon as the disk can be written.
 */
export class GroupCommit {
  readonly #database: Database.Database;
  readonly #tables: Tables;
  readonly #tenantAppeared: (tenant: TenantId) => void;
  readonly #pending = new Set<PendingWrites>();
  #scheduled: Promise<void> | undefined;
  #hasFailed = false;

  /** `tenantAppeared` is told of every tenant whose first write has committed. */
  constructor(database: Database.Database, tables: Tables, tenantAppeared: (tenant: TenantId) => void = () => {}) {
    this.#database = database;
    this.#tables = tables;
    this.#tenantAppeared = tenantAppeared;
  }

  /** @throws {PocketCortexError} `internal` when the disk takes nothing and too much waits already. */
  expectRoom(): void {
    if (!this.#hasFailed) return;
    let waitingBytes = 0;
    for (const writes of this.#pending) waitingBytes += writes.recordBytes;
    if (waitingBytes > PENDING_LIMIT_BYTES) {
      throw new PocketCortexError('internal', 'the database cannot be written; see the log for the reason');
    }
  }

  /**
   * Resolves when `writes`, and all that was pending before, have committed; rejects when they could not. A rejection
   * that nobody waits for is no unhandled one.
   */
  add(writes: PendingWrites): Promise<void> {
    if (!writes.isEmpty) this.#pending.add(writes);
    if (this.#pending.size === 0) return DONE;
    if (this.#scheduled === undefined) {
      this.#scheduled = new Promise<void>((resolve, reject) => {
        setImmediate(() => {
          this.#scheduled = undefined;
          try {
            this.flush();
            resolve();
          } catch (error) {
            reject(error);
          }
        });
      });
      this.#scheduled.catch(() => {});
    }
    return this.#scheduled;
  }

  /** Commits what is pending, now. @throws {PocketCortexError} `internal`; all of it is pending still. */
  flush(): void {
    if (this.#pending.size === 0) return;
    try {
      inTransaction(this.#database, () => {
        for (const writes of this.#pending) writes.write(this.#tables);
      });
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
    this.#hasFailed = false;
    const written = [...this.#pending];
    this.#pending.clear();
    for (const writes of written) {
      const born = writes.markWritten();
      if (born !== undefined) this.#tenantAppeared(born);
    }
  }

  /** The tenant is deleted: nothing of it shall reach the disk. */
  forget(writes: PendingWrites): void {
    this.#pending.delete(writes);
  }
}

const DONE = Promise.resolve();
