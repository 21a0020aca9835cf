import { Registry } from 'prom-client';
import type { ParseOptions } from '../../../grammar/promql.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { GroupEvaluation } from '../group-evaluation.ts';
import type { GroupProgress, GroupRunner } from '../group-runner.ts';
import { RulerMetrics } from '../metrics.ts';
import { defaultRulerSettings } from '../ruler-settings.ts';
import { slotAt } from '../slots.ts';
import { Replay, ReplayClock } from './replay.ts';
import { type ReplayParts, writerOver } from './replay-parts.ts';

export interface GroupsReplayOptions {
  readonly tenant: TenantId;
  /** Not at work. */
  readonly runners: readonly GroupRunner[];
  readonly fromMs: number;
  readonly parts: ReplayParts;
  readonly parse: ParseOptions | undefined;
  /** Nothing is written any more once it aborts. */
  readonly signal: AbortSignal;
  /** As `ReplayOptions.isTickByTick`. */
  readonly isTickByTick?: boolean;
}

/** A replay of groups that have not begun yet. */
export interface GroupsReplay {
  /**
   * Evaluates what is due up to `untilMs`; resolves when that is on disk. Whether there was anything.
   * @throws the signal's reason
   */
  run(untilMs: number): Promise<boolean>;
  /** How far each group is: what it goes on from. */
  progress(): readonly GroupProgress[];
}

/**
 * Readies groups to be evaluated at their slots from `fromMs` on, as if they had begun there. Nobody is told of their alerts.
 */
export async function replayGroups({
  tenant,
  runners,
  fromMs,
  parts,
  parse,
  signal,
  isTickByTick = false,
}: GroupsReplayOptions): Promise<GroupsReplay> {
  const { parseExpr } = await import('../../../grammar/promql.ts');
  const clock = new ReplayClock();
  const engine = parts.engineAt(clock);
  const writer = writerOver(parts, { mustBeNewer: false, signal });
  // What happened in the past is not counted as happening now.
  const metrics = new RulerMetrics(new Registry(), defaultRulerSettings);
  const evaluations: GroupEvaluation[] = [];
  const isProducedElsewhere = (seriesKey: string, by: GroupEvaluation): boolean =>
    evaluations.some((other) => other !== by && other.yields(seriesKey));
  const groups = runners.map((runner) => {
    const evaluation: GroupEvaluation = runner.freshEvaluation({
      engine,
      queryStatistics: undefined,
      appendRows: writer.appendRows,
      isProducedElsewhere: (seriesKey) => isProducedElsewhere(seriesKey, evaluation),
      clock,
      metrics,
      sink: { isDeaf: true, send() {} },
    });
    evaluations.push(evaluation);
    const { group, slots, queryOffsetMs } = runner;
    const firstMs = slotAt(slots, fromMs - 1) + slots.intervalMs;
    return { group, evaluation, slots, queryOffsetMs, firstMs };
  });
  const replay = new Replay({
    tenant,
    groups,
    engine,
    parse: (expr) => parseExpr(expr, parse),
    writer,
    clock,
    isDeaf: true,
    isTickByTick,
  });
  return {
    async run(untilMs) {
      if (replay.nextMs.every((nextMs) => nextMs > untilMs)) return false;
      await replay.run(untilMs, signal);
      await writer.committed();
      return true;
    },
    progress: () =>
      runners.map(({ definition, slots }, index) => {
        const { evaluation } = groups[index]!;
        for (const { alerts } of evaluation.rules) alerts?.forgetResolved();
        const lastMs = replay.nextMs[index]! - slots.intervalMs;
        const lastTimeMs = lastMs < groups[index]!.firstMs ? undefined : lastMs;
        return {
          definition,
          lastEvaluationMs: lastTimeMs,
          lastTimeMs,
          durationMs: 0,
          evaluationsBeforeRestore: 0,
          evaluation,
        };
      }),
  };
}
