// What .ci/contract runs; its head says how to call it.
import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const project = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    build: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    profile: { type: 'string', multiple: true, default: [] },
    area: { type: 'string', multiple: true, default: [] },
    name: { type: 'string', multiple: true, default: [] },
    port: { type: 'string' },
    jobs: { type: 'string', default: '8' },
    json: { type: 'string' },
    strike: { type: 'boolean', default: false },
  },
});
const [source] = positionals;
if (source === undefined || !existsSync(join(source, 'profiles.json'))) {
  console.error('usage: bash .ci/contract FOLDER [options]; FOLDER holds profiles.json, cases/ and replay.mjs');
  process.exit(2);
}

/** What the profiles mean by every ring and every storage. */
const rings = [
  'distributor.ring',
  'ingester.lifecycler.ring',
  'ruler.ring',
  'alertmanager.sharding_ring',
  'compactor.sharding_ring',
  'store_gateway.sharding_ring',
];
const storages = ['blocks_storage', 'ruler_storage', 'alertmanager_storage'];

const work = mkdtempSync(join(tmpdir(), 'pocket-cortex-contract-'));
/** @type {Map<string, { url: string, child: import('node:child_process').ChildProcess, logFile: string }>} */
const servers = new Map();
process.on('exit', () => {
  for (const { child } of servers.values()) child.kill('SIGKILL');
  if (!options.keep) rmSync(work, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

// Beside our own modules, because the program of the folder needs two of them.
const folder = join(work, 'contract');
cpSync(source, folder, { recursive: true, mode: 0 });
spawnSync('chmod', ['-R', 'u+w', folder]);
symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'));

const { loadCases } = await import(join(folder, 'replay.mjs'));
const profiles = JSON.parse(readFileSync(join(folder, 'profiles.json'), 'utf8'));
const isWanted = (wanted, test) => wanted.length === 0 || wanted.some(test);
const cases = loadCases(join(folder, 'cases'))
  .map((one) => ({ ...one, profile: one.config?.profile ?? 'base' }))
  .filter(
    ({ name, area, profile }) =>
      isWanted(options.area, (wanted) => wanted === area) &&
      isWanted(options.profile, (wanted) => wanted === profile) &&
      isWanted(options.name, (wanted) => name.includes(wanted)),
  );
if (cases.length === 0) {
  console.error('no case is of that profile, area and name');
  process.exit(2);
}

const program = options.build ? build() : join(project, 'dist/src/cli/main.js');
const needed = [...new Set(cases.map(({ profile }) => profile))];
const notStarted = new Map();
await Promise.all(needed.map((name, index) => start(name, index).catch((error) => notStarted.set(name, `${error}`))));

const results = new Map();
replay(
  cases.filter((one) => !one.destructive && servers.has(one.profile)),
  'replay',
);
// A case that stops a part of its server runs when nothing else needs that any more.
for (const one of cases.filter((one) => one.destructive && servers.has(one.profile)))
  replay([one], 'destructive', ['--destructive']);
for (const [name, server] of servers) {
  if (server.child.exitCode === null && server.child.signalCode === null) continue;
  console.log(`the server of the profile ${name} has died:\n${endOf(server.logFile)}`);
  notStarted.set(name, 'it died on the way');
}
for (const [name, reason] of notStarted) {
  for (const one of cases.filter(({ profile }) => profile === name)) {
    if (!results.has(one.name)) results.set(one.name, { result: 'failed', problems: [`profile ${name}: ${reason}`] });
  }
}
report();

/** The program of the working tree, built by the project's own command into a folder of this run. */
function build() {
  symlinkSync(join(project, 'node_modules'), join(work, 'node_modules'));
  writeFileSync(join(work, 'package.json'), '{"type":"module"}');
  const { status } = spawnSync(process.execPath, ['esbuild.config.mjs', '--outdir', join(work, 'dist')], {
    cwd: project,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(1);
  return join(work, 'dist/src/cli/main.js');
}

/** Starts a server with the settings of a profile, which stand on top of those of "base". */
async function start(name, index) {
  const data = join(work, name);
  mkdirSync(data);
  const port = options.port === undefined ? await freePort() : Number(options.port) + index;
  const url = `http://127.0.0.1:${port}`;
  const { settings = {}, flags = [], files = {} } = profiles[name];
  for (const [file, text] of Object.entries(files)) writeFileSync(join(data, file), text);
  const tree = {};
  for (const [path, value] of Object.entries({ ...profiles.base.settings, ...settings })) {
    for (const real of realPaths(path)) set(tree, real, fill(value, { data, url }));
  }
  for (const storage of storages) set(tree, [storage, 'filesystem', 'dir'], join(data, storage));
  const configFile = join(data, 'cortex.yaml');
  // JSON is YAML.
  writeFileSync(configFile, JSON.stringify(tree, null, 2));
  const logFile = join(data, 'server.log');
  const log = openSync(logFile, 'w');
  const all = [
    program,
    `-config.file=${configFile}`,
    '-server.http-listen-address=127.0.0.1',
    `-server.http-listen-port=${port}`,
    `-pocket.data-file=${join(data, 'pocket-cortex.db')}`,
    ...flags,
  ];
  const child = spawn(process.execPath, all, { cwd: data, stdio: ['ignore', log, log] });
  let hasEnded = false;
  child.on('exit', () => {
    hasEnded = true;
  });
  for (let attempt = 0; attempt < 400; attempt++) {
    if (hasEnded) throw `did not start: ${endOf(logFile)}`;
    const isReady = await fetch(`${url}/ready`).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) {
      servers.set(name, { url, child, logFile });
      return;
    }
    await sleep(50);
  }
  child.kill('SIGKILL');
  throw `was not ready in 20 s: ${endOf(logFile)}`;
}

/** The settings that the placeholders of a path stand for. */
function realPaths(path) {
  const [, placeholder, rest] = /^<(every ring|every storage)>\.(.*)$/.exec(path) ?? [];
  if (placeholder === undefined) return [path.split('.')];
  const places = placeholder === 'every ring' ? rings : storages;
  return places.map((place) => [...place.split('.'), ...rest.split('.')]);
}

function fill(value, { data, url }) {
  if (typeof value !== 'string') return value;
  return value.replaceAll('<data>', data).replaceAll('<the server itself>', url);
}

function set(tree, path, value) {
  let branch = tree;
  for (const key of path.slice(0, -1)) branch = branch[key] ??= {};
  branch[path.at(-1)] = value;
}

/** Runs the folder's own program over some cases; whatever differs goes to the output. */
function replay(chosen, title, more = []) {
  if (chosen.length === 0) return;
  const chosenFolder = join(work, `cases-${title}`);
  rmSync(chosenFolder, { recursive: true, force: true });
  mkdirSync(chosenFolder);
  writeFileSync(join(chosenFolder, 'cases.json'), JSON.stringify({ cases: chosen }));
  const urls = Object.fromEntries([...servers].map(([name, { url }]) => [name, url]));
  writeFileSync(join(work, 'urls.json'), JSON.stringify(urls));
  const output = join(work, `${title}.json`);
  const arguments_ = [
    '--cases',
    chosenFolder,
    '--profiles',
    join(work, 'urls.json'),
    '--jobs',
    options.jobs,
    '--json',
    output,
  ];
  spawnSync(process.execPath, [join(folder, 'replay.mjs'), ...arguments_, ...more], { stdio: 'inherit' });
  for (const { name, ...result } of JSON.parse(readFileSync(output, 'utf8')).results) results.set(name, result);
}

function report() {
  const open = readOpen();
  const unknown = [...open].filter((name) => !loadCases(join(folder, 'cases')).some((one) => one.name === name));
  const rows = cases.map(({ name, area, profile }) => {
    const { result, problems } = results.get(name) ?? { result: 'failed', problems: ['not run'] };
    return { name, area, profile, result, problems, isOpen: open.has(name) };
  });
  const tables = new Map();
  for (const { area, profile, result } of rows) {
    const key = `${area.padEnd(24)} ${profile.padEnd(14)}`;
    const counts = tables.get(key) ?? { passed: 0, failed: 0 };
    counts[result] += 1;
    tables.set(key, counts);
  }
  console.log(`\n${'area'.padEnd(24)} ${'profile'.padEnd(14)} passed  failed`);
  for (const [key, { passed, failed }] of tables)
    console.log(`${key} ${`${passed}`.padStart(6)}  ${`${failed || ''}`.padStart(6)}`);

  const failed = rows.filter(({ result }) => result === 'failed');
  const surprises = failed.filter(({ isOpen }) => !isOpen);
  const passedThough = rows.filter(({ result, isOpen }) => result === 'passed' && isOpen);
  list(
    'not as recorded, and listed in .ci/contract-open:',
    failed.filter(({ isOpen }) => isOpen),
  );
  list('not as recorded:', surprises);
  list('listed in .ci/contract-open, but answered as recorded; strike them out:', passedThough);
  if (options.strike) strikeOut(passedThough);
  if (unknown.length > 0)
    console.log(`\nlisted in .ci/contract-open, but there is no such case: ${unknown.join(', ')}`);
  if (options.keep) console.log(`\nlogs and data are in ${work}`);
  const passed = rows.length - failed.length - passedThough.length;
  const wrong = surprises.length + passedThough.length + unknown.length;
  if (options.json !== undefined) {
    writeFileSync(
      options.json,
      JSON.stringify({ passed, failed: wrong, open: failed.length - surprises.length, results: rows }),
    );
  }
  console.log(
    `\n${rows.length - failed.length} of ${rows.length} cases are answered as Cortex answered them; ` +
      `${failed.length - surprises.length} are known not to be, ${surprises.length} fail, ` +
      `${passedThough.length + unknown.length} are listed wrongly`,
  );
  process.exit(wrong === 0 ? 0 : 1);
}

function list(title, rows) {
  if (rows.length === 0) return;
  console.log(`\n${title}`);
  for (const { name, profile } of rows) console.log(`  ${name}  (${profile})`);
}

/** Takes the lines of cases that pass out of .ci/contract-open. */
function strikeOut(rows) {
  const names = new Set(rows.map(({ name }) => name));
  const file = join(project, '.ci/contract-open');
  const lines = readFileSync(file, 'utf8').split('\n');
  const kept = lines.filter((line) => !names.has(/^(\S+)\s+#/.exec(line)?.[1]));
  writeFileSync(file, kept.join('\n').replace(/\n{3,}/g, '\n\n'));
}

/** The cases of .ci/contract-open: a name in each line, `#` and the reason behind it. */
function readOpen() {
  const lines = readFileSync(join(project, '.ci/contract-open'), 'utf8').split('\n');
  const names = new Set();
  for (const line of lines) {
    if (/^\s*(#|$)/.test(line)) continue;
    const match = /^(\S+)\s+#\s*\S/.exec(line);
    if (!match) throw new Error(`.ci/contract-open: no reason stands beside ${JSON.stringify(line)}`);
    names.add(match[1]);
  }
  return names;
}

function endOf(file) {
  return readFileSync(file, 'utf8').trim().split('\n').slice(-8).join('\n');
}

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}
