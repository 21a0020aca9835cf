import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../src/model/clock.ts';
import { Labels } from '../../src/model/labels.ts';
import { createMatcher } from '../../src/model/matcher.ts';
import type { TenantId } from '../../src/model/tenant.ts';
import { openStore, type StoreOptions } from '../../src/storage/sqlite-store.ts';
import type { Store } from '../../src/storage/types.ts';
import { appendRuns, batchOf, IN_ORDER_ONLY, readAll } from '../support/store-batches.ts';

const TENANT = 'team-a' as TenantId;
const OTHER = 'team-b' as TenantId;
const HOUR_MS = 3_600_000;
const EVERYTHING = { startMs: -Infinity, endMs: Infinity };
const WINDOW = { outOfOrderWindowMs: HOUR_MS / 2, maxExemplars: 0 };

interface Variant {
  readonly name: string;
  readonly isFile: boolean;
  /** What happens between writing and reading. */
  readonly between: (store: Store, open: () => Store) => Promise<Store>;
}

const same = async (store: Store): Promise<Store> => store;

/** One suite: whatever happens between writing and reading, the same has to be read. */
const variants: readonly Variant[] = [
  { name: 'in memory', isFile: false, between: same },
  {
    name: 'in memory, checkpointed',
    isFile: false,
    between: async (store) => {
      await store.checkpoint({ force: true });
      return store;
    },
  },
  { name: 'in a file', isFile: true, between: same },
  {
    name: 'in a file, checkpointed',
    isFile: true,
    between: async (store) => {
      await store.checkpoint({ force: true });
      return store;
    },
  },
  {
    name: 'in a file, closed and opened again',
    isFile: true,
    between: async (store, open) => {
      await store.close();
      return open();
    },
  },
];

describe.each(variants)('a store $name', ({ isFile, between }) => {
  let directory: string;
  let store: Store;
  let clock: ManualClock;

  function open(options: Partial<StoreOptions> = {}): Store {
    return openStore({
      path: isFile ? join(directory, 'store.db') : ':memory:',
      clock,
      retentionMs: 0,
      checkpointIntervalMs: 60_000,
      decodedCacheBytes: 1 << 20,
      ...options,
    });
  }

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'pocket-cortex-'));
    clock = new ManualClock(0);
    store = open();
  });

  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test('gives back what was appended, staleness markers included', async () => {
    await appendRuns(store, TENANT, [
      [
        { __name__: 'up', job: 'b' },
        [
          [1000, 1],
          [2000, 'stale'],
          [3000, Number.NaN],
        ],
      ],
      [
        { __name__: 'up', job: 'a' },
        [
          [1000, 0.1],
          [2000, -0],
          [3000, Infinity],
        ],
      ],
    ]).committed;
    await appendRuns(store, TENANT, [[{ __name__: 'up', job: 'b' }, [[4000, 5]]]]).committed;
    store = await between(store, open);
    expect(readAll(store, TENANT)).toEqual({
      '{__name__="up", job="a"}': [
        [1000, 0.1],
        [2000, -0],
        [3000, Infinity],
      ],
      '{__name__="up", job="b"}': [
        [1000, 1],
        [2000, 'stale'],
        [3000, Number.NaN],
        [4000, 5],
      ],
    });
  });
});

void [Labels, createMatcher, OTHER, EVERYTHING, WINDOW, batchOf, IN_ORDER_ONLY];
