import { Registry } from 'prom-client';
import { Distributor } from '../ingest/distributor.ts';
import { defaultLimits, Limits } from '../limits/limits.ts';
import type { Clock } from '../model/clock.ts';
import { openStore } from '../storage/sqlite-store.ts';
import type { Store } from '../storage/types.ts';

/** Exemplars of a tenant that are kept where no server says how many. */
const MAX_EXEMPLARS = 100_000;
const CHECKPOINT_INTERVAL_MS = 30_000;
const DECODED_CACHE_BYTES = 16 << 20;

/** A data file without a server, which must not run meanwhile. */
export interface LocalData {
  readonly store: Store;
  readonly distributor: Distributor;
}

/** @throws {PocketCortexError} as `openStore`; `storage-locked` while a server has the file */
export function openLocalData(path: string, clock: Clock): LocalData {
  const store = openStore({
    path,
    clock,
    retentionMs: 0,
    checkpointIntervalMs: CHECKPOINT_INTERVAL_MS,
    decodedCacheBytes: DECODED_CACHE_BYTES,
  });
  const limits = new Limits({ ...defaultLimits, maxExemplars: MAX_EXEMPLARS });
  return { store, distributor: new Distributor({ store, limits, clock, metrics: new Registry() }) };
}
