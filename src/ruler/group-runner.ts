import type { Clock, Timer } from '../model/clock.ts';
import type { AlertSink } from './alert-sink.ts';
import { GroupEvaluation, type GroupEvaluationOptions } from './group-evaluation.ts';
import type { GroupState, Provision } from './group-state.ts';
import type { RuleGroup } from './rule-group.ts';
import { type Slots, slotAt, slotsOf } from './slots.ts';

export interface GroupRunnerOptions extends Omit<GroupEvaluationOptions, 'metricLabels' | 'clock'> {
  readonly clock: Clock;
  /** The file that Cortex would keep the namespace in: with the group's name it says when the group is due. */
  readonly file: string;
  /** The group as the store has it: groups of one text are the same. */
  readonly definition: string;
  readonly provision?: Provision | undefined;
  /** The time that an earlier process evaluated the group for last. */
  readonly lastTimeMs?: number | undefined;
  /** Told the time after every evaluation, for the next process. */
  readonly evaluated?: (timeMs: number) => void;
  /**
   * Evaluates this group and others ahead of their time, this one's slot that is due first; undefined where that cannot be.
   */
  readonly lookAhead?: (runner: GroupRunner) => Promise<boolean> | undefined;
}

/** What another evaluation of the group's rules has of its own. */
export type EvaluationParts = Partial<
  Pick<
    GroupEvaluationOptions,
    'engine' | 'queryStatistics' | 'appendRows' | 'isProducedElsewhere' | 'clock' | 'metrics'
  >
> & { readonly sink?: AlertSink };

/** How far a group is: what another runner goes on from. */
export interface GroupProgress {
  /** Of which group; of the same one it is continued in all. */
  readonly definition: string;
  readonly lastEvaluationMs: number | undefined;
  readonly lastTimeMs: number | undefined;
  readonly durationMs: number;
  readonly evaluationsBeforeRestore: number;
  readonly evaluation: GroupEvaluation;
}

/** When a group that begins is evaluated first. */
export type FirstTime = 'now' | 'next-slot';

/** A restart of up to this long leaves no gap: slots that passed meanwhile are evaluated when the process is back. */
const CATCH_UP_LIMIT_MS = 60_000;

