import type { Clock, Timer } from '../model/clock.ts';
import { Labels } from '../model/labels.ts';
import type { QueryResult } from '../model/query-result.ts';
import type { TenantId } from '../model/tenant.ts';
import type { GroupState, RuleHealth } from './group-state.ts';
import type { GroupLabels, RulerMetrics } from './metrics.ts';
import { labelsOfRule, type Rule, type RuleGroup } from './rule-group.ts';
import { type AppendRows, checkRows, type ResultRow, resultRows } from './rule-results.ts';
import { type Slots, slotAt, slotsOf } from './slots.ts';

/** What the ruler asks of an engine. */
export interface RuleEngine {
  instant(query: {
    readonly tenant: TenantId;
    readonly query: string;
    readonly timeMs: number;
    readonly signal?: AbortSignal;
  }): Promise<QueryResult>;
}

export interface RulerLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface GroupRunnerOptions {
  readonly tenant: TenantId;
  readonly namespace: string;
  readonly group: RuleGroup;
  /** The rules' expressions as PromQL prints them, in order. */
  readonly queries: readonly string[];
  readonly intervalMs: number;
  /** Read at every evaluation, for a tenant's limits may change. */
  readonly queryOffsetMs: () => number;
  /** Awaited before a query, so that the first one does not read the tenant from the disk in one piece. */
  readonly loadTenant: () => Promise<void>;
  readonly engine: RuleEngine;
  readonly appendRows: AppendRows;
  /** Whether another running group has this series among its results: then it is not stale. */
  readonly isProducedElsewhere: (seriesKey: string) => boolean;
  readonly clock: Clock;
  readonly logger: RulerLogger;
  readonly metrics: RulerMetrics;
}

/** Series by their keys. */
type SeriesSet = Map<string, Labels>;

interface RunningRule {
  readonly rule: Rule;
  readonly labels: Labels;
  readonly query: string;
  health: RuleHealth;
  lastError: string;
  lastEvaluationMs: number | undefined;
  durationMs: number;
  /** What it yielded last, so that what vanishes can be marked stale. */
  series: SeriesSet;
}

/**
 * One group at work: evaluates its rules in order at each of its slots, one evaluation at a time.
 *
 *     new ──start()──▶ waiting ──slot──▶ evaluating ──▶ waiting … ──stop()──▶ stopped
 *                        ▲                   │ slots that passed meanwhile: the latest at once, the others are missed
 *                        └───────────────────┘
 */
export class GroupRunner {
  readonly #options: GroupRunnerOptions;
  readonly #slots: Slots;
  readonly #rules: RunningRule[];
  readonly #metricLabels: GroupLabels;
  readonly #stopping = new AbortController();
  #timer: Timer | undefined;
  #evaluation: Promise<void> = Promise.resolve();
  /** Series of rules that are gone: marked stale at the end of the next evaluation. */
  #orphans: SeriesSet = new Map();
  /** The time the rules were last evaluated for. */
  #lastTimeMs: number | undefined;
  /** When that was. */
  #lastEvaluationMs: number | undefined;
  #durationMs = 0;

