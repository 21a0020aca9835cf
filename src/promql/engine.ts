import type { Expr } from '../../grammar/ast.ts';
import { type ParseOptions, parseExpr, typeOf } from '../../grammar/promql.ts';
import { Annotations } from '../model/annotations.ts';
import { PocketCortexError } from '../model/errors.ts';
import type { QueryResult, QueryValue } from '../model/query-result.ts';
import type { SeriesSource } from '../model/series-source.ts';
import type { StopSignal } from '../model/stop-signal.ts';
import type { TenantId } from '../model/tenant.ts';
import { runInSlices, type Work } from '../model/work.ts';
import { floatsOnly } from './floats-only.ts';
import type { EngineFeatures } from './functions/types.ts';
import { dropMetricName, markNameDropped } from './operators/metric-name.ts';
import { CountExactly, type QueryContext, SampleAccount } from './operators/query-context.ts';
import { ParsedQueries } from './parsed-queries.ts';
import { PeakMeter } from './peak-meter.ts';
import { type QueryTimes, rewrite } from './plan-rewrite.ts';
import type { Scope } from './plan-scope.ts';
import { evaluateInstant, evaluateMatrix } from './results.ts';

export interface EngineOptions {
  readonly source: SeriesSource;
  /** How far back an instant selector looks for a sample, exclusive. */
  readonly lookbackMs: number;
  /** The step of a subquery that names none. */
  readonly defaultStepMs: number;
  /** The most samples that a query may hold at a time. */
  readonly maxSamples: number;
  readonly parse?: ParseOptions;
  readonly features?: EngineFeatures;
}

export interface InstantQuery {
  readonly tenant: TenantId;
  readonly query: string;
  readonly timeMs: number;
  readonly lookbackMs?: number;
  /** Aborting it ends the query: with its reason when that is a `PocketCortexError`, else as cancelled or timed out. */
  readonly signal?: StopSignal;
  /** Whether the statistics tell the peak as Prometheus counts it, which takes some more time. */
  readonly withExactPeak?: boolean;
}

export interface RangeQuery {
  readonly tenant: TenantId;
  readonly query: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Above 0. */
  readonly stepMs: number;
  readonly lookbackMs?: number;
  readonly signal?: StopSignal;
  /** Whether the statistics tell the peak as Prometheus counts it, which takes some more time. */
  readonly withExactPeak?: boolean;
  /**
   * Fails where a native histogram is read: what is said of their counter resets depends on where reading began, so a range of
   * steps may give other bits than each step by itself.
   */
  readonly isFloatsOnly?: boolean;
}

