import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseDuration } from '../model/duration.ts';
import { namespacesYaml, ruleGroupYaml, tenantYaml } from '../ruler/write-rule-group.ts';
import type { AppDependencies } from './dependencies.ts';
import { readBody } from './read-body.ts';
import { sendApiError, sendJson, sendText } from './replies.ts';
import type { AddRoutes, Routes } from './routes.ts';
import { requireTenant } from './tenant.ts';

/** The largest rule group taken: thousands of rules, read in about a second. Cortex has no bound of its own. */
const GROUP_LIMIT_BYTES = 1 << 20;

interface RulePath {
  readonly Params: { readonly namespace: string; readonly groupName: string };
}

/** Cortex's configuration API of rules, under `/api/v1` and the legacy prefix, and the ruler's own pages. */
export function rulerRoutes(deps: AppDependencies): AddRoutes {
  return (routes) => {
    configurationRoutes(deps)(routes);
    administrationRoutes(deps)(routes);
  };
}

function configurationRoutes(deps: AppDependencies): AddRoutes {
  const { ruler, settings } = deps;
  return (routes) => {
    if (!settings.rulerApiEnabled) return;
    const ofTenant = routes.within({
      before: requireTenant(deps, (reply) =>
        sendApiError(reply, { status: 400, errorType: 'bad_data', message: 'no org id' }),
      ),
    });
    const mimirPaths = settings.answersAsMimir ? [`${settings.prometheusHttpPrefix}/config/v1/rules`] : [];
    for (const prefix of ['/api/v1/rules', `${settings.httpPrefix}/rules`, ...mimirPaths]) addRoutes(ofTenant, prefix);
  };

  function addRoutes(routes: Routes, prefix: string): void {
    routes.get(prefix, async (request, reply) => list(request, reply, undefined));
    routes.get<RulePath>(`${prefix}/:namespace`, async (request, reply) =>
      list(request, reply, request.params.namespace),
    );
    routes.get<RulePath>(`${prefix}/:namespace/:groupName`, async ({ tenant, params }, reply) => {
      const group = ruler.getGroup(tenant, params.namespace, params.groupName);
      return group ? sendYaml(reply, ruleGroupYaml(group)) : sendText(reply, 404, 'group does not exist');
    });
    routes.post<RulePath>(`${prefix}/:namespace`, async (request, reply) => {
      const reading = await readBody(request.raw, GROUP_LIMIT_BYTES);
      if (reading.kind === 'too-large') return sendText(reply, 413, 'http: request body too large');
      const text = decodeStrictly(reading.body);
      if (text === undefined) return sendText(reply, 400, 'unable to decoded rule group');
      const backfill = readBackfill(request.query);
      if (!backfill.ok) return sendText(reply, 400, backfill.message);
      const outcome = await ruler.setGroup(request.tenant, request.params.namespace, text, backfill);
      return outcome.ok ? sendAccepted(reply) : sendText(reply, outcome.status ?? 400, outcome.message);
    });
    routes.delete<RulePath>(`${prefix}/:namespace/:groupName`, async ({ tenant, params }, reply) => {
      await ruler.deleteGroup(tenant, params.namespace, params.groupName);
      return sendAccepted(reply);
    });
    routes.delete<RulePath>(`${prefix}/:namespace`, async ({ tenant, params }, reply) => {
      const wasThere = await ruler.deleteNamespace(tenant, params.namespace);
      return wasThere ? sendAccepted(reply) : sendText(reply, 404, 'group namespace does not exist');
    });
  }

  function list({ tenant }: FastifyRequest, reply: FastifyReply, namespace: string | undefined): FastifyReply {
    const namespaces = ruler.listGroups(tenant, namespace);
    if (namespaces.size === 0) return sendText(reply, 404, 'no rule groups found');
    return sendYaml(reply, namespacesYaml(namespaces));
  }
}

/** These are there whether or not the API is switched on. */
function administrationRoutes(deps: AppDependencies): AddRoutes {
  const { ruler } = deps;
  return (routes) => {
    // All tenants' rules in one map, for administrators: no tenant is asked for.
    routes.get('/ruler/rule_groups', async (_request, reply) =>
      sendYaml(
        reply,
        ruler
          .tenants()
          .map((tenant) => tenantYaml(tenant, ruler.listGroups(tenant)))
          .join(''),
      ),
    );
    routes.post(
      '/ruler/delete_tenant_config',
      { before: requireTenant(deps, (reply, reason) => sendText(reply, 401, reason)) },
      async ({ tenant }, reply) => {
        await ruler.deleteTenant(tenant);
        return reply.code(200).send();
      },
    );
  };
}

function sendYaml(reply: FastifyReply, text: string): FastifyReply {
  return reply.header('content-type', 'application/yaml').send(text);
}

function sendAccepted(reply: FastifyReply): FastifyReply {
  return sendJson(reply.code(202), '{"status":"success"}');
}

type BackfillParameter =
  | { readonly ok: true; readonly backfillMs: number }
  | { readonly ok: false; readonly message: string };

/** `backfill=24h`, which Cortex does not know: the group is replayed over so long a time before the answer. */
function readBackfill(query: unknown): BackfillParameter {
  const { backfill } = query as { readonly backfill?: string | readonly string[] };
  if (backfill === undefined) return { ok: true, backfillMs: 0 };
  const duration = parseDuration(typeof backfill === 'string' ? backfill : backfill.join());
  if (duration.ok) return { ok: true, backfillMs: duration.ms };
  return { ok: false, message: `invalid parameter "backfill": ${duration.reason}` };
}

/** YAML is UTF-8: other bytes are no rule group. */
function decodeStrictly(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}
