declare const tenantBrand: unique symbol;

/** A tenant's id, checked. Everything that reads or writes data takes one. */
export type TenantId = string & { readonly [tenantBrand]: true };

/**
 * The id that stands for several tenants in reads, as in Cortex: their ids sorted, each once, with a bar between them. No
 * tenant of its own has a bar in its id, so nothing can be written under such an id.
 */
export function joinTenants(tenants: readonly TenantId[]): TenantId {
  return [...new Set(tenants)].sort().join('|') as TenantId;
}

/** The tenants that `tenant` stands for: itself, unless it is joined. Sorted. */
export function tenantsOf(tenant: TenantId): readonly TenantId[] {
  return tenant.includes('|') ? (tenant.split('|') as TenantId[]) : [tenant];
}

/** A copy of a tenant, kept for later under a name: no request can name it, as no id has a slash. */
export function setAsideTenant(tenant: TenantId, name: string): TenantId {
  return `${tenant}/${name}` as TenantId;
}

export function isSetAside(tenant: TenantId): boolean {
  return tenant.includes('/');
}

/** The tenant of every request when `-auth.enabled=false`. */
export const FAKE_TENANT = 'fake' as TenantId;

/** Cortex's bound on the length of a tenant id. */
const TENANT_ID_LIMIT_BYTES = 150;

export type TenantIdResult =
  | { readonly ok: true; readonly tenant: TenantId }
  | { readonly ok: false; readonly reason: string };

/** Checks one tenant id by Cortex's rules (`pkg/util/users`); `reason` is Cortex's text. */
export function parseTenantId(text: string): TenantIdResult {
  const unsupported = /[^a-zA-Z0-9!\-_.*'()]/u.exec(text);
  if (unsupported) {
    // Cortex prints the first byte of the character, as a Latin-1 character.
    const byte = String.fromCharCode(Buffer.from(unsupported[0], 'utf8')[0]!);
    return { ok: false, reason: `tenant ID '${text}' contains unsupported character '${byte}'` };
  }
  if (text.length > TENANT_ID_LIMIT_BYTES) return { ok: false, reason: 'tenant ID is too long: max 150 characters' };
  if (text === '__markers__') return { ok: false, reason: "tenant ID '__markers__' is not allowed" };
  if (text === 'user-index.json.gz') return { ok: false, reason: "tenant ID 'user-index.json.gz' is not allowed" };
  if (text === '.' || text === '..') return { ok: false, reason: "tenant ID is '.' or '..'" };
  return { ok: true, tenant: text as TenantId };
}
