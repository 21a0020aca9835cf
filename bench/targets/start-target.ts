import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningProgram, startProgram } from '../../test/support/child-process.ts';
import { freePort } from '../../test/support/free-port.ts';
import { exchange } from '../http.ts';
import { awaitQuiet, folderBytes } from '../measure.ts';
import type { Target } from './target.ts';

/** How a server is started and spoken to. Paths are appended to its address. */
export interface TargetPlan {
  readonly name: string;
  readonly command: string;
  /** How many ports it needs; the first is that of its API. */
  readonly portCount?: number;
  /** Called for every start, also with a folder that has data in it. */
  readonly commandArguments: (ports: readonly number[], folder: string) => readonly string[];
  readonly readyPath: string;
  readonly pushPath: string;
  readonly queryPath: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly uncached?: Readonly<Record<string, string>>;
  readonly settle?: (server: RunningServer) => Promise<void>;
  readonly setRules?: (server: RunningServer, yaml: string) => Promise<void>;
  readonly longTermBytes?: (server: RunningServer) => Promise<number>;
}

export interface RunningServer {
  readonly baseUrl: string;
  readonly pid: number;
  readonly folder: string;
}

const READY_LIMIT_MS = 60_000;
/** What somebody's shell sets for Node or Go is no part of a server: certificates of its own take Node 30 ms to read. */
const WITHOUT_SETTINGS = {
  NODE_OPTIONS: undefined,
  NODE_EXTRA_CA_CERTS: undefined,
  GOGC: undefined,
  GOMEMLIMIT: undefined,
};

export async function startTarget(plan: TargetPlan): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), `bench-${plan.name}-`));
  try {
    return await startIn(plan, folder);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function startIn(plan: TargetPlan, folder: string): Promise<Target> {
  const ports = await Promise.all(Array.from({ length: plan.portCount ?? 1 }, () => freePort()));
  const baseUrl = `http://127.0.0.1:${ports[0]}`;
  const commandArguments = plan.commandArguments(ports, folder);
  const startedMs = performance.now();
  const program = startProgram(plan.command, commandArguments, { env: WITHOUT_SETTINGS });
  await awaitReady(plan.name, `${baseUrl}${plan.readyPath}`, program);
  const readyAfterMs = performance.now() - startedMs;
  const server: RunningServer = { baseUrl, pid: program.pid, folder };
  const end = async (): Promise<void> => {
    await program.stop();
  };
  return {
    name: plan.name,
    pid: program.pid,
    readyUrl: `${baseUrl}${plan.readyPath}`,
    metricsUrl: `${baseUrl}/metrics`,
    pushUrl: `${baseUrl}${plan.pushPath}`,
    queryUrl: `${baseUrl}${plan.queryPath}`,
    headers: plan.headers ?? {},
    uncached: plan.uncached ?? {},
    readyAfterMs,
    folder,
    settle: async () => {
      await plan.settle?.(server);
      await awaitQuiet(program.pid);
    },
    setRules: async (yaml) => {
      if (!plan.setRules) throw new Error(`${plan.name} has no rules`);
      await plan.setRules(server, yaml);
    },
    longTermBytes: async () => {
      if (plan.longTermBytes) return plan.longTermBytes(server);
      await end();
      return folderBytes(folder);
    },
    restart: async () => {
      await end();
      return startIn(plan, folder);
    },
    end,
    stop: async () => {
      await end();
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
      throw new Error(`${name} did not become ready:\n${program.output().slice(-2000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

async function isOk(url: string): Promise<boolean> {
  try {
    return (await exchange(url)).status === 200;
  } catch {
    return false;
  }
}
