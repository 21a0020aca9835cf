import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type RunningProgram, startProgram } from './child-process.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

/** A program that tests run beside pocket-cortex, ready to be asked. */
export interface Peer extends RunningProgram {
  readonly baseUrl: string;
  readonly port: number;
}

export interface PrometheusOptions {
  readonly program: string;
  /** Where it keeps its configuration and data. */
  readonly folder: string;
  /** The configuration file; `PORT` in it stands for the port that Prometheus itself listens on. */
  readonly config: string;
  /** Files beside the configuration file, by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly arguments?: readonly string[];
  /** The port that it listens on; any free one when it is left out. */
  readonly port?: number;
}

export async function startPrometheus(options: PrometheusOptions): Promise<Peer> {
  const { program, folder, config, files = {} } = options;
  const port = options.port ?? (await freePort());
  mkdirSync(folder, { recursive: true });
  const configPath = join(folder, 'prometheus.yml');
  writeFileSync(configPath, config.replaceAll('PORT', String(port)));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const running = startProgram(program, [
    `--config.file=${configPath}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--web.enable-lifecycle',
    ...(options.arguments ?? []),
  ]);
  return awaitReady(running, port, '/-/ready');
}

/** On `port`, or on any free one. */
export async function startNodeExporter(program: string, port?: number): Promise<Peer> {
  const itsPort = port ?? (await freePort());
  return awaitReady(startProgram(program, [`--web.listen-address=127.0.0.1:${itsPort}`]), itsPort, '/');
}

async function awaitReady(running: RunningProgram, port: number, path: string): Promise<Peer> {
  const baseUrl = `http://127.0.0.1:${port}`;
  let endedWith: string | undefined;
  void running.ended.then(() => {
    endedWith = running.output();
  });
  await eventually(
    `${baseUrl}${path} answers`,
    async () => {
      // A peer that has ended will not answer any more: no need to wait for the deadline.
      if (endedWith !== undefined) return true;
      return (await fetch(baseUrl + path)).ok || undefined;
    },
    { timeoutMs: 30_000 },
  );
  if (endedWith !== undefined) throw new Error(`it ended before it was ready:\n${endedWith}`);
  return { ...running, baseUrl, port };
}

export interface AlertmanagerOptions {
  readonly program: string;
  /** Where it keeps its configuration and data. */
  readonly folder: string;
  /** The configuration file. */
  readonly config: string;
  /** The path under which it answers. */
  readonly prefix?: string;
}

/** One that speaks to no other Alertmanager. */
export async function startAlertmanager({ program, folder, config, prefix = '' }: AlertmanagerOptions): Promise<Peer> {
  const port = await freePort();
  mkdirSync(folder, { recursive: true });
  const configPath = join(folder, 'alertmanager.yml');
  writeFileSync(configPath, config);
  const [command, ...commandArguments] = [
    ...seeingItsTemplates(program),
    `--config.file=${configPath}`,
    `--storage.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    `--web.external-url=http://127.0.0.1:${port}${prefix}`,
    '--cluster.listen-address=',
  ];
  return awaitReady(startProgram(command!, commandArguments), port, `${prefix}/-/ready`);
}

/**
 * Debian's Alertmanager reads its templates from `/usr/share`. One that was only unpacked into a folder gets to see the
 * folder's `usr/share` there, in a mount namespace of its own.
 */
function seeingItsTemplates(program: string): string[] {
  const templates = 'prometheus/alertmanager/default.tmpl';
  const share = resolve(dirname(program), '../share');
  if (existsSync(join('/usr/share', templates)) || !existsSync(join(share, templates))) return [program];
  const mount = 'mount -t overlay -o "lowerdir=$0:/usr/share" overlay /usr/share && exec "$@"';
  return ['unshare', '--map-root-user', '--mount', 'sh', '-c', mount, share, program];
}

/** A vmalert that evaluates `rules`, with any arguments beside those for its rules and its own port. */
export async function startVmalert(options: {
  readonly program: string;
  readonly folder: string;
  readonly rules: string;
  readonly arguments: readonly string[];
}): Promise<Peer> {
  const port = await freePort();
  mkdirSync(options.folder, { recursive: true });
  const rulesPath = join(options.folder, 'rules.yml');
  writeFileSync(rulesPath, options.rules);
  const running = startProgram(options.program, [
    `-rule=${rulesPath}`,
    `-httpListenAddr=127.0.0.1:${port}`,
    ...options.arguments,
  ]);
  return awaitReady(running, port, '/health');
}

/** A vmagent that scrapes as `config` says, with any arguments beside those for that and for its own port and files. */
export async function startVmagent(options: {
  readonly program: string;
  readonly folder: string;
  readonly config: string;
  readonly arguments: readonly string[];
}): Promise<Peer> {
  const port = await freePort();
  mkdirSync(options.folder, { recursive: true });
  const configPath = join(options.folder, 'scrape.yml');
  writeFileSync(configPath, options.config);
  const running = startProgram(options.program, [
    `-promscrape.config=${configPath}`,
    `-remoteWrite.tmpDataPath=${join(options.folder, 'queue')}`,
    `-httpListenAddr=127.0.0.1:${port}`,
    ...options.arguments,
  ]);
  return awaitReady(running, port, '/health');
}
