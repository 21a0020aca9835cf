import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { adminRoutes } from './admin-routes.ts';
import { alertmanagerApiRoutes } from './alertmanager-api-routes.ts';
import { alertmanagerConfigRoutes } from './alertmanager-config-routes.ts';
import { compressLarge } from './compression.ts';
import { configsRoutes } from './configs-routes.ts';
import { takeOverBodies } from './content-type.ts';
import { allowOtherOrigins } from './cors.ts';
import type { AppDependencies, HttpSettings } from './dependencies.ts';
import { haTrackerRoutes } from './ha-tracker-routes.ts';
import { ingesterRoutes } from './ingester-routes.ts';
import { otlpRoutes } from './otlp-routes.ts';
import { overridesRoutes } from './overrides-routes.ts';
import { answerByRoutes, findRoutes, redirectUnclean } from './paths.ts';
import { answerInTurn } from './pipelining.ts';
import { pocketDataRoutes } from './pocket-data-routes.ts';
import { profileRoutes } from './profile-routes.ts';
import { purgerRoutes } from './purger-routes.ts';
import { pushRoutes } from './push-routes.ts';
import { queryApi } from './query-api.ts';
import { sendText } from './replies.ts';
import { requestIds } from './request-id.ts';
import { measureRequests } from './request-metrics.ts';
import { parquetConverterRoutes, ringRoutes } from './ring-routes.ts';
import { type AddRoutes, Routes, RouteTable } from './routes.ts';
import { rulerRoutes } from './ruler-routes.ts';
import { rulesOverviewRoutes } from './rules-overview-routes.ts';
import { rulesStatusRoutes } from './rules-status-routes.ts';
import { statsRoutes } from './stats-routes.ts';
import { uiRoutes } from './ui-routes.ts';

/** Go's bound on the headers of a request, URL included: long queries come by GET too. Node's own is 16 kB. */
const HEADERS_LIMIT_BYTES = 1 << 20;
/** Cortex's defaults for how long a connection may stay idle, and how long a request may take to come in. */
const IDLE_TIMEOUT_MS = 120_000;
const READ_TIMEOUT_MS = 30_000;

/** Parts of the target `all`. */
const areasOfAll = [
  otlpRoutes,
  pushRoutes,
  queryApi,
  statsRoutes,
  rulerRoutes,
  rulesStatusRoutes,
  rulesOverviewRoutes,
  alertmanagerConfigRoutes,
  alertmanagerApiRoutes,
  uiRoutes,
  ringRoutes,
  ingesterRoutes,
  purgerRoutes,
  haTrackerRoutes,
  pocketDataRoutes,
];

const watchingPaths: ReadonlySet<string> = new Set(['/ready', '/metrics', '/services']);

/** Which areas answer, by what is run. */
function areasOf(targets: HttpSettings['targets']): readonly ((deps: AppDependencies) => AddRoutes)[] {
  return [
    adminRoutes,
    profileRoutes,
    overridesRoutes,
    ...(targets.includes('all') ? areasOfAll : []),
    ...(targets.includes('configs') ? [configsRoutes] : []),
    ...(targets.includes('parquet-converter') ? [parquetConverterRoutes] : []),
  ];
}

/** Fastify would load its compilers of JSON schemas at every start; routes here have none, as their checks and words are Cortex's. */
function noSchemas(): never {
  throw new Error('a route has a schema: give Fastify the compilers for it');
}

/** The whole HTTP surface, not listening: `listen` it, or `inject` requests in tests. */
export function createApp(deps: AppDependencies): FastifyInstance {
  const { logger, metrics, clock, settings } = deps;
  const app: FastifyInstance = Fastify({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    exposeHeadRoutes: false,
    http: { maxHeaderSize: HEADERS_LIMIT_BYTES },
    keepAliveTimeout: IDLE_TIMEOUT_MS,
    requestTimeout: READ_TIMEOUT_MS,
    genReqId: requestIds(settings.requestIdHeader),
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    // Fastify answers a path with a broken escape by itself otherwise, as JSON.
    frameworkErrors: (error, _request, reply) => sendText(reply, error.statusCode ?? 400, error.message),
  });
  const table = new RouteTable();
  app.decorate('routes', table);
  app.decorateRequest('tenant');
  app.decorateRequest('form');
  findRoutes(app, table);
  takeOverBodies(app);
  measureRequests(app, metrics, clock);
  answerInTurn(app);
  app.addHook('onRequest', ({ route }, _reply, done) => {
    // Who only watches the server does not keep it from its rest.
    if (route !== undefined && !watchingPaths.has(route.url)) deps.quiet.touch();
    done();
  });
  if (settings.corsPreflight) allowOtherOrigins(app, settings.corsOrigin);
  redirectUnclean(app);
  if (settings.responseCompressionEnabled) app.addHook('onSend', compressLarge);
  app.setErrorHandler((error, request, reply) => {
    const answered = request.route?.onError?.(error, request, reply);
    if (answered !== undefined) return answered;
    // A client that goes away in the middle of its body fails its own request, not us.
    const level = error === request.raw.errored ? 'debug' : 'error';
    logger[level](
      { err: error, path: request.route?.url, requestId: request.id, tenant: request.tenant },
      'request failed',
    );
    return sendText(reply, 500, error instanceof Error ? error.message : String(error));
  });
  const routes = new Routes(table);
  const notFound = deps.extend?.(app, routes);
  for (const area of areasOf(settings.targets)) area(deps)(routes);
  answerByRoutes(app, table, notFound);
  return app;
}
