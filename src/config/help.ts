import { formatDuration } from '../model/duration.ts';
import { variableOf } from './environment.ts';
import { limitSettings } from './limit-settings.ts';
import { serverSettings } from './server-settings.ts';
import { printSetting, type Setting } from './setting.ts';

/** The text of `--help`. */
export function helpText(version: string): string {
  const intro = `pocket-cortex ${version}: Cortex in one process, for development and tests.

Usage: pocket-cortex [flags]
       pocket-cortex promtest [-engine=prometheus|cortex] [-verbose] <script or folder>...

The first form starts the server, the second runs scripts of Prometheus's test language. Flags have
Cortex's names and work with one dash or two: -name=value, -name value.
Each can be set by an environment variable (-server.http-listen-port is ${variableOf('server.http-listen-port')})
or in a YAML file of Cortex's form. A flag wins over a variable, a variable over the file.

  -config.file string
        YAML file to read settings from.
  -config.expand-env
        Replace \${VAR} and \${VAR:default} in that file by environment variables.
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
  const server: readonly Setting[] = Object.values(serverSettings);
  const withPrefix = (...prefixes: string[]): Setting[] =>
    server.filter(({ flag }) => prefixes.some((prefix) => flag.startsWith(prefix)));
  return [
    ['Server', withPrefix('server.', 'log.', 'auth.', 'http.', 'api.')],
    ['Data (not in Cortex)', withPrefix('pocket.')],
    ['Writing', withPrefix('distributor.')],
    ['Queries', withPrefix('querier.', 'frontend.')],
    ['Rules', withPrefix('ruler.')],
    ['Limits of each tenant', Object.values(limitSettings)],
  ];
}

function section(title: string, settings: readonly Setting[]): string {
  const lines = settings.map((setting) => {
    const type = setting.kind === 'bool' ? '' : ` ${typeNames[setting.kind]}`;
    const text = defaultText(setting);
    const byDefault = text === '' ? '' : ` (default ${text})`;
    return `  -${setting.flag}${type}\n        ${setting.about}${byDefault}\n`;
  });
  return `\n${title}\n${lines.join('')}`;
}

function defaultText(setting: Setting): string {
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
};
