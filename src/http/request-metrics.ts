import { finished } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { Gauge, Histogram, type Registry } from 'prom-client';
import type { Clock } from '../model/clock.ts';
import { buildInfo } from './build-info.ts';

/** Cortex's own buckets. */
const bucketsSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100];

/** Measures every request as Cortex does, under Cortex's names. Register it before any route. */
export function measureRequests(app: FastifyInstance, registry: Registry, clock: Clock): void {
  const duration = new Histogram({
    name: 'cortex_request_duration_seconds',
    help: 'Time (in seconds) spent serving HTTP requests.',
    labelNames: ['method', 'route', 'status_code', 'ws'],
    buckets: bucketsSeconds,
    registers: [registry],
  });
  const inflight = new Gauge({
    name: 'cortex_inflight_requests',
    help: 'Current number of inflight requests.',
    labelNames: ['method', 'route'],
    registers: [registry],
  });
  new Gauge({
    name: 'cortex_build_info',
    help: 'The version of Cortex that is stood in for, and of what stands in.',
    labelNames: ['branch', 'goversion', 'revision', 'version'],
    registers: [registry],
  }).set(
    {
      branch: buildInfo.branch,
      goversion: buildInfo.goVersion,
      revision: buildInfo.revision,
      version: buildInfo.version,
    },
    1,
  );

  app.addHook('onRequest', async (request, reply) => {
    const startedMs = clock.elapsedMs();
    const method = request.method;
    const route = routeName(request.route?.url);
    inflight.inc({ method, route });
    // Not a hook of Fastify: those say nothing when a client goes before it is answered.
    finished(reply.raw, (error) => {
      inflight.dec({ method, route });
      // nginx's status for an answer that nobody waited for, which Cortex uses as well.
      const status = error ? 499 : reply.statusCode;
      duration.observe(
        { method, route, status_code: `${status}`, ws: 'false' },
        (clock.elapsedMs() - startedMs) / 1000,
      );
    });
  });
}

/** `/api/v1/label/:name/values` is `api_v1_label_name_values`; what has no route is `other`. */
function routeName(url: string | undefined): string {
  if (url === undefined) return 'other';
  return url.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_|_$/g, '') || 'root';
}
