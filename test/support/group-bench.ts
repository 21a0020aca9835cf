import { Registry } from 'prom-client';
import { Annotations } from '../../src/model/annotations.ts';
import { ManualClock, sleep } from '../../src/model/clock.ts';
import { Labels } from '../../src/model/labels.ts';
import type { QueryResult, QueryValue } from '../../src/model/query-result.ts';
import type { TenantId } from '../../src/model/tenant.ts';
import { MemorySource } from '../../src/pocket/promtest/memory-source.ts';
import type { NotifiedAlert } from '../../src/ruler/alert-sink.ts';
import { GroupRunner, type GroupRunnerOptions } from '../../src/ruler/group-runner.ts';
import { RulerMetrics } from '../../src/ruler/metrics.ts';
import type { RuleEngine } from '../../src/ruler/rule-engine.ts';
import { type RuleGroup, serializeRuleGroup } from '../../src/ruler/rule-group.ts';
import type { ResultRow } from '../../src/ruler/rule-results.ts';
import { defaultRulerSettings } from '../../src/ruler/ruler-settings.ts';

const tenant = 'team-a' as TenantId;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** A group of recording rules `name: expr`. */
export function groupOf(rules: Readonly<Record<string, string>>, more: Partial<RuleGroup> = {}): RuleGroup {
  return {
    name: 'g',
    intervalMs: 0,
    queryOffsetMs: undefined,
    limit: 0,
    labels: {},
    rules: Object.entries(rules).map(([name, expr]) => ({ kind: 'recording', name, expr, labels: {} })),
    ...more,
  };
}

/** What each query yields: series by their labels, a number for a scalar, or an error. */
export type Answers = Record<string, Readonly<Record<string, number>> | number | Error>;

function queryValue(answer: Readonly<Record<string, number>> | number, timestampMs: number): QueryValue {
  if (typeof answer === 'number') return { kind: 'scalar', timestampMs, value: answer };
  const labels = Object.keys(answer).map((job) => Labels.fromRecord({ __name__: 'source', job }));
  return { kind: 'vector', timestampMs, labels, values: Float64Array.from(Object.values(answer)) };
}

/**
 * A runner over a clock and answers that the test changes; `written` is what it appended, as
 * `time series value`, `sent` what a receiver was told, as `time alert from till`. Times are from the start.
 */
export class GroupBench {
  readonly clock = new ManualClock(1_000_000_000);
  readonly startMs = this.clock.nowMs();
  readonly registry = new Registry();
  readonly metrics = new RulerMetrics(this.registry, defaultRulerSettings);
  readonly answers: Answers = {};
  readonly engine: RuleEngine = { instant: (query) => this.#instant(query.query, query.timeMs) };
  readonly elsewhere = new Set<string>();
  generatorUrlTemplate = '';
  refusal: string | undefined;
  evaluationMs = 0;
  readonly queries: string[] = [];
  readonly written: string[] = [];
  readonly sent: string[] = [];
  /** The links of what was sent. */
  readonly links: string[] = [];
  /** What the store has, for what is restored. */
  readonly source = new MemorySource(tenant);

  runner(group: RuleGroup, more: Partial<GroupRunnerOptions> = {}): GroupRunner {
    return new GroupRunner({
      tenant,
      namespace: 'ns',
      file: '/rules/team-a/ns',
      group,
      definition: serializeRuleGroup(group),
      queries: group.rules.map(({ expr }) => expr),
      intervalMs: 60_000,
      queryOffsetMs: () => group.queryOffsetMs ?? 0,
      engine: this.engine,
      loadTenant: async () => {},
      appendRows: async (_tenant, rows) => this.#append(rows),
      isProducedElsewhere: (key) => this.elsewhere.has(key),
      alerting: {
        sink: { send: (_tenant, alerts) => this.#send(alerts) },
        source: this.source,
        externalUrl: () => 'http://cortex',
        externalLabels: () => ({}),
        generatorUrlTemplate: () => this.generatorUrlTemplate,
        resendDelayMs: 60_000,
        outageToleranceMs: 3_600_000,
        gracePeriodMs: 600_000,
      },
      clock: this.clock,
      logger: silent,
      metrics: this.metrics,
      ...more,
    });
  }

  /** What was written since the last call. */
  take(): string[] {
    return this.written.splice(0);
  }

  async metric(name: string): Promise<number | undefined> {
    const metric = await this.registry.getSingleMetric(`cortex_prometheus_${name}`)!.get();
    return metric.values[0]?.value;
  }

  async #instant(query: string, timeMs: number): Promise<QueryResult> {
    this.queries.push(`${query} at ${timeMs - this.startMs}`);
    if (this.evaluationMs > 0) await sleep(this.clock, this.evaluationMs);
    const answer = this.answers[query]!;
    if (answer instanceof Error) throw answer;
    const statistics = { totalQueryableSamples: 0, peakSamples: 0 };
    return { value: queryValue(answer, timeMs), annotations: new Annotations(), statistics };
  }

  #send(alerts: readonly NotifiedAlert[]): void {
    for (const { labels, startsAtMs, endsAtMs, generatorUrl } of alerts) {
      this.links.push(generatorUrl);
      const times = [this.clock.nowMs(), startsAtMs, endsAtMs].map((timeMs) => timeMs - this.startMs);
      this.sent.push(`${times[0]} ${Labels.fromRecord(labels)} ${times[1]} ${times[2]}`);
    }
  }

  #append(rows: readonly ResultRow[]): string[] {
    for (const { labels, timestampMs, value, isStale } of rows) {
      this.written.push(`${timestampMs - this.startMs} ${labels} ${isStale ? 'stale' : value}`);
    }
    return this.refusal === undefined ? [] : [this.refusal];
  }
}
