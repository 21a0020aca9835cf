import type { Clock } from '../model/clock.ts';
import type { TenantId } from '../model/tenant.ts';
import type { Store, StoredAlertmanagerConfig } from '../storage/types.ts';
import { Alerts } from './alerts.ts';
import { type AlertmanagerConfig, loadConfig } from './config.ts';
import { Silences } from './silences.ts';

/** What a tenant has while it has a configuration. */
export interface TenantAlertmanager {
  readonly config: AlertmanagerConfig;
  readonly alerts: Alerts;
  readonly silences: Silences;
  readonly startedMs: number;
}

export interface AlertmanagersOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** The configuration of tenants that have none. */
  readonly fallback: AlertmanagerConfig | undefined;
}

/**
 * The Alertmanagers of all tenants: what they are configured with is in the store; alerts and silences are in memory.
 * They answer the API, and notify nobody.
 */
export class Alertmanagers {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #fallback: AlertmanagerConfig | undefined;
  readonly #running = new Map<
    TenantId,
    TenantAlertmanager & { readonly stored: StoredAlertmanagerConfig | undefined }
  >();

  constructor({ store, clock, fallback }: AlertmanagersOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#fallback = fallback;
    store.watchTenants((tenant, change) => {
      if (change === 'deleted') this.#running.delete(tenant);
    });
  }

  /** As it was set. */
  stored(tenant: TenantId): StoredAlertmanagerConfig | undefined {
    return this.#store.alertmanagerConfig(tenant);
  }

  /** Those that have a configuration, sorted. */
  tenants(): TenantId[] {
    return this.#store.tenants().filter((tenant) => this.stored(tenant) !== undefined);
  }

  /** Takes effect at once, and keeps alerts and silences. */
  configure(tenant: TenantId, config: StoredAlertmanagerConfig): void {
    this.#store.setAlertmanagerConfig(tenant, config);
  }

  /** Alerts and silences go as well. */
  remove(tenant: TenantId): void {
    this.#store.setAlertmanagerConfig(tenant, undefined);
    this.#running.delete(tenant);
  }

  /** Undefined for a tenant that has no configuration, not even the fallback. */
  find(tenant: TenantId): TenantAlertmanager | undefined {
    const stored = this.stored(tenant);
    const running = this.#running.get(tenant);
    if (running && running.stored?.configuration === stored?.configuration) return running;
    const config = this.#configOf(stored);
    if (config === undefined) return undefined;
    const nowMs = this.#clock.nowMs();
    const started = {
      config,
      stored,
      alerts: running?.alerts ?? new Alerts(nowMs),
      silences: running?.silences ?? new Silences(),
      startedMs: running?.startedMs ?? nowMs,
    };
    this.#running.set(tenant, started);
    return started;
  }

  #configOf(stored: StoredAlertmanagerConfig | undefined): AlertmanagerConfig | undefined {
    if (stored === undefined || stored.configuration === '') return this.#fallback;
    const loaded = loadConfig(stored.configuration);
    // It was checked when it came in: only a version that checks more can find fault with it.
    return loaded.ok ? loaded.config : this.#fallback;
  }
}
