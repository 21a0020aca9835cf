import { describe, expect, test } from 'vitest';
import type { TenantId } from '../../src/model/tenant.ts';
import { runAtOnce } from '../../src/model/work.ts';
import type { AppendOptions, Store } from '../../src/storage/types.ts';
import { appendRuns, readAll } from '../support/store-batches.ts';
import { setUpStore, storeVariants } from '../support/store-variants.ts';

const TENANT = 'team-a' as TenantId;
const OTHER = 'team-b' as TenantId;
const HOUR_MS = 3_600_000;
const HALF_HOUR_WINDOW: AppendOptions = { outOfOrderWindowMs: HOUR_MS / 2, maxExemplars: 0 };

describe.each(storeVariants)('out of order, in a store $name', (variant) => {
  let store: Store;
  const { pause } = setUpStore(variant, (opened) => {
    store = opened;
  });

  test('refuses what is older than its series, keeps the rest', async () => {
    appendRuns(store, TENANT, [[{ a: '1' }, [[10_000, 1]]]]);
    await pause();
    const outcome = appendRuns(store, TENANT, [
      [{ a: '1' }, [[9000, 2]]],
      [{ a: '2' }, [[9000, 3]]],
    ]);
    expect(outcome).toMatchObject({
      acceptedCount: 1,
      newestBeforeMs: 10_000,
      rejections: [{ reason: 'out-of-order', runIndex: 0, sampleIndex: 0 }],
    });
    expect(readAll(store, TENANT)).toEqual({ '{a="1"}': [[10_000, 1]], '{a="2"}': [[9000, 3]] });
  });

  test('drops it silently inside one series of one batch', async () => {
    const outcome = appendRuns(store, TENANT, [
      [
        { a: '1' },
        [
          [10_000, 1],
          [5000, 2],
          [10_000, 3],
          [10_000, 1],
        ],
      ],
      [
        { a: '1' },
        [
          [7000, 4],
          [11_000, 5],
        ],
      ],
    ]);
    expect(outcome).toMatchObject({ acceptedCount: 6, newestBeforeMs: -Infinity, rejections: [] });
    await pause();
    expect(readAll(store, TENANT)).toEqual({
      '{a="1"}': [
        [10_000, 1],
        [11_000, 5],
      ],
    });
  });

  test('takes the same sample again, bit for bit, and refuses another value', async () => {
    appendRuns(store, TENANT, [
      [{ a: '1' }, [[1000, 0]]],
      [{ a: '2' }, [[1000, 'stale']]],
    ]);
    await pause();
    const outcome = appendRuns(store, TENANT, [
      [{ a: '1' }, [[1000, 0]]],
      [{ a: '1' }, [[1000, -0]]],
      [{ a: '2' }, [[1000, 'stale']]],
      [{ a: '2' }, [[1000, Number.NaN]]],
    ]);
    expect(outcome).toMatchObject({
      acceptedCount: 2,
      rejections: [
        { reason: 'duplicate-timestamp', runIndex: 1, sampleIndex: 1, existingValue: 0 },
        { reason: 'duplicate-timestamp', runIndex: 3, sampleIndex: 3, existingValue: Number.NaN },
      ],
    });
    expect(readAll(store, TENANT)).toEqual({ '{a="1"}': [[1000, 0]], '{a="2"}': [[1000, 'stale']] });
  });

  test('knows the newest value of before although the batch brings a newer sample first', async () => {
    appendRuns(store, TENANT, [[{ a: '1' }, [[1000, 7]]]]);
    await pause();
    const outcome = appendRuns(store, TENANT, [
      [
        { a: '1' },
        [
          [2000, 8],
          [1000, 7],
          [1000, 9],
        ],
      ],
    ]);
    expect(outcome).toMatchObject({
      acceptedCount: 2,
      rejections: [{ reason: 'duplicate-timestamp', sampleIndex: 2, existingValue: 7 }],
    });
  });

  test('refuses more than an hour behind the newest of the tenant, and leaves no series behind', async () => {
    appendRuns(store, TENANT, [[{ a: '1' }, [[2 * HOUR_MS, 1]]]]);
    await pause();
    const outcome = appendRuns(store, TENANT, [
      [{ a: '2' }, [[HOUR_MS - 1, 1]]],
      [{ a: '3' }, [[HOUR_MS, 1]]],
    ]);
    expect(outcome.rejections).toEqual([{ reason: 'out-of-bounds', runIndex: 0, sampleIndex: 0 }]);
    await pause();
    expect(readAll(store, TENANT)).toEqual({ '{a="1"}': [[2 * HOUR_MS, 1]], '{a="3"}': [[HOUR_MS, 1]] });
    expect(runAtOnce(store.series({ tenant: TENANT, selectors: [], startMs: 0, endMs: Infinity })).map(String)).toEqual(
      ['{a="1"}', '{a="3"}'],
    );
  });

  test('takes any age when there is nothing newer, and measures from the first sample', async () => {
    const outcome = appendRuns(store, TENANT, [
      [{ a: '1' }, [[0, 1]]],
      [{ a: '2' }, [[-HOUR_MS, 1]]],
      [{ a: '3' }, [[-HOUR_MS - 1, 1]]],
    ]);
    expect(outcome.rejections).toEqual([{ reason: 'out-of-bounds', runIndex: 2, sampleIndex: 2 }]);
    expect(appendRuns(store, OTHER, [[{ a: '3' }, [[-HOUR_MS - 1, 1]]]]).rejections).toEqual([]);
  });

  test('takes late samples within a window, merges them, drops duplicates silently', async () => {
    const labels = { a: '1' };
    appendRuns(store, TENANT, [[labels, [[HOUR_MS, 3]]]], HALF_HOUR_WINDOW);
    await pause();
    for (const [timestampMs, value] of [
      [-60_000, 2],
      [-120_000, 1],
      [-60_000, 9],
      [-90_000, 4],
    ] as const) {
      const outcome = appendRuns(store, TENANT, [[labels, [[HOUR_MS + timestampMs, value]]]], HALF_HOUR_WINDOW);
      expect(outcome).toMatchObject({ acceptedCount: 1, rejections: [] });
      await pause();
    }
    appendRuns(
      store,
      TENANT,
      [
        [
          labels,
          [
            [HOUR_MS + 1000, 5],
            [HOUR_MS - 1000, 6],
          ],
        ],
      ],
      HALF_HOUR_WINDOW,
    );
    await pause();
    expect(readAll(store, TENANT)).toEqual({
      '{a="1"}': [
        [HOUR_MS - 120_000, 1],
        [HOUR_MS - 90_000, 4],
        [HOUR_MS - 60_000, 2],
        [HOUR_MS - 1000, 6],
        [HOUR_MS, 3],
        [HOUR_MS + 1000, 5],
      ],
    });
  });

  test('refuses what is older than the window, and another value of the newest', async () => {
    appendRuns(store, TENANT, [[{ a: '1' }, [[HOUR_MS, 3]]]], HALF_HOUR_WINDOW);
    await pause();
    const outcome = appendRuns(
      store,
      TENANT,
      [
        [
          { a: '1' },
          [
            [HOUR_MS / 2 - 1, 1],
            [HOUR_MS / 2, 2],
            [HOUR_MS, 4],
          ],
        ],
      ],
      HALF_HOUR_WINDOW,
    );
    expect(outcome).toMatchObject({
      acceptedCount: 1,
      rejections: [
        { reason: 'too-old', runIndex: 0, sampleIndex: 0 },
        { reason: 'duplicate-timestamp', runIndex: 0, sampleIndex: 2, existingValue: 3 },
      ],
    });
  });

  test('takes late samples by the thousand', async () => {
    const newestMs = HOUR_MS;
    appendRuns(store, TENANT, [[{ a: '1' }, [[newestMs, 0]]]], HALF_HOUR_WINDOW);
    const late = Array.from({ length: 1500 }, (_, i) => [newestMs - 1000 * (i + 1), i] as const);
    for (let from = 0; from < late.length; from += 300) {
      appendRuns(store, TENANT, [[{ a: '1' }, late.slice(from, from + 300)]], HALF_HOUR_WINDOW);
      await pause();
    }
    expect(readAll(store, TENANT)).toEqual({ '{a="1"}': [...late.slice().reverse(), [newestMs, 0]] });
  });
});
