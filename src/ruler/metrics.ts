import { Counter, Gauge, type Registry, Summary } from 'prom-client';
import type { RulerSettings } from './ruler-settings.ts';

/** What the ruler counts, under the names that Cortex gives to what its rule managers count. */
export class RulerMetrics {
  readonly evaluations: Counter<GroupLabel>;
  readonly failures: Counter<GroupLabel>;
  readonly iterations: Counter<GroupLabel>;
  readonly missed: Counter<GroupLabel>;
  readonly interval: Gauge<GroupLabel>;
  readonly lastEvaluation: Gauge<GroupLabel>;
  readonly lastDuration: Gauge<GroupLabel>;
  readonly lastSamples: Gauge<GroupLabel>;
  readonly rules: Gauge<GroupLabel>;
  readonly evaluationDuration: Summary<'user'>;
  readonly duration: Summary<'user'>;
  readonly queries: Counter<'user'>;
  readonly failedQueries: Counter<'user'>;
  readonly writes: Counter<'user'>;
  readonly failedWrites: Counter<'user'>;
  readonly updates: Counter<'user'>;
  readonly lastReload: Gauge<'user'>;
  readonly lastReloadTime: Gauge<'user'>;
  readonly groupsInStore: Gauge<'user'>;
  readonly tenants: Gauge;

  constructor(registry: Registry, { disablesRuleGroupLabel }: Pick<RulerSettings, 'disablesRuleGroupLabel'>) {
    const ofGroup = (name: string, help: string): MetricSettings => ({
      name: `cortex_prometheus_${name}`,
      help,
      labelNames: ['user', 'rule_group'],
      registers: disablesRuleGroupLabel ? [] : [registry],
    });
    this.evaluations = new Counter(ofGroup('rule_evaluations_total', 'The total number of rule evaluations.'));
    this.failures = new Counter(
      ofGroup('rule_evaluation_failures_total', 'The total number of rule evaluation failures.'),
    );
    this.iterations = new Counter(
      ofGroup(
        'rule_group_iterations_total',
        'The total number of scheduled rule group evaluations, whether executed or missed.',
      ),
    );
    this.missed = new Counter(
      ofGroup(
        'rule_group_iterations_missed_total',
        'The total number of rule group evaluations missed due to slow rule group evaluation.',
      ),
    );
    this.interval = new Gauge(ofGroup('rule_group_interval_seconds', 'The interval of a rule group.'));
    this.lastEvaluation = new Gauge(
      ofGroup(
        'rule_group_last_evaluation_timestamp_seconds',
        'The timestamp of the last rule group evaluation in seconds.',
      ),
    );
    this.lastDuration = new Gauge(
      ofGroup('rule_group_last_duration_seconds', 'The duration of the last rule group evaluation.'),
    );
    this.lastSamples = new Gauge(
      ofGroup('last_evaluation_samples', 'The number of samples returned during the last rule group evaluation.'),
    );
    this.rules = new Gauge(ofGroup('rule_group_rules', 'The number of rules.'));
    if (disablesRuleGroupLabel) {
      for (const counter of this.#counters) sumOverGroups(counter, Counter, registry);
      for (const gauge of this.#gauges) sumOverGroups(gauge, Gauge, registry);
    }
    this.evaluationDuration = new Summary({
      name: 'cortex_prometheus_rule_evaluation_duration_seconds',
      help: 'The duration for a rule to execute.',
      labelNames: ['user'],
      percentiles: [0.5, 0.9, 0.99],
      ...summaryWindow,
      registers: [registry],
    });
    this.duration = new Summary({
      name: 'cortex_prometheus_rule_group_duration_seconds',
      help: 'The duration of rule group evaluations.',
      labelNames: ['user'],
      percentiles: [0.01, 0.05, 0.5, 0.9, 0.99],
      ...summaryWindow,
      registers: [registry],
    });
    const ofTenant = (name: string, help: string) => ({
      name: `cortex_ruler_${name}`,
      help,
      labelNames: ['user'] as const,
      registers: [registry],
    });
    this.queries = new Counter(ofTenant('queries_total', 'Number of queries executed by ruler.'));
    this.failedQueries = new Counter(ofTenant('queries_failed_total', 'Number of failed queries by ruler.'));
    this.writes = new Counter(ofTenant('write_requests_total', 'Number of write requests to ingesters.'));
    this.failedWrites = new Counter(
      ofTenant('write_requests_failed_total', 'Number of failed write requests to ingesters.'),
    );
    this.updates = new Counter(ofTenant('config_updates_total', 'Total number of config updates triggered by a user'));
    this.lastReload = new Gauge(
      ofTenant(
        'config_last_reload_successful',
        'Boolean set to 1 whenever the last configuration reload attempt was successful.',
      ),
    );
    this.lastReloadTime = new Gauge(
      ofTenant('config_last_reload_successful_seconds', 'Timestamp of the last successful configuration reload.'),
    );
    this.groupsInStore = new Gauge(
      ofTenant('rule_groups_in_store', 'The number of rule groups a tenant has in store.'),
    );
    this.tenants = new Gauge({
      name: 'cortex_ruler_managers_total',
      help: 'Total number of managers registered and running in the ruler',
      registers: [registry],
    });
  }

  /** Takes a tenant without groups off the page. */
  forgetTenant(user: string): void {
    const { evaluationDuration, duration, queries, failedQueries, writes, failedWrites, updates } = this;
    for (const metric of [queries, failedQueries, writes, failedWrites, updates]) metric.remove({ user });
    for (const metric of [evaluationDuration, duration]) metric.remove({ user });
    for (const metric of [this.groupsInStore, this.lastReload, this.lastReloadTime]) metric.remove({ user });
  }

  /** Takes a group that is gone off the page. */
  forget(labels: GroupLabels): void {
    for (const metric of [...this.#counters, ...this.#gauges]) metric.remove(labels);
  }

  get #counters(): readonly Counter<GroupLabel>[] {
    return [this.evaluations, this.failures, this.iterations, this.missed];
  }

  get #gauges(): readonly Gauge<GroupLabel>[] {
    return [this.interval, this.lastEvaluation, this.lastDuration, this.lastSamples, this.rules];
  }
}

/** Shows a metric of groups as the sum over those of a tenant, gauges too, as Cortex does. */
function sumOverGroups(
  ofGroups: Counter<GroupLabel> | Gauge<GroupLabel>,
  Kind: typeof Counter<'user'> | typeof Gauge<'user'>,
  registry: Registry,
): void {
  const { name, help } = ofGroups as unknown as MetricSettings;
  new Kind({
    name,
    help,
    labelNames: ['user'],
    registers: [registry],
    async collect() {
      this.reset();
      for (const { labels, value } of (await ofGroups.get()).values) this.inc({ user: `${labels.user}` }, value);
    },
  });
}

/** Quantiles are those of the last ten minutes, as in Go's client. */
const summaryWindow = { maxAgeSeconds: 600, ageBuckets: 5 };

type GroupLabel = 'user' | 'rule_group';
export type GroupLabels = Readonly<Record<GroupLabel, string>>;

interface MetricSettings {
  readonly name: string;
  readonly help: string;
  readonly labelNames: GroupLabel[];
  readonly registers: Registry[];
}
