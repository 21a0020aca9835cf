import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ManualClock } from '../../src/model/clock.ts';
import { NativeHistogram } from '../../src/model/native-histogram.ts';
import type { TenantId } from '../../src/model/tenant.ts';
import { openStore } from '../../src/storage/sqlite-store.ts';
import type { Store } from '../../src/storage/types.ts';
import { appendRuns, readAll } from '../support/store-batches.ts';

const TENANT = 'team-a' as TenantId;
const HOUR_MS = 3_600_000;

type Sample = readonly [timestampMs: number, value: number];

/** What stands for values from 3 on: two of integers with other buckets, one of floats that counts the same, a gauge. */
const histograms = [
  { isInteger: true, count: 3, positive: { indexes: Int32Array.of(-2, 5), counts: Float64Array.of(1, 2) } },
  { isInteger: true, count: 3, positive: { indexes: Int32Array.of(-2, 6), counts: Float64Array.of(1, 2) } },
  { isInteger: false, count: 3, positive: { indexes: Int32Array.of(-2, 6), counts: Float64Array.of(1, 2) } },
  {
    ...{ isInteger: true, count: 4, zeroCount: 4, zeroThreshold: 0.5, schema: 3 },
    counterResetHint: 'gauge' as const,
  },
].map((fields) => new NativeHistogram({ schema: 1, sum: 2.5, ...fields }));

function told([timestampMs, value]: Sample): readonly [number, number | NativeHistogram] {
  return [timestampMs, histograms[value - 3] ?? value];
}
type Step =
  | { readonly kind: 'append'; readonly runs: readonly (readonly [series: number, samples: readonly Sample[]])[] }
  | { readonly kind: 'checkpoint' | 'force' | 'reopen' | 'crash' };

const sample = fc.tuple(
  fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 300 })).map((minutes) => minutes * 60_000),
  fc.integer({ min: 0, max: 6 }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      runs: fc.array(fc.tuple(fc.nat(2), fc.array(sample, { maxLength: 6 })), { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom('checkpoint', 'force', 'reopen', 'crash').map((kind) => ({ kind }) as Step) },
);

/** Prometheus's head, told as plainly as possible: what it says to a sample, and what it has afterwards. */
class PlainHead {
  readonly inOrder = new Map<number, Sample[]>();
  readonly late = new Map<number, Map<number, number>>();
  newestMs = -Infinity;
  readonly #windowMs: number;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** The reasons of refusals, in order. */
  append(runs: readonly (readonly [number, readonly Sample[]])[]): string[] {
    const samples = runs.flatMap(([series, ofSeries]) => ofSeries.map((one) => [series, one] as const));
    if (samples.length === 0) return [];
    const headMaxMs = this.newestMs === -Infinity ? samples[0]![1][0] : this.newestMs;
    const judged = samples.map(([series, one]) => ({ series, one, ...this.#judge(series, one, headMaxMs) }));
    for (const { series, one, reason } of judged) {
      if (reason !== undefined) continue;
      const again = this.#judge(series, one, headMaxMs);
      if (again.reason !== undefined) continue;
      if (again.isLate) this.#keepLate(series, one);
      else this.#keepInOrder(series, one);
    }
    return judged.flatMap(({ reason }) => (reason === undefined ? [] : [reason]));
  }

  read(series: number): Sample[] {
    const all = new Map<number, number>(this.late.get(series));
    for (const [timestampMs, value] of this.inOrder.get(series) ?? []) all.set(timestampMs, value);
    return [...all].sort(([a], [b]) => a - b);
  }

  #judge(series: number, [timestampMs, value]: Sample, headMaxMs: number): { reason?: string; isLate: boolean } {
    const newest = this.inOrder.get(series)?.at(-1);
    const minValidMs = headMaxMs - HOUR_MS;
    if (timestampMs >= minValidMs) {
      if (newest === undefined || timestampMs > newest[0]) return { isLate: false };
      if (timestampMs === newest[0])
        return value === newest[1] ? { isLate: false } : { reason: 'duplicate-timestamp', isLate: false };
    }
    if (this.#windowMs > 0)
      return timestampMs >= headMaxMs - this.#windowMs ? { isLate: true } : { reason: 'too-old', isLate: true };
    return { reason: timestampMs < minValidMs ? 'out-of-bounds' : 'out-of-order', isLate: false };
  }

  #keepInOrder(series: number, one: Sample): void {
    const samples = this.inOrder.get(series) ?? [];
    if (samples.at(-1)?.[0] !== one[0]) samples.push(one);
    this.inOrder.set(series, samples);
    this.newestMs = Math.max(this.newestMs, one[0]);
  }

  #keepLate(series: number, [timestampMs, value]: Sample): void {
    const samples = this.late.get(series) ?? new Map<number, number>();
    if (!samples.has(timestampMs)) samples.set(timestampMs, value);
    this.late.set(series, samples);
  }
}

test.for([0, HOUR_MS / 2, 3 * HOUR_MS])(
  'says and keeps what the rules say, with a window of %d ms, whatever happens in between',
  { timeout: 120_000 },
  async (windowMs) => {
    const directory = mkdtempSync(join(tmpdir(), 'pocket-cortex-model-'));
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (stepsOfRun) => {
        run += 1;
        let path = join(directory, `${run}.db`);
        const head = new PlainHead(windowMs);
        let store = open(path);
        try {
          for (const action of stepsOfRun) {
            if (action.kind === 'append') {
              const runs = action.runs.map(
                ([series, samples]) => [{ series: String(series) }, samples.map(told)] as const,
              );
              const outcome = appendRuns(store, TENANT, runs, { outOfOrderWindowMs: windowMs, maxExemplars: 0 });
              expect(outcome.rejections.map(({ reason }) => reason)).toEqual(head.append(action.runs));
              await outcome.committed;
            } else if (action.kind === 'reopen') {
              await store.close();
              store = open(path);
            } else if (action.kind === 'crash') {
              const left = `${path}-left.db`;
              copyDatabase(path, left);
              await store.close();
              path = left;
              store = open(path);
            } else {
              await store.checkpoint({ force: action.kind === 'force' });
            }
            expectSame(store, head);
          }
        } finally {
          await store.close();
        }
      }),
      { numRuns: 60 },
    );
    rmSync(directory, { recursive: true });
  },
);

/** The files as they are, which is what a killed process leaves. */
function copyDatabase(path: string, to: string): void {
  for (const suffix of ['', '-wal']) if (existsSync(path + suffix)) copyFileSync(path + suffix, to + suffix);
}

function open(path: string): Store {
  return openStore({
    path,
    clock: new ManualClock(),
    retentionMs: 0,
    checkpointIntervalMs: 60_000,
    decodedCacheBytes: 10_000,
  });
}

function expectSame(store: Store, head: PlainHead): void {
  const expected: Record<string, ReturnType<typeof told>[]> = {};
  for (const series of [0, 1, 2]) {
    const samples = head.read(series);
    if (samples.length > 0) expected[`{series="${series}"}`] = samples.map(told);
  }
  expect(readAll(store, TENANT)).toEqual(expected);
}
