import { compileRegex } from '../model/regex.ts';
import type { QueryAttribute } from './limit-records.ts';

/** What a refused query is told, in Cortex's words. */
export const REJECTION_TEXT = 'This query does not perform well and has been rejected by the service operator.';

const MINUTE_MS = 60_000;

/** What attributes look at. */
export interface DescribedQuery {
  readonly apiType: 'query' | 'query_range' | 'series' | 'labels' | 'label_values';
  /** The expression, or the selectors of `series` and its like. */
  readonly texts: readonly string[];
  /** What the query reads, 0 where that cannot be told. */
  readonly startMs: number;
  readonly endMs: number;
  /** Of `query_range`. */
  readonly stepMs?: number | undefined;
  readonly userAgent: string;
  readonly dashboardUid: string;
  readonly panelId: string;
}

/** Whether the query is all that one of `attributes` says. */
export function isRejected(attributes: readonly QueryAttribute[], query: DescribedQuery, nowMs: number): boolean {
  return attributes.some((attribute) => isLike(attribute, query, nowMs));
}

function isLike(attribute: QueryAttribute, query: DescribedQuery, nowMs: number): boolean {
  const checks = [...checksOf(attribute, query, nowMs)];
  return checks.length > 0 && checks.every((check) => check);
}

/** One claim for each property that is set. */
function* checksOf(attribute: QueryAttribute, query: DescribedQuery, nowMs: number): IterableIterator<boolean> {
  const { apiType, regex, timeWindow, timeRangeLimit, queryStepLimit, userAgentRegex } = attribute;
  const isExpression = query.apiType === 'query' || query.apiType === 'query_range';
  if (apiType !== '') yield apiType === query.apiType;
  if (regex !== '') yield passesAll(regex, isExpression) || query.texts.some(finderOf(regex));
  if (timeWindow.startMs !== 0 || timeWindow.endMs !== 0) yield isWithinWindow(timeWindow, query, nowMs);
  if (timeRangeLimit.minMs !== 0 || timeRangeLimit.maxMs !== 0) {
    yield query.startMs !== 0 && query.endMs !== 0 && isWithin(query.endMs - query.startMs, timeRangeLimit);
  }
  if (query.apiType === 'query_range' && (queryStepLimit.minMs !== 0 || queryStepLimit.maxMs !== 0)) {
    yield query.stepMs !== undefined && isWithin(query.stepMs, queryStepLimit);
  }
  if (userAgentRegex !== '') yield userAgentRegex === '.*' || finderOf(userAgentRegex)(query.userAgent);
  if (!isExpression) return;
  if (attribute.dashboardUid !== '') yield attribute.dashboardUid === query.dashboardUid;
  if (attribute.panelId !== '') yield attribute.panelId === query.panelId;
}

/** Cortex does not try these; of selectors there may be none to try. */
function passesAll(regex: string, isExpression: boolean): boolean {
  return regex === '.*' || (isExpression && regex === '.+');
}

function isWithin(valueMs: number, { minMs, maxMs }: { readonly minMs: number; readonly maxMs: number }): boolean {
  return (minMs === 0 || valueMs >= minMs) && (maxMs === 0 || valueMs <= maxMs);
}

/** Both ends are as long ago as the window says at most, give or take a minute. */
function isWithinWindow(
  window: QueryAttribute['timeWindow'],
  { startMs, endMs }: DescribedQuery,
  nowMs: number,
): boolean {
  const minuteOf = (timeMs: number): number => Math.floor(timeMs / MINUTE_MS) * MINUTE_MS;
  if (window.startMs !== 0) {
    if (startMs === 0 || startMs < minuteOf(nowMs - window.startMs - MINUTE_MS)) return false;
  }
  if (window.endMs === 0) return true;
  return endMs !== 0 && endMs <= minuteOf(nowMs - window.endMs + MINUTE_MS);
}

const finders = new Map<string, (text: string) => boolean>();
const FINDERS_LIMIT = 1000;

/** Whether the expression is found anywhere in a text. Settings change seldom, queries come often. */
function finderOf(regex: string): (text: string) => boolean {
  const known = finders.get(regex);
  if (known) return known;
  const { matches } = compileRegex(`.*(?:${regex}).*`);
  if (finders.size >= FINDERS_LIMIT) finders.clear();
  finders.set(regex, matches);
  return matches;
}
