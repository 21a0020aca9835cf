import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startProgram } from '../support/child-process.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

let folder: string;
let server: ServerProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'configuration-'));
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  await rm(folder, { recursive: true });
});

const pathOf = (name: string) => fileURLToPath(new URL(`../config/files/${name}.yaml`, import.meta.url));
const main = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

test.for(['one-disk', 'object-store', 'gossip'])(
  'a process starts with %s.yaml and says in a line what it ignores',
  async (name) => {
    server = await startServerProcess({
      dataPath: join(folder, 'data.db'),
      arguments: [`-config.file=${pathOf(name)}`, '-config.expand-env'],
    });
    const lines = server.output().split('\n');
    expect(lines.filter((line) => line.includes('have no effect here'))).toHaveLength(1);
    const config = await (await fetch(`${server.baseUrl}/config?mode=diff`)).text();
    expect(config).toContain(name === 'one-disk' ? 'shard_by_all_labels: true\n' : 'limits:\n');
  },
);

const endings: [argument: string, status: number, output: RegExp][] = [
  ['-modules', 0, /^alertmanager \*\nall\n[\s\S]*\nModules marked with \* are included in target All\.\n$/],
  ['-version', 0, /^pocket-cortex \d/],
  ['-print.config', 0, /^target: all\n/],
  ['-help', 0, /-server\.http-listen-port int\n/],
  [
    '-no.such-flag',
    2,
    /flag provided but not defined: -no\.such-flag\n?.*Run with -help to get list of available parameters/s,
  ],
  ['-target=ingester', 1, /runs no ingester by itself; use -target=all/],
  ['-target=every', 1, /unrecognised module name: every/],
];
test.for(endings)('%s ends with %d', async ([argument, status, output]) => {
  const program = startProgram(process.execPath, [main, argument]);
  const { exitCode } = await program.ended;
  expect([exitCode, program.output()]).toEqual([status, expect.stringMatching(output)]);
});
