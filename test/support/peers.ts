import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
