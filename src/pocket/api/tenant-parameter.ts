import { PocketCortexError } from '../../model/errors.ts';
import { parseTenantId, type TenantId } from '../../model/tenant.ts';
import type { PocketCall } from './route.ts';

/**
 * The tenant that a call is about: its parameter `tenant`, or else `X-Scope-OrgID`; undefined without either.
 * @throws {PocketCortexError} `bad-data` when it is no id
 */
export function tenantOf(call: Pick<PocketCall, 'get' | 'request'>): TenantId | undefined {
  const text = call.get('tenant') || `${call.request.headers['x-scope-orgid'] ?? ''}`;
  if (text === '') return undefined;
  const result = parseTenantId(text);
  if (!result.ok) throw new PocketCortexError('bad-data', result.reason);
  return result.tenant;
}
