import { decodeUtf8 } from '../model/utf8.ts';
import type { AppDependencies } from './dependencies.ts';
import { readBody } from './read-body.ts';
import { sendText } from './replies.ts';
import type { AddRoutes } from './routes.ts';
import { requireTenant } from './tenant.ts';

/** Where a tenant has no bound on its configuration, as by default: far more than any is. */
const CONFIG_LIMIT_BYTES = 4 << 20;

/** What Alertmanagers are configured with: the API of a tenant, and what administrators have. */
export function alertmanagerConfigRoutes(deps: AppDependencies): AddRoutes {
  const { settings, limits, alertmanagers } = deps;
  return (routes) => {
    const before = requireTenant(deps, (reply, reason) =>
      sendText(reply, 401, `unable to determine the OrgID: ${reason}`),
    );

    routes.get('/multitenant_alertmanager/configs', async (_request, reply) => {
      const managers = await alertmanagers();
      const { userConfigYaml } = await import('../alertmanager/write-user-config.ts');
      const text = managers
        .tenants()
        .map((tenant) => `${tenant}:\n${userConfigYaml(managers.stored(tenant)!, 2)}`)
        .join('');
      return reply.header('content-type', 'application/yaml').send(text);
    });

    routes.post('/multitenant_alertmanager/delete_tenant_config', { before }, async ({ tenant }, reply) => {
      (await alertmanagers()).remove(tenant);
      return reply.code(200).send();
    });

    if (!settings.alertmanagerApiEnabled) return;

    routes.get('/api/v1/alerts', { before }, async ({ tenant }, reply) => {
      const stored = (await alertmanagers()).stored(tenant);
      if (stored === undefined) return sendText(reply, 404, 'alertmanager storage object not found');
      const { userConfigYaml } = await import('../alertmanager/write-user-config.ts');
      return reply.header('content-type', 'application/yaml').send(userConfigYaml(stored));
    });

    routes.post('/api/v1/alerts', { before }, async ({ tenant, raw }, reply) => {
      const tenantLimits = limits.forTenant(tenant);
      const limitBytes = tenantLimits.alertmanagerMaxConfigSizeBytes;
      const reading = await readBody(raw, limitBytes > 0 ? limitBytes : CONFIG_LIMIT_BYTES);
      if (reading.kind === 'too-large') {
        if (limitBytes <= 0) return sendText(reply, 413, 'http: request body too large');
        return sendText(reply, 400, `Alertmanager configuration is too big, limit: ${limitBytes} bytes`);
      }
      const { readUserConfig } = await import('../alertmanager/user-config.ts');
      const outcome = readUserConfig(decodeUtf8(reading.body), tenantLimits);
      if (!outcome.ok) return sendText(reply, 400, outcome.message);
      (await alertmanagers()).configure(tenant, outcome.config);
      return reply.code(201).send();
    });

    routes.delete('/api/v1/alerts', { before }, async ({ tenant }, reply) => {
      (await alertmanagers()).remove(tenant);
      return reply.code(200).send();
    });
  };
}
