import { Registry } from 'prom-client';
import { beforeEach, describe, expect, test } from 'vitest';
import { HaTracker } from '../../src/ingest/ha-tracker.ts';
import { Limits } from '../../src/limits/limits.ts';
import { ManualClock } from '../../src/model/clock.ts';
import type { TenantId } from '../../src/model/tenant.ts';

const tenant = 'a' as TenantId;
let clock: ManualClock;
let tracker: HaTracker;

function create(isEnabled: boolean): void {
  clock = new ManualClock(1_000_000);
  const limits = new Limits({ haTrackerFailoverTimeoutMs: 30_000, haMaxClusters: 2 });
  tracker = new HaTracker({ clock, limits, metrics: new Registry(), isEnabled, updateTimeoutMs: 15_000 });
}
beforeEach(() => create(true));

/** Who sends after how many seconds of silence, and whether it is taken. */
const histories: [what: string, history: readonly (readonly [afterMs: number, replica: string, isTaken: boolean])[]][] =
  [
    [
      'takes the first, and only it',
      [
        [0, 'r1', true],
        [0, 'r2', false],
        [0, 'r1', true],
      ],
    ],
    [
      'takes another one after the failover timeout',
      [
        [0, 'r1', true],
        [29_999, 'r2', false],
        [1, 'r2', true],
        [0, 'r1', false],
      ],
    ],
    [
      'notes who is heard no more often than the update timeout says',
      [
        [0, 'r1', true],
        [14_999, 'r1', true],
        [15_001, 'r2', true],
      ],
    ],
    [
      'counts from the last time noted',
      [
        [0, 'r1', true],
        [15_000, 'r1', true],
        [29_999, 'r2', false],
        [1, 'r2', true],
      ],
    ],
  ];
test.for(histories)('%s', async ([, history]) => {
  for (const [afterMs, replica, isTaken] of history) {
    await clock.advance(afterMs);
    expect([replica, tracker.check(tenant, 'c', replica).kind]).toEqual([
      replica,
      isTaken ? 'accepted' : 'other-elected',
    ]);
  }
});

describe('clusters', () => {
  test('have each their own replica, up to a limit, and tenants too', () => {
    expect(tracker.check(tenant, 'c1', 'r1').kind).toBe('accepted');
    expect(tracker.check(tenant, 'c2', 'r2').kind).toBe('accepted');
    expect(tracker.check(tenant, 'c3', 'r1')).toEqual({
      kind: 'too-many-clusters',
      message: 'too many HA replicaGroups (limit: 2)',
    });
    expect(tracker.check('b' as TenantId, 'c3', 'r9').kind).toBe('accepted');
    expect(tracker.elected().map((one) => [one.tenant, one.cluster, one.replica])).toEqual([
      ['a', 'c1', 'r1'],
      ['a', 'c2', 'r2'],
      ['b', 'c3', 'r9'],
    ]);
  });
});

test('takes everybody while it is off', () => {
  create(false);
  for (const replica of ['r1', 'r2']) expect(tracker.check(tenant, 'c', replica).kind).toBe('accepted');
  expect(tracker.elected()).toEqual([]);
});
