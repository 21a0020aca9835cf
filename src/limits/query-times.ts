import type { Clock } from '../model/clock.ts';
import { formatGoDuration } from '../model/duration.ts';
import { PocketCortexError } from '../model/errors.ts';
import type { SelectRequest, SeriesSet, SeriesSource } from '../model/series-source.ts';
import { type TenantId, tenantsOf } from '../model/tenant.ts';
import { runAtOnce, type Work } from '../model/work.ts';
import type { Limits, TenantLimits } from './limits.ts';

/** Both inclusive. */
export interface QueriedTimes {
  readonly startMs: number;
  readonly endMs: number;
}

/** `-querier.max-query-into-future` of Cortex, at its default. */
const INTO_FUTURE_LIMIT_MS = 10 * 60_000;

/**
 * What a tenant may read of `[startMs, endMs]`: nothing from before `max_query_lookback`, which cuts the range and is no
 * error. Undefined when nothing is left.
 */
export function readableTimes(
  { startMs, endMs }: QueriedTimes,
  { maxQueryLookbackMs }: Pick<TenantLimits, 'maxQueryLookbackMs'>,
  nowMs: number,
): QueriedTimes | undefined {
  const earliestMs = maxQueryLookbackMs > 0 ? nowMs - maxQueryLookbackMs : -Infinity;
  if (endMs < earliestMs) return undefined;
  return { startMs: Math.max(startMs, earliestMs), endMs };
}

/** What is wrong with reading from `startMs` to `endMs`, by `max_query_length`: the words of Cortex's querier. */
export function lengthFault(
  { startMs, endMs }: QueriedTimes,
  { maxQueryLengthMs }: Pick<TenantLimits, 'maxQueryLengthMs'>,
  nowMs: number,
): string | undefined {
  const lengthMs = Math.min(endMs, nowMs + INTO_FUTURE_LIMIT_MS) - Math.max(0, startMs);
  return maxQueryLengthMs > 0 && lengthMs > maxQueryLengthMs ? tooLong(lengthMs, maxQueryLengthMs) : undefined;
}

/** The words for a query that reads `lengthMs` where `limitMs` are allowed. */
export function tooLong(lengthMs: number, limitMs: number): string {
  return `the query time range exceeds the limit (query length: ${formatGoDuration(lengthMs)}, limit: ${formatGoDuration(limitMs)})`;
}

/** The smallest limit of the tenants that `tenant` joins; 0 when none of them has one. */
export function smallestLimit(
  limits: Limits,
  tenant: TenantId,
  name: 'maxQueryLengthMs' | 'maxQueryLookbackMs',
): number {
  let smallest = 0;
  for (const one of tenantsOf(tenant)) {
    const limit = limits.forTenant(one)[name];
    if (limit > 0 && (smallest === 0 || limit < smallest)) smallest = limit;
  }
  return smallest;
}

/** A source whose selections obey `max_query_lookback` and `max_query_length`, as those of Cortex's querier. */
export function timeLimitedSource({
  source,
  limits,
  clock,
}: {
  readonly source: SeriesSource;
  readonly limits: Limits;
  readonly clock: Pick<Clock, 'nowMs'>;
}): SeriesSource {
  /** @throws {PocketCortexError} `execution-error` when it is too long */
  const limited = (request: SelectRequest): SelectRequest | undefined => {
    const ofTenant = limits.forTenant(request.tenant);
    if (ofTenant.maxQueryLookbackMs === 0 && ofTenant.maxQueryLengthMs === 0) return request;
    const times = readableTimes(request, ofTenant, clock.nowMs());
    const fault = times && lengthFault(times, ofTenant, clock.nowMs());
    if (fault !== undefined) throw new PocketCortexError('execution-error', `expanding series: ${fault}`);
    return times && { ...request, ...times };
  };
  function* selectInSlices(request: SelectRequest): Work<SeriesSet> {
    const allowed = limited(request);
    return allowed ? yield* source.selectInSlices(allowed) : NOTHING;
  }
  const { forQuery } = source;
  return {
    selectInSlices,
    select: (request) => runAtOnce(selectInSlices(request)),
    ...(forQuery && { forQuery: () => timeLimitedSource({ source: forQuery(), limits, clock }) }),
  };
}

const NOTHING: SeriesSet = { labels: [], read: (_seriesIndex, into) => into.clear() };
