import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
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
import { statusRoutes } from './status-routes.ts';
import { checkSubquerySteps } from './subquery-steps.ts';
import { syntaxRoutes } from './syntax-routes.ts';
import { requireTenants } from './tenant.ts';

/**
 * The Prometheus API, at its own prefix and at the legacy one: what its parts have in common is the tenant, the
 * parameters, CORS and the form of errors. Series and labels compress whenever a client takes it, queries do not.
 */
export function queryApi(deps: AppDependencies): FastifyPluginAsync {
  return async (app) => {
    shareRequestHandling(app, deps);
    const { settings, limits } = deps;
    const queue = new QueryQueue({
      maxConcurrent: settings.maxConcurrentQueries,
      maxOutstanding: (tenant) => limits.forTenant(tenant).maxOutstandingPerTenant,
    });
    const areaDeps: QueryApiDependencies = { ...deps, store: deps.reads };
    for (const prefix of [settings.prometheusHttpPrefix, settings.httpPrefix]) {
      const options = { prefix: `${prefix}/api/v1` };
      await app.register(withSubqueryLimit(deps, queryRoutes(queue)(areaDeps)), options);
      await app.register(statusRoutes(areaDeps), options);
      for (const area of [metadataRoutes, remoteReadRoutes])
        await app.register(behindIngester(deps, area(areaDeps)), options);
      await app.register(compressed(syntaxRoutes(areaDeps)), options);
      for (const area of [labelRoutes, exemplarRoutes])
        await app.register(behindIngester(deps, compressed(area(areaDeps))), options);
    }
  };
}

function shareRequestHandling(app: FastifyInstance, deps: AppDependencies): void {
  const { settings, logger } = deps;
  const setCors = createCors(settings.corsOrigin);
  app.decorateRequest('form');
  app.addHook(
    'onRequest',
    requireTenants(deps, (reply, reason) => sendText(reply, 400, reason)),
  );
  app.addHook('preHandler', async (request, reply) => {
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
  });
  app.addHook('preHandler', rejectQueries(deps));
  app.setErrorHandler((error, request, reply) => {
    const known = asApiError(error);
    if (known) return sendApiError(reply, known);
    const { id: requestId, tenant } = request;
    const isBroken = error instanceof AssertionFailure;
    logger.error({ err: error, path: pathOf(request), requestId, tenant, isBroken }, 'query failed');
    const message = error instanceof Error ? error.message : String(error);
    return sendApiError(reply, { status: 500, errorType: 'internal', message });
  });
}

function withSubqueryLimit(deps: AppDependencies, area: FastifyPluginAsync): FastifyPluginAsync {
  return async (app) => {
    app.addHook('preHandler', async ({ form }) => checkSubquerySteps(deps, form.get('query')));
    await app.register(area);
  };
}

/** Routes that have nothing to answer once the ingester was shut down. */
function behindIngester({ ingester }: AppDependencies, area: FastifyPluginAsync): FastifyPluginAsync {
  return async (app) => {
    app.addHook('preHandler', async () => ingester.expectReadable());
    await app.register(area);
  };
}

function compressed(area: FastifyPluginAsync): FastifyPluginAsync {
  return async (app) => {
    app.addHook('onSend', compressAlways);
    await app.register(area);
  };
}

function pathOf(request: FastifyRequest): string | undefined {
  return request.routeOptions.url;
}
