import { compareText } from '../model/labels.ts';
import type { TenantId } from '../model/tenant.ts';

/** What a tenant gives to the configs API; what it does not name is null. */
export interface ServiceConfig {
  readonly ruleFiles: Readonly<Record<string, string>> | null;
  readonly ruleFormatVersion: '1' | '2';
  readonly templateFiles: Readonly<Record<string, string>> | null;
  readonly alertmanagerConfig: string;
}

/** One version of a tenant's configuration. */
export interface ConfigVersion {
  /** Later versions, of whatever tenant, have higher ones. */
  readonly id: number;
  readonly config: ServiceConfig;
  /** Undefined unless it was deactivated. */
  readonly deletedAtMs: number | undefined;
}

/** The configurations of the configs API, in memory, as with Cortex's `-configs.database.uri=memory://`. */
export class ConfigsStore {
  readonly #versions = new Map<TenantId, ConfigVersion>();
  #lastId = 0;

  get(tenant: TenantId): ConfigVersion | undefined {
    return this.#versions.get(tenant);
  }

  set(tenant: TenantId, config: ServiceConfig): void {
    this.#lastId += 1;
    this.#versions.set(tenant, { id: this.#lastId, config, deletedAtMs: undefined });
  }

  /** Marks it as deleted at a time, or as there again. False when there is none. */
  mark(tenant: TenantId, deletedAtMs: number | undefined): boolean {
    const version = this.#versions.get(tenant);
    if (version === undefined) return false;
    this.#lastId += 1;
    this.#versions.set(tenant, { ...version, id: this.#lastId, deletedAtMs });
    return true;
  }

  /** Those with a higher number, by tenant. */
  since(id: number): (readonly [TenantId, ConfigVersion])[] {
    return [...this.#versions].filter(([, version]) => version.id > id).sort(([a], [b]) => compareText(a, b));
  }
}
