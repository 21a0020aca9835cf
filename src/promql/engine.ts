import type { ParseOptions } from '../../grammar/promql.ts';
import { PocketCortexError } from '../model/errors.ts';
import type { QueryResult } from '../model/query-result.ts';
import type { SeriesSource } from '../model/series-source.ts';
import type { TenantId } from '../model/tenant.ts';

export interface EngineOptions {
  readonly source: SeriesSource;
  /** How far back an instant selector looks for a sample, exclusive. */
  readonly lookbackMs: number;
  /** The step of a subquery that names none. */
  readonly defaultStepMs: number;
  /** The most samples that a query may hold at a time. */
  readonly maxSamples: number;
  readonly parse?: ParseOptions;
}

export interface InstantQuery {
  readonly tenant: TenantId;
  readonly query: string;
  readonly timeMs: number;
  readonly lookbackMs?: number;
  /** Aborting it ends the query: with its reason when that is a `PocketCortexError`, else as cancelled or timed out. */
  readonly signal?: AbortSignal;
}

export interface RangeQuery {
  readonly tenant: TenantId;
  readonly query: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Above 0. */
  readonly stepMs: number;
  readonly lookbackMs?: number;
  readonly signal?: AbortSignal;
}

/** Evaluates PromQL over a `SeriesSource`. Keeps nothing between queries. */
export class Engine {
  readonly #options: EngineOptions;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  async instant(query: InstantQuery): Promise<QueryResult> {
    throw new PocketCortexError('internal', `not evaluated yet: ${query.query} ${this.#options.lookbackMs}`);
  }

  async range(query: RangeQuery): Promise<QueryResult> {
    throw new PocketCortexError('internal', `not evaluated yet: ${query.query} ${this.#options.lookbackMs}`);
  }
}
