import type { TenantId } from '../model/tenant.ts';
import type { AppDependencies } from './dependencies.ts';
import { type TenantLine, tenantStatsPage } from './pages.ts';
import { sendJson, sendText } from './replies.ts';
import type { AddRoutes } from './routes.ts';
import { requireTenant } from './tenant.ts';

/** How much each tenant has: for itself, and for all of them to an administrator. */
export function statsRoutes(deps: AppDependencies): AddRoutes {
  const { settings, store } = deps;
  return (routes) => {
    const own = { before: requireTenant(deps, (reply, reason) => sendText(reply, 500, reason)) };
    for (const path of ['/api/v1/user_stats', `${settings.httpPrefix}/user_stats`]) {
      routes.get(path, own, async ({ tenant }, reply) => sendJson(reply, JSON.stringify(usageOf(deps, tenant, 0))));
    }
    for (const path of ['/distributor/all_user_stats', '/all_user_stats', '/ingester/all_user_stats']) {
      routes.get(path, async (request, reply) => {
        const lines = store.tenants().map((userID): TenantLine => ({ userID, ...usageOf(deps, userID, 1) }));
        if (!request.headers.accept?.includes('application/json')) {
          return reply.type('text/html; charset=utf-8').send(tenantStatsPage(lines));
        }
        return reply.type('text/plain; charset=utf-8').send(JSON.stringify(lines));
      });
    }
  };
}

/** In the order of Cortex's fields. */
function usageOf(deps: AppDependencies, tenant: TenantId, queriedIngesters: number): Omit<TenantLine, 'userID'> {
  const seriesCount = deps.store.seriesCount(tenant);
  const rates = deps.distributor.ingestionRates(tenant);
  return {
    ingestionRate: rates.api + rates.rule,
    numSeries: deps.store.headSeriesCount(tenant),
    APIIngestionRate: rates.api,
    RuleIngestionRate: rates.rule,
    activeSeries: seriesCount,
    loadedBlocks: 0,
    queriedIngesters,
  };
}
