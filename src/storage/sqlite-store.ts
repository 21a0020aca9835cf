import type { Clock } from '../model/clock.ts';
import { PocketCortexError } from '../model/errors.ts';
import type { Store } from './types.ts';

export interface StoreOptions {
  /** The database file, created when it is not there; `:memory:` keeps everything in this process. */
  readonly path: string;
  readonly clock: Clock;
  /** Samples older than this are dropped; 0 keeps them for ever. */
  readonly retentionMs: number;
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

/**
 * Opens or creates a store. What was acknowledged before a crash is there again.
 * @throws {PocketCortexError} `storage-locked` when another process has the file open, `storage-too-new` when a newer
 * version wrote it, `storage-corrupt` when it is no store.
 */
export function openStore(options: StoreOptions): Store {
  throw new PocketCortexError('internal', `the store at ${options.path} cannot be opened yet`);
}
