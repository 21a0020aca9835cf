import { lengthFault, type QueriedTimes, readableTimes, smallestLimit, tooLong } from '../limits/query-times.ts';
import { Annotations } from '../model/annotations.ts';
import type { QueryResult } from '../model/query-result.ts';
import type { TenantId } from '../model/tenant.ts';
import type { InstantQuery, RangeQuery } from '../promql/engine.ts';
import { selectedLengthMs } from '../promql/selected-length.ts';
import type { AppDependencies, HttpSettings } from './dependencies.ts';
import { loadGrammar } from './load-grammar.ts';
import { badData, QueryFailure } from './query-failure.ts';

/*
 * `max_query_length` and `max_query_lookback` as Cortex's query frontend looks at them, and its querier for requests that
 * evaluate nothing. What queries select is limited below the engine (`limits/query-times.ts`).
 */

type Dependencies = Pick<AppDependencies, 'limits' | 'clock' | 'engine'> & {
  readonly settings: Pick<HttpSettings, 'parse'>;
};

/** @throws {QueryFailure} 400 when the selectors look at too much; {PocketCortexError} `parse-error` */
export function checkSelectedLength(
  deps: Dependencies,
  { tenant, query }: Pick<InstantQuery, 'tenant' | 'query'>,
): Promise<void> | undefined {
  const limitMs = smallestLimit(deps.limits, tenant, 'maxQueryLengthMs');
  return limitMs === 0 ? undefined : checkLength(deps, query, limitMs);
}

async function checkLength({ engine, settings }: Dependencies, query: string, limitMs: number): Promise<void> {
  const { parseExpr } = await loadGrammar();
  const lengthMs = selectedLengthMs(parseExpr(query, settings.parse), engine.lookbackMs);
  if (lengthMs > limitMs) throw badData(tooLong(lengthMs, limitMs));
}

/**
 * The range that is left to evaluate; undefined when nothing is (`emptyMatrix` is the answer then).
 * @throws {QueryFailure} 400 when it is too long; {PocketCortexError} `parse-error`
 */
export async function limitRange(deps: Dependencies, query: RangeQuery): Promise<RangeQuery | undefined> {
  const { limits, clock } = deps;
  const lookbackMs = smallestLimit(limits, query.tenant, 'maxQueryLookbackMs');
  const earliestMs = lookbackMs > 0 ? clock.nowMs() - lookbackMs : -Infinity;
  if (query.endMs < earliestMs) return undefined;
  const startMs = Math.max(query.startMs, earliestMs);
  const limitMs = smallestLimit(limits, query.tenant, 'maxQueryLengthMs');
  if (limitMs > 0 && query.endMs - startMs > limitMs) throw badData(tooLong(query.endMs - startMs, limitMs));
  await checkSelectedLength(deps, query);
  return { ...query, startMs };
}

/** The answer to a range query of which nothing is left. Cortex closes the connection without a word. */
export function emptyMatrix({ startMs, stepMs }: RangeQuery): QueryResult {
  return {
    value: { kind: 'matrix', grid: { startMs, stepMs, count: 0 }, series: [] },
    annotations: new Annotations(),
    statistics: { totalQueryableSamples: 0, peakSamples: 0 },
  };
}

type ReadTimes =
  | { readonly kind: 'times'; readonly times: QueriedTimes }
  /** All of it lies before what may be read. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'fault'; readonly text: string };

/** What of `asked` may be read. Several tenants share the limits of the strictest. */
export function readTimes(
  { limits, clock }: Pick<Dependencies, 'limits' | 'clock'>,
  tenant: TenantId,
  asked: QueriedTimes,
): ReadTimes {
  const strictest = {
    maxQueryLengthMs: smallestLimit(limits, tenant, 'maxQueryLengthMs'),
    maxQueryLookbackMs: smallestLimit(limits, tenant, 'maxQueryLookbackMs'),
  };
  const times = readableTimes(asked, strictest, clock.nowMs());
  if (!times) return { kind: 'empty' };
  const text = lengthFault(times, strictest, clock.nowMs());
  return text === undefined ? { kind: 'times', times } : { kind: 'fault', text };
}

/**
 * Whether `series`, `labels` or label values have anything to look at. A range without a start is never too long.
 * @throws {QueryFailure} 422
 */
export function mayReadLabels(
  deps: Pick<Dependencies, 'limits' | 'clock'>,
  tenant: TenantId,
  asked: QueriedTimes,
): boolean {
  const reading = readTimes(deps, tenant, asked);
  if (reading.kind !== 'fault') return reading.kind === 'times';
  if (asked.startMs <= 0 && smallestLimit(deps.limits, tenant, 'maxQueryLookbackMs') === 0) return true;
  throw new QueryFailure({ status: 422, errorType: 'execution', message: reading.text });
}
