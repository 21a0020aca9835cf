import type { Registry } from 'prom-client';
import type { Limits, TenantLimits } from '../limits/limits.ts';
import type { Timer } from '../model/clock.ts';
import { compareText } from '../model/labels.ts';
import type { TenantId } from '../model/tenant.ts';
import type { Store } from '../storage/types.ts';
import { Backfills } from './backfills.ts';
import type { FirstTime, GroupProgress } from './group-runner.ts';
import type { GroupState, Provision } from './group-state.ts';
import { RulerMetrics } from './metrics.ts';
import { deserializeRuleGroup, type RuleGroup, serializeRuleGroup } from './rule-group.ts';
import {
  type GroupSnapshot,
  type GroupToRun,
  keyOf,
  RunningGroups,
  type RunningGroupsOptions,
} from './running-groups.ts';
import type { RuleNamespaces } from './write-rule-group.ts';

export interface RulerOptions extends Omit<RunningGroupsOptions, 'metrics'> {
  readonly store: RunningGroupsOptions['store'] &
    Pick<Store, 'tenants' | 'ruleGroups' | 'setRuleGroup' | 'deleteRuleGroups'>;
  readonly metrics: Registry;
  /** Has happen what is due on a clock that stands still: a group that was just set is evaluated then. */
  readonly runDue?: (() => Promise<void>) | undefined;
}

/** What came of setting a group; `message` is Cortex's text, and 400 the status when none is given. */
export type SetGroupOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly message: string; readonly status?: number };

export interface SetGroupOptions {
  /** How far back the group is replayed before it goes on live; 0 by default, which replays nothing. */
  readonly backfillMs?: number;
}

/** A group that runs for a tenant without standing in the store: it cannot be changed through the API. */
export interface ProvisionedGroup extends Provision {
  readonly namespace: string;
  readonly group: RuleGroup;
}

/**
 * Keeps every tenant's rule groups and has each of them evaluated on its schedule. A group that was just set is evaluated
 * at once, then at its slots; after a restart all go on where they were.
 */
export class Ruler {
  readonly #options: RulerOptions;
  readonly #running: RunningGroups;
  readonly #limits: Limits;
  readonly #metrics: RulerMetrics;
  readonly #backfills: Backfills;
  /** Changes happen one after the other, as stopping a group takes its time. */
  #changes: Promise<void> = Promise.resolve();
  /** The tenants whose groups changed since the last poll, where changes wait for it. */
  readonly #changed = new Set<TenantId>();
  #poll: Timer | undefined;
  #isStopped = false;

