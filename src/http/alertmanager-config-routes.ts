import type { FastifyPluginAsync } from 'fastify';
import { decodeUtf8 } from '../model/utf8.ts';
import type { AppDependencies } from './dependencies.ts';
import { readBody } from './read-body.ts';
import { sendText } from './replies.ts';
import { requireTenant } from './tenant.ts';

/** Where a tenant has no bound on its configuration, as by default: far more than any is. */
const CONFIG_LIMIT_BYTES = 4 << 20;

/** What Alertmanagers are configured with: the API of a tenant, and what administrators have. */
export function alertmanagerConfigRoutes(deps: AppDependencies): FastifyPluginAsync {
  const { settings, limits, alertmanagers } = deps;
  return async (app) => {
    const onRequest = requireTenant(deps, (reply, reason) =>
      sendText(reply, 401, `unable to determine the OrgID: ${reason}`),
    );

    app.get('/multitenant_alertmanager/configs', async (_request, reply) => {
      const managers = await alertmanagers();
      const { userConfigYaml } = await import('../alertmanager/write-user-config.ts');
      const text = managers
        .tenants()
        .map((tenant) => `${tenant}:\n${userConfigYaml(managers.stored(tenant)!, 2)}`)
        .join('');
      return reply.header('content-type', 'application/yaml').send(text);
    });

    app.post('/multitenant_alertmanager/delete_tenant_config', { onRequest }, async ({ tenant }, reply) => {
      (await alertmanagers()).remove(tenant);
      return reply.code(200).send();
    });

    if (!settings.alertmanagerApiEnabled) return;

    app.get('/api/v1/alerts', { onRequest }, async ({ tenant }, reply) => {
      const stored = (await alertmanagers()).stored(tenant);
      if (stored === undefined) return sendText(reply, 404, 'alertmanager storage object not found');
      const { userConfigYaml } = await import('../alertmanager/write-user-config.ts');
      return reply.header('content-type', 'application/yaml').send(userConfigYaml(stored));
    });

    app.post('/api/v1/alerts', { onRequest }, async ({ tenant, raw }, reply) => {
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

    app.delete('/api/v1/alerts', { onRequest }, async ({ tenant }, reply) => {
      (await alertmanagers()).remove(tenant);
      return reply.code(200).send();
    });
  };
}
