import { fileURLToPath } from 'node:url';
import { type RunningProgram, startProgram } from './child-process.ts';
import { freePort } from './free-port.ts';

/** pocket-cortex as users run it: the built command line in a process of its own. */
export interface ServerProcess extends RunningProgram {
  readonly baseUrl: string;
  readonly port: number;
  /** From the start of the process to the first 200 of `/ready`. */
  readonly readyAfterMs: number;
}

export interface ServerProcessOptions {
  readonly dataPath: string;
  readonly port?: number;
  readonly arguments?: readonly string[];
}

const mainPath = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

/** Arguments with which the built server listens on `port` of the loopback and keeps its data in `dataPath`. */
export function serverArguments(dataPath: string, port: number): string[] {
  return [
    mainPath,
    '-server.http-listen-address=127.0.0.1',
    `-server.http-listen-port=${port}`,
    `-pocket.data-file=${dataPath}`,
    '-ruler.enable-api=true',
    '-distributor.ingestion-rate-limit=10000000',
    '-distributor.ingestion-burst-size=10000000',
  ];
}

/** Starts the server and waits until it is ready. */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const port = options.port ?? (await freePort());
  const baseUrl = `http://127.0.0.1:${port}`;
  const startedMs = performance.now();
  const program = startProgram(process.execPath, [
    ...serverArguments(options.dataPath, port),
    ...(options.arguments ?? []),
  ]);
  let hasEnded = false;
  void program.ended.then(() => {
    hasEnded = true;
  });
  while (!(await isReady(baseUrl))) {
    if (hasEnded) throw new Error(`the server ended before it was ready:\n${program.output()}`);
    if (performance.now() - startedMs > 20_000)
      throw new Error(`the server is not ready after 20 s:\n${program.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return { ...program, baseUrl, port, readyAfterMs: performance.now() - startedMs };
}

async function isReady(baseUrl: string): Promise<boolean> {
  try {
    const response = await fetch(`${baseUrl}/ready`);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
