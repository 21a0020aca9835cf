import type { Clock } from '../model/clock.ts';
import { PocketCortexError } from '../model/errors.ts';
import type { TenantId } from '../model/tenant.ts';
import { AlertDelivery } from './alert-delivery.ts';
import type { AlertingOptions } from './alerting-options.ts';
import { type AlertTemplates, alertRows, checkAlerts, foundAlerts } from './alerting-rule.ts';
import type { RuleState } from './group-state.ts';
import type { GroupLabels, RulerMetrics } from './metrics.ts';
import { restoreAlerts } from './restore-alerts.ts';
import { inOrder, type RuleBatches } from './rule-batches.ts';
import type { ObservedEngine, RuleEngine } from './rule-engine.ts';
import type { AlertingRule, Rule, RuleGroup } from './rule-group.ts';
import { type AppendRows, checkRows, type ResultRow, recordedRows } from './rule-results.ts';
import type { RulerLogger } from './ruler-logger.ts';
import { RunningRule, type SeriesSet } from './running-rule.ts';

export interface GroupEvaluationOptions {
  readonly tenant: TenantId;
  readonly namespace: string;
  readonly group: RuleGroup;
  /** The rules' expressions as PromQL prints them, in order. */
  readonly queries: readonly string[];
  readonly intervalMs: number;
  /** In which order rules are evaluated, and how many of one batch at a time. One by one without this. */
  readonly concurrency?: { readonly batches: RuleBatches; readonly limit: number } | undefined;
  /** Read at every evaluation, for a tenant's limits may change. */
  readonly queryOffsetMs: () => number;
  /** Awaited before a query, so that the first one does not read the tenant from the disk in one piece. */
  readonly loadTenant: () => Promise<void>;
  readonly engine: RuleEngine;
  /** Instead of the engine, where what queries fetch is told. */
  readonly queryStatistics?: ObservedEngine | undefined;
  readonly appendRows: AppendRows;
  /** Whether another running group has this series among its results: then it is not stale. */
  readonly isProducedElsewhere: (seriesKey: string) => boolean;
  readonly alerting: AlertingOptions;
  readonly clock: Pick<Clock, 'nowMs' | 'elapsedMs'>;
  readonly logger: RulerLogger;
  readonly metrics: RulerMetrics;
  readonly metricLabels: GroupLabels;
}

export interface Evaluation {
  readonly timeMs: number;
  /** Whether it may have begun before the process ended: then what is refused is there already. */
  readonly isRepeated: boolean;
}

/** The rules of a group and their evaluation. When that happens is not decided here. */
export class GroupEvaluation {
  readonly #options: GroupEvaluationOptions;
  readonly #rules: readonly RunningRule[];
  readonly #delivery: AlertDelivery;
  /** Series of rules that are gone: marked stale at the end of the next evaluation. */
  #orphans: SeriesSet = new Map();

  /** `isRestored` is false where an earlier process may have written `ALERTS_FOR_STATE`. */
  constructor(options: GroupEvaluationOptions, isRestored: boolean) {
    this.#options = options;
    const { group, queries } = options;
    this.#delivery = new AlertDelivery(options);
    this.#rules = group.rules.map((rule, index) => new RunningRule(group, rule, queries[index]!, isRestored));
  }

  get isRestored(): boolean {
    return this.#rules.every(({ isRestored }) => isRestored);
  }

  /** Its rules at work, in order. */
  get rules(): readonly RunningRule[] {
    return this.#rules;
  }

  /** Whether series wait for a marker that no rule of the group yields any more. */
  get hasOrphans(): boolean {
    return this.#orphans.size > 0;
  }

