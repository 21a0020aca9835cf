import { Counter, Gauge, type Registry, Summary } from 'prom-client';

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
  readonly groupsInStore: Gauge<'user'>;
  readonly tenants: Gauge;

  constructor(registry: Registry) {
    const ofGroup = (name: string, help: string): MetricSettings => ({
      name: `cortex_prometheus_${name}`,
      help,
      labelNames: ['user', 'rule_group'],
      registers: [registry],
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
    this.groupsInStore.remove({ user });
  }

  /** Takes a group that is gone off the page. */
  forget(labels: GroupLabels): void {
    const { evaluations, failures, iterations, missed, interval, lastEvaluation, lastDuration, lastSamples, rules } =
      this;
    for (const metric of [evaluations, failures, iterations, missed]) metric.remove(labels);
    for (const metric of [interval, lastEvaluation, lastDuration, lastSamples, rules]) metric.remove(labels);
  }
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
