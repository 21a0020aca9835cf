import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ManualClock } from '../../src/model/clock.ts';
import { Labels } from '../../src/model/labels.ts';
import { createMatcher } from '../../src/model/matcher.ts';
import type { TenantId } from '../../src/model/tenant.ts';
import { openStore } from '../../src/storage/sqlite-store.ts';
import type { Store } from '../../src/storage/types.ts';
import { appendRuns, readAll, type TestRun } from '../support/store-batches.ts';

const TENANTS = ['a', 'b', 'c'] as TenantId[];
const tenant = fc.constantFrom(...TENANTS);
/** A sample more than a chunk holds makes a sealed one. */
const count = fc.constantFrom(1, 3, 600);

type Step =
  | { readonly kind: 'append'; readonly tenant: TenantId; readonly names: readonly string[]; readonly count: number }
  | { readonly kind: 'fork'; readonly from: TenantId; readonly to: TenantId }
  | { readonly kind: 'delete' | 'expire'; readonly tenant: TenantId }
  | { readonly kind: 'create'; readonly tenant: TenantId; readonly name: string }
  | { readonly kind: 'checkpoint' | 'force' | 'reopen' | 'kill' };

const name = fc.constantFrom('x', 'y', 'z');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('append' as const),
    tenant,
    names: fc.uniqueArray(name, { minLength: 1, maxLength: 2 }),
    count,
  }),
  fc.record({ kind: fc.constant('fork' as const), from: tenant, to: tenant }),
  fc.record({ kind: fc.constant('fork' as const), from: tenant, to: tenant }),
  fc.record({ kind: fc.constantFrom('delete' as const, 'expire' as const), tenant }),
  fc.record({ kind: fc.constant('create' as const), tenant, name }),
  fc.record({ kind: fc.constantFrom('checkpoint' as const, 'force' as const) }),
  fc.record({ kind: fc.constantFrom('reopen' as const, 'kill' as const) }),
);

type Content = Record<string, (readonly [number, number])[]>;

const labelsOf = (one: string): Record<string, string> => ({ __name__: one, job: 'j' });

/** A store, and what it shall have. */
class Pair {
  readonly #isFile: boolean;
  readonly #directory = mkdtempSync(join(tmpdir(), 'pocket-cortex-'));
  readonly #clock = new ManualClock(0);
  readonly #expected = new Map<TenantId, Content>();
  #generation = 0;
  /** The tenant that all is too old of. */
  #expiring: TenantId | undefined;
  #nextMs = 1;
  #store: Store;
  readonly #opened: Store[] = [];

  constructor(isFile: boolean) {
    this.#isFile = isFile;
    this.#store = this.#open();
  }