/** Evaluates PromQL over a `SeriesSource`, in slices. Keeps nothing between queries but the trees of their texts. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #parsed = new ParsedQueries();

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** How far back selectors look when a query does not say. */
  get lookbackMs(): number {
    return this.#options.lookbackMs;
  }

  /** The PromQL that it takes. */
  get parseOptions(): ParseOptions {
    return this.#options.parse ?? {};
  }

  /**
   * The checked tree of a query. Frozen.
   * @throws {PocketCortexError} `parse-error`
   */
  parse(query: string): Expr {
    return this.#parsed.get(query) ?? this.#parsed.add(query, parseExpr(query, this.#options.parse));
  }

  /**
   * The value of an expression of any type at one moment.
   * @throws {PocketCortexError} `parse-error`, `bad-data`, `execution-error`, `too-many-samples`, `query-timeout`,
   * `query-cancelled`
   */
  instant({ timeMs, ...query }: InstantQuery): Promise<QueryResult> {
    const times = { startMs: timeMs, endMs: timeMs, stepMs: 0 };
    const grid = { startMs: timeMs, stepMs: 1, count: 1 };
    return this.#evaluate(query, times, (expr, scope) => evaluateInstant(expr, { ...scope, grid }));
  }

  /**
   * The values of an instant vector or scalar at `startMs`, `startMs + stepMs`, … up to `endMs`.
   * @throws {PocketCortexError} as `instant`
   */
  range({ startMs, endMs, stepMs, ...query }: RangeQuery): Promise<QueryResult> {
    const grid = { startMs, stepMs, count: Math.max(0, Math.floor((endMs - startMs) / stepMs) + 1) };
    return this.#evaluate(query, { startMs, endMs, stepMs }, (expr, scope) => {
      const type = typeOf(expr);
      if (type === 'matrix' || type === 'string') throw notForRange(type);
      scope.context.account.assertRoomFor(grid.count);
      return evaluateMatrix(expr, { ...scope, grid });
    });
  }

  async #evaluate(
    {
      tenant,
      query,
      lookbackMs,
      signal,
      withExactPeak = false,
      isFloatsOnly = false,
    }: Omit<RangeQuery, 'startMs' | 'endMs' | 'stepMs'>,
    times: QueryTimes,
    evaluate: (expr: Expr, scope: Omit<Scope, 'grid'>) => Work<QueryValue>,
  ): Promise<QueryResult> {
    const expr = rewrite(this.parse(query), times);
    const attempt = async (isExact: boolean): Promise<QueryResult> => {
      const meter = isExact ? new PeakMeter(undefined, 0) : undefined;
      const context = this.#context({ tenant, query, lookbackMs, isFloatsOnly }, meter);
      const { account, annotations } = context;
      const value = await runInterruptibly(evaluate(expr, { context, meter, endMs: times.endMs }), signal);
      account.settle();
      const peakSamples = meter?.measure().peak ?? account.mostHeld;
      return { value, annotations, statistics: { totalQueryableSamples: account.queryable, peakSamples } };
    };
    if (withExactPeak) return attempt(true);
    try {
      return await attempt(false);
    } catch (error) {
      if (error instanceof CountExactly) return attempt(true);
      throw error;
    }
  }

  #context(
    {
      tenant,
      query,
      lookbackMs,
      isFloatsOnly,
    }: Pick<RangeQuery, 'tenant' | 'query'> & { lookbackMs: number | undefined; isFloatsOnly: boolean },
    meter: PeakMeter | undefined,
  ): QueryContext {
    const { source, defaultStepMs, maxSamples, features = {} } = this.#options;
    const ofQuery = source.forQuery?.() ?? source;
    return {
      source: isFloatsOnly ? floatsOnly(ofQuery) : ofQuery,
      tenant,
      lookbackMs: lookbackMs ?? this.#options.lookbackMs,
      defaultStepMs,
      query,
      annotations: new Annotations(),
      account: SampleAccount.open(maxSamples, meter && (() => meter.measure())),
      features,
      dropName: features.delayedNameRemoval ? markNameDropped : dropMetricName,
    };
  }
}

async function runInterruptibly<Result>(work: Work<Result>, signal: StopSignal | undefined): Promise<Result> {
  try {
    return await runInSlices(work, signal);
  } catch (error) {
    if (signal?.aborted && error === signal.reason) throw interruption(error);
    throw error;
  }
}

/** What an aborted query says: Prometheus's words for a timeout or a cancellation, unless the signal brought its own. */
function interruption(reason: unknown): PocketCortexError {
  if (reason instanceof PocketCortexError) return reason;
  const isTimeout = reason instanceof Error && reason.name === 'TimeoutError';
  return isTimeout
    ? new PocketCortexError('query-timeout', 'query timed out in expression evaluation', { cause: reason })
    : new PocketCortexError('query-cancelled', 'query was canceled in expression evaluation', { cause: reason });
}

function notForRange(type: 'matrix' | 'string'): PocketCortexError {
  const name = type === 'matrix' ? 'range vector' : 'string';
  return new PocketCortexError(
    'bad-data',
    `invalid expression type "${name}" for range query, must be Scalar or instant Vector`,
  );
}
