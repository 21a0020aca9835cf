import type { FastifyReply, FastifyRequest } from 'fastify';
import { selectorsOf } from '../../grammar/children.ts';
import type { ParseOptions } from '../../grammar/promql.ts';
import { PocketCortexError } from '../model/errors.ts';
import type { QueryResult } from '../model/query-result.ts';
import { LazyAbort, type StopSignal } from '../model/stop-signal.ts';
import { type JsonChunks, wholeJson } from '../wire/json-bytes.ts';
import { queryResponseJson } from '../wire/result-json.ts';
import { loadGrammar } from './load-grammar.ts';
import type { QueryApiArea, QueryApiDependencies } from './query-api-area.ts';
import { badData, QueryFailure } from './query-failure.ts';
import { instantOptions, rangeOptions } from './query-options.ts';
import type { QueryQueue } from './query-queue.ts';
import { checkSelectedLength, emptyMatrix, limitRange } from './query-time-limits.ts';
import { sendJsonBytes, sendJsonChunks } from './replies.ts';

type Evaluate = (deps: QueryApiDependencies, request: FastifyRequest, signal: StopSignal) => Promise<QueryResult>;

/** `query` and `query_range`, as `queue` has room for them. */
export function queryRoutes(queue: QueryQueue): QueryApiArea {
  return (deps) => async (app) => {
    const route = (url: string, evaluate: Evaluate) =>
      app.route({
        method: ['GET', 'POST'],
        url,
        handler: (request, reply) => answer(deps, queue, { request, reply, evaluate }),
      });
    route('/query', instant);
    route('/query_range', range);
  };
}

async function answer(
  deps: QueryApiDependencies,
  queue: QueryQueue,
  { request, reply, evaluate }: { request: FastifyRequest; reply: FastifyReply; evaluate: Evaluate },
): Promise<FastifyReply> {
  const { clock } = deps;
  const startedMs = clock.elapsedMs();
  const abort = new LazyAbort();
  // A client that has gone needs no answer; nothing else closes a reply before it was sent.
  const onClose = () => abort.abort(new PocketCortexError('query-cancelled', 'context canceled'));
  reply.raw.once('close', onClose);
  try {
    const { tenant } = request;
    const result = await queue.run({ tenant, abort }, () => evaluateInTime(deps, request, abort, evaluate));
    const durationMs = clock.elapsedMs() - startedMs;
    const withStatistics = wantsStatistics(request);
    const answered = queryResponseJson(result, { withStatistics, durationMs });
    const chunks = wantsExplanation(request, result)
      ? await explained(deps, request, { answered, signal: abort.signal })
      : answered;
    const limitBytes = deps.limits.forTenant(tenant).maxQueryResponseSize;
    return limitBytes > 0 ? sendJsonBytes(reply, wholeWithin(chunks, limitBytes)) : sendJsonChunks(reply, chunks);
  } finally {
    reply.raw.off('close', onClose);
  }
}

/**
 * An answer that has a limit is made as a whole before its first byte goes out.
 * @throws {QueryFailure} 422 when it is larger than `limitBytes`
 */
function wholeWithin(chunks: JsonChunks, limitBytes: number): Buffer {
  const made: Buffer[] = [];
  let sizeBytes = 0;
  for (let isLast = false; !isLast; ) {
    const next = chunks.next();
    isLast = next.done === true;
    sizeBytes += next.value.byteLength;
    if (sizeBytes > limitBytes) {
      chunks.return(Buffer.alloc(0));
      const message = `the query response size exceeds limit (limit: ${limitBytes} bytes)`;
      throw new QueryFailure({ status: 422, errorType: 'execution', message });
    }
    made.push(Buffer.from(next.value));
  }
  return Buffer.concat(made, sizeBytes);
}

