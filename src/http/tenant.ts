import type { FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import { FAKE_TENANT, parseTenantId, type TenantId } from '../model/tenant.ts';
import { decodeUtf8 } from '../model/utf8.ts';
import type { AppDependencies, HttpSettings } from './dependencies.ts';
import { sendText } from './replies.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the hooks of this file: there is no tenant before they ran. */
    tenant: TenantId;
  }
}

export type TenantReading =
  | { readonly kind: 'tenant'; readonly tenant: TenantId }
  | { readonly kind: 'missing' }
  /** `reason` is Cortex's text; each part of Cortex answers with a status of its own. */
  | { readonly kind: 'malformed'; readonly reason: string };

/** Who a request is from, by its `X-Scope-OrgID`. */
export function readTenant(request: FastifyRequest, { authEnabled }: HttpSettings): TenantReading {
  if (!authEnabled) return { kind: 'tenant', tenant: FAKE_TENANT };
  const text = tenantHeader(request);
  if (text === '') return { kind: 'missing' };
  const result = parseTenantId(text);
  return result.ok ? { kind: 'tenant', tenant: result.tenant } : { kind: 'malformed', reason: result.reason };
}

/**
 * A hook that sets `request.tenant`: without one 401, with a malformed one what `answerMalformed` sends. The tenant's
 * data is in memory when the request goes on.
 */
export function requireTenant(
  { settings, store }: Pick<AppDependencies, 'settings' | 'store'>,
  answerMalformed: (reply: FastifyReply, reason: string) => FastifyReply,
): onRequestAsyncHookHandler {
  return async (request, reply) => {
    const reading = readTenant(request, settings);
    if (reading.kind === 'tenant') {
      request.tenant = reading.tenant;
      await store.load(reading.tenant);
      return;
    }
    return reading.kind === 'missing' ? sendText(reply, 401, 'no org id') : answerMalformed(reply, reading.reason);
  };
}

function tenantHeader(request: FastifyRequest): string {
  const value = request.headers['x-scope-orgid'];
  if (value === undefined) return '';
  // Node joins a header that was sent twice; Cortex reads the first.
  const first = typeof value === 'string' && value.includes(', ') ? firstRawHeader(request.raw.rawHeaders) : value;
  // Node reads headers as Latin-1, and an error text has to give back the bytes that came.
  return decodeUtf8(Buffer.from(`${first}`, 'latin1'));
}

function firstRawHeader(rawHeaders: readonly string[]): string {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]!.toLowerCase() === 'x-scope-orgid') return rawHeaders[i + 1]!;
  }
  return '';
}
