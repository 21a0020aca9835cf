import type { FastifyInstance } from 'fastify';
import { Gauge, Histogram, type Registry } from 'prom-client';
import type { Clock } from '../model/clock.ts';
import { buildInfo } from './build-info.ts';
import type { Route } from './routes.ts';

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
  const meters = new Map<Route | undefined, Map<string, Meter>>();
  new Gauge({
    name: 'cortex_inflight_requests',
    help: 'Current number of inflight requests.',
    labelNames: ['method', 'route'],
    registers: [registry],
    collect() {
      for (const ofRoute of meters.values()) {
        for (const { method, route, inflightCount } of ofRoute.values()) this.set({ method, route }, inflightCount);
      }
    },
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

  app.addHook('onRequest', (request, reply, done) => {
    const startedMs = clock.elapsedMs();
    const meter = meterOf(meters, request.route, request.method);
    meter.inflightCount += 1;
    let isOver = false;
    const end = (status: number): void => {
      if (isOver) return;
      isOver = true;
      meter.inflightCount -= 1;
      duration.observe(labelsOf(meter, status), (clock.elapsedMs() - startedMs) / 1000);
    };
    // Not a hook of Fastify: those say nothing when a client goes before it is answered.
    reply.raw
      .once('finish', () => end(reply.statusCode))
      .once('error', () => end(GONE_STATUS))
      .once('close', () => end(GONE_STATUS));
    done();
  });
}

/** nginx's status for an answer that nobody waited for, which Cortex uses as well. */
const GONE_STATUS = 499;

/** Requests of one method to one route. */
interface Meter {
  readonly method: string;
  readonly route: string;
  inflightCount: number;
  readonly byStatus: Map<number, Readonly<Record<'method' | 'route' | 'status_code' | 'ws', string>>>;
}

function meterOf(meters: Map<Route | undefined, Map<string, Meter>>, route: Route | undefined, method: string): Meter {
  const ofRoute = meters.get(route) ?? new Map<string, Meter>();
  meters.set(route, ofRoute);
  const meter = ofRoute.get(method) ?? { method, route: routeName(route?.url), inflightCount: 0, byStatus: new Map() };
  ofRoute.set(method, meter);
  return meter;
}

function labelsOf({ method, route, byStatus }: Meter, status: number) {
  const labels = byStatus.get(status) ?? { method, route, status_code: `${status}`, ws: 'false' };
  byStatus.set(status, labels);
  return labels;
}

/** `/api/v1/label/:name/values` is `api_v1_label_name_values`; what has no route is `other`. */
function routeName(url: string | undefined): string {
  if (url === undefined) return 'other';
  return url.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_|_$/g, '') || 'root';
}
