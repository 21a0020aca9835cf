import { join } from 'node:path';
import { askOk } from '../http.ts';
import { folderBytes } from '../measure.ts';
import { versionOf } from '../report/machine.ts';
import { startTarget } from './start-target.ts';
import type { TargetKind } from './target.ts';

export function victoriaMetricsAt(command: string): TargetKind {
  return {
    name: 'victoria-metrics',
    aliases: ['victoria-metrics-prod', 'victoriametrics'],
    // It takes 2.0 from its own agent only.
    writeVersions: [1],
    hasNativeHistograms: false,
    hasRules: false,
    version: () => versionOf(command, '--version'),
    start: () =>
      startTarget({
        name: 'victoria-metrics',
        command,
        commandArguments: ([port], folder) => [
          `-storageDataPath=${join(folder, 'data')}`,
          `-httpListenAddr=127.0.0.1:${port}`,
          '-loggerLevel=ERROR',
          // It leaves the last 30 seconds out of answers otherwise.
          '-search.latencyOffset=0s',
        ],
        readyPath: '/health',
        pushPath: '/api/v1/write',
        queryPath: '',
        // Else it answers from its cache of earlier answers, and moves the steps to round times.
        uncached: { nocache: '1' },
        settle: async ({ baseUrl }) => {
          await askOk(`${baseUrl}/internal/force_flush`);
        },
        longTermBytes: async ({ baseUrl, folder }) => {
          await askOk(`${baseUrl}/internal/force_flush`);
          await askOk(`${baseUrl}/internal/force_merge`);
          // The merge goes on after the answer.
          const path = join(folder, 'data', 'data');
          let bytes = folderBytes(path);
          for (let sameFor = 0; sameFor < 3; ) {
            await new Promise((resolve) => setTimeout(resolve, 500));
            const now = folderBytes(path);
            sameFor = now === bytes ? sameFor + 1 : 0;
            bytes = now;
          }
          return folderBytes(join(folder, 'data'));
        },
      }),
  };
}
