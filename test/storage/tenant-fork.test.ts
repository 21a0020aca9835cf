import { describe, expect, test } from 'vitest';
import { setAsideTenant, type TenantId } from '../../src/model/tenant.ts';
import { runAtOnce } from '../../src/model/work.ts';
import type { Store } from '../../src/storage/types.ts';
import { appendRuns, readAll, type TestRun } from '../support/store-batches.ts';
import { setUpStore, storeVariants } from '../support/store-variants.ts';

const from = 'a' as TenantId;
const to = 'b' as TenantId;
const anyTime = { outOfOrderWindowMs: Infinity, maxExemplars: 0 };
const MANY = 2000;

/** Full chunks, an open one, a series that ends, and samples that come late. */
const runs: TestRun[] = [
  [{ __name__: 'long' }, Array.from({ length: MANY }, (_, i) => [i * 1000, i % 7] as const)],
  [
    { __name__: 'short', job: 'x' },
    [
      [5, 1],
      [10, 'stale'],
    ],
  ],
];
const late: TestRun[] = [
  [
    { __name__: 'long' },
    [
      [500, -1],
      [1500, -2],
    ],
  ],
];

describe.each(storeVariants)('$name', (variant) => {
  let store: Store;
  const { pause } = setUpStore(variant, (opened) => {
    store = opened;
  });

  async function fill(): Promise<void> {
    appendRuns(store, from, runs);
    await appendRuns(store, from, late, anyTime).committed;
  }

  test('a fork has what its origin has', async () => {
    await fill();
    await pause();
    const before = readAll(store, from);
    await store.forkTenant(from, to);
    await pause();
    expect(readAll(store, to)).toEqual(before);
    expect(store.tenants()).toEqual([from, to]);
    expect(store.statistics(to).seriesCount).toBe(2);
    expect(
      runAtOnce(
        store.labelValues({ tenant: to, selectors: [], startMs: -Infinity, endMs: Infinity, labelName: 'job' }),
      ),
    ).toEqual(['x']);
  });

  test('neither sees what the other does afterwards', async () => {
    await fill();
    await store.forkTenant(from, to);
    await pause();
    const before = readAll(store, from);
    await appendRuns(
      store,
      to,
      [
        [{ __name__: 'long' }, [[MANY * 1000, 99]]],
        [{ __name__: 'new' }, [[1, 1]]],
      ],
      anyTime,
    ).committed;
    await pause();
    const forked = readAll(store, to);
    expect(readAll(store, from)).toEqual(before);
    store.deleteTenant(from);
    await pause();
    expect(readAll(store, from)).toEqual({});
    expect(readAll(store, to)).toEqual(forked);
    expect(Object.values(forked).map((samples) => samples.length)).toEqual([MANY + 3, 1, 2]);
  });

  test('rule groups and how far they are come along', async () => {
    const group = { namespace: 'n', group: 'g', definition: '{}' };
    store.setRuleGroup(from, group);
    store.setRuleProgress(from, 'key', 5);
    await store.forkTenant(from, to);
    await pause();
    store.deleteRuleGroups(from, 'n');
    expect([store.ruleGroups(to), store.ruleProgress(to)]).toEqual([[group], new Map([['key', 5]])]);
  });

  test('what is set aside is no tenant', async () => {
    await fill();
    const told: string[] = [];
    store.watchTenants((tenant, change) => told.push(`${tenant} ${change}`));
    const aside = setAsideTenant(from, 'before');
    await store.forkTenant(from, aside);
    await pause();
    store.deleteTenant(from);
    expect(store.tenants()).toEqual([]);
    await store.forkTenant(aside, from);
    expect(Object.keys(readAll(store, from))).toHaveLength(2);
    store.deleteTenant(aside);
    expect(told.filter((text) => text.includes('before'))).toEqual([]);
  });

  test('a fork of nothing is empty', async () => {
    await store.forkTenant(from, to);
    expect([store.tenants(), readAll(store, to)]).toEqual([[], {}]);
  });
});

test('who watches appends is told of their tenants, forks too', async () => {
  const { openStore } = await import('../../src/storage/sqlite-store.ts');
  const { ManualClock } = await import('../../src/model/clock.ts');
  const store = openStore({
    path: ':memory:',
    clock: new ManualClock(0),
    retentionMs: 0,
    checkpointIntervalMs: 60_000,
    decodedCacheBytes: 1 << 20,
  });
  const told: TenantId[] = [];
  const unwatch = store.watchAppends((tenant) => told.push(tenant));
  appendRuns(store, from, [[{ __name__: 'up' }, [[1, 1]]]]);
  await store.forkTenant(from, to);
  unwatch();
  appendRuns(store, from, [[{ __name__: 'up' }, [[2, 1]]]]);
  expect(told).toEqual([from, to]);
  await store.close();
});
