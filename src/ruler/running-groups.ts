import type { ParseOptions } from '../../grammar/promql.ts';
import type { Limits, TenantLimits } from '../limits/limits.ts';
import { assert } from '../model/assert.ts';
import type { Clock } from '../model/clock.ts';
import { compareText } from '../model/labels.ts';
import type { SeriesSource } from '../model/series-source.ts';
import type { TenantId } from '../model/tenant.ts';
import type { Store } from '../storage/types.ts';
import type { AlertSink } from './alert-sink.ts';
import type { AlertingOptions } from './alerting-options.ts';
import { hasTemplates } from './alerting-rule.ts';
import type { GroupEvaluationOptions } from './group-evaluation.ts';
import { type FirstTime, type GroupProgress, GroupRunner } from './group-runner.ts';
import type { GroupState, Provision } from './group-state.ts';
import type { RulerMetrics } from './metrics.ts';
import type { QueryStatistics } from './query-statistics.ts';
import { type GroupsReplay, replayGroups } from './replay/groups-replay.ts';
import { LookAhead } from './replay/look-ahead.ts';
import type { ReplayParts } from './replay/replay-parts.ts';
import { batchesOf } from './rule-batches.ts';
import type { RuleEngine } from './rule-engine.ts';
import { deserializeRuleGroup, type RuleGroup } from './rule-group.ts';
import type { AppendRows } from './rule-results.ts';
import type { RulerLogger } from './ruler-logger.ts';
import type { RulerSettings } from './ruler-settings.ts';
import { ruleFile } from './slots.ts';

export interface RunningGroupsOptions {
  readonly store: Pick<SeriesSource, 'select'> &
    Pick<Store, 'load' | 'ruleProgress' | 'setRuleProgress' | 'deleteRuleProgress'>;
  readonly engine: RuleEngine;
  /** Asks the engine, and tells what queries fetch, where somebody wants to know. */
  readonly queryStatistics?: QueryStatistics | undefined;
  readonly appendRows: AppendRows;
  /** Without these, nothing can be evaluated for other times than now. */
  readonly replay?: ReplayParts | undefined;
  readonly sink: AlertSink;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly logger: RulerLogger;
  readonly metrics: RulerMetrics;
  readonly settings: RulerSettings;
}

/** A group that shall run. */
export interface GroupToRun {
  readonly namespace: string;
  readonly name: string;
  /** The group as the store has it. */
  readonly definition: string;
  /** Of a provisioned group. */
  readonly provision?: Provision | undefined;
}

/** A group and how far it is. */
export interface GroupSnapshot {
  readonly group: GroupToRun;
  readonly progress: GroupProgress;
}

/** The groups at work, each tenant's by their keys. */
export class RunningGroups {
  readonly #options: RunningGroupsOptions;
  readonly #byTenant = new Map<TenantId, Map<string, GroupRunner>>();
  /** Expressions as PromQL prints them: provisioned groups are the same for many tenants. */
  readonly #printed = new Map<string, string>();

  readonly #lookAhead: LookAhead | undefined;

  constructor(options: RunningGroupsOptions) {
    this.#options = options;
    const { replay: parts, settings, ...rest } = options;
    if (parts) this.#lookAhead = new LookAhead({ ...rest, parts, parse: settings.parse });
  }

  /** Those of a tenant, by `keyOf`. */
  of(tenant: TenantId): ReadonlyMap<string, GroupRunner> {
    return this.#byTenant.get(tenant) ?? new Map();
  }

  /** By namespace and then name. */
  states(tenant: TenantId): GroupState[] {
    const states = [...this.of(tenant).values()].map((runner) => runner.state());
    return states.sort((a, b) => compareText(a.namespace, b.namespace) || compareText(a.group.name, b.group.name));
  }

