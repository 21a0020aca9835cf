import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { readStartup, type Startup } from '../../src/config/config.ts';
import { configYaml } from '../../src/config/config-yaml.ts';
import { cortexFlagNames } from '../../src/config/cortex-flags.ts';
import { cortexKeys, type KeyTree } from '../../src/config/cortex-yaml.ts';
import { helpText } from '../../src/config/help.ts';
import { allSettings, type Config, defaultConfig } from '../../src/config/settings.ts';
import { VERSION } from '../../src/config/version.ts';
import { readYaml } from '../../src/config/yaml-file.ts';

interface Sources {
  readonly argv?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

function start({ argv = [], environment = {}, files = {} }: Sources): Promise<Startup> {
  const readFile = (path: string): Promise<string> => {
    const text = files[path];
    return text === undefined
      ? Promise.reject(Object.assign(new Error('ENOENT'), { code: 'ENOENT' }))
      : Promise.resolve(text);
  };
  return readStartup({ argv, environment, readFile });
}

/** What differs from the defaults. */
async function changes(sources: Sources): Promise<string> {
  return configYaml(await configFrom(sources), 'diff');
}

async function configFrom(sources: Sources): Promise<Config> {
  const startup = await start(sources);
  if (startup.kind !== 'serve') throw new Error(`asks for ${startup.kind}`);
  return startup.config;
}

describe('flags', () => {
  const accepted: [argv: string[], yaml: string][] = [
    [[], '{}\n'],
    [['-server.http-listen-port=8080'], 'server:\n  http_listen_port: 8080\n'],
    [['--server.http-listen-port', '8080'], 'server:\n  http_listen_port: 8080\n'],
    [['-auth.enabled=false'], 'auth_enabled: false\n'],
    [['-api.build-info-enabled', '-log.level=warn'], 'api:\n  build_info_enabled: true\nserver:\n  log_level: warn\n'],
    [['-querier.lookback-delta=90s'], 'querier:\n  lookback_delta: 1m30s\n'],
    [['-querier.lookback-delta=0'], 'querier:\n  lookback_delta: 0s\n'],
    [['-querier.timeout=1.5h'], 'querier:\n  timeout: 1h30m0s\n'],
    [['-compactor.blocks-retention-period=2w'], 'limits:\n  compactor_blocks_retention_period: 2w\n'],
    [['-distributor.drop-label=a', '-distributor.drop-label=b'], 'limits:\n  drop_labels:\n  - a\n  - b\n'],
    [['-http.prefix=/legacy'], 'http_prefix: /legacy\n'],
    [['-server.http-listen-address='], '{}\n'],
    [['-pocket.data-file=/tmp/a=b'], 'pocket:\n  data_file: "/tmp/a=b"\n'],
    [['-log.level=warn', '-log.level=info'], '{}\n'],
  ];
  test.for(accepted)('%j sets %j', async ([argv, yaml]) => {
    expect(await changes({ argv })).toBe(yaml);
  });

  const refused: [argv: string[], message: string][] = [
    [
      ['-server.http-listen-prot=1'],
      'flag provided but not defined: -server.http-listen-prot (did you mean -server.http-listen-port?)\nRun with -help to get list of available parameters',
    ],
    [
      ['-ruler.evalution-interval=1m'],
      'flag provided but not defined: -ruler.evalution-interval (did you mean -ruler.evaluation-interval?)\nRun with -help to get list of available parameters',
    ],
    [
      ['-memberlist.jion=x'],
      'flag provided but not defined: -memberlist.jion (did you mean -memberlist.join?)\nRun with -help to get list of available parameters',
    ],
    [
      ['-no.such.thing.at.all'],
      'flag provided but not defined: -no.such.thing.at.all\nRun with -help to get list of available parameters',
    ],
    [['-server.http-listen-port'], 'flag needs an argument: -server.http-listen-port'],
    [
      ['-server.http-listen-port=http'],
      'invalid value "http" for flag -server.http-listen-port: expected a whole number',
    ],
    [
      ['-server.http-listen-port=70000'],
      'invalid value "70000" for flag -server.http-listen-port: must be from 0 to 65535',
    ],
    [['-auth.enabled=maybe'], 'invalid value "maybe" for flag -auth.enabled: expected true or false'],
    // A bool takes no value of its own, as in Go.
    [['-auth.enabled', 'false'], 'unexpected argument "false"'],
    // Go's durations know no days, Prometheus's no fractions; Cortex refuses the same.
    [
      ['-querier.timeout=1d'],
      'invalid value "1d" for flag -querier.timeout: expected a duration such as 90s, 5m or 1h30m',
    ],
    [
      ['-compactor.blocks-retention-period=1.5h'],
      'invalid value "1.5h" for flag -compactor.blocks-retention-period: expected a duration such as 90s, 5m, 1h30m or 2w',
    ],
    [['-log.format=xml'], 'invalid value "xml" for flag -log.format: expected one of logfmt, json'],
    [
      ['-distributor.ingestion-rate-limit=fast'],
      'invalid value "fast" for flag -distributor.ingestion-rate-limit: expected a number',
    ],
    [['-http.prefix=api'], 'invalid value "api" for flag -http.prefix: expected a path such as /api/prom'],
    [['-http.prefix=/api/'], 'invalid value "/api/" for flag -http.prefix: expected a path such as /api/prom'],
    [
      ['-http.prefix=/alertmanager'],
      '-http.prefix, -http.prometheus-http-prefix and -http.alertmanager-http-prefix must differ: /alertmanager, /prometheus, /alertmanager',
    ],
    [
      ['-server.cors-origin=('],
      'invalid value "(" for flag -server.cors-origin: error parsing regexp: missing closing ): `(`',
    ],
    [['-ruler.evaluation-interval=0'], 'invalid value "0" for flag -ruler.evaluation-interval: must be at least 1ms'],
    [['-pocket.data-file='], 'invalid value "" for flag -pocket.data-file: must not be empty'],
    [['serve-me'], 'unexpected argument "serve-me"'],
    [['-config.file=nowhere.yaml'], 'cannot read the configuration file nowhere.yaml: no such file'],
  ];
  test.for(refused)('refuses %j: %s', async ([argv, message]) => {
    await expect(start({ argv })).rejects.toMatchObject({ code: 'bad-config', message });
  });

  test('names what has no effect in one warning', async () => {
    const startup = await start({
      argv: [
        '-ingester.num-tokens',
        '512',
        '-config.file=c.yaml',
        '-ring.store=inmemory',
        '-ruler.ring.consul.hostname=c',
      ],
      files: {
        'c.yaml':
          'target: all\nblocks_storage:\n  backend: s3\n  s3:\n    bucket_name: x\nserver:\n  grpc_listen_port: 1\n',
      },
    });
    expect(startup).toEqual({
      kind: 'serve',
      config: defaultConfig,
      warnings: [
        'settings of Cortex that have no effect here: -ingester.num-tokens, -ring.store, -ruler.ring.consul.hostname, blocks_storage, server.grpc_listen_port',
      ],
    });
  });

  test.for([['-help'], ['--help'], ['-h'], ['-auth.enabled', '-help']])('%j asks for help', async (argv) => {
    expect(await start({ argv })).toEqual({ kind: 'help' });
  });

  test('-version asks for the version', async () => {
    expect(await start({ argv: ['-version'] })).toEqual({ kind: 'version' });
  });
});

describe('sources', () => {
  test('a flag wins over a variable, a variable over the file, the file over the default', async () => {
    const files = { 'c.yaml': 'server:\n  http_listen_port: 1\n  log_level: debug\nauth_enabled: false\n' };
    const environment = { POCKET_CORTEX_SERVER_HTTP_LISTEN_PORT: '2', POCKET_CORTEX_LOG_LEVEL: 'error' };
    const { server } = await configFrom({
      argv: ['-config.file=c.yaml', '-server.http-listen-port=3'],
      environment,
      files,
    });
    expect([server.httpListenPort, server.logLevel, server.authEnabled, server.logFormat]).toEqual([
      3,
      'error',
      false,
      'logfmt',
    ]);
  });

  test('the file may be named by a variable, and its variables expanded', async () => {
    const files = {
      'c.yaml': `server:\n  http_listen_port: \${PORT:8080}\n  log_level: $LEVEL\napi:\n  cors_origin: "\${NONE}"\n`,
    };
    const environment = { POCKET_CORTEX_CONFIG_FILE: 'c.yaml', POCKET_CORTEX_CONFIG_EXPAND_ENV: 'true', LEVEL: 'warn' };
    expect(await changes({ environment, files })).toBe(
      'api:\n  cors_origin: ""\nserver:\n  http_listen_port: 8080\n  log_level: warn\n',
    );
  });

  test('our own settings have short variables', async () => {
    expect(await changes({ environment: { POCKET_CORTEX_DATA_FILE: ':memory:' } })).toBe(
      'pocket:\n  data_file: ":memory:"\n',
    );
  });

  test("leaves alone what Kubernetes sets for a service of our name, and other programs' variables", async () => {
    const environment = {
      POCKET_CORTEX_SERVICE_HOST: '10.0.0.1',
      POCKET_CORTEX_PORT: 'tcp://10.0.0.1:9009',
      POCKET_CORTEX_PORT_9009_TCP_ADDR: '10.0.0.1',
      HOME: '/root',
    };
    expect(await changes({ environment })).toBe('{}\n');
  });

  const refusedVariables: [name: string, value: string, message: string][] = [
    [
      'POCKET_CORTEX_LOG_LEVEL',
      'loud',
      'invalid value "loud" for POCKET_CORTEX_LOG_LEVEL (-log.level): expected one of debug, info, warn, error',
    ],
  ];
  test.for(refusedVariables)('refuses %s=%s', async ([name, value, message]) => {
    await expect(start({ environment: { [name]: value } })).rejects.toMatchObject({ code: 'bad-config', message });
  });
});

test('warns of a variable that may be misspelt', async () => {
  const startup = await start({ environment: { POCKET_CORTEX_LOGLEVEL: 'info' } });
  expect(startup).toMatchObject({
    warnings: ['unknown environment variable POCKET_CORTEX_LOGLEVEL, did you mean POCKET_CORTEX_LOG_LEVEL?'],
  });
});

describe('YAML', () => {
  const accepted: [text: string, yaml: string][] = [
    ['', '{}\n'],
    ['# nothing\n', '{}\n'],
    ['limits:\nserver:\n', '{}\n'],
    ['auth_enabled: false', 'auth_enabled: false\n'],
    ['limits:\n  ingestion_rate: 1e7\n', 'limits:\n  ingestion_rate: 1e+07\n'],
    ['limits:\n  out_of_order_time_window: 30m\n', 'limits:\n  out_of_order_time_window: 30m\n'],
    ['limits: {drop_labels: [a, b]}', 'limits:\n  drop_labels:\n  - a\n  - b\n'],
    ['querier:\n  timeout: 0\n', 'querier:\n  timeout: 0s\n'],
    ['{"server": {"http_listen_port": 1}}', 'server:\n  http_listen_port: 1\n'],
  ];
  test.for(accepted)('%j sets %j', async ([text, yaml]) => {
    expect(await changes({ argv: ['-config.file=c'], files: { c: text } })).toBe(yaml);
  });

  const refused: [text: string, message: string][] = [
    [
      'server:\n  http_listen_port: http\n',
      'c:2:3: invalid value "http" for server.http_listen_port: expected a whole number',
    ],
    ['auth_enabled: "no"\n', 'c:1:1: invalid value "no" for auth_enabled: expected true or false'],
    ['server: 5\n', 'c:1:1: server: expected settings below this key'],
    ['- a\n', 'c:1:1: expected a map of settings'],
    ['auth_enabled: true\nauth_enabled: false\n', 'c:2:1: Map keys must be unique'],
    ['server: [unclosed', 'c:1:18: Flow sequence in block collection must be sufficiently indented and end with a ]'],
    [
      'limits:\n  drop_labels: {a: b}\n',
      'c:2:3: invalid value {"a":"b"} for limits.drop_labels: expected a list of texts',
    ],
  ];
  test.for(refused)('refuses %j', async ([text, message]) => {
    await expect(start({ argv: ['-config.file=c'], files: { c: text } })).rejects.toMatchObject({ message });
  });

  test('refuses all keys that Cortex does not have, in its words and with what may have been meant', async () => {
    const files = { c: 'server:\n  http_listen_prot: 80\nlimits:\n  ingestion_rat: 1\nnothing_like_it: {}\n' };
    await expect(start({ argv: ['-config.file=c'], files })).rejects.toMatchObject({
      code: 'bad-config',
      message: [
        'error loading config from c: Error parsing config file: yaml: unmarshal errors:',
        '  line 2: field http_listen_prot not found in type server.Config (did you mean server.http_listen_port?)',
        '  line 4: field ingestion_rat not found in type validation.plain (did you mean limits.ingestion_rate?)',
        '  line 5: field nothing_like_it not found in type cortex.Config',
      ].join('\n'),
    });
  });

  test('reads back the configuration it prints', () => {
    const { settings, unused } = readYaml(configYaml(defaultConfig, 'actual'), 'c', allSettings);
    expect(unused).toEqual([]);
    expect(settings).toEqual(new Map(allSettings.map((setting) => [setting, setting.default])));
  });
});

describe('names', () => {
  test('the version is that of the package', async () => {
    const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(manifest.version).toBe(VERSION);
  });

  test('every setting that is not our own is one of Cortex', () => {
    const flags = allSettings.flatMap(({ flag }) => flag ?? []);
    expect(flags.filter((flag) => !flag.startsWith('pocket.') && !cortexFlagNames().has(flag))).toEqual([]);
    const isKnown = (path: string): boolean =>
      path.split('.').reduce<KeyTree | undefined>((keys, name) => keys?.get(name), cortexKeys()) !== undefined;
    expect(allSettings.filter(({ yaml }) => !yaml.startsWith('pocket.') && !isKnown(yaml))).toEqual([]);
  });

  test('no flag and no path stands twice', () => {
    const flags = allSettings.flatMap(({ flag }) => flag ?? []);
    expect(new Set(flags).size).toBe(flags.length);
    expect(new Set(allSettings.map(({ yaml }) => yaml)).size).toBe(allSettings.length);
  });

  test('--help shows every setting', () => {
    const text = helpText('1.2.3');
    expect(allSettings.filter(({ flag }) => flag !== undefined && !text.includes(`\n  -${flag}`))).toEqual([]);
  });
});
