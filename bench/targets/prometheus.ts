import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askOk } from '../http.ts';
import { folderBytes } from '../measure.ts';
import { versionOf } from '../report/machine.ts';
import { type RunningServer, startTarget } from './start-target.ts';
import type { TargetKind } from './target.ts';

/** Prometheus looks once a minute whether its head is long enough for a block. */
const COMPACTION_LIMIT_MS = 90_000;
/** A head of three hours and more is cut. */
const LONGEST_HEAD_SECONDS = 3 * 3600 + 60;

export function prometheusAt(command: string): TargetKind {
  return {
    name: 'prometheus',
    aliases: [],
    writeVersions: [1, 2],
    hasNativeHistograms: true,
    hasRules: true,
    version: () => versionOf(command, '--version'),
    start: () =>
      startTarget({
        name: 'prometheus',
        command,
        commandArguments: ([port], folder) => {
          const configPath = join(folder, 'prometheus.yml');
          writeFileSync(configPath, `global: {}\nrule_files: [${JSON.stringify(join(folder, 'rules.yml'))}]\n`);
          return [
            `--config.file=${configPath}`,
            `--storage.tsdb.path=${join(folder, 'data')}`,
            `--web.listen-address=127.0.0.1:${port}`,
            '--web.enable-remote-write-receiver',
            '--web.enable-admin-api',
            '--web.enable-lifecycle',
            '--enable-feature=native-histograms,promql-experimental-functions',
            '--log.level=error',
          ];
        },
        readyPath: '/-/ready',
        pushPath: '/api/v1/write',
        queryPath: '',
        settle: awaitBlocks,
        setRules: async ({ baseUrl, folder }, yaml) => {
          writeFileSync(join(folder, 'rules.yml'), yaml);
          await askOk(`${baseUrl}/-/reload`, { method: 'POST' });
        },
        longTermBytes: async ({ baseUrl, folder }) => {
          // A snapshot writes what the head holds as a block.
          await askOk(`${baseUrl}/api/v1/admin/tsdb/snapshot`, { method: 'POST' });
          return folderBytes(join(folder, 'data', 'snapshots'));
        },
      }),
  };
}

/** Until no more blocks are due: a server that cuts them answers slower for a while. */
async function awaitBlocks({ baseUrl }: RunningServer): Promise<void> {
  const giveUpMs = performance.now() + COMPACTION_LIMIT_MS;
  while (performance.now() < giveUpMs) {
    const metrics = await askOk(`${baseUrl}/metrics`);
    const gauge = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1]);
    const head = gauge('prometheus_tsdb_head_max_time_seconds') - gauge('prometheus_tsdb_head_min_time_seconds');
    if (!(head > LONGEST_HEAD_SECONDS)) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
