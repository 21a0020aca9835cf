import type { TenantLimits } from '../limits/limits.ts';
import { idleLimits } from './idle-limit-settings.ts';
import { limitSettings } from './limit-settings.ts';
import { type ServerSettings, serverSettings } from './server-settings.ts';
import type { Setting, SettingValue } from './setting.ts';

/** What a server runs with. */
export interface Config {
  readonly server: ServerSettings;
  /** The limits of a tenant that has none of its own. */
  readonly limits: TenantLimits;
  /** Those of Cortex's limits that have no effect, in the order of `idleLimits`. */
  readonly idleLimits: readonly SettingValue[];
}

/** Every limit, those without an effect included. */
export const allLimitSettings: readonly Setting[] = [
  ...Object.values(limitSettings),
  ...idleLimits.map(({ setting }) => setting),
];

/** All settings in the order that `/config` shows them. */
export const allSettings: readonly Setting[] = [...Object.values(serverSettings), ...allLimitSettings];

/** The configuration with `values` in place of defaults. */
export function configOf(values: ReadonlyMap<Setting, SettingValue>): Config {
  const read = (table: Readonly<Record<string, Setting>>): Record<string, SettingValue> =>
    Object.fromEntries(Object.entries(table).map(([key, setting]) => [key, values.get(setting) ?? setting.default]));
  return {
    server: read(serverSettings) as unknown as ServerSettings,
    limits: read(limitSettings) as unknown as TenantLimits,
    idleLimits: idleLimits.map(({ setting }) => values.get(setting) ?? setting.default),
  };
}

/** Every setting with the value that `config` gives it. */
export function* settingsOf(config: Config): IterableIterator<readonly [Setting, SettingValue]> {
  for (const [key, setting] of Object.entries(serverSettings))
    yield [setting, config.server[key as keyof ServerSettings]];
  yield* limitsOf(config);
}

/** Every limit with the value that `config` gives it. */
export function* limitsOf(
  config: Pick<Config, 'limits' | 'idleLimits'>,
): IterableIterator<readonly [Setting, SettingValue]> {
  for (const [key, setting] of Object.entries(limitSettings))
    yield [setting, config.limits[key as keyof TenantLimits] as SettingValue];
  for (const [index, { setting }] of idleLimits.entries()) yield [setting, config.idleLimits[index]!];
}

/** Those of `values` that are limits with an effect, by their names in the program. */
export function limitValues(values: ReadonlyMap<Setting, SettingValue>): Partial<TenantLimits> {
  const entries = Object.entries(limitSettings).filter(([, setting]) => values.has(setting));
  return Object.fromEntries(entries.map(([key, setting]) => [key, values.get(setting)!]));
}

/** Cortex's defaults, and ours where it has none. */
export const defaultConfig: Config = configOf(new Map());
