import type { Clock, Timer } from '../../model/clock.ts';
import { PocketCortexError } from '../../model/errors.ts';
import type { TenantId } from '../../model/tenant.ts';
import { runInSlices, type Work } from '../../model/work.ts';
import type { Ruler } from '../../ruler/ruler.ts';
import type { Store } from '../../storage/types.ts';
import { readTenantName } from '../fixture/tenant-copies.ts';
import type { ColumnBatch } from './column-batch.ts';
import { Fleet } from './fleet.ts';
import { metadataOf } from './fleet-metadata.ts';
import { historyBegin, timesBetween } from './sample-times.ts';
import type { FleetTenant, Scenario } from './scenario.ts';
import { sizeFault } from './scenario-size.ts';

export interface ScenarioPlayerOptions {
  readonly store: Pick<Store, 'load' | 'createSeries' | 'append' | 'statistics' | 'watchTenants'>;
  readonly ruler: Pick<Ruler, 'setGroup'>;
  readonly clock: Clock;
  readonly logger: { error(fields: object, message: string): void };
}

export interface PlayOptions {
  /** The one tenant of the scenario to play, and the tenant that gets its data; all, by their own names, when left out. */
  readonly only?: { readonly name: string; readonly as: TenantId } | undefined;
  /** Whether it stops where it is now, instead of following the clock. */
  readonly isStill?: boolean;
  /** Whether tenants that have data already go on where that ends, and what is before stays as it is. */
  readonly continues?: boolean;
  /** Told how much of the past is there, from 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** A scenario that was put into tenants. */
export interface PlayedScenario {
  readonly name: string;
  readonly tenants: readonly string[];
  /** When it began to be live, and where its past begins. */
  readonly startMs: number;
  readonly beginMs: number;
  readonly seriesCount: number;
  readonly sampleCount: number;
  /** False when the process ended before all was there. */
  readonly isWhole: boolean;
}

interface Playing {
  readonly scenario: Scenario;
  readonly startMs: number;
  readonly fleets: Map<TenantId, Fleet>;
  timer: Timer | undefined;
}

/** Puts scenarios into tenants: their past at once, then what happens as time goes by. */
export class ScenarioPlayer {
  readonly #options: ScenarioPlayerOptions;
  readonly #playing = new Set<Playing>();
  #isWatching = false;
  #isStopped = false;

  constructor(options: ScenarioPlayerOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the past is there, the rules' too. A tenant that plays something else already stops that.
   * @throws {PocketCortexError} `bad-data` for a tenant that the scenario has not, for one that is too large, and for rules that are
   * refused
   */
  async play(scenario: Scenario, options: PlayOptions = {}): Promise<PlayedScenario> {
    const { clock } = this.#options;
    const fault = sizeFault(scenario);
    if (fault !== undefined)
      throw new PocketCortexError('bad-data', `the scenario ${scenario.name} is too large: ${fault}`);
    this.#watch();
    const nowMs = clock.nowMs();
    const startMs = scenario.startMs ?? Math.floor(nowMs / scenario.stepMs) * scenario.stepMs;
    const playing: Playing = { scenario, startMs, fleets: new Map(), timer: undefined };
    const parts = partsOf(scenario, options.only);
    for (const { as } of parts) this.stop(as);
    this.#playing.add(playing);
    try {
      const played = await this.#begin(playing, parts, options);
      // What was due while the past was made.
      if (options.isStill || this.#isStopped) this.#end(playing);
      else await this.#follow(playing);
      return played;
    } catch (error) {
      this.#end(playing);
      throw error;
    }
  }

  async #begin(playing: Playing, parts: readonly Part[], options: PlayOptions): Promise<PlayedScenario> {
    const { clock, store } = this.#options;
    const { scenario, startMs } = playing;
    const startedMs = clock.nowMs();
    const beginMs = historyBegin(scenario, startMs);
    const series = new Set<string>();
    const begins = new Map<TenantId, number>();
    let sampleCount = 0;
    for (const [index, { tenant, as }] of parts.entries()) {
      await store.load(as);
      const newestMs = options.continues ? store.statistics(as).newestSampleMs : -Infinity;
      const fleet = new Fleet({ scenario, tenant, startMs, afterMs: Math.max(beginMs, newestMs) });
      begins.set(as, fleet.afterMs);
      playing.fleets.set(as, fleet);
      const untilMs = options.isStill ? startedMs : clock.nowMs();
      const reach = { startMs, afterMs: fleet.afterMs, untilMs };
      const onBlock = (reachedMs: number): void => {
        const share = (reachedMs - reach.afterMs) / Math.max(1, untilMs - reach.afterMs);
        options.onProgress?.((index + share) / parts.length);
      };
      await this.#append(as, fleet, { playing, untilMs, onBlock, onBatch: count });
      if (this.#isStopped) break;
      // Who was deleted meanwhile does not come back.
      if (playing.fleets.has(as)) await this.#describe(as, scenario);
    }
    for (const { as } of parts) {
      if (this.#isStopped) break;
      if (!playing.fleets.has(as)) continue;
      // Rules see all that there was up to now, which has gone on while the past was made.
      await this.#catchUp(playing, options.isStill ? startedMs : clock.nowMs());
      await this.#setRules(as, scenario, begins.get(as)!);
    }
    const tenants = parts.map(({ as }) => as);
    const size = { seriesCount: series.size, sampleCount };
    return { name: scenario.name, tenants, startMs, beginMs, ...size, isWhole: !this.#isStopped };

    function count(batch: ColumnBatch): void {
      sampleCount += batch.samples.count;
      for (const labels of batch.labels) series.add(labels.key);
    }
  }

  /** What plays into a tenant stays as it is; of the others nothing changes. */
  stop(tenant: TenantId): void {
    for (const playing of this.#playing) {
      if (playing.fleets.delete(tenant) && playing.fleets.size === 0) this.#end(playing);
    }
  }

  /** The scenarios that follow the clock, with their tenants. */
  list(): { readonly name: string; readonly startMs: number; readonly tenants: readonly TenantId[] }[] {
    return [...this.#playing].map(({ scenario, startMs, fleets }) => {
      return { name: scenario.name, startMs, tenants: [...fleets.keys()] };
    });
  }

  /** Ends all. Idempotent. */
  close(): void {
    this.#isStopped = true;
    for (const playing of this.#playing) this.#end(playing);
  }

  #end(playing: Playing): void {
    playing.timer?.cancel();
    this.#playing.delete(playing);
  }

  /** Nobody who is deleted comes back by the next sample. */
  #watch(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    this.#options.store.watchTenants((tenant, change) => {
      if (change === 'deleted') this.stop(tenant);
    });
  }

