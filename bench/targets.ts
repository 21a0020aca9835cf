import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram, type RunningProgram, startProgram } from '../test/support/child-process.ts';
import { freePort } from '../test/support/free-port.ts';

/** A server under test, freshly started with an empty folder. */
export interface Target {
  readonly name: string;
  readonly pid: number;
  readonly readyUrl: string;
  readonly pushUrl: string;
  /** What `/api/v1/query` is appended to. */
  readonly queryUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** From the start of the process to its first ready answer. */
  readonly readyAfterMs: number;
  readonly folder: string;
  /** Stops it; its folder stays. */
  end(): Promise<void>;
  /** Stops it, when it runs still, and removes its folder. */
  stop(): Promise<void>;
}

export interface TargetKind {
  readonly name: string;
  start(): Promise<Target>;
}

/** The servers that can be measured here: ours, and Prometheus when it is on PATH. */
export function availableTargets(): TargetKind[] {
  const kinds: TargetKind[] = [pocketCortex];
  const prometheus = findProgram('prometheus');
  if (prometheus !== undefined) kinds.push(prometheusAt(prometheus));
  return kinds;
}

const pocketCortex: TargetKind = {
  name: 'pocket-cortex',
  start: () =>
    startTarget({
      name: 'pocket-cortex',
      command: process.execPath,
      commandArguments: (port, folder) => [
        fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url)),
        '-server.http-listen-address=127.0.0.1',
        `-server.http-listen-port=${port}`,
        `-pocket.data-file=${join(folder, 'data.sqlite')}`,
        // Cortex's defaults stop a tenant at 25,000 samples a second and 150,000 series.
        '-distributor.ingestion-rate-limit=1e9',
        '-distributor.ingestion-burst-size=1000000000',
        '-ingester.max-series-per-user=0',
        '-ingester.max-series-per-metric=0',
        '-blocks-storage.tsdb.enable-native-histograms=true',
        '-distributor.remote-writev2-enabled=true',
      ],
      readyPath: '/ready',
      pushPath: '/api/v1/push',
      queryPath: '/prometheus',
      headers: { 'x-scope-orgid': 'bench' },
    }),
};

function prometheusAt(command: string): TargetKind {
  return {
    name: 'prometheus',
    start: () =>
      startTarget({
        name: 'prometheus',
        command,
        commandArguments: (port, folder) => {
          const configPath = join(folder, 'prometheus.yml');
          writeFileSync(configPath, 'global: {}\n');
          return [
            `--config.file=${configPath}`,
            `--storage.tsdb.path=${join(folder, 'data')}`,
            `--web.listen-address=127.0.0.1:${port}`,
            '--web.enable-remote-write-receiver',
            '--enable-feature=native-histograms',
            '--log.level=error',
          ];
        },
        readyPath: '/-/ready',
        pushPath: '/api/v1/write',
        queryPath: '',
        headers: {},
      }),
  };
}

interface TargetPlan {
  readonly name: string;
  readonly command: string;
  readonly commandArguments: (port: number, folder: string) => readonly string[];
  readonly readyPath: string;
  readonly pushPath: string;
  readonly queryPath: string;
  readonly headers: Readonly<Record<string, string>>;
}

const READY_LIMIT_MS = 30_000;

async function startTarget(plan: TargetPlan): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), `bench-${plan.name}-`));
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const baseUrl = `http://127.0.0.1:${port}`;
  const commandArguments = plan.commandArguments(port, folder);
  const startedMs = performance.now();
  const program = startProgram(plan.command, commandArguments);
  await awaitReady(plan.name, `${baseUrl}${plan.readyPath}`, program);
  return {
    name: plan.name,
    pid: program.pid,
    readyUrl: `${baseUrl}${plan.readyPath}`,
    pushUrl: `${baseUrl}${plan.pushPath}`,
    queryUrl: `${baseUrl}${plan.queryPath}`,
    headers: plan.headers,
    readyAfterMs: performance.now() - startedMs,
    folder,
    end: async () => {
      await program.stop();
    },
    stop: async () => {
      await program.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function awaitReady(name: string, url: string, program: RunningProgram): Promise<void> {
  const giveUpMs = performance.now() + READY_LIMIT_MS;
  let hasEnded = false;
  void program.ended.then(() => {
    hasEnded = true;
  });
  while (!(await isOk(url))) {
    if (hasEnded || performance.now() > giveUpMs) {
      await program.stop('SIGKILL');
      throw new Error(`${name} did not become ready:\n${program.output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

async function isOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