  constructor(options: GroupRunnerOptions) {
    const { tenant, namespace, group, queries, intervalMs, metrics } = options;
    this.#options = options;
    const file = `/rules/${tenant}/${encodeURIComponent(namespace)}`;
    this.#slots = slotsOf(`${file};${group.name}`, intervalMs);
    this.#metricLabels = { user: tenant, rule_group: `${file};${group.name}` };
    this.#rules = group.rules.map((rule, index) => ({
      rule,
      labels: Labels.fromRecord(labelsOfRule(group, rule)),
      query: queries[index]!,
      health: 'unknown',
      lastError: '',
      lastEvaluationMs: undefined,
      durationMs: 0,
      series: new Map(),
    }));
    metrics.interval.set(this.#metricLabels, intervalMs / 1000);
    metrics.rules.set(this.#metricLabels, group.rules.length);
    for (const counter of [metrics.evaluations, metrics.failures, metrics.iterations, metrics.missed]) {
      counter.inc(this.#metricLabels, 0);
    }
  }

  get namespace(): string {
    return this.#options.namespace;
  }

  get group(): RuleGroup {
    return this.#options.group;
  }

  /**
   * Begins: with an evaluation now (a millisecond after the last one at the earliest, as a series has one value at a
   * time), or at the next slot. Call once.
   */
  start(first: 'now' | 'next-slot'): void {
    const { clock } = this.#options;
    const nowMs = clock.nowMs();
    if (first === 'now') this.#arm(this.#nextTimeMs(), nowMs);
    else this.#arm(slotAt(this.#slots, nowMs) + this.#slots.intervalMs, nowMs);
  }

  /** Ends: what is being evaluated is cancelled. Resolves when nothing runs any more. Idempotent. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#timer?.cancel();
    await this.#evaluation;
  }

  /** Stops for good: all of its series that no other group yields get a staleness marker. */
  async remove(): Promise<void> {
    await this.stop();
    const { metrics } = this.#options;
    const gone: SeriesSet = new Map(this.#orphans);
    for (const rule of this.#rules) for (const [key, labels] of rule.series) gone.set(key, labels);
    for (const rule of this.#rules) rule.series = new Map();
    await this.#markStale(gone, this.#nextTimeMs() - this.#options.queryOffsetMs());
    metrics.forget(this.#metricLabels);
  }

  /**
   * Takes over from the stopped runner of the group that this one replaces: a rule goes on where the one of the same
   * name and labels was, the series of rules that are gone will be marked stale.
   */
  takeOver(from: GroupRunner): void {
    this.#lastEvaluationMs = from.#lastEvaluationMs;
    this.#lastTimeMs = from.#lastTimeMs;
    this.#durationMs = from.#durationMs;
    this.#orphans = new Map(from.#orphans);
    const before = [...from.#rules];
    for (const rule of this.#rules) {
      const index = before.findIndex((old) => old.rule.name === rule.rule.name && old.labels.equals(rule.labels));
      if (index < 0) continue;
      const [old] = before.splice(index, 1);
      rule.series = old!.series;
    }
    for (const old of before) for (const [key, labels] of old.series) this.#orphans.set(key, labels);
  }

  /** Whether its last evaluation yielded this series. */
  yields(seriesKey: string): boolean {
    return this.#rules.some(({ series }) => series.has(seriesKey));
  }

  state(): GroupState {
    const { namespace, group, intervalMs } = this.#options;
    return {
      namespace,
      group,
      intervalMs,
      lastEvaluationMs: this.#lastEvaluationMs,
      durationMs: this.#durationMs,
      rules: this.#rules.map(({ rule, labels, query, health, lastError, lastEvaluationMs, durationMs }) => ({
        rule,
        labels,
        query,
        health,
        lastError,
        lastEvaluationMs,
        durationMs,
      })),
    };
  }

  #nextTimeMs(): number {
    return Math.max(this.#options.clock.nowMs(), (this.#lastTimeMs ?? -Infinity) + 1);
  }

  #arm(timeMs: number, nowMs: number): void {
    if (this.#stopping.signal.aborted) return;
    this.#timer = this.#options.clock.setTimer(() => {
      this.#evaluation = this.#run(timeMs);
      return this.#evaluation;
    }, timeMs - nowMs);
  }

  async #run(timeMs: number): Promise<void> {
    const { clock, metrics, logger } = this.#options;
    metrics.iterations.inc(this.#metricLabels);
    try {
      await this.#evaluate(timeMs);
    } catch (error) {
      logger.error({ ...this.#place(), err: error }, 'evaluating a rule group broke off');
    }
    const { intervalMs } = this.#slots;
    const nowMs = clock.nowMs();
    const nextMs = slotAt(this.#slots, timeMs) + intervalMs;
    const missedCount = Math.max(0, (slotAt(this.#slots, nowMs) - nextMs) / intervalMs);
    if (missedCount > 0) {
      metrics.missed.inc(this.#metricLabels, missedCount);
      metrics.iterations.inc(this.#metricLabels, missedCount);
      logger.warn({ ...this.#place(), missedCount }, 'rule group is slower than its interval');
    }
    this.#arm(nextMs + missedCount * intervalMs, nowMs);
  }

  /** One evaluation of the group, for the time `timeMs`. */
  async #evaluate(timeMs: number): Promise<void> {
    const { clock, metrics } = this.#options;
    const startedMs = clock.elapsedMs();
    const lastEvaluationMs = clock.nowMs();
    const sampleTimeMs = timeMs - this.#options.queryOffsetMs();
    this.#lastTimeMs = timeMs;
    let sampleCount = 0;
    for (const rule of this.#rules) {
      if (this.#stopping.signal.aborted) return;
      sampleCount += await this.#evaluateRule(rule, sampleTimeMs);
    }
    const orphans = this.#orphans;
    this.#orphans = new Map();
    await this.#markStale(orphans, sampleTimeMs);

    this.#lastEvaluationMs = lastEvaluationMs;
    this.#durationMs = clock.elapsedMs() - startedMs;
    metrics.lastSamples.set(this.#metricLabels, sampleCount);
    metrics.lastEvaluation.set(this.#metricLabels, lastEvaluationMs / 1000);
    metrics.lastDuration.set(this.#metricLabels, this.#durationMs / 1000);
    metrics.duration.observe({ user: this.#options.tenant }, this.#durationMs / 1000);
  }

  /** The number of samples that the rule yielded. */
  async #evaluateRule(running: RunningRule, timeMs: number): Promise<number> {
    const { clock, metrics, logger, tenant, loadTenant, engine } = this.#options;
    const startedMs = clock.elapsedMs();
    running.lastEvaluationMs = clock.nowMs();
    metrics.evaluations.inc(this.#metricLabels);
    let sampleCount = 0;
    try {
      const { signal } = this.#stopping;
      await loadTenant();
      const result = await engine.instant({ tenant, query: running.query, timeMs, signal });
      const rows = resultRows(result, running, timeMs);
      checkRows(rows, this.#options.group.limit);
      sampleCount = rows.length;
      // Alerts are no samples: what follows from an alerting rule's result is not decided here.
      if (running.rule.kind === 'recording') await this.#record(running, rows, timeMs);
      running.health = 'ok';
      running.lastError = '';
    } catch (error) {
      if (this.#stopping.signal.aborted) return 0;
      running.health = 'err';
      running.lastError = error instanceof Error ? error.message : String(error);
      metrics.failures.inc(this.#metricLabels);
      logger.warn({ ...this.#place(), rule: running.rule.name, err: running.lastError }, 'evaluating a rule failed');
    }
    running.durationMs = clock.elapsedMs() - startedMs;
    return sampleCount;
  }

  /**
   * Appends the results and marks stale what the rule yielded last time and now does not.
   * @throws {Error} with the first text when results were refused; the others are kept
   */
  async #record(running: RunningRule, rows: readonly ResultRow[], timeMs: number): Promise<void> {
    const { tenant, appendRows } = this.#options;
    const before = running.series;
    running.series = new Map(rows.map(({ labels }) => [labels.key, labels]));
    const refused = rows.length > 0 ? await appendRows(tenant, rows) : [];
    const vanished = [...before].filter(([key]) => !running.series.has(key));
    await this.#markStale(new Map(vanished), timeMs);
    if (refused.length > 0) throw new Error(refused[0]);
  }

  /**
   * Ends those of `series` that no rule yields any more. A refused marker is fine: then the series has a newer sample
   * from somewhere else, and is not stale.
   */
  async #markStale(series: SeriesSet, timestampMs: number): Promise<void> {
    const { tenant, appendRows, isProducedElsewhere } = this.#options;
    const rows: ResultRow[] = [];
    for (const [key, labels] of series) {
      if (this.yields(key) || isProducedElsewhere(key)) continue;
      rows.push({ labels, timestampMs, value: 0, isStale: true });
    }
    if (rows.length > 0) await appendRows(tenant, rows);
  }

  #place(): { readonly tenant: string; readonly namespace: string; readonly group: string } {
    const { tenant, namespace, group } = this.#options;
    return { tenant, namespace, group: group.name };
  }
}
