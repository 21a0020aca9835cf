import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { adminRoutes } from './admin-routes.ts';
import { compressLarge } from './compression.ts';
import { takeOverBodies } from './content-type.ts';
import type { AppDependencies } from './dependencies.ts';
import { routeLikeCortex } from './paths.ts';
import { pushRoutes } from './push-routes.ts';
import { queryApi } from './query-api.ts';
import { sendText } from './replies.ts';
import { measureRequests } from './request-metrics.ts';
import { rulerRoutes } from './ruler-routes.ts';
import { rulesStatusRoutes } from './rules-status-routes.ts';
import { statsRoutes } from './stats-routes.ts';

/** The whole HTTP surface, not listening: `listen` it, or `inject` requests in tests. */
export function createApp(deps: AppDependencies): FastifyInstance {
  const { logger, metrics, clock, settings } = deps;
  const app: FastifyInstance = Fastify({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    exposeHeadRoutes: false,
    // Label names and rule groups stand in paths, as long as somebody likes.
    routerOptions: { maxParamLength: 1 << 16 },
    // Fastify answers a path with a broken escape by itself otherwise, as JSON.
    frameworkErrors: (error, _request, reply) => sendText(reply, error.statusCode ?? 400, error.message),
  });
  app.decorateRequest('tenant');
  takeOverBodies(app);
  measureRequests(app, metrics, clock);
  routeLikeCortex(app);
  if (settings.responseCompressionEnabled) app.addHook('onSend', compressLarge);
  app.setErrorHandler((error, request, reply) => {
    logger.error({ err: error, path: request.routeOptions.url }, 'request failed');
    return sendText(reply, 500, error instanceof Error ? error.message : String(error));
  });
  for (const area of [adminRoutes, pushRoutes, queryApi, statsRoutes, rulerRoutes, rulesStatusRoutes]) {
    app.register(area(deps));
  }
  return app;
}
