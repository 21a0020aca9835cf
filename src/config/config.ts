import { PocketCortexError } from '../model/errors.ts';
import { parseArguments } from './arguments.ts';
import { configYaml } from './config-yaml.ts';
import { readEnvironment, variableOf } from './environment.ts';
import { idleLimits } from './idle-limit-settings.ts';
import { checkLimits } from './limit-checks.ts';
import { modulesText, readTargets } from './modules.ts';
import type { Setting, SettingValue } from './setting.ts';
import { allSettings, type Config, configOf } from './settings.ts';
import type { YamlSettings } from './yaml-file.ts';

/** What a command line asks for. */
export type Startup =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  /** Prints `text` and ends. */
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'serve'; readonly config: Config; readonly warnings: readonly string[] };

export interface StartupSources {
  /** Without the program's name. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Rejects when there is no such file. */
  readonly readFile: (path: string) => Promise<string>;
}

const configFileVariable = variableOf('config.file');
const expandEnvVariable = variableOf('config.expand-env');

/**
 * The configuration from all that may set it; a flag wins over an environment variable, that over the file, that over
 * the default. What Cortex knows and this program does not is named in one warning.
 * @throws {PocketCortexError} `bad-config` with a message of one line
 */
export async function readStartup({ argv, environment, readFile }: StartupSources): Promise<Startup> {
  const args = parseArguments(argv, allSettings);
  if (args.wantsHelp) return { kind: 'help' };
  if (args.wantsVersion) return { kind: 'version' };
  if (args.wantsModules) return { kind: 'print', text: modulesText() };
  const fromEnvironment = readEnvironment(environment, allSettings, ['config.file', 'config.expand-env']);
  const configFile = args.configFile ?? environment[configFileVariable];
  const fromFile = configFile ? await load(configFile) : undefined;
  const values = new Map<Setting, SettingValue>([
    ...(fromFile?.settings ?? []),
    ...fromEnvironment.settings,
    ...args.settings,
  ]);
  const config = configOf(values);
  checkPrefixes(config);
  readTargets(config.server.target);
  checkLimits(config.limits, config.server);
  if (args.wantsConfig) return { kind: 'print', text: configYaml(config, 'actual') };
  const idle = idleLimits.flatMap(({ setting }) => (values.has(setting) ? [nameOf(setting, args.settings)] : []));
  return {
    kind: 'serve',
    config,
    warnings: [
      ...fromEnvironment.warnings,
      ...unusedWarning([...args.unused.map((flag) => `-${flag}`), ...(fromFile?.unused ?? []), ...idle]),
    ],
  };

  async function load(path: string): Promise<YamlSettings> {
    const text = await readFile(path).catch((error: unknown) => {
      const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : (error as Error).message;
      throw new PocketCortexError('bad-config', `cannot read the configuration file ${path}: ${reason}`);
    });
    // Loading a YAML parser takes longer than reading all flags: only who has a file pays for it.
    const { expandEnvironment, readYaml } = await import('./yaml-file.ts');
    const expands = args.expandEnv || /^(1|t|true)$/i.test(environment[expandEnvVariable] ?? '');
    return readYaml(expands ? expandEnvironment(text, environment) : text, path, allSettings);
  }
}

/** @throws {PocketCortexError} `bad-config` when two parts would answer under one path */
function checkPrefixes({ server }: Config): void {
  const prefixes = [server.httpPrefix, server.prometheusHttpPrefix, server.alertmanagerHttpPrefix];
  if (new Set(prefixes).size === prefixes.length) return;
  throw new PocketCortexError(
    'bad-config',
    `-http.prefix, -http.prometheus-http-prefix and -http.alertmanager-http-prefix must differ: ${prefixes.join(', ')}`,
  );
}

/** As whoever set it wrote it. */
function nameOf(setting: Setting, fromFlags: ReadonlyMap<Setting, SettingValue>): string {
  return fromFlags.has(setting) ? `-${setting.flag}` : setting.yaml;
}

function unusedWarning(names: readonly string[]): string[] {
  if (names.length === 0) return [];
  return [`settings of Cortex that have no effect here: ${[...new Set(names)].join(', ')}`];
}
