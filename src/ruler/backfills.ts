import type { Clock } from '../model/clock.ts';
import { formatDuration } from '../model/duration.ts';
import type { TenantId } from '../model/tenant.ts';
import type { GroupProgress } from './group-runner.ts';
import type { RuleGroup } from './rule-group.ts';
import type { RulerLogger } from './ruler-logger.ts';
import { type GroupToRun, keyOf, type RunningGroups } from './running-groups.ts';

export interface BackfillsOptions {
  readonly running: RunningGroups;
  readonly clock: Clock;
  readonly logger: RulerLogger;
  /** Of groups that name none. */
  readonly defaultIntervalMs: number;
  /** Has work done while nothing else changes groups. */
  readonly change: (work: () => Promise<void>) => Promise<void>;
  readonly run: (tenant: TenantId, group: GroupToRun, progress: GroupProgress | undefined) => Promise<void>;
}

export type BackfillOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly message: string; readonly status: number };

/** Slots of a group that are replayed at most: almost six years at an interval of a minute. */
const TICKS_LIMIT = 3_000_000;

interface RunningBackfill {
  readonly groups: ReadonlyMap<string, GroupToRun>;
  readonly calling: AbortController;
  readonly done: Promise<unknown>;
}

/** Replays of groups before they go on live. Each runs beside all else, in slices. */
export class Backfills {
  readonly #options: BackfillsOptions;
  readonly #byTenant = new Map<TenantId, Set<RunningBackfill>>();
  #isStopped = false;

  constructor(options: BackfillsOptions) {
    this.#options = options;
  }

  /** Why so long a time of a group is not replayed. */
  refusal({ name, intervalMs }: RuleGroup, backfillMs: number): string | undefined {
    const interval = intervalMs || this.#options.defaultIntervalMs;
    const count = Math.floor(backfillMs / interval);
    if (count <= TICKS_LIMIT) return undefined;
    const [length, step] = [backfillMs, interval].map(formatDuration);
    return `a backfill of ${length} is ${count} evaluations of group ${name} every ${step}, and at most ${TICKS_LIMIT} are replayed`;
  }

  /** Whether the group waits for its replay. */
  isRunning(tenant: TenantId, key: string): boolean {
    return [...(this.#byTenant.get(tenant) ?? [])].some(
      ({ groups, calling }) => groups.has(key) && !calling.signal.aborted,
    );
  }

  /** Breaks replays off: those of a group that shall not go on, or not like this. */
  cancel(tenant: TenantId, isMeant: (key: string, group: GroupToRun) => boolean): void {
    for (const { groups, calling } of this.#byTenant.get(tenant) ?? []) {
      if ([...groups].some(([key, group]) => isMeant(key, group))) calling.abort(new Error('the group was changed'));
    }
  }

  /** Breaks all off; resolves when none runs any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const all = [...this.#byTenant.values()].flatMap((backfills) => [...backfills]);
    for (const { calling } of all) calling.abort(new Error('the process ends'));
    await Promise.all(all.map(({ done }) => done));
  }

  /**
   * Replays groups from `fromMs` up to now and has them go on from there. What one of them is in the middle of ends first.
   */
  async run(tenant: TenantId, groups: readonly GroupToRun[], fromMs: number): Promise<BackfillOutcome> {
    if (groups.length === 0 || this.#isStopped) return { ok: true };
    const calling = new AbortController();
    const replaying = this.#replay(tenant, groups, fromMs, calling.signal);
    const done = replaying.catch(() => {});
    const backfill = { groups: new Map(groups.map((group) => [keyOf(group), group])), calling, done };
    const ofTenant = this.#byTenant.get(tenant) ?? new Set();
    this.#byTenant.set(tenant, ofTenant.add(backfill));
    try {
      await replaying;
      return { ok: true };
    } catch (error) {
      if (!calling.signal.aborted) throw error;
      const reason = (calling.signal.reason as Error).message;
      return { ok: false, message: `the backfill was broken off: ${reason}`, status: this.#isStopped ? 503 : 409 };
    } finally {
      ofTenant.delete(backfill);
      if (ofTenant.size === 0) this.#byTenant.delete(tenant);
    }
  }

  async #replay(tenant: TenantId, groups: readonly GroupToRun[], fromMs: number, signal: AbortSignal): Promise<void> {
    const { running, clock, change, run, logger } = this.#options;
    let progress: readonly GroupProgress[] = [];
    try {
      for (const group of groups) await running.suspend(tenant, keyOf(group));
      const replay = await running.replay(tenant, groups, { fromMs, signal });
      // Time goes on meanwhile, and what it brought is short.
      while (await replay.run(clock.nowMs()));
      progress = replay.progress();
    } catch (error) {
      signal.throwIfAborted();
      logger.error({ tenant, err: error }, 'replaying rules failed');
      throw error;
    } finally {
      await change(async () => {
        for (const [index, group] of groups.entries()) {
          if (!signal.aborted) await run(tenant, group, progress[index]);
        }
      });
    }
  }
}
