import type { FastifyRequest } from 'fastify';
import { AssertionFailure } from '../model/assert.ts';
import { compressAlways } from './compression.ts';
import { createCors } from './cors.ts';
import type { AppDependencies } from './dependencies.ts';
import { exemplarRoutes } from './exemplar-routes.ts';
import { readForm } from './form.ts';
import { labelRoutes } from './label-routes.ts';
import { metadataRoutes } from './metadata-routes.ts';
import type { QueryApiDependencies } from './query-api-area.ts';
import { asApiError } from './query-failure.ts';
import { QueryQueue } from './query-queue.ts';
import { rejectQueries } from './query-rejection.ts';
import { queryRoutes } from './query-routes.ts';
import { remoteReadRoutes } from './remote-read-routes.ts';
import { sendApiError, sendText } from './replies.ts';
import type { AddRoutes, RouteHook, RouteHooks } from './routes.ts';
import { statusRoutes } from './status-routes.ts';
import { checkSubquerySteps } from './subquery-steps.ts';
import { syntaxRoutes } from './syntax-routes.ts';
import { requireTenants } from './tenant.ts';

/**
 * The Prometheus API, at its own prefix and at the legacy one: what its parts have in common is the tenant, the
 * parameters, CORS and the form of errors. Series and labels compress whenever a client takes it, queries do not.
 */
export function queryApi(deps: AppDependencies): AddRoutes {
  return (routes) => {
    const { settings, limits, ingester } = deps;
    const queue = new QueryQueue({
      maxConcurrent: settings.maxConcurrentQueries,
      maxOutstanding: (tenant) => limits.forTenant(tenant).maxOutstandingPerTenant,
    });
    const areaDeps: QueryApiDependencies = { ...deps, store: deps.reads };
    const shared = sharedHandling(deps);
    const withinLimit = { before: ({ form }: FastifyRequest) => checkSubquerySteps(deps, form.get('query')) };
    // Routes that have nothing to answer once the ingester was shut down.
    const behindIngester = {
      before: () => {
        ingester.expectReadable();
        return undefined;
      },
    };
    const compressed = { onSend: compressAlways };
    for (const prefix of [settings.prometheusHttpPrefix, settings.httpPrefix]) {
      const api = routes.within(shared, `${prefix}/api/v1`);
      queryRoutes(queue)(areaDeps)(api.within(withinLimit));
      statusRoutes(areaDeps)(api);
      for (const area of [metadataRoutes, remoteReadRoutes]) area(areaDeps)(api.within(behindIngester));
      syntaxRoutes(areaDeps)(api.within(compressed));
      for (const area of [labelRoutes, exemplarRoutes]) area(areaDeps)(api.within(behindIngester).within(compressed));
    }
  };
}

function sharedHandling(deps: AppDependencies): RouteHooks {
  const { settings, logger } = deps;
  const setCors = createCors(settings.corsOrigin);
  const readParameters: RouteHook = async (request, reply) => {
    setCors(request, reply);
    const reading = await readForm(request, settings.maxQueryBodySizeBytes);
    switch (reading.kind) {
      case 'form':
        request.form = reading.form;
        return;
      case 'malformed':
        return sendText(reply, 400, reading.reason);
      case 'too-large':
        return sendText(reply, 413, 'http: request body too large');
    }
  };
  return {
    before: [
      requireTenants(deps, (reply, reason) => sendText(reply, 400, reason)),
      readParameters,
      rejectQueries(deps),
    ],
    onError: (error, request, reply) => {
      const known = asApiError(error);
      if (known) return sendApiError(reply, known);
      const { id: requestId, tenant } = request;
      const isBroken = error instanceof AssertionFailure;
      logger.error({ err: error, path: request.route?.url, requestId, tenant, isBroken }, 'query failed');
      const message = error instanceof Error ? error.message : String(error);
      return sendApiError(reply, { status: 500, errorType: 'internal', message });
    },
  };
}
