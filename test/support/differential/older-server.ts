import { createLogger } from '../../../src/config/logger.ts';
import { defaultConfig } from '../../../src/config/settings.ts';
import { SystemClock } from '../../../src/model/clock.ts';
import { startServer } from '../../../src/server.ts';
import type { SeriesMessage } from '../../../src/wire/remote-write-encode.ts';
import { push } from '../push.ts';
import { type Answer, ask } from './ask.ts';
import { type OlderWay, setOlderWays } from './older-engine.ts';
import type { DifferentialQuery } from './queries.ts';

/** Our server in this process, with the ways of an older Prometheus to choose from. */
export interface OlderServer {
  /** What it answers in these ways. One question at a time: others wait. */
  ask(ways: readonly OlderWay[], query: DifferentialQuery): Promise<Answer>;
  close(): Promise<void>;
}

export async function startOlderServer(series: readonly SeriesMessage[]): Promise<OlderServer> {
  const clock = new SystemClock();
  const { server, limits } = defaultConfig;
  const { url, close } = await startServer(
    {
      ...defaultConfig,
      server: {
        ...server,
        httpListenAddress: '127.0.0.1',
        httpListenPort: 0,
        dataFile: ':memory:',
        querierExperimentalFunctions: true,
      },
      limits: { ...limits, ingestionRate: Infinity, ingestionBurstSize: 1e9, enableNativeHistograms: true },
    },
    { clock, logger: createLogger({ format: 'logfmt', level: 'silent', clock, write: () => {} }) },
  );
  const tenant = 'older';
  const { status, text } = await push({ baseUrl: url, tenant }, { series });
  if (status !== 200) throw new Error(`the data is refused: ${text}`);
  let last: Promise<unknown> = Promise.resolve();
  return {
    ask(ways, query) {
      const answer = last.then(async () => {
        setOlderWays(ways);
        try {
          return await ask({ baseUrl: `${url}/prometheus`, tenant }, query);
        } finally {
          setOlderWays([]);
        }
      });
      last = answer.catch(() => {});
      return answer;
    },
    close,
  };
}
