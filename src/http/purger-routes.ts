import type { AppDependencies } from './dependencies.ts';
import { sendJson, sendText } from './replies.ts';
import type { AddRoutes } from './routes.ts';
import { requireTenant } from './tenant.ts';

/**
 * Deletion of tenants. Cortex writes a mark, and the data goes some time later; here the tenant is gone when the answer
 * comes, with its rules and its Alertmanager.
 */
export function purgerRoutes(deps: AppDependencies): AddRoutes {
  const { store } = deps;
  return (routes) => {
    routes.post(
      '/purger/delete_tenant',
      { before: requireTenant(deps, (reply, reason) => sendText(reply, 401, reason)) },
      async ({ tenant }, reply) => {
        store.deleteTenant(tenant);
        return reply.code(200).send();
      },
    );
    routes.get(
      '/purger/delete_tenant_status',
      { before: requireTenant(deps, (reply, reason) => sendText(reply, 400, reason)) },
      async ({ tenant }, reply) =>
        sendJson(reply, JSON.stringify({ tenant_id: tenant, blocks_deleted: !store.hasChunks(tenant) })),
    );
  };
}
