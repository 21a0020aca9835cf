import type { Expr } from '../../../grammar/ast.ts';
import type { Clock } from '../../model/clock.ts';
import type { TenantId } from '../../model/tenant.ts';
import { isTemplate } from '../alerting-rule.ts';
import type { GroupEvaluation } from '../group-evaluation.ts';
import type { RuleEngine } from '../rule-engine.ts';
import type { Rule, RuleGroup } from '../rule-group.ts';
import type { Slots } from '../slots.ts';
import { evaluateAtOnce } from './at-once.ts';
import { Pauses } from './pauses.ts';
import type { ReplayWriter } from './replay-writer.ts';
import { type OrderedRule, type RuleStage, stagesOf } from './rule-order.ts';
import { dueInOrder, type Ticks, ticksUntil } from './ticks.ts';

/** A group that is replayed. */
export interface ReplayedGroup {
  readonly group: RuleGroup;
  /** Its rules at work; writes through the replay's writer, on the replay's clock. */
  readonly evaluation: GroupEvaluation;
  readonly slots: Slots;
  readonly queryOffsetMs: number;
  /** The first slot to evaluate. */
  readonly firstMs: number;
}

export interface ReplayOptions {
  readonly tenant: TenantId;
  /** In the order in which they would have begun. */
  readonly groups: readonly ReplayedGroup[];
  readonly engine: RuleEngine;
  /** @throws for what is no PromQL */
  readonly parse: (expr: string) => Expr;
  readonly writer: ReplayWriter;
  /** The time that evaluations see. */
  readonly clock: ReplayClock;
  readonly isDeaf: boolean;
  /** As `AtOnceOptions.markNotices`. */
  readonly markNotices?: () => () => void;
  /** Evaluates all at each tick: what evaluating at once is measured against. */
  readonly isTickByTick?: boolean;
}

/** Stands at the tick that is evaluated. */
export class ReplayClock implements Pick<Clock, 'nowMs' | 'elapsedMs'> {
  #nowMs = 0;

  nowMs(): number {
    return this.#nowMs;
  }

  /** How long evaluations take is nobody's concern. */
  elapsedMs(): number {
    return this.#nowMs;
  }

  stand(atMs: number): void {
    this.#nowMs = atMs;
  }
}

/** Ticks that are evaluated at a time: few at first, then so many that results stay small. */
const FIRST_TICKS = 512;
const MOST_TICKS = 16_384;
const MOST_VALUES = 1_000_000;
/** A query for fewer ticks costs more than it saves. */
const WORTHWHILE_TICKS = 4;

/**
 * Evaluates groups of one tenant at all their slots in a stretch of time, whenever that was or will be, with the results that
 * their live evaluation at those slots has.
 *
 * Live, each group evaluates its rules in order at each slot. Most rules read nothing that depends on that order (see
 * `stagesOf`), so a stretch of slots is evaluated rule by rule, each with a single query over all of them; the others, tick
 * by tick.
 *
 *     rule 1   t1 t2 t3 … tn ┐
 *     rule 2                 └▶ t1 t2 t3 … tn ┐
 *     rules 3 and 4, which read each other    └▶ t1: 3 4, t2: 3 4, …
 */
