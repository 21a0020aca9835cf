import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { postRuleGroups } from './rule-groups.ts';
import { startTarget } from './start-target.ts';
import { SELF, type TargetKind } from './target.ts';

/** The build in `distFolder`, started with `nodeArguments`. @throws when there is none */
export function pocketCortexAt(
  distFolder: string,
  { name = SELF, nodeArguments = [] }: { readonly name?: string; readonly nodeArguments?: readonly string[] } = {},
): TargetKind {
  const program = join(distFolder, 'src/cli/main.js');
  if (!existsSync(program)) throw new Error(`there is no build in ${distFolder}: npm run build`);
  return {
    name,
    aliases: [],
    writeVersions: [1, 2],
    hasNativeHistograms: true,
    hasRules: true,
    start: () =>
      startTarget({
        name,
        command: process.execPath,
        commandArguments: ([port], folder) => [
          ...nodeArguments,
          program,
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
          '-querier.enable-promql-experimental-functions=true',
        ],
        readyPath: '/ready',
        pushPath: '/api/v1/push',
        queryPath: '/prometheus',
        headers: { 'x-scope-orgid': 'bench' },
        setRules: postRuleGroups,
      }),
  };
}
