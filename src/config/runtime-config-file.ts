import { createHash } from 'node:crypto';
import { Gauge, type Registry } from 'prom-client';
import type { Limits } from '../limits/limits.ts';
import type { Clock, Timer } from '../model/clock.ts';
import { PocketCortexError } from '../model/errors.ts';
import type { TenantId } from '../model/tenant.ts';
import {
  checkOverrides,
  parseRuntimeConfig,
  plainLimits,
  type RuntimeConfig,
  runtimeConfigText,
  tenantLimits,
} from './runtime-config.ts';
import { settingFromYaml } from './setting.ts';
import type { Config } from './settings.ts';
import { allLimitSettings } from './settings.ts';
import type { Plain } from './shape.ts';

export interface RuntimeConfigFileOptions {
  /** For messages. */
  readonly path: string;
  /** The text of the file. @throws when it cannot be read */
  readonly read: () => string;
  /** Replaces the file. @throws when it cannot be written */
  readonly write: (text: string) => void;
  readonly config: Config;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly metrics: Registry;
  readonly logger: { readonly error: (fields: object, message: string) => void };
}

/** What the overrides API does with a request; the texts are Cortex's. */
export type OverridesResult =
  | { readonly kind: 'done' }
  | { readonly kind: 'limits'; readonly limits: Readonly<Record<string, Plain>> }
  | { readonly kind: 'refused'; readonly status: number; readonly message: string };

const done: OverridesResult = { kind: 'done' };
const broken: OverridesResult = { kind: 'refused', status: 500, message: 'Internal server error' };
const invalid: OverridesResult = { kind: 'refused', status: 400, message: 'Invalid overrides' };

/** Limits of single tenants from a file that is read again and again; a bad one changes nothing and is told. */
export class RuntimeConfigFile {
  readonly #options: RuntimeConfigFileOptions;
  readonly #isReloaded: Gauge;
  readonly #hash: Gauge;
  #current: RuntimeConfig | undefined;
  #timer: Timer | undefined;

  constructor(options: RuntimeConfigFileOptions) {
    this.#options = options;
    const registers = [options.metrics];
    this.#isReloaded = new Gauge({
      name: 'cortex_runtime_config_last_reload_successful',
      help: 'Whether the last runtime-config reload attempt was successful.',
      registers,
    });
    this.#hash = new Gauge({
      name: 'cortex_runtime_config_hash',
      help: 'Hash of the currently active runtime config file.',
      labelNames: ['sha256'],
      registers,
    });
  }

  /**
   * Reads it, and again every `-runtime-config.reload-period`.
   * @throws {PocketCortexError} `bad-config` when it cannot be used the first time
   */
  start(): void {
    try {
      this.#load();
    } catch (error) {
      const reason = (error as Error).message;
      throw new PocketCortexError('bad-config', `failed to load runtime config: ${reason}`, { cause: error });
    }
    this.#schedule();
  }

  /** Idempotent. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** The text of `/runtime_config`. */
  page(mode: 'actual' | 'diff'): string {
    if (!this.#current) return "runtime config file doesn't exist";
    return runtimeConfigText(this.#current, this.#options.config, mode);
  }

  /** Every limit of a tenant that the file names. */
  overridesOf(tenant: TenantId): OverridesResult {
    return this.#guarded(() => {
      const { overrides } = this.#parse();
      if (!overrides) return { kind: 'refused', status: 404, message: 'not found' };
      const own = overrides.get(tenant);
      if (!own) return { kind: 'refused', status: 400, message: 'user not found' };
      return { kind: 'limits', limits: plainLimits(own, this.#options.config) };
    });
  }

  /** Sets limits by Cortex's names beside those that the tenant has. In force when it returns. */
  setOverrides(tenant: TenantId, asked: Readonly<Record<string, unknown>>): OverridesResult {
    return this.#guarded(() => {
      const runtime = this.#parse();
      const names = Object.keys(asked);
      if (names.some((name) => !runtime.apiAllowedLimits.includes(name))) return invalid;
      if (this.#exceedsHardLimit(runtime, tenant, asked)) return invalid;
      const own = new Map(runtime.overrides?.get(tenant));
      for (const setting of allLimitSettings) {
        const value = valueAt(asked, setting.yaml.split('.').slice(1));
        if (value === undefined || value === null) continue;
        const result = settingFromYaml(setting, value);
        if (!result.ok) return broken;
        own.set(setting, result.value);
      }
      this.#replace({ ...runtime, overrides: new Map(runtime.overrides).set(tenant, own) });
      return done;
    });
  }

  /** Takes the tenant out of the file, whether it is there or not. In force when it returns. */
  deleteOverrides(tenant: TenantId): OverridesResult {
    return this.#guarded(() => {
      const runtime = this.#parse();
      const overrides = new Map(runtime.overrides);
      overrides.delete(tenant);
      this.#replace({ ...runtime, overrides });
      return done;
    });
  }

  /** Every limit of a tenant with hard ones is bound: by its own line, or by the limit of all tenants. */
  #exceedsHardLimit(
    { hardOverrides }: RuntimeConfig,
    tenant: TenantId,
    asked: Readonly<Record<string, unknown>>,
  ): boolean {
    const hard = hardOverrides?.get(tenant);
    if (!hard) return false;
    const bounds = plainLimits(hard, this.#options.config);
    return Object.entries(asked).some(([name, value]) => numberOf(value) > numberOf(bounds[name]));
  }

  #guarded(run: () => OverridesResult): OverridesResult {
    try {
      return run();
    } catch (error) {
      this.#options.logger.error({ err: error, path: this.#options.path }, 'the runtime configuration cannot be used');
      return broken;
    }
  }

  #parse(): RuntimeConfig {
    const { read, path } = this.#options;
    return parseRuntimeConfig(read(), path);
  }

  #replace(runtime: RuntimeConfig): void {
    const { config, write } = this.#options;
    checkOverrides(runtime, config.limits, config.server);
    write(runtimeConfigText(runtime, config, 'actual'));
    this.#load();
  }

  #load(): void {
    const { read, path, config, limits } = this.#options;
    this.#isReloaded.set(0);
    let text: string;
    try {
      text = read();
    } catch (error) {
      throw new PocketCortexError('bad-config', `read file: ${(error as Error).message}`, { cause: error });
    }
    const runtime = parseRuntimeConfig(text, path);
    checkOverrides(runtime, config.limits, config.server);
    this.#current = runtime;
    limits.overrideAll(tenantLimits(runtime));
    this.#isReloaded.set(1);
    this.#hash.reset();
    this.#hash.set({ sha256: createHash('sha256').update(text).digest('hex') }, 1);
  }

  #schedule(): void {
    const { clock, config, logger, path } = this.#options;
    this.#timer = clock.setTimer(
      () => {
        try {
          this.#load();
        } catch (error) {
          logger.error({ err: error, path }, 'failed to load the runtime configuration, the last good one stays');
        }
        this.#schedule();
        // A file changes in time of the machine, whatever the time is here.
      },
      config.server.runtimeConfigPeriodMs,
      { leavesData: true },
    );
  }
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  const [name, ...rest] = path;
  if (name === undefined || typeof value !== 'object' || value === null) return name === undefined ? value : undefined;
  return valueAt((value as Readonly<Record<string, unknown>>)[name], rest);
}

/** NaN for what is no number: it is more than nothing, and nothing is more than it. */
function numberOf(value: unknown): number {
  return typeof value === 'number' || (typeof value === 'string' && value !== '') ? Number(value) : Number.NaN;
}
