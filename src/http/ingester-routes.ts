import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseTenantId, type TenantId } from '../model/tenant.ts';
import type { AppDependencies } from './dependencies.ts';
import { type Form, readForm } from './form.ts';
import { escapeHtml } from './pages.ts';
import type { AddRoutes } from './routes.ts';

const FORM_LIMIT_BYTES = 1 << 20;

/** What administrators may do to the ingester: flush, shut down, set read-only. No tenant is asked for. */
export function ingesterRoutes(deps: AppDependencies): AddRoutes {
  const { ingester, store, logger } = deps;
  return (routes) => {
    const route = (url: string, handler: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>) =>
      routes.route({ method: ['GET', 'POST'], url, handler });

    for (const path of ['/ingester/flush', '/flush']) {
      route(path, async (request, reply) => {
        const form = await formOf(request);
        if (form === undefined) return reply.code(400).send();
        const flushing = store.flush(tenantsOf(form));
        if (form.get('wait') === 'true') await flushing;
        else flushing.catch((error: unknown) => logger.error({ err: error }, 'flushing failed'));
        return reply.code(204).send();
      });
    }

    for (const path of ['/ingester/shutdown', '/shutdown']) {
      route(path, async (_request, reply) => {
        ingester.leave();
        await store.flush();
        return reply.code(204).send();
      });
    }

    // One that owns all of the ring has nothing to gain from other tokens.
    route('/ingester/renewTokens', async (_request, reply) => reply.code(204).send());

    route('/ingester/mode', async (request, reply) => {
      const form = await formOf(request);
      if (form === undefined) return sendBare(reply, 400, 'failed to parse HTTP request in mode handler');
      const mode = form.get('mode').toUpperCase();
      if (mode !== 'ACTIVE' && mode !== 'READONLY') {
        return sendBare(reply, 400, `invalid mode input: ${escapeHtml(mode)}`);
      }
      ingester.setMode(mode);
      return sendBare(reply, 200, `Ingester mode ${ingester.state}`);
    });
  };
}

async function formOf(request: FastifyRequest): Promise<Form | undefined> {
  const reading = await readForm(request, FORM_LIMIT_BYTES);
  return reading.kind === 'form' ? reading.form : undefined;
}

/** Those that are named; undefined for all. */
function tenantsOf(form: Form): readonly TenantId[] | undefined {
  const names = form.all('tenant');
  if (names.length === 0) return undefined;
  return names.flatMap((name) => {
    const result = parseTenantId(name);
    return result.ok ? [result.tenant] : [];
  });
}

/** A text without a newline behind it, as Cortex writes here. */
function sendBare(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).header('content-type', 'text/plain; charset=utf-8').send(text);
}
