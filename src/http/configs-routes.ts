import type { FastifyReply, FastifyRequest } from 'fastify';
import { decodeUtf8 } from '../model/utf8.ts';
import { ConfigsStore, type ConfigVersion } from './configs-store.ts';
import type { AppDependencies } from './dependencies.ts';
import { readBody } from './read-body.ts';
import { sendJson, sendText } from './replies.ts';
import type { AddRoutes } from './routes.ts';
import { requireTenant } from './tenant.ts';

const BODY_LIMIT_BYTES = 4 << 20;

/** The deprecated API of Cortex's target `configs`: rules, templates and Alertmanager configurations, kept but not run. */
export function configsRoutes(deps: AppDependencies): AddRoutes {
  const { clock, settings } = deps;
  const store = new ConfigsStore();
  return (routes) => {
    const before = requireTenant(deps, (reply, reason) => sendText(reply, 401, reason));

    for (const kind of ['rules', 'templates', 'alertmanager']) {
      const path = `/api/prom/configs/${kind}`;
      routes.get(path, { before }, async ({ tenant }, reply) => {
        const version = store.get(tenant);
        return version ? sendJson(reply, `${JSON.stringify(viewOf(version))}\n`) : sendNone(reply);
      });
      routes.post(path, { before }, async (request, reply) => {
        const text = await bodyText(request, reply);
        if (text === undefined) return reply;
        const { readServiceConfig } = await import('./configs-body.ts');
        const reading = await readServiceConfig(text, request.contentType, settings.parse);
        if (!reading.ok) return sendText(reply, 400, reading.message);
        store.set(request.tenant, reading.config);
        return reply.code(204).send();
      });
    }

    routes.post('/api/prom/configs/alertmanager/validate', async (request, reply) => {
      const text = await bodyText(request, reply);
      if (text === undefined) return reply;
      const { loadConfig } = await import('../alertmanager/config.ts');
      const loaded = loadConfig(text);
      if (loaded.ok) return sendJson(reply, JSON.stringify({ status: 'success' }));
      // The status is out before the type is known, in Cortex.
      return reply
        .code(400)
        .header('content-type', 'text/plain; charset=utf-8')
        .send(JSON.stringify({ error: loaded.message, status: 'error' }));
    });

    routes.delete('/api/prom/configs/deactivate', { before }, async ({ tenant }, reply) =>
      store.mark(tenant, clock.nowMs()) ? reply.code(200).send() : sendNone(reply),
    );
    routes.post('/api/prom/configs/restore', { before }, async ({ tenant }, reply) =>
      store.mark(tenant, undefined) ? reply.code(200).send() : sendNone(reply),
    );

    for (const kind of ['rules', 'alertmanager']) {
      routes.get<{ Querystring: { since?: string } }>(`/private/api/prom/configs/${kind}`, async (request, reply) => {
        const { since = '' } = request.query;
        if (since !== '' && !/^\d{1,15}$/.test(since)) {
          return sendText(reply, 400, `strconv.ParseUint: parsing ${JSON.stringify(since)}: invalid syntax`);
        }
        const views = store.since(Number(since)).map(([tenant, version]) => [tenant, viewOf(version)]);
        return sendJson(reply, `${JSON.stringify({ configs: Object.fromEntries(views) })}\n`);
      });
    }
  };
}

function sendNone(reply: FastifyReply): FastifyReply {
  return sendText(reply, 404, 'No configuration');
}

/** Undefined when it was answered that there is too much of it. */
async function bodyText({ raw }: FastifyRequest, reply: FastifyReply): Promise<string | undefined> {
  const reading = await readBody(raw, BODY_LIMIT_BYTES);
  if (reading.kind === 'body') return decodeUtf8(reading.body);
  sendText(reply, 413, 'http: request body too large');
  return undefined;
}

function viewOf({ id, config, deletedAtMs }: ConfigVersion): object {
  return {
    id,
    config: {
      rules_files: config.ruleFiles,
      rule_format_version: config.ruleFormatVersion,
      template_files: config.templateFiles,
      alertmanager_config: config.alertmanagerConfig,
    },
    deleted_at: deletedAtMs === undefined ? '0001-01-01T00:00:00Z' : new Date(deletedAtMs).toISOString(),
  };
}
