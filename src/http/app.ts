import Fastify, { type FastifyInstance } from 'fastify';
import type { AppDependencies } from './dependencies.ts';

/** The whole HTTP surface, not listening: `listen` it, or `inject` requests in tests. */
export function createApp(deps: AppDependencies): FastifyInstance {
  const app = Fastify({ loggerInstance: deps.logger, disableRequestLogging: true, exposeHeadRoutes: false });
  return app;
}