  async take(next: Step): Promise<void> {
    switch (next.kind) {
      case 'append': {
        const timestampsMs = Array.from({ length: next.count }, () => this.#nextMs++);
        const runs = next.names.map((one): TestRun => [labelsOf(one), timestampsMs.map((ms) => [ms, ms * 2])]);
        await appendRuns(this.#store, next.tenant, runs, { outOfOrderWindowMs: Infinity, maxExemplars: 0 }).committed;
        const content = this.#contentOf(next.tenant);
        for (const one of next.names) {
          const key = `{__name__="${one}", job="j"}`;
          content[key] = [...(content[key] ?? []), ...timestampsMs.map((ms) => [ms, ms * 2] as const)];
        }
        return;
      }
      case 'fork':
        if (next.from === next.to) return;
        this.#delete(next.to);
        await this.#store.forkTenant(next.from, next.to);
        this.#expected.set(next.to, structuredClone(this.#contentOf(next.from)));
        return;
      case 'delete':
        this.#delete(next.tenant);
        return;
      case 'create':
        this.#store.createSeries(next.tenant, Labels.fromRecord(labelsOf(next.name)));
        return;
      case 'expire':
        await this.#clock.advance(this.#nextMs + 100 - this.#clock.nowMs());
        this.#expiring = next.tenant;
        await this.#store.checkpoint();
        this.#expiring = undefined;
        this.#expected.delete(next.tenant);
        return;
      case 'checkpoint':
      case 'force':
        await this.#store.checkpoint({ force: next.kind === 'force' });
        return;
      case 'reopen':
        if (!this.#isFile) return;
        await this.#store.close();
        this.#store = this.#open();
        return;
      case 'kill':
        if (!this.#isFile) return;
        this.#kill();
        this.#store = this.#open();
    }
  }

  check(): void {
    for (const one of TENANTS) {
      const all = readAll(this.#store, one, [createMatcher('job', '=', 'j')]);
      expect(all).toEqual(this.#contentOf(one));
      expect(Object.keys(all)).toEqual(Object.keys(all).sort());
    }
  }

  async close(): Promise<void> {
    for (const store of this.#opened) await store.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #contentOf(one: TenantId): Content {
    const content = this.#expected.get(one) ?? {};
    this.#expected.set(one, content);
    return content;
  }

  #delete(one: TenantId): void {
    this.#store.deleteTenant(one);
    this.#expected.delete(one);
  }

  #path(): string {
    return this.#isFile ? join(this.#directory, `${this.#generation}`, 'store.db') : ':memory:';
  }

  /** Goes on with what a process that is killed now would leave. */
  #kill(): void {
    const from = this.#path();
    this.#generation += 1;
    mkdirSync(join(this.#directory, `${this.#generation}`));
    for (const suffix of ['', '-wal']) {
      if (existsSync(from + suffix)) copyFileSync(from + suffix, this.#path() + suffix);
    }
  }

  #open(): Store {
    if (this.#isFile) mkdirSync(join(this.#directory, `${this.#generation}`), { recursive: true });
    const store = openStore({
      path: this.#path(),
      clock: this.#clock,
      retentionMs: (one) => (one === this.#expiring ? 1 : 0),
      checkpointIntervalMs: 1 << 30,
      decodedCacheBytes: 1 << 16,
    });
    this.#opened.push(store);
    return store;
  }
}

async function run(steps: readonly Step[], isFile: boolean): Promise<void> {
  const pair = new Pair(isFile);
  try {
    for (const next of steps) {
      await pair.take(next);
      pair.check();
    }
  } finally {
    await pair.close();
  }
}

const [a, b, c] = TENANTS as [TenantId, TenantId, TenantId];
const append = (tenant: TenantId, one: string, count = 1): Step => ({ kind: 'append', tenant, names: [one], count });
const fork = (from: TenantId, to: TenantId): Step => ({ kind: 'fork', from, to });
const expire = (tenant: TenantId): Step => ({ kind: 'expire', tenant });
const remove = (tenant: TenantId): Step => ({ kind: 'delete', tenant });
const checkpoint: Step = { kind: 'checkpoint' };
const force: Step = { kind: 'force' };
const kill: Step = { kind: 'kill' };

test.for<readonly [string, readonly Step[]]>([
  ['the origin is too old', [append(a, 'x', 600), force, fork(a, b), expire(a), kill]],
  ['the fork is too old', [append(a, 'x', 600), force, fork(a, b), expire(b), kill]],
  ['the origin goes, and what is left of it', [append(a, 'x', 600), force, fork(a, b), remove(a), checkpoint, kill]],
  ['so does a fork with a fork', [append(a, 'x', 600), fork(a, b), append(b, 'y'), fork(b, c), remove(b), force, kill]],
  ['an origin without series', [append(a, 'x'), expire(a), fork(a, b), kill, append(b, 'y'), append(a, 'z'), kill]],
  ['an origin with an empty log', [append(a, 'x'), force, fork(a, b), kill, append(a, 'x'), append(b, 'y'), kill]],
  [
    'series without a sample',
    [append(a, 'y'), { kind: 'create', tenant: a, name: 'x' }, fork(a, b), append(b, 'x'), kill],
  ],
  ['a new series here, and there', [append(a, 'x'), fork(a, b), append(b, 'y'), append(a, 'z'), kill, force]],
  [
    'longer than the longest chain',
    Array.from({ length: 12 }, (_, i) => [append(a, 'x'), fork(a, b), append(b, 'x'), fork(b, a)][i % 4]!),
  ],
])('forks are their own: %s', async ([, steps]) => {
  for (const isFile of [false, true]) await run(steps, isFile);
});

test.for([
  ['in memory', false],
  ['in a file', true],
] as const)('forks are their own, whatever happens to them and to their origins: %s', async ([, isFile]) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => run(steps, isFile)),
    { numRuns: isFile ? 40 : 150 },
  );
});