/** The time a query may take does not count what it waited, as in Cortex. */
async function evaluateInTime(
  deps: QueryApiDependencies,
  request: FastifyRequest,
  abort: LazyAbort,
  evaluate: Evaluate,
): Promise<QueryResult> {
  const onTimeout = () =>
    abort.abort(new PocketCortexError('query-timeout', 'query timed out in expression evaluation'));
  const timer = deps.clock.setTimer(onTimeout, deps.settings.queryTimeoutMs);
  try {
    return await evaluate(deps, request, abort);
  } finally {
    timer.cancel();
  }
}

function wantsStatistics({ form }: FastifyRequest): boolean {
  return form.get('stats') !== '';
}

function wantsExplanation({ form }: FastifyRequest, { value }: QueryResult): boolean {
  if (form.get('explain') !== 'empty') return false;
  return (value.kind === 'vector' && value.labels.length === 0) || ('series' in value && value.series.length === 0);
}

/** The answer with `explanation` beside `data`. */
async function explained(
  { explainEmpty, clock }: QueryApiDependencies,
  { form, tenant }: FastifyRequest,
  { answered, signal }: { readonly answered: JsonChunks; readonly signal: AbortSignal },
): Promise<JsonChunks> {
  if (explainEmpty === undefined) return answered;
  const isRange = form.get('step') !== '';
  const { query, ...times } = isRange
    ? rangeOptions(form, tenant)
    : instantTimes(instantOptions(form, tenant, clock.nowMs()));
  const explanation = await explainEmpty({ tenant, query, ...times, signal });
  return withExplanation(answered, explanation);
}

function* withExplanation(answered: JsonChunks, explanation: string): JsonChunks {
  const head = wholeJson(answered).subarray(0, -1);
  return Buffer.concat([head, Buffer.from(`,"explanation":${explanation}}`)]);
}

function instantTimes({ query, timeMs }: { readonly query: string; readonly timeMs: number }) {
  return { query, startMs: timeMs, endMs: timeMs, stepMs: 0 };
}

async function instant(deps: QueryApiDependencies, request: FastifyRequest, signal: StopSignal): Promise<QueryResult> {
  const options = await readOptions(deps, request, () =>
    instantOptions(request.form, request.tenant, deps.clock.nowMs()),
  );
  if (options.timeMs < 0) await refuseBeforeEpoch(options.query, deps.settings.parse);
  await checkSelectedLength(deps, options);
  return deps.engine.instant({ ...options, signal, withExactPeak: wantsStatistics(request) });
}

async function range(deps: QueryApiDependencies, request: FastifyRequest, signal: StopSignal): Promise<QueryResult> {
  const asked = await readOptions(deps, request, () => rangeOptions(request.form, request.tenant));
  const options = await limitRange(deps, asked);
  if (!options) return emptyMatrix(asked);
  if (options.endMs < 0) await refuseBeforeEpoch(options.query, deps.settings.parse);
  try {
    return await deps.engine.range({ ...options, signal, withExactPeak: wantsStatistics(request) });
  } catch (error) {
    // The engine's only quarrel with what was asked is the type of the expression.
    const isBadData = error instanceof PocketCortexError && error.code === 'bad-data';
    throw isBadData ? badData(`invalid parameter "query"; ${error.message}`) : error;
  }
}

/** Cortex parses the query first, so a bad one is reported before a bad time. */
async function readOptions<Options>(
  { settings }: QueryApiDependencies,
  { form }: FastifyRequest,
  read: () => Options,
): Promise<Options> {
  try {
    return read();
  } catch (failure) {
    const { parseExpr } = await loadGrammar();
    parseExpr(form.get('query'), settings.parse);
    throw failure;
  }
}

/** Cortex's block store cannot look at a time before 1970, so a query that ends there fails unless it selects nothing. */
async function refuseBeforeEpoch(query: string, options: ParseOptions): Promise<void> {
  const { parseExpr } = await loadGrammar();
  if (selectorsOf(parseExpr(query, options)).next().done) return;
  throw new QueryFailure({
    status: 500,
    errorType: 'server_error',
    message: 'expanding series: invalid blocks time range',
  });
}
