import { gzipSync } from 'node:zlib';
import type { FastifyPluginAsync } from 'fastify';
import { acceptsGzip } from './compression.ts';
import type { AppDependencies, ConfigMode } from './dependencies.ts';
import { indexPage, servicesPage } from './pages.ts';
import { sendJson } from './replies.ts';

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';

/** Pages about the process as a whole: no tenant is asked for. */
export function adminRoutes(deps: AppDependencies): FastifyPluginAsync {
  return async (app) => {
    app.get('/', async (_request, reply) => reply.type('text/html; charset=utf-8').send(indexPage()));

    // A health check may come with any method.
    app.all('/ready', async (_request, reply) => {
      const { isReady, reason } = deps.readiness();
      return reply
        .code(isReady ? 200 : 503)
        .header('content-type', 'text/plain')
        .send(isReady ? 'ready' : reason);
    });

    app.get('/metrics', async (request, reply) => {
      const text = await deps.metrics.metrics();
      reply.header('content-type', METRICS_TYPE);
      if (!acceptsGzip(request)) return reply.send(text);
      return reply.header('content-encoding', 'gzip').send(gzipSync(text));
    });

    app.get('/services', async (request, reply) => {
      const services = deps.services();
      if (request.headers.accept?.includes('application/json')) return sendJson(reply, JSON.stringify({ services }));
      return reply.type('text/html; charset=utf-8').send(servicesPage(services));
    });

    app.get<{ Querystring: { mode?: string } }>('/config', async (request, reply) => {
      const { mode } = request.query;
      const known: ConfigMode = mode === 'diff' || mode === 'defaults' ? mode : 'actual';
      return reply.type('text/plain; charset=utf-8').send(deps.configYaml(known));
    });

    app.get('/memberlist', async (_request, reply) =>
      reply.header('content-type', 'text/plain').send("This instance doesn't use memberlist."),
    );
  };
}
