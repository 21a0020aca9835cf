import { formatDuration } from '../model/duration.ts';
import { variableOf } from './environment.ts';
import { idleLimits } from './idle-limit-settings.ts';
import { limitSettings } from './limit-settings.ts';
import { serverSettings } from './server-settings.ts';
import { printSetting, type Setting } from './setting.ts';

/** The text of `--help`. */
export function helpText(version: string): string {
  const intro = `pocket-cortex ${version}: Cortex in one process, for development and tests.

Usage: pocket-cortex [flags]
       pocket-cortex promtest [-engine=prometheus|cortex] [-verbose] <script or folder>...
       pocket-cortex rules check|test [flags] <file>...
       pocket-cortex load --tenant=ID [flags] <file>...
       pocket-cortex export --tenant=ID [flags] <selector>...
       pocket-cortex demo [flags]

The first form starts the server, the second runs scripts of Prometheus's test language, the third
checks rule files and runs unit tests for rules, the next two load samples from text and write them
as text or to another server (load --help, export --help), and the last starts the server with a fleet
in it, its past and its present (demo --help). The server's flags have
Cortex's names and work with one dash or two: -name=value, -name value.
Each can be set by an environment variable (-server.http-listen-port is ${variableOf('server.http-listen-port')})
or in a YAML file of Cortex's form. A flag wins over a variable, a variable over the file.

  -config.file string
        YAML file to read settings from.
  -config.expand-env
        Replace \${VAR} and \${VAR:default} in that file by environment variables.
  -print.config
        Print the configuration that all of this makes, and exit.
  -modules
        List the values of -target, and exit.
  -version
        Print the version and exit.
`;
  return (
    intro +
    sections()
      .map(([title, settings]) => section(title, settings))
      .join('')
  );
}

function sections(): (readonly [string, readonly Setting[]])[] {
  const left = new Set<Setting>(Object.values(serverSettings));
  const take = (...prefixes: string[]): Setting[] => {
    const taken = [...left].filter(({ flag }) => prefixes.some((prefix) => flag?.startsWith(prefix)));
    for (const setting of taken) left.delete(setting);
    return taken;
  };
  const parts: (readonly [string, readonly Setting[]])[] = [
    ['Server', take('target', 'server.', 'log.', 'auth.', 'http.', 'api.')],
    ['Data, and what else is not in Cortex', take('pocket.')],
    ['Writing', take('distributor.', 'ingester.', 'name-validation-scheme')],
    ['Queries', take('querier.', 'frontend.', 'tenant-federation.')],
    ['Rules', take('ruler.')],
    ['Limits of single tenants', take('runtime-config.')],
    ['Other', [...left]],
    ['Limits of each tenant', Object.values(limitSettings)],
    ['Limits of each tenant that have no effect here', idleLimits.map(({ setting }) => setting)],
  ];
  return parts.filter(([, settings]) => settings.length > 0);
}

function section(title: string, settings: readonly Setting[]): string {
  const flags = settings.filter(({ flag }) => flag !== undefined);
  const lines = flags.map((setting) => {
    const type = setting.kind === 'bool' ? '' : ` ${typeNames[setting.kind]}`;
    const text = defaultText(setting);
    const byDefault = text === '' ? '' : ` (default ${text})`;
    return `  -${setting.flag}${type}\n        ${setting.about}${byDefault}\n`;
  });
  return `\n${title}\n${lines.join('')}`;
}

function defaultText(setting: Setting): string {
  if (setting.kind === 'structure') return '';
  const isDuration = setting.kind === 'duration' || setting.kind === 'go-duration';
  return isDuration ? formatDuration(setting.default) : printSetting(setting, setting.default);
}

const typeNames: Readonly<Record<Setting['kind'], string>> = {
  bool: '',
  int: 'int',
  float: 'float',
  string: 'string',
  list: 'string',
  'go-duration': 'duration',
  duration: 'duration',
  structure: 'json',
};
