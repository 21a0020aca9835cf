import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { ManualClock } from '../../src/model/clock.ts';
import { openStore } from '../../src/storage/sqlite-store.ts';
import type { Store } from '../../src/storage/types.ts';

export interface StoreVariant {
  readonly name: string;
  readonly isFile: boolean;
  /** What happens between two steps of a test. */
  readonly between: (store: Store, open: () => Store) => Promise<Store>;
}

const nothing: StoreVariant['between'] = async (store) => store;
const checkpoint: StoreVariant['between'] = async (store) => {
  await store.checkpoint({ force: true });
  return store;
};
const reopen: StoreVariant['between'] = async (store, open) => {
  await store.close();
  return open();
};

/** One suite for all: whatever happens between writing and reading, the same has to be read. Log replay: crash.test.ts. */
export const storeVariants: readonly StoreVariant[] = [
  { name: 'in memory', isFile: false, between: nothing },
  { name: 'in memory, checkpointed on the way', isFile: false, between: checkpoint },
  { name: 'in a file', isFile: true, between: nothing },
  { name: 'in a file, checkpointed on the way', isFile: true, between: checkpoint },
  { name: 'in a file, closed and opened on the way', isFile: true, between: reopen },
];

/**
 * Each test of the suite around it begins with an empty store, and `pause` is what happens between two of its steps.
 * `use` is told the store at the begin and after a pause, which may have opened another one.
 */
export function setUpStore({ isFile, between }: StoreVariant, use: (store: Store) => void) {
  let directory: string;
  let store: Store;

  function open(): Store {
    return openStore({
      path: isFile ? join(directory, 'store.db') : ':memory:',
      clock: new ManualClock(0),
      retentionMs: 0,
      checkpointIntervalMs: 60_000,
      decodedCacheBytes: 1 << 20,
    });
  }

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'pocket-cortex-'));
    store = open();
    use(store);
  });

  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });

  return {
    async pause(): Promise<void> {
      store = await between(store, open);
      use(store);
    },
  };
}
