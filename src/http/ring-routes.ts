import type { FastifyReply } from 'fastify';
import { INGESTER_ADDRESS } from '../ingest/ingester-lifecycle.ts';
import type { AppDependencies } from './dependencies.ts';
import { escapeHtml, page } from './pages.ts';
import { sendJson } from './replies.ts';
import { type RingInstance, ringJson, ringPage } from './ring-page.ts';
import type { AddRoutes, Routes } from './routes.ts';

/** Parts that have no ring in a single process, as their pages say. */
const pagesWithoutRing: readonly (readonly [paths: readonly string[], title: string, message: string, type: string])[] =
  [
    [
      ['/distributor/ring'],
      'Cortex Distributor Status',
      'Distributor is not running with global limits enabled',
      'text/html',
    ],
    [['/ruler/ring', '/ruler_ring'], 'Cortex Ruler Status', 'Ruler running with shards disabled', 'text/html'],
    [
      ['/store-gateway/ring'],
      'Cortex Store Gateway Ring',
      'Store gateway has no ring because sharding is disabled.',
      'text/html; charset=utf-8',
    ],
    [
      ['/compactor/ring'],
      'Cortex Compactor Ring',
      'Compactor has no ring because sharding is disabled.',
      'text/html; charset=utf-8',
    ],
    [
      ['/multitenant_alertmanager/ring'],
      'Cortex Alertmanager Ring',
      'Alertmanager has no ring because sharding is disabled.',
      'text/html; charset=utf-8',
    ],
    [
      ['/multitenant_alertmanager/status'],
      'Cortex Alertmanager Status',
      'Alertmanager gossip-based clustering is disabled.',
      'text/html; charset=utf-8',
    ],
  ];

/** The rings of a single process: the ingester's, with itself in it, and those that are not there. */
export function ringRoutes(deps: AppDependencies): AddRoutes {
  const startedMs = deps.clock.nowMs();
  return (routes) => {
    const ingester = (): RingInstance => ({
      id: 'pocket-cortex',
      state: deps.ingester.state,
      address: INGESTER_ADDRESS,
      registeredMs: startedMs,
    });
    for (const path of ['/ingester/ring', '/ring']) serveRing(routes, deps, path, ingester);
    for (const [paths, title, message, type] of pagesWithoutRing) {
      const text = page(title, `<h1>${title}</h1>\n<p>${escapeHtml(message)}</p>`);
      for (const url of paths) {
        const isStatus = url.endsWith('/status');
        routes.route({
          method: isStatus ? ['GET'] : ['GET', 'POST'],
          url,
          // As bytes: Fastify would add a charset to the type of a text.
          handler: async (_request, reply) => reply.header('content-type', type).send(Buffer.from(text)),
        });
      }
    }
  };
}

/** Cortex's target `parquet-converter`, which nothing is left for here: its ring. */
export function parquetConverterRoutes(deps: AppDependencies): AddRoutes {
  const registeredMs = deps.clock.nowMs();
  return (routes) => {
    serveRing(routes, deps, '/parquet-converter/ring', () => ({
      id: 'pocket-cortex',
      state: 'ACTIVE',
      address: INGESTER_ADDRESS,
      registeredMs,
    }));
  };
}

/** The page of a ring with one instance; forgetting it would last until its next sign of life, so that does nothing. */
function serveRing(routes: Routes, { clock }: AppDependencies, path: string, instance: () => RingInstance): void {
  routes.get<{ Querystring: { tokens?: string } }>(path, async (request, reply): Promise<FastifyReply> => {
    if (request.headers.accept?.includes('application/json')) {
      return sendJson(reply, ringJson(instance(), clock.nowMs()));
    }
    const text = ringPage(instance(), clock.nowMs(), request.query.tokens === 'true');
    return reply.type('text/html; charset=utf-8').send(text);
  });
  routes.post(path, async (_request, reply) => reply.code(302).header('location', '#').send());
}
