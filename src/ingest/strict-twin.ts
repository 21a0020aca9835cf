import { Registry } from 'prom-client';
import type { Store } from '../storage/types.ts';
import { Distributor, type DistributorOptions } from './distributor.ts';

/** How far back a twin remembers: an ingester of Cortex has no more in its hands to judge a write by. */
export const TWIN_RETENTION_MS = 3 * 3_600_000;

/**
 * What a strict Cortex in the place of this one would be like: it has only what it took, so that its verdicts are not those on data
 * which it would have refused. It knows nothing from before the process. `store` is empty at first, and its own; tenants that
 * `original` loses are lost here too.
 */
export function strictTwin(
  { original, store }: { readonly original: Store; readonly store: Store },
  options: Pick<DistributorOptions, 'limits' | 'clock' | 'settings' | 'haTracker'>,
): Distributor {
  original.watchTenants((tenant, change) => {
    if (change === 'deleted') store.deleteTenant(tenant);
  });
  return new Distributor({ ...options, store, metrics: new Registry() });
}