  /** The tenants that have groups. */
  tenants(): TenantId[] {
    return [...this.#byTenant.keys()];
  }

  /** All groups of a tenant as they are now. */
  async snapshot(tenant: TenantId): Promise<GroupSnapshot[]> {
    await this.#lookAhead?.settled(tenant);
    const runners = [...this.of(tenant).values()];
    return Promise.all(
      runners.map(async (runner) => {
        const { namespace, group } = runner.state();
        const { definition, provision } = runner;
        return { group: { namespace, name: group.name, definition, provision }, progress: await runner.progress() };
      }),
    );
  }

  /** The clock was set to an earlier time. */
  clockWasSetBack(): void {
    for (const groups of this.#byTenant.values()) for (const runner of groups.values()) runner.clockWasSetBack();
  }

  /**
   * Has a group run, in place of the one of its name; one that says the same is not disturbed. With `progress` it goes on
   * from there.
   */
  async put(
    tenant: TenantId,
    { namespace, name, definition, provision }: GroupToRun,
    first: FirstTime,
    progress?: GroupProgress,
  ): Promise<void> {
    const key = keyOf({ namespace, name, provision });
    await this.#lookAhead?.settled(tenant);
    const replaced = this.of(tenant).get(key);
    if (replaced?.definition === definition && !progress) {
      if (provision) replaced.setProvision(provision);
      return;
    }
    const { clock, metrics } = this.#options;
    const runner = await this.#build(tenant, { namespace, name, definition, provision }, replaced === undefined);
    if (replaced) {
      await replaced.stop();
      const before = await replaced.progress();
      if (progress) progress.evaluation.endSeriesOf(before.evaluation);
      else runner.takeOver(before);
    }
    if (progress) runner.takeOver(progress);
    const groups = this.#byTenant.get(tenant) ?? new Map<string, GroupRunner>();
    this.#byTenant.set(tenant, groups.set(key, runner));
    metrics.updates.inc({ user: tenant });
    metrics.lastReload.set({ user: tenant }, 1);
    metrics.lastReloadTime.set({ user: tenant }, clock.nowMs() / 1000);
    metrics.tenants.set(this.#byTenant.size);
    runner.start(first);
  }

  /** Those of a tenant as they were told to run. */
  groupsOf(tenant: TenantId): GroupToRun[] {
    return [...this.of(tenant).values()].map(({ namespace, group: { name }, definition, provision }) => {
      return { namespace, name, definition, provision };
    });
  }

  /** Has a group wait, if it runs: `put` has it go on. */
  async suspend(tenant: TenantId, key: string): Promise<void> {
    await this.#lookAhead?.settled(tenant);
    await this.of(tenant).get(key)?.stop();
  }

  /** Evaluates groups at their slots from `fromMs` on, as if they had begun there. None of them need be at work. */
  async replay(
    tenant: TenantId,
    groups: readonly GroupToRun[],
    { fromMs, signal }: { readonly fromMs: number; readonly signal: AbortSignal },
  ): Promise<GroupsReplay> {
    const { replay: parts, settings } = this.#options;
    assert(parts, 'this ruler can replay');
    await this.#options.store.load(tenant);
    const runners = await Promise.all(groups.map((group) => this.#build(tenant, group, false)));
    return replayGroups({ tenant, runners, fromMs, parts, parse: settings.parse, signal });
  }

  /** Ends groups and their series. */
  async remove(tenant: TenantId, isMeant: (key: string, runner: GroupRunner) => boolean): Promise<void> {
    await this.#lookAhead?.settled(tenant);
    const groups = this.#byTenant.get(tenant);
    for (const [key, runner] of groups ?? []) {
      if (!isMeant(key, runner)) continue;
      groups!.delete(key);
      await runner.remove();
      this.#options.store.deleteRuleProgress(tenant, key);
    }
    this.#count(tenant);
  }

  /** Ends what runs for a tenant that was deleted. What is being evaluated is called off before it returns. */
  async forget(tenant: TenantId): Promise<void> {
    const runners = [...this.of(tenant).values()];
    this.#byTenant.delete(tenant);
    const cancelled = this.#lookAhead?.cancel([tenant]);
    await Promise.all([cancelled, ...runners.map((runner) => runner.forget())]);
    this.#count(tenant);
  }

  /** Ends all evaluations; resolves when none runs any more. */
  async stop(): Promise<void> {
    const runners = [...this.#byTenant.values()].flatMap((groups) => [...groups.values()]);
    await Promise.all([this.#lookAhead?.cancel(), ...runners.map((runner) => runner.stop())]);
  }

  /** Undefined where the groups of a tenant cannot be evaluated ahead of their time. */
  #look(tenant: TenantId, first: GroupRunner): Promise<boolean> | undefined {
    const runners = [...this.of(tenant).values()];
    const untilMs = this.#lookAhead?.untilMs(tenant, runners, first);
    return untilMs === undefined ? undefined : this.#lookAhead!.run(tenant, runners, untilMs);
  }

  /** A runner of a group, not yet at work. */
  async #build(
    tenant: TenantId,
    { namespace, name, definition, provision }: GroupToRun,
    isFirst: boolean,
  ): Promise<GroupRunner> {
    const { store, limits, settings } = this.#options;
    const group = deserializeRuleGroup(definition);
    // Loaded before the first evaluation, which takes no longer then than the ones after it.
    if (hasTemplates(group)) await (await import('./template/expand.ts')).loadTemplates();
    if (limits.forTenant(tenant).rulerAlertGeneratorUrlTemplate !== '') await import('./template/generator-url.ts');
    const queries = await this.#print(group.rules.map(({ expr }) => expr));
    const key = keyOf({ namespace, name, provision });
    const runner: GroupRunner = new GroupRunner({
      ...this.#options,
      tenant,
      namespace,
      group,
      definition,
      provision,
      file: ruleFile(provision ? '/provisioned' : settings.rulePath, tenant, namespace),
      queries,
      concurrency: await this.#concurrency(group),
      intervalMs: group.intervalMs || settings.evaluationIntervalMs,
      queryOffsetMs: () => group.queryOffsetMs ?? queryOffsetOf(limits.forTenant(tenant)),
      loadTenant: () => store.load(tenant),
      alerting: this.#alerting(tenant),
      isProducedElsewhere: (seriesKey) =>
        [...this.of(tenant).values()].some((other) => other !== runner && other.yields(seriesKey)),
      // A group that is replaced tells itself how far it is, and has nothing to look up.
      lastTimeMs: isFirst ? store.ruleProgress(tenant).get(key) : undefined,
      evaluated: (timeMs) => store.setRuleProgress(tenant, key, timeMs),
      lookAhead: (first) => this.#look(tenant, first),
    });
    return runner;
  }

  #count(tenant: TenantId): void {
    const { metrics, queryStatistics } = this.#options;
    if (this.of(tenant).size > 0) return;
    this.#byTenant.delete(tenant);
    metrics.forgetTenant(tenant);
    queryStatistics?.forgetTenant(tenant);
    metrics.tenants.set(this.#byTenant.size);
  }

  #alerting(tenant: TenantId): AlertingOptions {
    const { store, sink, limits, settings } = this.#options;
    return {
      sink,
      source: store,
      externalUrl: () => limits.forTenant(tenant).rulerExternalUrl || settings.externalUrl,
      externalLabels: () => ({ ...settings.externalLabels, ...limits.forTenant(tenant).rulerExternalLabels }),
      generatorUrlTemplate: () => limits.forTenant(tenant).rulerAlertGeneratorUrlTemplate,
      resendDelayMs: settings.resendDelayMs,
      outageToleranceMs: settings.forOutageToleranceMs,
      gracePeriodMs: settings.forGracePeriodMs,
    };
  }

  /** Undefined where rules are evaluated one by one. */
  async #concurrency({ rules }: RuleGroup): Promise<GroupEvaluationOptions['concurrency']> {
    const { maxConcurrentEvals: limit, parse } = this.#options.settings;
    if (limit <= 1) return undefined;
    const { parseExpr } = await import('../../grammar/promql.ts');
    try {
      return { batches: batchesOf(rules.map((rule) => ({ rule, expr: parseExpr(rule.expr, parse) }))), limit };
    } catch {
      // What a broken expression reads nobody knows.
      return undefined;
    }
  }

  async #print(exprs: readonly string[]): Promise<string[]> {
    const unknown = exprs.filter((expr) => !this.#printed.has(expr));
    if (this.#printed.size > PRINTED_LIMIT) this.#printed.clear();
    if (unknown.length > 0) {
      const { parseExpr, printExpr } = await import('../../grammar/promql.ts');
      const { parse }: { readonly parse?: ParseOptions } = this.#options.settings;
      for (const expr of exprs) {
        try {
          this.#printed.set(expr, printExpr(parseExpr(expr, parse)));
        } catch {
          // It was PromQL when it was stored, under other settings perhaps: its evaluation will say what is wrong.
          this.#printed.set(expr, expr);
        }
      }
    }
    return exprs.map((expr) => this.#printed.get(expr)!);
  }
}

/** The second is an older name of the first. */
function queryOffsetOf({ rulerQueryOffsetMs, rulerEvaluationDelayDurationMs }: TenantLimits): number {
  return Math.max(rulerQueryOffsetMs, rulerEvaluationDelayDurationMs);
}

const PRINTED_LIMIT = 10_000;

/** Names a group among those of its tenant; a provisioned one may have the name of another. */
export function keyOf({ namespace, name, provision }: Omit<GroupToRun, 'definition'>): string {
  return JSON.stringify([provision ? 'provisioned' : 'api', namespace, name]);
}
