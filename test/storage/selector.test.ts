import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ManualClock } from '../../src/model/clock.ts';
import { Labels } from '../../src/model/labels.ts';
import { createMatcher, type MatchOp, matchesAll } from '../../src/model/matcher.ts';
import type { TenantId } from '../../src/model/tenant.ts';
import { openStore } from '../../src/storage/sqlite-store.ts';
import { appendRuns } from '../support/store-batches.ts';

const TENANT = 'team-a' as TenantId;

const labels = fc
  .dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2', '12', 'x'), { minKeys: 1 })
  .map((record) => Labels.fromRecord(record));
const matcher = fc
  .tuple(
    fc.constantFrom('a', 'b', 'c', 'd'),
    fc.constantFrom<MatchOp>('=', '!=', '=~', '!~'),
    fc.constantFrom('', '1', 'x', '1|2', '1.*', '.*', '.+', '1|', '(1|x)', '[12]+'),
  )
  .map(([name, op, value]) => createMatcher(name, op, value));

test('a selection is what passes all matchers, in the order of labels, while series come and go', async () => {
  const additions = fc.array(fc.array(labels, { maxLength: 12 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(
      additions,
      fc.array(fc.array(matcher, { maxLength: 4 }), { maxLength: 6 }),
      async (added, queries) => {
        const clock = new ManualClock(0);
        const store = openStore({
          path: ':memory:',
          clock,
          retentionMs: 10_000,
          checkpointIntervalMs: 1000,
          decodedCacheBytes: 1 << 16,
        });
        const live = new Map<string, { readonly labels: Labels; readonly newestMs: number }>();
        for (const batch of added) {
          const nowMs = clock.nowMs();
          for (const one of batch) {
            appendRuns(store, TENANT, [[one.toRecord(), [[nowMs, 1]]]]);
            live.set(one.key, { labels: one, newestMs: nowMs });
          }
          for (const matchers of queries) {
            const expected = [...live.values()]
              .map((one) => one.labels)
              .filter((one) => matchesAll(matchers, one))
              .sort((a, b) => a.compare(b))
              .map(String);
            const set = store.select({ tenant: TENANT, matchers, startMs: -Infinity, endMs: Infinity });
            expect(set.labels.map(String)).toEqual(expected);
          }
          await clock.advance(6000);
          await store.checkpoint();
          for (const [key, { newestMs }] of live) if (newestMs < clock.nowMs() - 10_000) live.delete(key);
        }
        await store.close();
      },
    ),
  );
});