export class Replay {
  readonly #options: ReplayOptions;
  readonly #nextMs: number[];
  readonly #stages: readonly RuleStage[];
  readonly #pauses = new Pauses();
  #tickCount = FIRST_TICKS;
  #mostSeries = 0;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.#nextMs = options.groups.map(({ firstMs }) => firstMs);
    this.#stages = stagesOf(orderedRules(options));
  }

  /** The first slot of each group that was not evaluated. */
  get nextMs(): readonly number[] {
    return this.#nextMs;
  }

  /**
   * Evaluates what is due up to `untilMs`, in slices; resolves when it is visible.
   * @throws the signal's reason; what was evaluated until then stays
   */
  async run(untilMs: number, signal: AbortSignal): Promise<void> {
    const { groups } = this.#options;
    for (;;) {
      const nextMs = Math.min(...this.#nextMs);
      if (!(nextMs <= untilMs)) return;
      const shortestMs = Math.min(...groups.map(({ slots }) => slots.intervalMs));
      const endMs = Math.min(untilMs, nextMs + this.#tickCount * shortestMs - 1);
      this.#mostSeries = 0;
      for (const stage of this.#stages) await this.#evaluate(stage, endMs, signal);
      for (const index of groups.keys()) {
        const { firstMs, intervalMs, count } = this.#ticksOf(index, endMs);
        this.#nextMs[index] = firstMs + count * intervalMs;
      }
      const fitting = Math.floor(MOST_VALUES / Math.max(1, this.#mostSeries));
      this.#tickCount = Math.max(WORTHWHILE_TICKS, Math.min(MOST_TICKS, fitting, this.#tickCount * 8));
    }
  }

  async #evaluate({ rules, isAtOnce }: RuleStage, endMs: number, signal: AbortSignal): Promise<void> {
    const [first] = rules;
    const ticks = this.#ticksOf(first!.group, endMs);
    const isTickByTick = this.#options.isTickByTick || !isAtOnce || ticks.count < WORTHWHILE_TICKS;
    if (!isTickByTick && (await this.#atOnce(first!, ticks, signal))) return;
    await this.#tickByTick(rules, endMs, signal);
  }

  async #atOnce({ group, rule, definition }: OrderedRule, ticks: Ticks, signal: AbortSignal): Promise<boolean> {
    const { groups, engine, tenant, writer, isDeaf, markNotices = () => () => {} } = this.#options;
    if (!engine.range || mayAskInTemplates(definition)) return false;
    const { evaluation, group: own } = groups[group]!;
    const seriesCount = await evaluateAtOnce(evaluation.rules[rule]!, ticks, {
      tenant,
      evaluation,
      groupLimit: own.limit,
      range: engine.range,
      writer,
      isDeaf,
      markNotices,
      signal,
      pauses: this.#pauses,
    });
    if (seriesCount === undefined) return false;
    this.#mostSeries = Math.max(this.#mostSeries, seriesCount);
    return true;
  }

  async #tickByTick(rules: readonly OrderedRule[], endMs: number, signal: AbortSignal): Promise<void> {
    const { groups, clock } = this.#options;
    const groupIndexes = [...new Set(rules.map(({ group }) => group))].sort((a, b) => a - b);
    const due = dueInOrder(groupIndexes.map((group) => ({ group, ticks: this.#ticksOf(group, endMs) })));
    for (const { group, timeMs } of due) {
      const { evaluation, queryOffsetMs } = groups[group]!;
      const times = { timeMs, sampleTimeMs: timeMs - queryOffsetMs, isRepeated: false, signal };
      clock.stand(timeMs);
      for (const { group: ofRule, rule } of rules) {
        if (ofRule !== group) continue;
        await evaluation.evaluateRule(evaluation.rules[rule]!, times);
        await this.#pauses.afterWork(signal);
      }
    }
  }

  #ticksOf(group: number, endMs: number): Ticks {
    const { slots, queryOffsetMs } = this.#options.groups[group]!;
    return ticksUntil({ nextMs: this.#nextMs[group]!, intervalMs: slots.intervalMs, queryOffsetMs }, endMs);
  }
}

function orderedRules({ groups, parse }: ReplayOptions): OrderedRule[] {
  return groups.flatMap(({ evaluation, slots, queryOffsetMs }, group) =>
    evaluation.rules.map(({ rule: definition, labels, query }, rule) => {
      let expr: Expr | undefined;
      try {
        expr = parse(query);
      } catch {
        // Its evaluation will say what is wrong.
      }
      return { group, rule, definition, labels, expr, slots, queryOffsetMs };
    }),
  );
}

/** Whether templates of a rule may look something up, which has to happen at its time. */
function mayAskInTemplates(rule: Rule): boolean {
  if (rule.kind === 'recording') return false;
  return [rule.labels, rule.annotations]
    .flatMap((texts) => Object.values(texts))
    .some((text) => isTemplate(text) && text.includes('query'));
}
