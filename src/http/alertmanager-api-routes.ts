import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TenantAlertmanager } from '../alertmanager/alertmanagers.ts';
import type { AppDependencies } from './dependencies.ts';
import { sendJson, sendText } from './replies.ts';
import type { AddRoutes } from './routes.ts';
import { requireTenant } from './tenant.ts';

const V1_GONE =
  'The Alertmanager v1 API was deprecated in version 0.16.0 and is removed as of version 0.27.0 - please use the equivalent route in the v2 API';

/** What the first version of the API had. */
const v1Paths = /^\/api\/v1\/(status|receivers|alerts|silences|silence\/[^/]+)$/;

/**
 * The Alertmanager of a tenant, under its prefix: its API, its health and a page. All paths below belong to it, and any
 * method comes here, as in Cortex.
 */
export function alertmanagerApiRoutes(deps: AppDependencies): AddRoutes {
  const { settings, alertmanagers, clock } = deps;
  const prefix = settings.alertmanagerHttpPrefix;
  return (routes) => {
    const before = requireTenant(deps, (reply, reason) => sendText(reply, 401, reason));
    routes.all(`${prefix}*`, { before }, async (request, reply) => {
      const manager = (await alertmanagers()).find(request.tenant);
      if (manager === undefined) return sendText(reply, 404, 'the Alertmanager is not configured');
      return answer(manager, request, reply);
    });
  };

  async function answer(manager: TenantAlertmanager, request: FastifyRequest, reply: FastifyReply) {
    const path = (request.raw.url ?? '/').split('?', 1)[0]!.slice(prefix.length);
    if (path.startsWith('/api/v2/')) {
      const { alertmanagerV2 } = await import('./alertmanager-v2.ts');
      return alertmanagerV2(manager, path.slice('/api/v2'.length), request, reply, clock.nowMs());
    }
    if (v1Paths.test(path)) {
      return sendJson(reply.code(410), `${JSON.stringify({ status: 'deprecated', error: V1_GONE })}\n`);
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return sendText(reply, 405, 'Method Not Allowed');
    switch (path) {
      case '/-/healthy':
      case '/-/ready':
        return reply.header('content-type', 'text/plain; charset=utf-8').send('OK');
      case '':
      case '/': {
        const { alertmanagerPage } = await import('./alertmanager-page.ts');
        return reply.type('text/html; charset=utf-8').send(alertmanagerPage(manager, request.tenant, clock.nowMs()));
      }
      default:
        return sendText(reply, 404, '404 page not found');
    }
  }
}
