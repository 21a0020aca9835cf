import type { FastifyRequest } from 'fastify';
import type { QueryAttribute } from '../limits/limit-records.ts';
import { type DescribedQuery, isRejected, REJECTION_TEXT } from '../limits/query-rejection.ts';
import { selectedTimes } from '../promql/selected-length.ts';
import type { AppDependencies } from './dependencies.ts';
import { parseBound, parseStep, parseTime } from './go-values.ts';
import { loadGrammar } from './load-grammar.ts';
import { QueryFailure } from './query-failure.ts';
import type { RouteHook } from './routes.ts';

const apiTypes: readonly (readonly [pathEnd: string, apiType: DescribedQuery['apiType']])[] = [
  ['/query', 'query'],
  ['/query_range', 'query_range'],
  ['/series', 'series'],
  ['/labels', 'labels'],
  ['/values', 'label_values'],
];

/** Refuses the queries that a tenant's `query_rejection` describes. The parameters have been read. */
export function rejectQueries(deps: AppDependencies): RouteHook {
  const { limits, clock } = deps;
  const reject = async (request: FastifyRequest, attributes: readonly QueryAttribute[]): Promise<void> => {
    const query = await describe(deps, request);
    if (!query || !isRejected(attributes, query, clock.nowMs())) return;
    throw new QueryFailure({ status: 422, errorType: 'execution', message: REJECTION_TEXT });
  };
  return (request) => {
    const { queryRejectionEnabled, queryRejectionAttributes } = limits.forTenant(request.tenant);
    if (!queryRejectionEnabled || queryRejectionAttributes.length === 0) return undefined;
    return reject(request, queryRejectionAttributes);
  };
}

/** Undefined for what is no query, or is none that could be answered. */
async function describe(deps: AppDependencies, request: FastifyRequest): Promise<DescribedQuery | undefined> {
  const path = request.route?.url ?? '';
  const apiType = apiTypes.find(([pathEnd]) => path.endsWith(pathEnd))?.[1];
  if (!apiType) return undefined;
  const { form, headers } = request;
  const client = {
    userAgent: headers['user-agent'] ?? '',
    dashboardUid: `${headers['x-dashboard-uid'] ?? ''}`,
    panelId: `${headers['x-panel-id'] ?? ''}`,
  };
  if (apiType !== 'query' && apiType !== 'query_range') {
    const [startMs, endMs] = [timeOf(form.get('start')), timeOf(form.get('end'))];
    return { apiType, texts: form.all('match[]'), startMs, endMs, ...client };
  }
  const text = form.get('query');
  const times = text === '' ? undefined : await readTimes(deps, request, apiType);
  if (!times) return undefined;
  const step = parseStep(form.get('step'));
  return { apiType, texts: [text], ...times, stepMs: step.ok ? step.ms : undefined, ...client };
}

async function readTimes(
  { engine, settings, clock }: AppDependencies,
  { form }: FastifyRequest,
  apiType: 'query' | 'query_range',
): Promise<{ readonly startMs: number; readonly endMs: number } | undefined> {
  const time = form.get('time');
  const [startMs, endMs] =
    apiType === 'query'
      ? [time === '' ? clock.nowMs() : timeOf(time), time === '' ? clock.nowMs() : timeOf(time)]
      : [timeOf(form.get('start')), timeOf(form.get('end'))];
  const { parseExpr } = await loadGrammar();
  try {
    return selectedTimes(parseExpr(form.get('query'), settings.parse), { startMs, endMs }, engine.lookbackMs);
  } catch {
    // Whoever evaluates it tells what is wrong with it.
    return undefined;
  }
}

function timeOf(text: string): number {
  const time = text === '' ? undefined : parseTime(text).ok ? parseTime(text) : parseBound(text);
  return time?.ok ? time.ms : 0;
}