  /**
   * Rules go on where those of the same name and labels were; the series of those that are gone will be marked stale. Of the
   * very same group (`isSame`) it goes on knowing how its rules did.
   */
  takeOver(from: GroupEvaluation, isSame: boolean): void {
    this.#orphans = new Map(from.#orphans);
    const before = [...from.#rules];
    for (const rule of this.#rules) {
      const index = before.findIndex((old) => rule.continues(old));
      if (index < 0) continue;
      const [old] = before.splice(index, 1);
      rule.takeOver(old!);
      if (isSame) rule.takeOutcome(old!);
    }
    for (const old of before) for (const [key, labels] of old.series) this.#orphans.set(key, labels);
  }

  /**
   * What `old` yielded and none of these rules does will be marked stale: this goes on in its place, but not from where it
   * was.
   */
  endSeriesOf(old: GroupEvaluation): void {
    for (const [key, labels] of old.#orphans) this.#orphans.set(key, labels);
    for (const { series } of old.#rules) for (const [key, labels] of series) this.#orphans.set(key, labels);
  }

  /** Whether the last evaluation yielded this series. */
  yields(seriesKey: string): boolean {
    return this.#rules.some(({ series }) => series.has(seriesKey));
  }

  states(): RuleState[] {
    return this.#rules.map((rule) => rule.state());
  }

  /** Evaluates all rules, each seeing what those before it wrote that it reads. */
  async run(evaluation: Evaluation, signal: AbortSignal): Promise<void> {
    const { metrics, metricLabels, queryOffsetMs } = this.#options;
    const sampleTimeMs = evaluation.timeMs - queryOffsetMs();
    const { batches, limit } = this.#options.concurrency ?? { batches: inOrder(this.#rules.length), limit: 1 };
    let sampleCount = 0;
    for (const batch of batches) {
      const left = batch.values();
      const evaluateLeft = async (): Promise<void> => {
        for (const index of left) {
          if (signal.aborted) return;
          const count = await this.evaluateRule(this.#rules[index]!, { ...evaluation, sampleTimeMs, signal });
          sampleCount += count;
        }
      };
      await Promise.all(Array.from({ length: Math.min(limit, batch.length) }, evaluateLeft));
    }
    if (signal.aborted) return;
    const orphans = this.#orphans;
    this.#orphans = new Map();
    await this.#markStale(orphans, sampleTimeMs);
    metrics.lastSamples.set(metricLabels, sampleCount);
  }

  /** Marks all series stale that no other group yields: the group is gone. */
  async end(timeMs: number): Promise<void> {
    const gone: SeriesSet = new Map(this.#orphans);
    for (const rule of this.#rules) {
      for (const [key, labels] of rule.series) gone.set(key, labels);
      rule.series = new Map();
    }
    await this.#markStale(gone, timeMs - this.#options.queryOffsetMs());
  }

  /** Looks up how long alerts had been pending before the process ended. From now on `ALERTS` is written. */
  restore(): void {
    const { clock, logger, tenant, alerting } = this.#options;
    for (const running of this.#rules) {
      const { rule, labels, alerts } = running;
      try {
        if (rule.kind === 'alerting' && alerts && !running.isRestored) {
          restoreAlerts({ rule, labels, alerts }, { ...alerting, tenant, nowMs: clock.nowMs() });
        }
      } catch (error) {
        logger.error({ ...this.#place(), rule: rule.name, err: error }, 'restoring the state of alerts failed');
      }
      running.isRestored = true;
    }
  }

  /** Evaluates one of its rules, and no other. The number of samples that it yielded. */
  async evaluateRule(running: RunningRule, times: RuleTimes): Promise<number> {
    const { clock, metrics, metricLabels, tenant } = this.#options;
    const startedMs = clock.elapsedMs();
    const lastEvaluationMs = clock.nowMs();
    metrics.evaluations.inc(metricLabels);
    let sampleCount = 0;
    try {
      const rows = await this.#rowsOf(running, times);
      sampleCount = rows.length;
      await this.#record(running, rows, times);
      running.health = 'ok';
      running.lastError = '';
    } catch (error) {
      if (times.signal.aborted) return 0;
      this.noteFailure(running, error);
    }
    running.lastEvaluationMs = lastEvaluationMs;
    running.durationMs = clock.elapsedMs() - startedMs;
    metrics.evaluationDuration.observe({ user: tenant }, running.durationMs / 1000);
    return sampleCount;
  }

  /** Says how many evaluations of a rule that happened elsewhere there were, and what came of the last of them. */
  noteEvaluations(running: RunningRule, { count, lastMs, failedCount, writtenCount, failure }: NotedEvaluations): void {
    const { metrics, metricLabels, tenant } = this.#options;
    metrics.evaluations.inc(metricLabels, count);
    metrics.queries.inc({ user: tenant }, count);
    metrics.writes.inc({ user: tenant }, writtenCount);
    metrics.evaluationDuration.observe({ user: tenant }, 0);
    if (failedCount > 0) metrics.failures.inc(metricLabels, failedCount - (failure === undefined ? 0 : 1));
    running.health = 'ok';
    running.lastError = '';
    if (failure !== undefined) this.noteFailure(running, failure);
    running.lastEvaluationMs = lastMs;
    running.durationMs = 0;
  }

  /** Says what went wrong with the last evaluation of a rule. */
  noteFailure(running: RunningRule, error: unknown): void {
    const { metrics, metricLabels, logger } = this.#options;
    running.health = 'err';
    running.lastError = error instanceof Error ? error.message : String(error);
    metrics.failures.inc(metricLabels);
    logger.warn({ ...this.#place(), rule: running.rule.name, err: running.lastError }, 'evaluating a rule failed');
  }

  /** @throws {Error} in Prometheus's words, when the rule yields nothing that can be written */
  async #rowsOf(running: RunningRule, { timeMs, sampleTimeMs, signal }: RuleTimes): Promise<readonly ResultRow[]> {
    const { loadTenant, group } = this.#options;
    await loadTenant();
    const result = await this.#query(running.rule, { query: running.query, timeMs: sampleTimeMs, signal });
    const { rule, labels, alerts } = running;
    if (rule.kind === 'recording') {
      const rows = recordedRows(result, { rule, labels }, sampleTimeMs);
      checkRows(rows, group.limit);
      return rows;
    }
    const found = await foundAlerts(result, { rule, labels }, this.templates(rule, { timeMs, signal }));
    // Stopped while templates were expanded: another group may have taken the alerts over.
    signal.throwIfAborted();
    const standing = alerts!.update(found, timeMs);
    checkAlerts(standing.length, alerts!, group.limit);
    const rows = running.isRestored ? alertRows(standing, { rule, labels }, sampleTimeMs) : [];
    await this.deliver(running, timeMs);
    return rows;
  }

  /** Tells receivers what is news of a rule's alerts at `timeMs`. */
  deliver(running: RunningRule, timeMs: number): Promise<void> {
    return this.#delivery.deliver(running, timeMs);
  }

  /** What templates of `rule` are expanded with. */
  templates(rule: AlertingRule, { timeMs, signal }: Pick<RuleTimes, 'timeMs' | 'signal'>): AlertTemplates {
    const { logger, alerting } = this.#options;
    return {
      externalLabels: alerting.externalLabels(),
      externalUrl: alerting.externalUrl(),
      timeMs,
      query: (query: string) => this.#query(rule, { query, timeMs, signal }),
      onFailure: (reason: string) =>
        logger.warn({ ...this.#place(), rule: rule.name, reason }, 'expanding a template of an alert failed'),
    };
  }

  async #query(rule: Rule, text: { readonly query: string; readonly timeMs: number; readonly signal: AbortSignal }) {
    const { tenant, engine, queryStatistics, metrics } = this.#options;
    const query = { tenant, ...text };
    metrics.queries.inc({ user: tenant });
    try {
      return await (queryStatistics?.instant({ ...this.#place(), rule }, query) ?? engine.instant(query));
    } catch (error) {
      // What is wrong with the query or its data is the user's, and no failure of ours.
      const isOurs = !(error instanceof PocketCortexError) || error.status === 500;
      if (isOurs && !query.signal.aborted) metrics.failedQueries.inc({ user: tenant });
      throw error;
    }
  }

  async #write(rows: readonly ResultRow[]): Promise<readonly string[]> {
    const { tenant, appendRows, metrics } = this.#options;
    if (rows.length === 0) return [];
    metrics.writes.inc({ user: tenant });
    try {
      return await appendRows(tenant, rows);
    } catch (error) {
      metrics.failedWrites.inc({ user: tenant });
      throw error;
    }
  }

  /**
   * Appends the results and marks stale what the rule yielded last time and now does not.
   * @throws {Error} with the first text when results were refused; the others are kept
   */
  async #record(running: RunningRule, rows: readonly ResultRow[], times: RuleTimes): Promise<void> {
    const before = running.series;
    running.series = new Map(rows.map(({ labels }) => [labels.key, labels]));
    const refused = await this.#write(rows);
    const vanished = [...before].filter(([key]) => !running.series.has(key));
    await this.#markStale(new Map(vanished), times.sampleTimeMs);
    if (refused.length > 0 && !times.isRepeated) throw new Error(refused[0]);
  }

  /**
   * Ends those of `series` that no rule yields any more. A refused marker is fine: then the series has a newer sample
   * from somewhere else, and is not stale.
   */
  async #markStale(series: SeriesSet, timestampMs: number): Promise<void> {
    const { isProducedElsewhere } = this.#options;
    const rows: ResultRow[] = [];
    for (const [key, labels] of series) {
      if (this.yields(key) || isProducedElsewhere(key)) continue;
      rows.push({ labels, timestampMs, value: 0, isStale: true });
    }
    await this.#write(rows);
  }

  #place(): { readonly tenant: TenantId; readonly namespace: string; readonly group: string } {
    const { tenant, namespace, group } = this.#options;
    return { tenant, namespace, group: group.name };
  }
}

interface NotedEvaluations {
  readonly count: number;
  /** The time of the last. */
  readonly lastMs: number;
  readonly failedCount: number;
  /** Those that had results. */
  readonly writtenCount: number;
  /** Why the last one failed, if it did. */
  readonly failure?: unknown;
}

export interface RuleTimes extends Evaluation {
  /** The time of what is read and written: earlier by the query offset. */
  readonly sampleTimeMs: number;
  readonly signal: AbortSignal;
}
