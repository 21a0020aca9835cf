import type { ParseOptions } from '../../../grammar/promql.ts';
import type { Limits } from '../../limits/limits.ts';
import type { Clock } from '../../model/clock.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { AlertSink, NotifiedAlert } from '../alert-sink.ts';
import type { GroupEvaluation } from '../group-evaluation.ts';
import type { GroupRunner } from '../group-runner.ts';
import type { RulerLogger } from '../ruler-logger.ts';
import { Replay, ReplayClock } from './replay.ts';
import { type ReplayParts, writerOver } from './replay-parts.ts';

export interface LookAheadOptions {
  readonly parts: ReplayParts;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly logger: RulerLogger;
  readonly sink: AlertSink;
  readonly parse: ParseOptions | undefined;
}

/** For fewer evaluations it is not worth while. */
const WORTHWHILE_EVALUATIONS = 16;
/** Results have to stay so far below what the tenant may write that nothing is refused. */
const RATE_ROOM = 4;

interface Notices {
  readonly timeMs: number;
  readonly alerts: readonly NotifiedAlert[];
}

/**
 * Evaluates all groups of a tenant ahead of their time, while somebody moves the clock far and nothing can come in between:
 * the same results as slot by slot, in a fraction of the time. Receivers of alerts are told of them when their time has come.
 */
export class LookAhead {
  readonly #options: LookAheadOptions;
  readonly #running = new Map<TenantId, { readonly calling: AbortController; readonly done: Promise<boolean> }>();

  constructor(options: LookAheadOptions) {
    this.#options = options;
  }

  /** Of tenants whose groups could not be evaluated ahead: how far that was tried. */
  readonly #inVain = new Map<TenantId, number>();

  /** Resolves when nothing is evaluated ahead for the tenant. */
  async settled(tenant: TenantId): Promise<void> {
    await this.#running.get(tenant)?.done;
  }

  /** Breaks off what is evaluated for these tenants, or for all; nothing more is written. */
  async cancel(tenants: readonly TenantId[] = [...this.#running.keys()]): Promise<void> {
    const all = tenants.flatMap((tenant) => this.#running.get(tenant) ?? []);
    for (const { calling } of all) calling.abort();
    await Promise.all(all.map(({ done }) => done));
  }

  /**
   * Up to when all groups of a tenant, of which `first` is due now, may be evaluated; undefined where that cannot be told, or
   * is soon.
   */
  untilMs(tenant: TenantId, runners: readonly GroupRunner[], first: GroupRunner): number | undefined {
    const { clock, limits } = this.#options;
    const untilMs = clock.aheadMs?.() ?? -Infinity;
    if (untilMs <= clock.nowMs() || this.#running.has(tenant) || this.#inVain.get(tenant) === untilMs) return undefined;
    let evaluationCount = 0;
    let resultCount = 0;
    let shortestMs = Infinity;
    for (const runner of runners) {
      const { slots, dueMs, group } = runner;
      if (dueMs === undefined || !(runner === first || runner.isWaiting) || !runner.isSteady) return undefined;
      const tickCount = Math.max(0, Math.floor((untilMs - dueMs) / slots.intervalMs) + 1);
      evaluationCount += tickCount * group.rules.length;
      resultCount += runner.resultCount;
      shortestMs = Math.min(shortestMs, slots.intervalMs);
    }
    if (evaluationCount < WORTHWHILE_EVALUATIONS) return undefined;
    const { ingestionRate, ingestionBurstSize, ...ofTenant } = limits.forTenant(tenant);
    // These depend on the time at which something is done.
    const { compactorBlocksRetentionPeriodMs, maxQueryLookbackMs, acceptHaSamples } = ofTenant;
    if (compactorBlocksRetentionPeriodMs > 0 || maxQueryLookbackMs > 0 || acceptHaSamples) return undefined;
    const allowedCount = Math.min(ingestionBurstSize, (ingestionRate * shortestMs) / 1000);
    return resultCount * RATE_ROOM > allowedCount ? undefined : untilMs;
  }

  /**
   * Evaluates all that is due up to `untilMs`; the runners wait for what comes then. False, and they wait as before, when it
   * broke off.
   */
  run(tenant: TenantId, runners: readonly GroupRunner[], untilMs: number): Promise<boolean> {
    const calling = new AbortController();
    const done = this.#run(tenant, runners, untilMs, calling.signal)
      .catch((error: unknown) => {
        if (!calling.signal.aborted) {
          this.#options.logger.error({ tenant, err: error }, 'evaluating rules ahead of their time broke off');
        }
        return false;
      })
      .then((isDone) => {
        this.#running.delete(tenant);
        if (isDone) this.#inVain.delete(tenant);
        else this.#inVain.set(tenant, untilMs);
        return isDone;
      });
    this.#running.set(tenant, { calling, done });
    this.#options.clock.hold?.(done);
    return done;
  }

  async #run(
    tenant: TenantId,
    runners: readonly GroupRunner[],
    untilMs: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { parts, sink, parse } = this.#options;
    const { parseExpr } = await import('../../../grammar/promql.ts');
    const clock = new ReplayClock();
    const engine = parts.engineAt(clock);
    const writer = writerOver(parts, { mustBeNewer: true, signal });
    const notices: Notices[] = [];
    const evaluations: GroupEvaluation[] = [];
    const ordered = [...runners].sort((a, b) => a.order - b.order);
    const groups = ordered.map((runner) => {
      const evaluation: GroupEvaluation = runner.evaluationAsItIs({
        engine,
        appendRows: writer.appendRows,
        isProducedElsewhere: (seriesKey) =>
          evaluations.some((other) => other !== evaluation && other.yields(seriesKey)),
        clock,
        sink: {
          isDeaf: sink.isDeaf === true,
          send: (_tenant, alerts, timeMs) => notices.push({ timeMs, alerts }),
        },
      });
      evaluations.push(evaluation);
      const { group, slots, queryOffsetMs } = runner;
      return { group, evaluation, slots, queryOffsetMs, firstMs: runner.dueMs! };
    });
    const replay = new Replay({
      tenant,
      groups,
      engine,
      parse: (expr) => parseExpr(expr, parse),
      writer,
      clock,
      isDeaf: sink.isDeaf === true,
      markNotices: () => {
        const { length } = notices;
        return () => notices.splice(length);
      },
    });
    await replay.run(untilMs, signal);
    await writer.committed();
    signal.throwIfAborted();
    // Then it depends on the time whether results are taken. What was written will be written again, and is the same.
    if (writer.wasBehind) return false;
    // In the order in which they would have been set to wait.
    const last = ordered
      .map((runner, index) => ({ runner, index, lastMs: replay.nextMs[index]! - runner.slots.intervalMs }))
      .sort((a, b) => a.lastMs - b.lastMs || a.index - b.index);
    for (const { runner, index, lastMs } of last) runner.jump(evaluations[index]!, lastMs);
    this.#tell(
      tenant,
      notices.sort((a, b) => a.timeMs - b.timeMs),
    );
    return true;
  }

  /** Hands notices over, each at its time. */
  #tell(tenant: TenantId, notices: readonly Notices[], from = 0): void {
    const { clock, sink } = this.#options;
    const next = notices[from];
    if (!next) return;
    // Those of one evaluation go out together.
    let end = from + 1;
    while (notices[end]?.timeMs === next.timeMs) end += 1;
    clock.setTimer(
      () => {
        for (const { alerts, timeMs } of notices.slice(from, end)) sink.send(tenant, alerts, timeMs);
        this.#tell(tenant, notices, end);
      },
      next.timeMs - clock.nowMs(),
      { leavesData: true },
    );
  }
}
