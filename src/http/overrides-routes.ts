import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OverridesResult } from '../config/runtime-config-file.ts';
import type { TenantId } from '../model/tenant.ts';
import type { AppDependencies } from './dependencies.ts';
import { readBody } from './read-body.ts';
import { sendJson, sendText } from './replies.ts';
import type { AddRoutes } from './routes.ts';
import { readTenant } from './tenant.ts';

/** Overrides are a few lines; Cortex has no bound on them. */
const BODY_LIMIT_BYTES = 1 << 20;

/**
 * `/runtime_config`, where there is such a file, and the API that sets the limits of single tenants in it, which is part
 * of the target `overrides`.
 */
export function overridesRoutes(deps: AppDependencies): AddRoutes {
  const { runtimeConfig, settings } = deps;
  return (routes) => {
    if (!runtimeConfig) return;
    routes.get<{ Querystring: { mode?: string } }>('/runtime_config', async (request, reply) => {
      const text = runtimeConfig.page(request.query.mode === 'diff' ? 'diff' : 'actual');
      return reply.type('text/plain; charset=utf-8').send(text);
    });
    if (!settings.targets.includes('overrides')) return;

    type Act = (tenant: TenantId, request: FastifyRequest) => OverridesResult | Promise<OverridesResult>;
    const answering = (act: Act) => async (request: FastifyRequest, reply: FastifyReply) => {
      const reading = readTenant(request, settings);
      if (reading.kind === 'missing') return sendText(reply, 401, 'no org id');
      if (reading.kind === 'malformed') return sendText(reply, 400, reading.reason);
      return send(reply, await act(reading.tenant, request));
    };
    const url = '/api/v1/user-overrides';
    routes.get(
      url,
      answering((tenant) => runtimeConfig.overridesOf(tenant)),
    );
    routes.delete(
      url,
      answering((tenant) => runtimeConfig.deleteOverrides(tenant)),
    );
    routes.post(
      url,
      answering(async (tenant, request) => {
        const overrides = await readOverrides(request);
        if (!overrides) return { kind: 'refused', status: 400, message: 'invalid JSON' };
        return runtimeConfig.setOverrides(tenant, overrides);
      }),
    );
  };
}

/** Undefined when the body is no JSON object; `null` is one without limits, as in Go. */
async function readOverrides(request: FastifyRequest): Promise<Readonly<Record<string, unknown>> | undefined> {
  const reading = await readBody(request.raw, BODY_LIMIT_BYTES);
  if (reading.kind === 'too-large') return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(reading.body).toString('utf8'));
    if (value === null) return {};
    return typeof value === 'object' && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function send(reply: FastifyReply, result: OverridesResult): FastifyReply {
  switch (result.kind) {
    case 'done':
      return reply.code(200).send();
    case 'refused':
      return sendText(reply, result.status, result.message);
    case 'limits':
      return sendJson(reply, `${JSON.stringify(sortedKeys(result.limits))}\n`);
  }
}

/** In the order in which Go prints a map. */
function sortedKeys(limits: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(limits).sort(([a], [b]) => (a < b ? -1 : 1)));
}
