import type { QueryResult } from '../model/query-result.ts';
import type { TenantId } from '../model/tenant.ts';
import type { Rule } from './rule-group.ts';

/** What the ruler asks of an engine. */
export interface RuleEngine {
  instant(query: {
    readonly tenant: TenantId;
    readonly query: string;
    readonly timeMs: number;
    readonly signal?: AbortSignal;
  }): Promise<QueryResult>;
  /**
   * The same for many moments at once: a matrix whose steps are, to the bit, what `instant` gives at each of them. Whatever
   * it cannot promise that of is an error. Left out where there is no such thing.
   */
  readonly range?: ((query: RuleRangeQuery) => Promise<QueryResult>) | undefined;
}

export interface RuleRangeQuery {
  readonly tenant: TenantId;
  readonly query: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
  readonly signal?: AbortSignal;
}

/** Whose query it is. */
export interface QueryOrigin {
  readonly tenant: TenantId;
  readonly namespace: string;
  readonly group: string;
  readonly rule: Rule;
}

/** An engine that wants to know. */
export interface ObservedEngine {
  instant(origin: QueryOrigin, query: Parameters<RuleEngine['instant']>[0]): Promise<QueryResult>;
}
