import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Expr } from '../../grammar/ast.ts';
import { PocketCortexError } from '../model/errors.ts';
import type { QueryResult } from '../model/query-result.ts';
import { queryResponseJson } from '../wire/result-json.ts';
import type { AppDependencies } from './dependencies.ts';
import { loadGrammar } from './load-grammar.ts';
import type { QueryApiArea } from './query-api.ts';
import { badData, QueryFailure } from './query-failure.ts';
import { instantOptions, rangeOptions } from './query-options.ts';
import { sendJsonChunks } from './replies.ts';
import { selectorsOf } from './selectors.ts';

type Evaluate = (deps: AppDependencies, request: FastifyRequest, signal: AbortSignal) => Promise<QueryResult>;

/** `query` and `query_range`. */
export const queryRoutes: QueryApiArea = (deps) => async (app) => {
  const route = (url: string, evaluate: Evaluate) =>
    app.route({ method: ['GET', 'POST'], url, handler: (request, reply) => answer(deps, request, reply, evaluate) });
  route('/query', instant);
  route('/query_range', range);
};

async function answer(
  deps: AppDependencies,
  request: FastifyRequest,
  reply: FastifyReply,
  evaluate: Evaluate,
): Promise<FastifyReply> {
  const { clock, settings } = deps;
  const startedMs = clock.elapsedMs();
  const abort = new AbortController();
  const timeout = new PocketCortexError('query-timeout', 'query timed out in expression evaluation');
  const timer = clock.setTimer(() => abort.abort(timeout), settings.queryTimeoutMs);
  // A client that has gone needs no answer; nothing else closes a reply before it was sent.
  const onClose = () => abort.abort(new PocketCortexError('query-cancelled', 'context canceled'));
  reply.raw.once('close', onClose);
  try {
    const result = await evaluate(deps, request, abort.signal);
    const durationMs = clock.elapsedMs() - startedMs;
    const withStatistics = request.form.get('stats') !== '';
    return sendJsonChunks(reply, queryResponseJson(result, { withStatistics, durationMs }));
  } finally {
    timer.cancel();
    reply.raw.off('close', onClose);
  }
}

async function instant(deps: AppDependencies, request: FastifyRequest, signal: AbortSignal): Promise<QueryResult> {
  const { parseExpr } = await loadGrammar();
  const expression = parseExpr(request.form.get('query'), deps.settings.parse);
  const options = instantOptions(request.form, request.tenant, deps.clock.nowMs());
  refuseBeforeEpoch(expression, options.timeMs);
  return deps.engine.instant({ ...options, signal });
}

async function range(deps: AppDependencies, request: FastifyRequest, signal: AbortSignal): Promise<QueryResult> {
  const { parseExpr, typeOf } = await loadGrammar();
  const expression = parseExpr(request.form.get('query'), deps.settings.parse);
  const options = rangeOptions(request.form, request.tenant);
  const type = typeOf(expression);
  if (type === 'string' || type === 'matrix') {
    const name = type === 'matrix' ? 'range vector' : type;
    throw badData(
      `invalid parameter "query"; invalid expression type "${name}" for range query, must be Scalar or instant Vector`,
    );
  }
  refuseBeforeEpoch(expression, options.endMs);
  return deps.engine.range({ ...options, signal });
}

/** Cortex's block store cannot look at a time before 1970, so a query that ends there fails unless it selects nothing. */
function refuseBeforeEpoch(expression: Expr, endMs: number): void {
  if (endMs >= 0 || selectorsOf(expression).length === 0) return;
  throw new QueryFailure({
    status: 500,
    errorType: 'server_error',
    message: 'expanding series: invalid blocks time range',
  });
}
