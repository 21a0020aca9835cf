import { gzipSync } from 'node:zlib';
import { acceptsGzip } from './compression.ts';
import type { AppDependencies, ConfigMode, ServiceStatus } from './dependencies.ts';
import { indexPage, memberlistPage, servicesPage } from './pages.ts';
import { sendJson, sendText } from './replies.ts';
import type { AddRoutes } from './routes.ts';

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';

/** Pages about the process as a whole: no tenant is asked for. */
export function adminRoutes(deps: AppDependencies): AddRoutes {
  return (routes) => {
    routes.get('/', async (_request, reply) =>
      reply.type('text/html; charset=utf-8').send(indexPage((path) => routes.has('GET', path))),
    );

    // A health check may come with any method.
    routes.all('/ready', async (_request, reply) => {
      const waiting = notRunning(deps.services());
      if (waiting !== undefined) return sendText(reply, 503, waiting);
      return reply.header('content-type', 'text/plain').send('ready');
    });

    routes.get('/metrics', async (request, reply) => {
      const text = await deps.metrics.metrics();
      reply.header('content-type', METRICS_TYPE);
      if (!acceptsGzip(request)) return reply.send(text);
      return reply.header('content-encoding', 'gzip').send(gzipSync(text));
    });

    routes.get('/services', async (request, reply) => {
      const services = deps.services();
      if (request.headers.accept?.includes('application/json')) return sendJson(reply, JSON.stringify({ services }));
      return reply.type('text/html; charset=utf-8').send(servicesPage(services));
    });

    routes.get<{ Querystring: { mode?: string } }>('/config', async (request, reply) => {
      const { mode } = request.query;
      const known: ConfigMode = mode === 'diff' || mode === 'defaults' ? mode : 'actual';
      return reply.type('text/plain; charset=utf-8').send(deps.configYaml(known));
    });

    routes.get('/memberlist', async (_request, reply) => {
      if (deps.settings.usesMemberlist) return reply.type('text/html; charset=utf-8').send(memberlistPage());
      return reply.header('content-type', 'text/plain').send("This instance doesn't use memberlist.");
    });
  };
}

/** Cortex's text when not all services run; undefined when they do. */
function notRunning(services: readonly ServiceStatus[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { status } of services) counts.set(status, (counts.get(status) ?? 0) + 1);
  const running = counts.get('Running') ?? 0;
  if (running === services.length) return undefined;
  counts.delete('Running');
  if (running > 0) counts.set('Running', running);
  const lines = [...counts].map(([status, count]) => `${status}: ${count}\n`);
  return `Some services are not Running:\n${lines.join('')}`;
}
