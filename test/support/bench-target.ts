import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Target, TargetKind } from '../../bench/targets/target.ts';
import { createLogger } from '../../src/config/logger.ts';
import { defaultConfig } from '../../src/config/settings.ts';
import { SystemClock } from '../../src/model/clock.ts';
import { startServer } from '../../src/server.ts';

/** Our server in this process, as something that the bench measures. */
export function targetInProcess(name: string): TargetKind {
  return {
    name,
    aliases: [],
    writeVersions: [1, 2],
    hasNativeHistograms: false,
    hasRules: false,
    start: () => startIn(name, mkdtempSync(join(tmpdir(), 'bench-test-'))),
  };
}

async function startIn(name: string, folder: string): Promise<Target> {
  const clock = new SystemClock();
  const { server, limits } = defaultConfig;
  const running = await startServer(
    {
      ...defaultConfig,
      server: {
        ...server,
        httpListenAddress: '127.0.0.1',
        httpListenPort: 0,
        dataFile: join(folder, 'data.sqlite'),
        querierExperimentalFunctions: true,
        remoteWriteV2Enabled: true,
      },
      limits: { ...limits, ingestionRate: Infinity, ingestionBurstSize: 1e9, maxSeriesPerMetric: 0 },
    },
    { clock, logger: createLogger({ format: 'logfmt', level: 'silent', clock, write: () => {} }) },
  );
  const { url } = running;
  return {
    ...{ name, folder, pid: process.pid, readyAfterMs: 1, headers: { 'x-scope-orgid': 'bench' }, uncached: {} },
    ...{ readyUrl: `${url}/ready`, metricsUrl: `${url}/metrics` },
    ...{ pushUrl: `${url}/api/v1/push`, queryUrl: `${url}/prometheus` },
    settle: async () => {},
    setRules: () => Promise.reject(new Error('no rules here')),
    longTermBytes: async () => 1,
    restart: async () => {
      await running.close();
      return startIn(name, folder);
    },
    end: () => running.close(),
    stop: async () => {
      await running.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
