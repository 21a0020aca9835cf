import type { Registry } from 'prom-client';
import type { ParseOptions } from '../../grammar/promql.ts';
import type { Limits } from '../limits/limits.ts';
import type { Clock } from '../model/clock.ts';
import { compareText } from '../model/labels.ts';
import type { TenantId } from '../model/tenant.ts';
import type { Store } from '../storage/types.ts';
import { checkRuleGroup } from './check-rule-group.ts';
import { GroupRunner, type RuleEngine, type RulerLogger } from './group-runner.ts';
import type { GroupState } from './group-state.ts';
import { RulerMetrics } from './metrics.ts';
import { deserializeRuleGroup, type RuleGroup, serializeRuleGroup } from './rule-group.ts';
import type { AppendRows } from './rule-results.ts';
import type { RuleNamespaces } from './write-rule-group.ts';

export interface RulerOptions {
  readonly store: Pick<Store, 'tenants' | 'load' | 'ruleGroups' | 'setRuleGroup' | 'deleteRuleGroups'>;
  readonly engine: RuleEngine;
  readonly appendRows: AppendRows;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly logger: RulerLogger;
  readonly metrics: Registry;
  readonly settings: RulerSettings;
}

export interface RulerSettings {
  /** `-ruler.evaluation-interval`: of groups that name none. */
  readonly evaluationIntervalMs: number;
  /** The PromQL that expressions may use. */
  readonly parse?: ParseOptions;
}

/** What came of setting a group; `message` is Cortex's text. */
export type SetGroupOutcome = { readonly ok: true } | { readonly ok: false; readonly message: string };

/**
 * Keeps every tenant's rule groups and has each of them evaluated on its schedule. A group that was just set is evaluated
 * at once, then at its slots; after a restart all go on at their next slots.
 */
export class Ruler {
  readonly #options: RulerOptions;
  readonly #metrics: RulerMetrics;
  /** Per tenant, by `groupKey`. */
  readonly #runners = new Map<TenantId, Map<string, GroupRunner>>();
  /** Changes happen one after the other, as stopping a group takes its time. */
  #changes: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: RulerOptions) {
    this.#options = options;
    this.#metrics = new RulerMetrics(options.metrics);
  }

  /** Begins with the groups that the store holds; resolves when they are scheduled. Call once. */
  start(): Promise<void> {
    return this.#change(async () => {
      const { store } = this.#options;
      for (const tenant of store.tenants()) {
        for (const { namespace, definition } of store.ruleGroups(tenant)) {
          await this.#run(tenant, namespace, deserializeRuleGroup(definition), 'next-slot');
        }
      }
    });
  }

  /** Ends all evaluations; resolves when none runs any more. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#changes;
    const runners = [...this.#runners.values()].flatMap((groups) => [...groups.values()]);
    await Promise.all(runners.map((runner) => runner.stop()));
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

  /** Creates or replaces the group that `yaml` holds. */
  async setGroup(tenant: TenantId, namespace: string, yaml: string): Promise<SetGroupOutcome> {
    // Neither the YAML parser nor the grammar is loaded before somebody needs it: they would double the time to start.
    const [{ readRuleGroup }, { parseExpr }] = await Promise.all([
      import('./read-rule-group.ts'),
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
    await this.#change(async () => {
      const definition = serializeRuleGroup(group);
      this.#options.store.setRuleGroup(tenant, { namespace, group: group.name, definition });
      await this.#run(tenant, namespace, group, 'now');
    });
    return { ok: true };
  }

  /** Deleting a group that is not there is no error, as in Cortex. */
  async deleteGroup(tenant: TenantId, namespace: string, name: string): Promise<void> {
    await this.#change(async () => {
      this.#options.store.deleteRuleGroups(tenant, namespace, name);
      await this.#remove(tenant, ({ group, namespace: own }) => own === namespace && group.name === name);
    });
  }

  /** Whether there was such a namespace. */
  async deleteNamespace(tenant: TenantId, namespace: string): Promise<boolean> {
    let wasThere = false;
    await this.#change(async () => {
      wasThere = this.#options.store.deleteRuleGroups(tenant, namespace);
      await this.#remove(tenant, (runner) => runner.namespace === namespace);
    });
    return wasThere;
  }

  /** Deletes all groups of a tenant. */
  async deleteTenant(tenant: TenantId): Promise<void> {
    await this.#change(async () => {
      const namespaces = new Set(this.#options.store.ruleGroups(tenant).map(({ namespace }) => namespace));
      for (const namespace of namespaces) this.#options.store.deleteRuleGroups(tenant, namespace);
      await this.#remove(tenant, () => true);
    });
  }

  /** The tenants that have rule groups. Sorted. */
  tenants(): TenantId[] {
    return this.#options.store.tenants().filter((tenant) => this.#options.store.ruleGroups(tenant).length > 0);
  }

  /** How the tenant's groups are doing, by namespace and then name. */
  state(tenant: TenantId): GroupState[] {
    const states = [...(this.#runners.get(tenant)?.values() ?? [])].map((runner) => runner.state());
    return states.sort((a, b) => compareText(a.namespace, b.namespace) || compareText(a.group.name, b.group.name));
  }

  /** Cortex's text for the limit that the group breaks. The number of groups counts one more also when one is replaced. */
  #brokenLimit(tenant: TenantId, group: RuleGroup): string | undefined {
    const limits = this.#options.limits.forTenant(tenant);
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

  async #run(tenant: TenantId, namespace: string, group: RuleGroup, first: 'now' | 'next-slot'): Promise<void> {
    if (this.#isStopped) return;
    const { store, engine, appendRows, limits, clock, logger, settings } = this.#options;
    const { parseExpr, printExpr } = await import('../../grammar/promql.ts');
    const key = groupKey(namespace, group.name);
    const groups = this.#runners.get(tenant) ?? new Map<string, GroupRunner>();
    this.#runners.set(tenant, groups);
    const printed = (expr: string): string => {
      try {
        return printExpr(parseExpr(expr, settings.parse));
      } catch {
        // It was PromQL when it was stored, under other settings perhaps: its evaluation will say what is wrong.
        return expr;
      }
    };
    const runner: GroupRunner = new GroupRunner({
      tenant,
      namespace,
      group,
      queries: group.rules.map(({ expr }) => printed(expr)),
      intervalMs: group.intervalMs || settings.evaluationIntervalMs,
      queryOffsetMs: () => group.queryOffsetMs ?? limits.forTenant(tenant).rulerQueryOffsetMs,
      loadTenant: () => store.load(tenant),
      engine,
      appendRows,
      isProducedElsewhere: (seriesKey) =>
        [...groups.values()].some((other) => other !== runner && other.yields(seriesKey)),
      clock,
      logger,
      metrics: this.#metrics,
    });
    const replaced = groups.get(key);
    if (replaced) {
      await replaced.stop();
      runner.takeOver(replaced);
    }
    groups.set(key, runner);
    runner.start(first);
  }

  async #remove(tenant: TenantId, isMeant: (runner: GroupRunner) => boolean): Promise<void> {
    const groups = this.#runners.get(tenant);
    for (const [key, runner] of groups ?? []) {
      if (!isMeant(runner)) continue;
      groups!.delete(key);
      await runner.remove();
    }
  }
}

/** No namespace and no name contains this separator: they come out of a UTF-8 decoder. */
function groupKey(namespace: string, name: string): string {
  return `${namespace}\ud800${name}`;
}
