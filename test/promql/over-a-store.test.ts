import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../src/model/clock.ts';
import { Labels } from '../../src/model/labels.ts';
import { FAKE_TENANT } from '../../src/model/tenant.ts';
import { MemorySource } from '../../src/pocket/promtest/memory-source.ts';
import { Engine } from '../../src/promql/engine.ts';
import { openStore } from '../../src/storage/sqlite-store.ts';
import type { Store } from '../../src/storage/types.ts';
import { describeValue } from '../support/memory-engine.ts';
import { appendRuns, type TestValue } from '../support/store-batches.ts';

/**
 * A store hands out times that series share and lists of labels that stay the same, and the engine keeps what it made of them
 * from one series, or one query, to the next. A source in memory does neither: answers have to be the same.
 */
const queries: readonly string[] = [
  'm',
  'timestamp(m)',
  'm offset 2m',
  'm @ 1500',
  'rate(m[2m])',
  'increase(m[45s])',
  'delta(m[5m])',
  'changes(m[3m])',
  'avg_over_time(m[3m])',
  'stddev_over_time(m[3m])',
  'last_over_time(m[1m])',
  'double_exponential_smoothing(m[3m], 0.5, 0.5)',
  'sum(m)',
  'avg by (target) (m)',
  'max without (member) (rate(m[2m]))',
  'count(m)',
  'm - on (target, member) n',
  'm * on (target) group_left () max by (target) (n)',
  'm > bool on (target, member) n',
  'm and on (member) n',
  'sum_over_time(m[3m:30s])',
  'max_over_time(sum by (target) (rate(m[1m]))[4m:1m])',
];

const STEP_MS = 15_000;
const END_MS = 2_400_000;
const grids = [
  { startMs: 600_000, endMs: END_MS, stepMs: 15_000 },
  { startMs: 600_000, endMs: END_MS, stepMs: 70_000 },
  { startMs: 1_200_000, endMs: 1_300_000, stepMs: 4_000 },
];

let store: Store;
let source: MemorySource;

beforeEach(() => {
  const clock = new ManualClock(END_MS);
  const common = { clock, retentionMs: 0, checkpointIntervalMs: 60_000, decodedCacheBytes: 1 << 20 };
  store = openStore({ path: ':memory:', ...common });
  source = new MemorySource();
});

afterEach(() => store.close());

describe('a store and a source in memory give the same answers', () => {
  test('over targets with times of their own, gaps, markers and series that come and go', async () => {
    for (const metric of ['m', 'n']) for (let member = 0; member < 4; member++) addTargets(metric, member);
    await store.checkpoint({ force: true });
    await expectSameAnswers();
    // Asked again, and then of more series.
    for (const metric of ['n', 'm']) addTargets(metric, 4);
    await expectSameAnswers();
  });
});

/** Three targets: two are scraped together, one at other times; member 2 skips scrapes, 3 becomes stale. */
function addTargets(metric: string, member: number): void {
  for (const [target, offsetMs] of [0, 0, 7_000].entries()) {
    const labels = { __name__: metric, target: `${target}`, member: `${member}` };
    const samples: (readonly [number, TestValue])[] = [];
    for (let timeMs = offsetMs, i = 0; timeMs <= END_MS; timeMs += STEP_MS, i++) {
      if (member === 2 && i % 7 === 3) continue;
      samples.push([timeMs, member === 3 && i % 31 === 30 ? 'stale' : sampleAt(metric, member + target, i)]);
    }
    appendRuns(store, FAKE_TENANT, [[labels, samples]], { outOfOrderWindowMs: Infinity, maxExemplars: 0 });
    for (const [timestampMs, value] of samples) {
      const isStale = value === 'stale';
      source.append({
        labels: Labels.fromRecord(labels),
        timestampMs,
        value: isStale ? 0 : (value as number),
        isStale,
      });
    }
  }
}

/** Counters with resets, and now and then what is no number. */
function sampleAt(metric: string, seed: number, i: number): number {
  if ((i + seed) % 53 === 52) return NaN;
  const rise = metric === 'm' ? 3.7 : 11;
  return ((i * (seed + 1)) % 41) * rise + seed;
}

async function expectSameAnswers(): Promise<void> {
  const common = { lookbackMs: 300_000, defaultStepMs: 60_000, maxSamples: 50_000_000 };
  const parse = { enableExperimentalFunctions: true };
  const [overStore, inMemory] = [store, source].map((one) => new Engine({ source: one, parse, ...common }));
  for (const query of queries) {
    for (const grid of grids) {
      const ask = async (engine: Engine) => {
        const { value, statistics, annotations } = await engine.range({ tenant: FAKE_TENANT, query, ...grid });
        return [describeValue(value), statistics, annotations.infos, annotations.warnings];
      };
      const expected = await ask(inMemory!);
      expect([query, await ask(overStore!)]).toEqual([query, expected]);
      expect([query, expected[0]]).not.toEqual([query, []]);
    }
    const instant = async (engine: Engine) =>
      describeValue((await engine.instant({ tenant: FAKE_TENANT, query, timeMs: 1_500_000 })).value);
    expect([query, await instant(overStore!)]).toEqual([query, await instant(inMemory!)]);
  }
}
