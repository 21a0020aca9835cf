import type { TenantLimits } from '../limits/limits.ts';
import { limitSettings } from './limit-settings.ts';
import { type ServerSettings, serverSettings } from './server-settings.ts';
import type { Setting, SettingValue } from './setting.ts';

/** What a server runs with. */
export interface Config {
  readonly server: ServerSettings;
  /** The limits of a tenant that has none of its own. */
  readonly limits: TenantLimits;
}

/** All settings in the order that `--help` and `/config` show them. */
export const allSettings: readonly Setting[] = [...Object.values(serverSettings), ...Object.values(limitSettings)];

/** The configuration with `values` in place of defaults. */
export function configOf(values: ReadonlyMap<Setting, SettingValue>): Config {
  const read = (table: Readonly<Record<string, Setting>>): Record<string, SettingValue> =>
    Object.fromEntries(Object.entries(table).map(([key, setting]) => [key, values.get(setting) ?? setting.default]));
  return {
    server: read(serverSettings) as unknown as ServerSettings,
    limits: read(limitSettings) as unknown as TenantLimits,
  };
}

/** Every setting with the value that `config` gives it. */
export function* settingsOf(config: Config): IterableIterator<readonly [Setting, SettingValue]> {
  for (const [key, setting] of Object.entries(serverSettings))
    yield [setting, config.server[key as keyof ServerSettings]];
  for (const [key, setting] of Object.entries(limitSettings)) yield [setting, config.limits[key as keyof TenantLimits]];
}

/** Cortex's defaults, and ours where it has none. */
export const defaultConfig: Config = configOf(new Map());
