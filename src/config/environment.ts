import { PocketCortexError } from '../model/errors.ts';
import { parseSetting, type Setting, type SettingValue } from './setting.ts';
import { suggest } from './suggest.ts';

const PREFIX = 'POCKET_CORTEX_';

/**
 * The environment variable of a flag: `-server.http-listen-port` is `POCKET_CORTEX_SERVER_HTTP_LISTEN_PORT`; for our own
 * `-pocket.data-file` it is `POCKET_CORTEX_DATA_FILE`.
 */
export function variableOf(flag: string): string {
  return (
    PREFIX +
    flag
      .replace(/^pocket\./, '')
      .toUpperCase()
      .replace(/[.-]/g, '_')
  );
}

export interface EnvironmentSettings {
  readonly settings: ReadonlyMap<Setting, SettingValue>;
  /** What is said about variables of our prefix that are no settings: others may have a use for them. */
  readonly warnings: readonly string[];
}

/**
 * The settings that environment variables give.
 * @throws {PocketCortexError} `bad-config` for a value that does not fit
 */
export function readEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  settings: readonly Setting[],
  otherFlags: readonly string[],
): EnvironmentSettings {
  const byVariable = new Map(
    settings.flatMap((setting) => (setting.flag === undefined ? [] : [[variableOf(setting.flag), setting]])),
  );
  const others = new Set(otherFlags.map(variableOf));
  const values = new Map<Setting, SettingValue>();
  const warnings: string[] = [];
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith(PREFIX) || text === undefined || others.has(variable) || isServiceLink(variable)) continue;
    const setting = byVariable.get(variable);
    if (!setting) {
      const meant = suggest(variable, byVariable.keys());
      warnings.push(`unknown environment variable ${variable}${meant ? `, did you mean ${meant}?` : ''}`);
      continue;
    }
    const result = parseSetting(setting, text);
    if (!result.ok) {
      throw new PocketCortexError(
        'bad-config',
        `invalid value ${JSON.stringify(text)} for ${variable} (-${setting.flag}): ${result.reason}`,
      );
    }
    values.set(setting, result.value);
  }
  return { settings: values, warnings };
}

/** Kubernetes gives every pod such variables for a service that is named `pocket-cortex`. */
function isServiceLink(variable: string): boolean {
  return /^POCKET_CORTEX_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT|PORT_\d+_(TCP|UDP)(_\w+)?)$/.test(variable);
}
