import type { FastifyReply, FastifyRequest } from 'fastify';
import { PocketCortexError } from '../model/errors.ts';
import { compileRegex } from '../model/regex.ts';
import { FAKE_TENANT, joinTenants, parseTenantId, type TenantId, tenantsOf } from '../model/tenant.ts';
import { decodeUtf8 } from '../model/utf8.ts';
import type { AppDependencies, HttpSettings } from './dependencies.ts';
import { sendApiError, sendText } from './replies.ts';
import type { RouteHook } from './routes.ts';

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
export function readTenant(
  request: FastifyRequest,
  { authEnabled, federation }: Pick<HttpSettings, 'authEnabled' | 'federation'>,
): TenantReading {
  if (!authEnabled) return { kind: 'tenant', tenant: FAKE_TENANT };
  const text = tenantHeader(request);
  if (text === '') return { kind: 'missing' };
  if (federation.isEnabled && !federation.takesRegex) return singleOf(splitTenants(text));
  const result = parseTenantId(text);
  return result.ok ? { kind: 'tenant', tenant: result.tenant } : { kind: 'malformed', reason: result.reason };
}

/** With federation `a|a` and `a|` are the tenant `a`, for who takes one only. */
function singleOf(reading: TenantsReading): TenantReading {
  if (reading.kind !== 'tenants') return { kind: 'malformed', reason: reading.kind === 'nobody' ? '' : reading.reason };
  if (tenantsOf(reading.tenant).length === 1) return { kind: 'tenant', tenant: reading.tenant };
  return { kind: 'malformed', reason: 'multiple org IDs present' };
}

export type TenantsReading =
  /** One tenant, or several joined (`tenantsOf`). */
  | { readonly kind: 'tenants'; readonly tenant: TenantId }
  /** Bars with nothing between them. */
  | { readonly kind: 'nobody' }
  | { readonly kind: 'malformed'; readonly reason: string };

/** Whose data a query reads: with federation the tenants that the header lists, or that its expression matches. */
function readTenants(
  request: FastifyRequest,
  settings: HttpSettings,
  knownTenants: () => readonly TenantId[],
): TenantsReading | { readonly kind: 'missing' } {
  const { federation } = settings;
  const text = tenantHeader(request);
  if (!settings.authEnabled || !federation.isEnabled || text === '') {
    const reading = readTenant(request, settings);
    return reading.kind === 'tenant' ? { kind: 'tenants', tenant: reading.tenant } : reading;
  }
  const reading = federation.takesRegex ? matchTenants(text, knownTenants()) : splitTenants(text);
  if (reading.kind !== 'tenants' || federation.maxTenants === 0) return reading;
  const count = tenantsOf(reading.tenant).length;
  if (count <= federation.maxTenants) return reading;
  return { kind: 'malformed', reason: `too many tenants, max: ${federation.maxTenants}, actual: ${count}` };
}

function splitTenants(text: string): TenantsReading {
  const tenants: TenantId[] = [];
  for (const part of text.split('|')) {
    if (part === '') continue;
    const result = parseTenantId(part);
    if (!result.ok) return { kind: 'malformed', reason: result.reason };
    tenants.push(result.tenant);
  }
  return tenants.length === 0 ? { kind: 'nobody' } : { kind: 'tenants', tenant: joinTenants(tenants) };
}

/** A tenant that has written a moment ago is known: nothing has to be scanned first. */
function matchTenants(expression: string, known: readonly TenantId[]): TenantsReading {
  let matches: (text: string) => boolean;
  try {
    matches = compileRegex(expression).matches;
  } catch (error) {
    if (error instanceof PocketCortexError) return { kind: 'malformed', reason: 'invalid regex present' };
    throw error;
  }
  const matched = known.filter((tenant) => matches(tenant));
  if (matched.length > 0) return { kind: 'tenants', tenant: joinTenants(matched) };
  // An id of nobody is asked about as it is; an expression that is no id asks about Cortex's tenant for such cases.
  const result = parseTenantId(expression);
  return { kind: 'tenants', tenant: result.ok ? result.tenant : FAKE_TENANT };
}

/**
 * A hook that sets `request.tenant`: without one 401, with a malformed one what `answerMalformed` sends. The tenant's
 * data is in memory when the request goes on.
 */
export function requireTenant(
  { settings, store }: Pick<AppDependencies, 'settings' | 'store'>,
  answerMalformed: (reply: FastifyReply, reason: string) => FastifyReply,
): RouteHook {
  return (request, reply) => {
    const reading = readTenant(request, settings);
    if (reading.kind === 'tenant') {
      request.tenant = reading.tenant;
      return store.load(reading.tenant);
    }
    return reading.kind === 'missing' ? sendText(reply, 401, 'no org id') : answerMalformed(reply, reading.reason);
  };
}

/** As `requireTenant`, for queries, which may be about several tenants: `request.tenant` is all of them joined. */
export function requireTenants(
  { settings, store, reads }: Pick<AppDependencies, 'settings' | 'store' | 'reads'>,
  answerMalformed: (reply: FastifyReply, reason: string) => FastifyReply,
): RouteHook {
  return (request, reply) => {
    const reading = readTenants(request, settings, () => store.tenants());
    switch (reading.kind) {
      case 'tenants':
        request.tenant = reading.tenant;
        return reads.load(reading.tenant);
      case 'missing':
        return sendText(reply, 401, 'no org id');
      case 'nobody':
        return sendApiError(reply, { status: 500, errorType: 'server_error', message: 'no queue found' });
      case 'malformed':
        return answerMalformed(reply, reading.reason);
    }
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