  constructor(options: RulerOptions) {
    this.#options = options;
    this.#limits = options.limits;
    this.#metrics = new RulerMetrics(options.metrics, options.settings);
    this.#running = new RunningGroups({ ...options, metrics: this.#metrics });
    const { clock, logger, settings } = options;
    this.#backfills = new Backfills({
      running: this.#running,
      clock,
      logger,
      defaultIntervalMs: settings.evaluationIntervalMs,
      change: (work) => this.#change(work),
      run: (tenant, group, progress) => this.#run(tenant, group, 'next-slot', progress),
    });
  }

  /** Begins with the groups that the store holds; resolves when they are scheduled. Call once. */
  start(): Promise<void> {
    const { store } = this.#options;
    this.#armPoll();
    this.#limits.watch((tenants) => this.#limitsChanged(tenants));
    return this.#change(async () => {
      for (const tenant of store.tenants()) await this.#follow(tenant, 'next-slot');
    });
  }

  /** Ends all evaluations; resolves when none runs any more. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#poll?.cancel();
    await this.#backfills.stop();
    await this.#changes;
    await this.#running.stop();
  }

  /** The configured groups of a tenant, all or those of one namespace, by namespace and then name. */
  listGroups(tenant: TenantId, namespace?: string): RuleNamespaces {
    const namespaces = new Map<string, RuleGroup[]>();
    for (const stored of this.#options.store.ruleGroups(tenant)) {
      if (namespace !== undefined && stored.namespace !== namespace) continue;
      const groups = namespaces.get(stored.namespace) ?? [];
      groups.push(deserializeRuleGroup(stored.definition));
      namespaces.set(stored.namespace, groups);
    }
    for (const groups of namespaces.values()) groups.sort((a, b) => compareText(a.name, b.name));
    return new Map([...namespaces].sort(([a], [b]) => compareText(a, b)));
  }

  getGroup(tenant: TenantId, namespace: string, name: string): RuleGroup | undefined {
    const stored = this.#options.store
      .ruleGroups(tenant)
      .find((candidate) => candidate.namespace === namespace && candidate.group === name);
    return stored && deserializeRuleGroup(stored.definition);
  }

  /**
   * Creates or replaces the group that `yaml` holds. With `backfillMs` it is evaluated at all its slots of so long a time up
   * to now, over what is stored, before it goes on live from there; then that is done when it resolves.
   */
  async setGroup(
    tenant: TenantId,
    namespace: string,
    yaml: string,
    { backfillMs = 0 }: SetGroupOptions = {},
  ): Promise<SetGroupOutcome> {
    // Neither the YAML parser nor the grammars are loaded before somebody needs them: they would double the time to start.
    const [{ readRuleGroup }, { checkRuleGroup }, { parseExpr }] = await Promise.all([
      import('./read-rule-group.ts'),
      import('./check-rule-group.ts'),
      import('../../grammar/promql.ts'),
    ]);
    const unchecked = readRuleGroup(yaml);
    if (!unchecked) return { ok: false, message: 'unable to decoded rule group' };
    const checked = checkRuleGroup(unchecked, (text) => {
      try {
        parseExpr(text, this.#options.settings.parse);
        return true;
      } catch {
        return false;
      }
    });
    if (!checked.ok) return { ok: false, message: checked.errors.join(', ') };
    const { group } = checked;
    const broken = this.#brokenLimit(tenant, group);
    if (broken !== undefined) return { ok: false, message: broken };
    const tooMuch = this.#backfills.refusal(group, backfillMs);
    if (tooMuch !== undefined) return { ok: false, message: tooMuch };
    const toRun: GroupToRun = { namespace, name: group.name, definition: serializeRuleGroup(group) };
    this.#backfills.cancel(tenant, (key) => key === keyOf(toRun));
    await this.#change(async () => {
      this.#options.store.setRuleGroup(tenant, { namespace, group: group.name, definition: toRun.definition });
      if (backfillMs === 0) await this.#storeChanged(tenant);
    });
    if (backfillMs === 0 || !this.#mayRun(tenant, toRun)) {
      await this.#options.runDue?.();
      return { ok: true };
    }
    return this.#backfills.run(tenant, [toRun], this.#options.clock.nowMs() - backfillMs);
  }

  /**
   * Evaluates groups of a tenant that run (all, provisioned ones too, without `isMeant`) at all their slots from `fromMs` up
   * to now, over what is stored, and has them go on from there as if they had begun at `fromMs`; nobody is told of alerts of
   * the past. Groups that read each other's results are replayed together. What is stored already stays, so doing it twice
   * changes nothing. Resolves when it is done.
   */
  async backfill(
    tenant: TenantId,
    fromMs: number,
    isMeant: (group: GroupToRun) => boolean = () => true,
  ): Promise<SetGroupOutcome> {
    // What was just told to run does so by then.
    await this.#changes;
    return this.#backfills.run(tenant, this.#running.groupsOf(tenant).filter(isMeant), fromMs);
  }

  /** Deleting a group that is not there is no error, as in Cortex. */
  async deleteGroup(tenant: TenantId, namespace: string, name: string): Promise<void> {
    this.#backfills.cancel(tenant, (_key, group) => group.namespace === namespace && group.name === name);
    await this.#change(async () => {
      this.#options.store.deleteRuleGroups(tenant, namespace, name);
      await this.#storeChanged(tenant);
    });
  }

  /** Whether there was such a namespace. */
  async deleteNamespace(tenant: TenantId, namespace: string): Promise<boolean> {
    let wasThere = false;
    this.#backfills.cancel(tenant, (_key, group) => group.namespace === namespace);
    await this.#change(async () => {
      wasThere = this.#options.store.deleteRuleGroups(tenant, namespace);
      await this.#storeChanged(tenant);
    });
    return wasThere;
  }

  /** Deletes all groups that the tenant configured. */
  async deleteTenant(tenant: TenantId): Promise<void> {
    this.#backfills.cancel(tenant, (_key, { provision }) => provision === undefined);
    await this.#change(async () => {
      const namespaces = new Set(this.#options.store.ruleGroups(tenant).map(({ namespace }) => namespace));
      for (const namespace of namespaces) this.#options.store.deleteRuleGroups(tenant, namespace);
      await this.#storeChanged(tenant);
    });
  }

  /**
   * Has a tenant's provisioned groups be these, and no others. A group that is as it was goes on undisturbed, one that ran
   * before a restart goes on where it was; a new one is evaluated at once, or replayed first. They are no part of what is
   * configured.
   */
  async setProvisionedGroups(
    tenant: TenantId,
    groups: readonly ProvisionedGroup[],
    { backfillMs = 0 }: SetGroupOptions = {},
  ): Promise<void> {
    const replayed: GroupToRun[] = [];
    const wanted = groups.map(({ namespace, group, source, error }) => ({
      namespace,
      name: group.name,
      definition: serializeRuleGroup(group),
      provision: { source, error },
    }));
    await this.#change(async () => {
      const keys = new Set(wanted.map(keyOf));
      const isWanted = (key: string, { definition }: GroupToRun): boolean =>
        wanted.some((group) => keyOf(group) === key && group.definition === definition);
      this.#backfills.cancel(tenant, (key, group) => group.provision !== undefined && !isWanted(key, group));
      await this.#running.remove(tenant, (key, { provision }) => provision !== undefined && !keys.has(key));
      const before = this.#options.store.ruleProgress(tenant);
      for (const group of wanted) {
        const key = keyOf(group);
        if (this.#backfills.isRunning(tenant, key)) continue;
        const isRunning = this.#running.of(tenant).has(key);
        const isNew = !isRunning && !before.has(key) && this.#isServed(tenant);
        if (isNew && this.#mayReplay(tenant, group, backfillMs)) replayed.push(group);
        else await this.#run(tenant, group, before.has(key) && !isRunning ? 'next-slot' : 'now');
      }
    });
    // Together, for they may read each other's results.
    await this.#backfills.run(tenant, replayed, this.#options.clock.nowMs() - backfillMs);
  }

  /** Ends what runs for a tenant that the store has deleted; no staleness markers, which would bring it back. */
  forgetTenant(tenant: TenantId): Promise<void> {
    this.#backfills.cancel(tenant, () => true);
    return this.#running.forget(tenant);
  }

  /** All groups of a tenant as they are now, with the state of their alerts. */
  snapshot(tenant: TenantId): Promise<readonly GroupSnapshot[]> {
    return this.#running.snapshot(tenant);
  }

  /**
   * Has a tenant whose data was just put in place go on where these groups were; others that the store holds for it begin at
   * their next slots.
   */
  async resumeFrom(tenant: TenantId, groups: readonly GroupSnapshot[]): Promise<void> {
    await this.#change(async () => {
      for (const { group, progress } of groups) await this.#run(tenant, group, 'next-slot', progress);
      await this.#follow(tenant, 'next-slot');
    });
  }

  /** The clock was set to an earlier time: groups go on with the slots that come now. */
  clockWasSetBack(): void {
    this.#running.clockWasSetBack();
  }

  /** The tenants that have rule groups. Sorted. */
  tenants(): TenantId[] {
    return this.#options.store.tenants().filter((tenant) => this.#options.store.ruleGroups(tenant).length > 0);
  }

  /** How the tenant's groups are doing, provisioned ones too, by namespace and then name. */
  state(tenant: TenantId): GroupState[] {
    return this.#running.states(tenant);
  }

  /** The tenants that have groups at work, provisioned ones too. Sorted. */
  runningTenants(): TenantId[] {
    return this.#running.tenants().sort(compareText);
  }

  /** Cortex's text for the limit that the group breaks. The number of groups counts one more also when one is replaced. */
  #brokenLimit(tenant: TenantId, group: RuleGroup): string | undefined {
    const limits = this.#limits.forTenant(tenant);
    const { rulerMaxRulesPerRuleGroup: maxRules, rulerMaxRuleGroupsPerTenant: maxGroups } = limits;
    if (maxRules > 0 && group.rules.length > maxRules) {
      return `per-user rules per rule group limit (limit: ${maxRules} actual: ${group.rules.length}) exceeded`;
    }
    const groupCount = this.#options.store.ruleGroups(tenant).length + 1;
    if (maxGroups > 0 && groupCount > maxGroups) {
      return `per-user rule groups limit (limit: ${maxGroups} actual: ${groupCount}) exceeded`;
    }
    return undefined;
  }

  #change(work: () => Promise<void>): Promise<void> {
    const change = this.#changes.then(work);
    this.#changes = change.catch(() => {});
    return change;
  }

  async #storeChanged(tenant: TenantId): Promise<void> {
    if (this.#options.settings.pollIntervalMs === undefined) return this.#follow(tenant, 'now');
    this.#changed.add(tenant);
  }

  /** Which groups run is one of the limits. */
  #limitsChanged(tenants: readonly TenantId[]): void {
    const { logger, store } = this.#options;
    if (this.#isStopped) return;
    for (const tenant of tenants) {
      if (store.ruleGroups(tenant).length === 0) continue;
      this.#change(() => this.#storeChanged(tenant)).catch((error: unknown) =>
        logger.error({ tenant, err: error }, 'taking over changed limits failed'),
      );
    }
  }

  #armPoll(): void {
    const { clock, logger, settings } = this.#options;
    if (settings.pollIntervalMs === undefined || this.#isStopped) return;
    this.#poll = clock.setTimer(async () => {
      const tenants = [...this.#changed];
      this.#changed.clear();
      await this.#change(async () => {
        for (const tenant of tenants) await this.#follow(tenant, 'next-slot');
      }).catch((error: unknown) => logger.error({ err: error }, 'taking over changed rules failed'));
      this.#armPoll();
    }, settings.pollIntervalMs);
  }

  /** Has those groups of a tenant run that the store holds, and no others but provisioned ones. */
  async #follow(tenant: TenantId, first: FirstTime): Promise<void> {
    const limits = this.#limits.forTenant(tenant);
    const stored = this.#options.store
      .ruleGroups(tenant)
      .map(({ namespace, group: name, definition }) => ({ namespace, name, definition }));
    const enabled = stored.filter(({ namespace, name }) => !isDisabled(limits, namespace, name));
    const keys = new Set(enabled.map(keyOf));
    await this.#running.remove(tenant, (key, { provision }) => provision === undefined && !keys.has(key));
    for (const group of enabled) {
      // One that is being replayed goes on when that is done.
      if (!this.#backfills.isRunning(tenant, keyOf(group))) await this.#run(tenant, group, first);
    }
    if (stored.length > 0) this.#metrics.groupsInStore.set({ user: tenant }, stored.length);
    else this.#metrics.groupsInStore.remove({ user: tenant });
  }

  async #run(tenant: TenantId, group: GroupToRun, first: FirstTime, progress?: GroupProgress): Promise<void> {
    if (!this.#isStopped && this.#isServed(tenant)) await this.#running.put(tenant, group, first, progress);
  }

  #isServed(tenant: TenantId): boolean {
    const { enabledTenants, disabledTenants } = this.#options.settings;
    return (enabledTenants.length === 0 || enabledTenants.includes(tenant)) && !disabledTenants.includes(tenant);
  }

  #mayReplay(tenant: TenantId, { namespace, name, definition }: GroupToRun, backfillMs: number): boolean {
    if (backfillMs === 0) return false;
    const refusal = this.#backfills.refusal(deserializeRuleGroup(definition), backfillMs);
    if (refusal !== undefined)
      this.#options.logger.warn({ tenant, namespace, group: name, reason: refusal }, 'a group is not replayed');
    return refusal === undefined;
  }

  /** Whether a configured group is one that runs. */
  #mayRun(tenant: TenantId, { namespace, name }: GroupToRun): boolean {
    return this.#isServed(tenant) && !isDisabled(this.#limits.forTenant(tenant), namespace, name);
  }
}

function isDisabled({ disabledRuleGroups }: TenantLimits, namespace: string, name: string): boolean {
  return disabledRuleGroups.some((group) => group.namespace === namespace && group.name === name);
}
