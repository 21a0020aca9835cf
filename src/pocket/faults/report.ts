import type { SeriesSource } from '../../model/series-source.ts';
import { runInSlices } from '../../model/work.ts';
import type { Attempt, AttemptEnd, FaultRule } from './fault-rule.ts';
import { compareSamples, type SampleComparison } from './sample-comparison.ts';

/** What happened to the requests that a script was for. */
export interface FaultReport {
  readonly tenant: string | null;
  readonly path: string;
  readonly isOver: boolean;
  readonly steps: readonly { readonly step: string; readonly used: number }[];
  readonly attempts: {
    readonly count: number;
    /** By how they ended: a status, `reset`, `gone` (the client did not wait) or `pending`. */
    readonly byEnd: Readonly<Record<string, number>>;
  };
  /** Requests that carry the same are one delivery: the first time it is sent, and its retries. */
  readonly deliveries: {
    readonly count: number;
    /** Those whose last attempt ended with a 2xx. */
    readonly acceptedCount: number;
    /** Those that were sent more than once. */
    readonly retriedCount: number;
    /** Milliseconds from the end of an attempt to the next of the same delivery, in time of the machine or of the server's clock. */
    readonly shortestGapMs: number | null;
    readonly longestGapMs: number | null;
  };
  /** Of answers with Retry-After: whether the delivery came again, and not before. */
  readonly retryAfter: {
    readonly asked: number;
    readonly honoured: number;
    readonly tooEarly: number;
    readonly notRetried: number;
  };
  /** Null where nobody wrote. */
  readonly samples: SampleComparison | null;
  /** The last of them. */
  readonly log: readonly LoggedAttempt[];
}

export interface LoggedAttempt {
  readonly attempt: number;
  readonly tenant: string | null;
  /** Which delivery it was, in order of their first attempt. */
  readonly delivery: number;
  readonly atMs: number;
  /** From the end of the attempt before it, of the same delivery. */
  readonly gapMs: number | null;
  /** The step that acted on it; null when the script was over. */
  readonly step: string | null;
  readonly end: AttemptEnd;
  /** What the server itself answered, if the request was given to it. */
  readonly serverStatus: number | null;
  readonly samples: number;
}

const LOG_LIMIT = 1000;

/** Timers of clients count in milliseconds of their own. */
const TIMER_TOLERANCE_MS = 1;

/** Compares with what `source` has for `tenant` now: ask when the sender has come to an end. */
export async function reportFaults(
  rule: FaultRule,
  { source, signal }: { readonly source: SeriesSource; readonly signal?: AbortSignal },
): Promise<FaultReport> {
  const { attempts, samples, target } = rule;
  const { isOver, steps } = rule.progress();
  const deliveries = deliveriesOf(attempts);
  return {
    tenant: target.tenant ?? null,
    path: target.path,
    isOver,
    steps,
    attempts: { count: rule.attemptCount, byEnd: countEnds(attempts) },
    deliveries: summary(deliveries),
    retryAfter: retryAfterVerdicts(deliveries),
    samples:
      samples.series.length === 0 && samples.untrackedCount === 0
        ? null
        : await runInSlices(compareSamples({ samples, attempts, source }), signal),
    log: logOf(attempts, deliveries),
  };
}

type Delivery = readonly Attempt[];

function deliveriesOf(attempts: readonly Attempt[]): readonly Delivery[] {
  const byKey = new Map<string, Attempt[]>();
  for (const attempt of attempts) {
    const known = byKey.get(attempt.deliveryKey);
    if (known) known.push(attempt);
    else byKey.set(attempt.deliveryKey, [attempt]);
  }
  return [...byKey.values()];
}

function countEnds(attempts: readonly Attempt[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { end } of attempts) counts[end] = (counts[end] ?? 0) + 1;
  return counts;
}

function summary(deliveries: readonly Delivery[]): FaultReport['deliveries'] {
  const gapsMs = deliveries.flatMap((delivery) =>
    delivery.slice(1).map((_, i) => gapMs(delivery[i], delivery[i + 1]!)!),
  );
  const known = gapsMs.filter((gap) => gap !== null);
  return {
    count: deliveries.length,
    acceptedCount: deliveries.filter((delivery) => isSuccess(delivery.at(-1)!.end)).length,
    retriedCount: deliveries.filter((delivery) => delivery.length > 1).length,
    shortestGapMs: known.length === 0 ? null : Math.min(...known),
    longestGapMs: known.length === 0 ? null : Math.max(...known),
  };
}

function isSuccess(end: AttemptEnd): boolean {
  return typeof end === 'number' && end >= 200 && end < 300;
}

/**
 * Null when the one before has not ended, or there is none. A program waits in time of the machine, which passes while a test
 * holds the server's clock; a test that moves that clock means that so much time has passed. The longer one is what was waited.
 */
function gapMs(before: Attempt | undefined, { arrived }: Attempt): number | null {
  if (before?.ended === undefined) return null;
  const { serverMs, machineMs } = before.ended;
  return Math.round(Math.max(arrived.serverMs - serverMs, arrived.machineMs - machineMs) * 1000) / 1000;
}

function retryAfterVerdicts(deliveries: readonly Delivery[]): FaultReport['retryAfter'] {
  const verdicts = { asked: 0, honoured: 0, tooEarly: 0, notRetried: 0 };
  for (const delivery of deliveries) {
    for (const [i, attempt] of delivery.entries()) {
      const outcome = attempt.step?.outcome;
      if (outcome?.kind !== 'status' || outcome.retryAfterSeconds === undefined) continue;
      verdicts.asked += 1;
      const next = delivery[i + 1];
      const waitedMs = next && gapMs(attempt, next);
      if (next === undefined) verdicts.notRetried += 1;
      else if ((waitedMs ?? 0) + TIMER_TOLERANCE_MS >= outcome.retryAfterSeconds * 1000) verdicts.honoured += 1;
      else verdicts.tooEarly += 1;
    }
  }
  return verdicts;
}

function logOf(attempts: readonly Attempt[], deliveries: readonly Delivery[]): LoggedAttempt[] {
  const places = new Map<Attempt, { readonly delivery: number; readonly before: Attempt | undefined }>();
  for (const [number, delivery] of deliveries.entries()) {
    for (const [i, attempt] of delivery.entries())
      places.set(attempt, { delivery: number + 1, before: delivery[i - 1] });
  }
  return attempts.slice(-LOG_LIMIT).map((attempt) => {
    const { delivery, before } = places.get(attempt)!;
    return {
      attempt: attempt.index + 1,
      tenant: attempt.tenant ?? null,
      delivery,
      atMs: attempt.arrivedMs,
      gapMs: gapMs(before, attempt),
      step: attempt.step?.text ?? null,
      end: attempt.end,
      serverStatus: attempt.serverStatus ?? null,
      samples: attempt.sampleCount,
    };
  });
}