/** As in Prometheus: at the first evaluation, what alerts depend on may not have been recorded yet. */
const EVALUATIONS_BEFORE_RESTORE = 2;

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
  readonly #evaluation: GroupEvaluation;
  readonly #metricLabels: { readonly user: string; readonly rule_group: string };
  readonly #stopping = new AbortController();
  #provision: Provision | undefined;
  #timer: Timer | undefined;
  #dueMs: number | undefined;
  /** Among all that were set to wait: those that were set earlier are due earlier at the same time. */
  #order = 0;
  static #waits = 0;
  #isEvaluating = false;
  #running: Promise<void> = Promise.resolve();
  /** The time the rules were last evaluated for. */
  #lastTimeMs: number | undefined;
  /** Slots up to this one are evaluated although they passed before the process was there. */
  #catchUpMs = -Infinity;
  #evaluationsBeforeRestore: number;
  /** When the last evaluation began. */
  #lastEvaluationMs: number | undefined;
  #durationMs = 0;

  constructor(options: GroupRunnerOptions) {
    const { tenant, group, intervalMs, metrics, file, provision, lastTimeMs } = options;
    this.#options = options;
    this.#provision = provision;
    this.#slots = slotsOf({ file, name: group.name }, intervalMs);
    this.#metricLabels = { user: tenant, rule_group: `${file};${group.name}` };
    // What was never evaluated has nothing to restore.
    const isRestored = lastTimeMs === undefined;
    this.#evaluation = new GroupEvaluation({ ...options, metricLabels: this.#metricLabels }, isRestored);
    this.#evaluationsBeforeRestore = isRestored ? 0 : EVALUATIONS_BEFORE_RESTORE;
    this.#lastTimeMs = lastTimeMs;
    metrics.interval.set(this.#metricLabels, intervalMs / 1000);
    metrics.rules.set(this.#metricLabels, group.rules.length);
    for (const counter of [metrics.evaluations, metrics.failures, metrics.iterations, metrics.missed]) {
      counter.inc(this.#metricLabels, 0);
    }
  }

  get namespace(): string {
    return this.#options.namespace;
  }

  get definition(): string {
    return this.#options.definition;
  }

  get provision(): Provision | undefined {
    return this.#provision;
  }

  /** The same rules, from elsewhere or with another word on their file. */
  setProvision(provision: Provision): void {
    this.#provision = provision;
  }

  /**
   * Begins: with an evaluation now (a millisecond after the last one at the earliest, as a series has one value at a
   * time), or at the next slot; after a short restart, with the slots that passed. Call once.
   */
  start(first: FirstTime): void {
    const nowMs = this.#options.clock.nowMs();
    this.#arm(first === 'now' ? this.#nextTimeMs() : this.#firstSlot(nowMs), nowMs);
  }

  #firstSlot(nowMs: number): number {
    const { intervalMs } = this.#slots;
    const latestMs = slotAt(this.#slots, nowMs);
    const nextMs = latestMs + intervalMs;
    const lastMs = this.#lastTimeMs ?? -Infinity;
    if (nowMs - lastMs > CATCH_UP_LIMIT_MS) return nextMs;
    this.#catchUpMs = latestMs;
    return Math.min(nextMs, slotAt(this.#slots, lastMs) + intervalMs);
  }

  /** Ends: what is being evaluated is cancelled. Resolves when nothing runs any more. Idempotent. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#timer?.cancel();
    await this.#running;
  }

  /** Stops for good: all of its series that no other group yields get a staleness marker. */
  async remove(): Promise<void> {
    await this.stop();
    await this.#evaluation.end(this.#nextTimeMs());
    this.#options.metrics.forget(this.#metricLabels);
  }

  /** Stops for good, and leaves no mark: its tenant is gone. */
  async forget(): Promise<void> {
    await this.stop();
    this.#options.metrics.forget(this.#metricLabels);
  }

  /** Goes on from where another runner is, of this group or of the one that it replaces; see `GroupEvaluation.takeOver`. */
  takeOver(from: GroupProgress): void {
    this.#lastEvaluationMs = from.lastEvaluationMs;
    this.#lastTimeMs = from.lastTimeMs;
    this.#durationMs = from.durationMs;
    this.#evaluationsBeforeRestore = from.evaluationsBeforeRestore;
    this.#evaluation.takeOver(from.evaluation, from.definition === this.definition);
  }

  get slots(): Slots {
    return this.#slots;
  }

  get queryOffsetMs(): number {
    return this.#options.queryOffsetMs();
  }

  get group(): RuleGroup {
    return this.#options.group;
  }

  /** For when it waits. */
  get dueMs(): number | undefined {
    return this.#dueMs;
  }

  /** Those with a lower one began to wait earlier. */
  get order(): number {
    return this.#order;
  }

  get isWaiting(): boolean {
    return !this.#isEvaluating && !this.#stopping.signal.aborted;
  }

  /** Whether nothing is special about its next evaluations: at its slots, in order, with nothing left from before. */
  get isSteady(): boolean {
    const { concurrency, queryStatistics } = this.#options;
    const dueMs = this.#dueMs ?? Number.NaN;
    const isSlot = slotAt(this.#slots, dueMs) === dueMs && dueMs > this.#catchUpMs;
    const hasPast = this.#evaluationsBeforeRestore > 0 || this.#evaluation.hasOrphans || !this.#evaluation.isRestored;
    return isSlot && !hasPast && !concurrency && !queryStatistics;
  }

  /** How many samples its last evaluation wrote. */
  get resultCount(): number {
    let count = 0;
    for (const { series } of this.#evaluation.rules) count += series.size;
    return count;
  }

  /** As `freshEvaluation`, going on from where it is. */
  evaluationAsItIs(parts: EvaluationParts): GroupEvaluation {
    const evaluation = this.freshEvaluation(parts);
    evaluation.takeOver(this.#evaluation, true);
    return evaluation;
  }

  /** Goes on from an evaluation of its rules that was done elsewhere, at all its slots up to `lastMs`. */
  jump(from: GroupEvaluation, lastMs: number): void {
    if (this.#stopping.signal.aborted || lastMs < this.#dueMs!) return;
    const { metrics, tenant, evaluated, clock } = this.#options;
    const { intervalMs } = this.#slots;
    metrics.iterations.inc(this.#metricLabels, (lastMs - this.#dueMs!) / intervalMs + 1);
    this.#evaluation.takeOver(from, true);
    this.#lastTimeMs = lastMs;
    this.#lastEvaluationMs = lastMs;
    this.#durationMs = 0;
    metrics.lastEvaluation.set(this.#metricLabels, lastMs / 1000);
    metrics.lastDuration.set(this.#metricLabels, 0);
    metrics.duration.observe({ user: tenant }, 0);
    metrics.lastSamples.set(this.#metricLabels, this.resultCount);
    evaluated?.(lastMs);
    this.#timer?.cancel();
    this.#arm(lastMs + intervalMs, clock.nowMs());
  }

  /** Its rules at work as they were at their beginning, with other parts: for evaluations that are not its own. */
  freshEvaluation({ sink, ...parts }: EvaluationParts): GroupEvaluation {
    const { alerting } = this.#options;
    const options = { ...this.#options, metricLabels: this.#metricLabels, ...parts };
    return new GroupEvaluation({ ...options, alerting: { ...alerting, sink: sink ?? alerting.sink } }, true);
  }

  /** How far it is now. A copy: it does not change when this one goes on. Resolves when no evaluation is under way. */
  async progress(): Promise<GroupProgress> {
    await this.#running;
    const evaluation = this.evaluationAsItIs({});
    return {
      definition: this.definition,
      lastEvaluationMs: this.#lastEvaluationMs,
      lastTimeMs: this.#lastTimeMs,
      durationMs: this.#durationMs,
      evaluationsBeforeRestore: this.#evaluationsBeforeRestore,
      evaluation,
    };
  }

  /** The clock was set to an earlier time: goes on with the first slot that comes now. */
  clockWasSetBack(): void {
    if (this.#timer === undefined) return;
    this.#timer.cancel();
    const nowMs = this.#options.clock.nowMs();
    this.#lastTimeMs = undefined;
    this.#catchUpMs = -Infinity;
    this.#arm(this.#firstSlot(nowMs), nowMs);
  }

  /** Whether its last evaluation yielded this series. */
  yields(seriesKey: string): boolean {
    return this.#evaluation.yields(seriesKey);
  }

  state(): GroupState {
    const { namespace, group, intervalMs } = this.#options;
    return {
      namespace,
      group,
      provision: this.#provision,
      intervalMs,
      lastEvaluationMs: this.#lastEvaluationMs,
      durationMs: this.#durationMs,
      rules: this.#evaluation.states(),
    };
  }

  #nextTimeMs(): number {
    return Math.max(this.#options.clock.nowMs(), (this.#lastTimeMs ?? -Infinity) + 1);
  }

  #arm(timeMs: number, nowMs: number): void {
    if (this.#stopping.signal.aborted) return;
    this.#dueMs = timeMs;
    this.#order = GroupRunner.#waits++;
    const wake = (): Promise<void> => {
      this.#isEvaluating = true;
      this.#running = this.#wake(timeMs).finally(() => {
        this.#isEvaluating = false;
      });
      return this.#running;
    };
    // What it writes concerns its own tenant only, and who looks ahead for that one knows of it.
    this.#timer = this.#options.clock.setTimer(wake, timeMs - nowMs, { leavesData: true });
  }

  async #wake(timeMs: number): Promise<void> {
    const isDone = await this.#options.lookAhead?.(this);
    if (!isDone && !this.#stopping.signal.aborted) await this.#run(timeMs);
  }

  async #run(timeMs: number): Promise<void> {
    const { clock, metrics, logger, tenant, namespace, group } = this.#options;
    const place = { tenant, namespace, group: group.name };
    metrics.iterations.inc(this.#metricLabels);
    try {
      await this.#evaluate(timeMs);
    } catch (error) {
      logger.error({ ...place, err: error }, 'evaluating a rule group broke off');
    }
    const { intervalMs } = this.#slots;
    const nowMs = clock.nowMs();
    const nextMs = slotAt(this.#slots, timeMs) + intervalMs;
    const isCatchingUp = nextMs <= this.#catchUpMs;
    const missedCount = isCatchingUp ? 0 : Math.max(0, (slotAt(this.#slots, nowMs) - nextMs) / intervalMs);
    if (missedCount > 0) {
      metrics.missed.inc(this.#metricLabels, missedCount);
      metrics.iterations.inc(this.#metricLabels, missedCount);
      logger.warn({ ...place, missedCount }, 'rule group is slower than its interval');
    }
    this.#arm(nextMs + missedCount * intervalMs, nowMs);
  }

  /** One evaluation of the group, for the time `timeMs`. */
  async #evaluate(timeMs: number): Promise<void> {
    const { clock, metrics, tenant, evaluated } = this.#options;
    const startedMs = clock.elapsedMs();
    const lastEvaluationMs = clock.nowMs();
    this.#lastTimeMs = timeMs;
    await this.#evaluation.run({ timeMs, isRepeated: timeMs <= this.#catchUpMs }, this.#stopping.signal);
    if (this.#stopping.signal.aborted) return;
    this.#lastEvaluationMs = lastEvaluationMs;
    this.#durationMs = clock.elapsedMs() - startedMs;
    metrics.lastEvaluation.set(this.#metricLabels, lastEvaluationMs / 1000);
    metrics.lastDuration.set(this.#metricLabels, this.#durationMs / 1000);
    metrics.duration.observe({ user: tenant }, this.#durationMs / 1000);
    if (this.#evaluationsBeforeRestore > 0) {
      this.#evaluationsBeforeRestore -= 1;
      if (this.#evaluationsBeforeRestore === 0) this.#evaluation.restore();
    }
    evaluated?.(timeMs);
  }
}
