import { writeSync } from 'node:fs';
import { createLogger } from '../config/logger.ts';
import type { Config } from '../config/settings.ts';
import { VERSION } from '../config/version.ts';
import { SystemClock } from '../model/clock.ts';
import { SteerableClock } from '../model/steerable-clock.ts';
import { type RunningServer, startServer } from '../server.ts';
import { collectAtRest } from './collect-at-rest.ts';
import { boundYoungGeneration } from './young-generation.ts';

const WARM_UP_AFTER_MS = 300;

export interface ServeOptions {
  readonly clock?: SteerableClock;
  /** What is said when it is ready. */
  readonly greet?: (server: RunningServer, config: Config) => string;
}

/**
 * Runs the server until SIGTERM or SIGINT. Resolves when it is ready; the process ends when it has closed.
 * @throws as `startServer`
 */
export async function serve(
  config: Config,
  warnings: readonly string[],
  { clock = new SteerableClock(new SystemClock()), greet = greeting }: ServeOptions = {},
): Promise<RunningServer> {
  boundYoungGeneration();
  const { logFormat: format, logLevel: level } = config.server;
  const logger = createLogger({ format, level, clock, write: (line) => process.stderr.write(line) });
  for (const warning of warnings) logger.warn({}, warning);
  const server = await startServer(config, { clock, logger, processMetrics: true });
  boundYoungGeneration();

  let isStopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (isStopping) {
      // The second signal: whoever sends it does not want to wait.
      writeSync(2, `pocket-cortex: ${signal} again, not waiting any longer\n`);
      process.exit(1);
    }
    isStopping = true;
    logger.info({ signal }, 'stopping');
    server.close().then(
      () => {
        logger.info({}, 'stopped');
        process.exit(0);
      },
      (error: unknown) => {
        logger.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  collectAtRest(server.quiet);
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);

  const readyMs = Math.round(clock.elapsedMs());
  logger.info(
    { version: VERSION, url: server.url, dataFile: config.server.dataFile, readyMs },
    'pocket-cortex is ready',
  );
  process.stdout.write(greet(server, config));
  // Not at once: whoever waited for the server has a request ready that should not wait for this.
  clock.setTimer(() => {
    boundYoungGeneration();
    void server.warmUp();
  }, WARM_UP_AFTER_MS);
  return server;
}

/** What to do next, in a few lines; nothing beside logs in JSON, which a program reads, maybe from both streams. */
export function greeting({ url }: Pick<RunningServer, 'url'>, { server }: Config): string {
  const { authEnabled, prometheusHttpPrefix, dataFile, logFormat } = server;
  if (logFormat === 'json') return '';
  const tenantHeader = authEnabled ? '\n      headers: { X-Scope-OrgID: demo }' : '';
  const curlHeader = authEnabled ? "-H 'X-Scope-OrgID: demo' " : '';
  return `
pocket-cortex ${VERSION} is ready on ${url}, data in ${dataFile === ':memory:' ? 'memory only' : dataFile}

  Send: add to prometheus.yml
    remote_write:
    - url: ${url}/api/v1/push${tenantHeader}

  Query:
    curl ${curlHeader}'${url}${prometheusHttpPrefix}/api/v1/query?query=up'

  Grafana: a Prometheus data source with the URL ${url}${prometheusHttpPrefix}${authEnabled ? '\n           and the HTTP header X-Scope-OrgID: demo' : ''}

  All settings: --help     Stop: Ctrl-C

`;
}
