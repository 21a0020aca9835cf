/**
 * Runs the tests of this sample project against the package as others get it: packed, and installed in a folder of its own.
 * Each of the three suites many times, all three beside each other and some of each at once: `node run.mjs [rounds]
 * [parallel]`. Exits with 1 when one of them ever failed.
 */
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const rounds = Number(process.argv[2] ?? 50);
const parallel = Number(process.argv[3] ?? 2);
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const folder = mkdtempSync(join(tmpdir(), 'pocket-cortex-consumer-'));

/** The package with its dependencies; these are those of this clone, so that nothing is fetched. */
async function install() {
  cpSync(here, folder, { recursive: true });
  // What was built already is packed as it is.
  const options = existsSync(join(root, 'dist/src/index.js')) ? ['--ignore-scripts'] : [];
  await run('npm', ['pack', ...options, '--pack-destination', folder], { cwd: root, maxBuffer: 1 << 26 });
  const archive = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  const modules = join(folder, 'node_modules');
  const target = join(modules, 'pocket-cortex');
  mkdirSync(target, { recursive: true });
  await run('tar', ['xzf', join(folder, archive), '-C', target, '--strip-components=1']);
  for (const name of readdirSync(join(root, 'node_modules'))) {
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  const { bin } = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'));
  return join(target, bin['pocket-cortex']);
}

/** Runs a command so many times, some at once; what it said when it failed. */
async function repeat(command, args, environment) {
  const failures = [];
  let left = rounds;
  const worker = async () => {
    while (left-- > 0) {
      await run(command, args, { cwd: folder, env: environment }).catch(({ stdout, stderr }) =>
        failures.push(`${command} ${args.join(' ')}: ${stdout}${stderr}`),
      );
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return failures;
}

/** Its start takes longer than the tests, so one vitest runs as many copies of the file. */
async function repeatVitest() {
  for (let round = 0; round < rounds; round++) {
    copyFileSync(join(folder, 'pager.test.js'), join(folder, `copy-${round}.test.js`));
  }
  const config = { test: { include: ['copy-*.test.js'], pool: 'threads', isolate: false, maxWorkers: parallel } };
  writeFileSync(join(folder, 'vitest.config.js'), `export default ${JSON.stringify(config)};\n`);
  const results = join(folder, 'results.json');
  const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter=json', `--outputFile=${results}`];
  await run(process.execPath, args, { cwd: folder, maxBuffer: 1 << 26 }).catch(() => {});
  const { testResults } = JSON.parse(readFileSync(results, 'utf8'));
  return testResults
    .filter(({ status }) => status !== 'passed')
    .map(({ message, assertionResults }) => `vitest: ${message} ${assertionResults.map((one) => one.failureMessages)}`);
}

async function repeatAll(program) {
  const environment = { ...process.env, POCKET_CORTEX: program };
  const [vitest, node, python] = await Promise.all([
    repeatVitest(),
    repeat(process.execPath, ['--test', 'pager.node-test.js'], environment),
    repeat('python3', ['-B', 'pager_test.py'], environment),
  ]);
  return { vitest, 'node:test': node, python };
}

const startedMs = performance.now();
try {
  const program = await install();
  const installedMs = performance.now();
  const suites = await repeatAll(program);
  const failures = Object.values(suites).flat();
  for (const failure of failures.slice(0, 5)) console.log(failure);
  const counts = Object.entries(suites).map(([name, failed]) => `${name} ${rounds - failed.length} of ${rounds}`);
  const seconds = (fromMs) => ((performance.now() - fromMs) / 1000).toFixed(1);
  console.log(
    `${counts.join(', ')}, ${parallel} of each at once; ${seconds(installedMs)} s, ${seconds(startedMs)} s with packing`,
  );
  process.exitCode = failures.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