  async #follow(playing: Playing): Promise<void> {
    const { clock, logger } = this.#options;
    try {
      await this.#catchUp(playing, clock.nowMs());
    } catch (error) {
      logger.error({ scenario: playing.scenario.name, err: error }, 'going on with a scenario failed');
    }
    if (!this.#playing.has(playing)) return;
    const { stepMs } = playing.scenario;
    const nowMs = clock.nowMs();
    const nextMs = (Math.floor(nowMs / stepMs) + 1) * stepMs;
    playing.timer = clock.setTimer(() => this.#follow(playing), nextMs - nowMs);
  }

  async #catchUp(playing: Playing, untilMs: number): Promise<void> {
    for (const [tenant, fleet] of playing.fleets) await this.#append(tenant, fleet, { playing, untilMs });
  }

  async #append(tenant: TenantId, fleet: Fleet, { playing, untilMs, onBlock, onBatch }: AppendProgress): Promise<void> {
    const { scenario, startMs } = playing;
    const { store } = this.#options;
    for (const timesMs of timesBetween(scenario, { startMs, afterMs: fleet.afterMs, untilMs })) {
      const commits: Promise<void>[] = [];
      const appendAll = function* (): Work<void> {
        for (const batch of fleet.advance(timesMs)) {
          if (playing.fleets.get(tenant) !== fleet) return;
          const committed = appendBatch(store, tenant, batch);
          // Whoever waits for all hears of it; until then nobody listens.
          committed.catch(() => {});
          commits.push(committed);
          onBatch?.(batch);
          yield;
        }
      };
      await runInSlices(appendAll());
      await Promise.all(commits);
      onBlock?.(timesMs.at(-1)!);
      if (this.#isStopped || playing.fleets.get(tenant) !== fleet) return;
    }
  }

  async #describe(tenant: TenantId, scenario: Scenario): Promise<void> {
    const nothing = new ArrayBuffer(0);
    const { committed } = this.#options.store.append(
      tenant,
      {
        seriesRefs: new Uint32Array(nothing),
        samplesStart: new Uint32Array(1),
        timestampsMs: new Float64Array(nothing),
        values: new Float64Array(nothing),
        exemplars: [],
        metadata: metadataOf(scenario),
      },
      { outOfOrderWindowMs: Infinity, maxExemplars: 0 },
    );
    await committed;
  }

  /** With their past: what they would have said if they had been there. */
  async #setRules(tenant: TenantId, { name, groups }: Scenario, beginMs: number): Promise<void> {
    const { clock, ruler } = this.#options;
    const { ruleGroupYaml } = await import('../../ruler/write-rule-group.ts');
    for (const group of groups) {
      const backfillMs = Math.max(0, clock.nowMs() - beginMs);
      const outcome = await ruler.setGroup(tenant, name, ruleGroupYaml(group), { backfillMs });
      // Whoever ends the process does not want to hear of what has not been done.
      if (this.#isStopped) return;
      if (!outcome.ok) throw new PocketCortexError('bad-data', `rules of the scenario ${name}: ${outcome.message}`);
    }
  }
}

interface AppendProgress {
  readonly playing: Playing;
  readonly untilMs: number;
  readonly onBlock?: (reachedMs: number) => void;
  readonly onBatch?: (batch: ColumnBatch) => void;
}

/** A tenant of the scenario, and who gets its data. */
interface Part {
  readonly tenant: FleetTenant;
  readonly as: TenantId;
}

function partsOf({ name, tenants }: Scenario, only: PlayOptions['only']): Part[] {
  if (only === undefined) return tenants.map((tenant) => ({ tenant, as: readTenantName(tenant.name) }));
  const tenant = only.name === '' ? tenants[0] : tenants.find((one) => one.name === only.name);
  if (tenant) return [{ tenant, as: only.as }];
  const choice = tenants.map((one) => one.name).join(', ');
  throw new PocketCortexError('bad-data', `the scenario ${name} has no tenant ${only.name}; it has ${choice}`);
}

function appendBatch(
  store: Pick<Store, 'createSeries' | 'append'>,
  tenant: TenantId,
  { labels, samplesStart, samples }: ColumnBatch,
): Promise<void> {
  const seriesRefs = new Uint32Array(labels.length);
  for (let i = 0; i < labels.length; i++) seriesRefs[i] = store.createSeries(tenant, labels[i]!);
  const { committed } = store.append(
    tenant,
    {
      seriesRefs,
      samplesStart: Uint32Array.from(samplesStart),
      timestampsMs: samples.timestampsMs,
      values: samples.values,
      histograms: samples.histograms,
      exemplars: [],
      metadata: [],
    },
    { outOfOrderWindowMs: Infinity, maxExemplars: 0 },
  );
  return committed;
}
