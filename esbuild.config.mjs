// Builds dist/: the command line, the library, the page. Usage: node esbuild.config.mjs [--outdir FOLDER]
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const { outdir } = parseArgs({ options: { outdir: { type: 'string', default: 'dist' } } }).values;
rmSync(outdir, { recursive: true, force: true });
mkdirSync(join(outdir, 'src/cli'), { recursive: true });
writeFileSync(join(outdir, 'src/cli/package.json'), '{"type":"commonjs"}\n');
// The fleet of `pocket-cortex demo`.
cpSync('src/pocket/scenario/shop.yaml', join(outdir, 'scenarios/shop.yaml'));

const writeCodeCache = `
  import { writeFileSync } from 'node:fs';
  import { setFlagsFromString } from 'node:v8';
  const main = process.argv[1] + '/src/cli/main.js';
  process.argv = [process.execPath, main, '-server.http-listen-port=0', '-pocket.data-file=:memory:', '-log.level=error'];
  const greeting = new Promise((resolve) => { process.stdout.write = resolve; });
  const { program } = await import(main);
  const [url] = /http:[^ ,]+/.exec(await greeting);
  await fetch(url + '/ready');
  await fetch(url + '/prometheus/api/v1/query?query=1', { headers: { 'X-Scope-OrgID': 'a' } });
  // A server changes this flag while it runs; a cache is taken only under the flags that it was made under, the default ones.
  setFlagsFromString('--semi-space-growth-factor=2');
  writeFileSync(main.replace('main.js', 'program.cjs.cache'), program.createCachedData());
  process.exit(0);
`;

// In the sources the parser library is found when a query is first parsed (grammar/chevrotain.ts tells why); here it is a part of
// the program, and in its cache.
const chevrotainWithin = {
  name: 'chevrotain-within',
  setup({ onLoad }) {
    const library = join(dirname(fileURLToPath(import.meta.resolve('chevrotain'))), '../chevrotain.mjs');
    const contents = `export const loadChevrotain = () => require(${JSON.stringify(library)});`;
    onLoad({ filter: /grammar\/chevrotain\.ts$/ }, () => ({ contents, resolveDir: '.' }));
  },
};

// The JavaScript of better-sqlite3 is bundled; its native part is where the package's installation puts it, so nobody has to look
// through all the places where somebody's might be.
const sqliteWithin = {
  name: 'sqlite-within',
  setup({ onLoad }) {
    const contents = `
      const { dirname, join } = require('node:path');
      const folder = dirname(require.resolve('better-sqlite3/package.json'));
      module.exports = (file) => require(join(folder, 'build/Release', file));`;
    onLoad({ filter: /\/bindings\/bindings\.js$/ }, () => ({ contents }));
  },
};

// What libraries load at every start for uses that a server has not: by who would load it. Calling it throws.
const unused = {
  // Plain HTTP is served; no plugin of others wants to know a version; routes have no schemas; `inject` is for the library.
  'fastify/lib/server.js': ['node:https', 'node:http2'],
  'fastify/lib/plugin-utils.js': ['semver'],
  'fastify/lib/schema-controller.js': ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler'],
  'fastify/fastify.js': ['light-my-request'],
  // Logs are written by the program itself, metrics are fetched from it.
  'pino/pino.js': ['./lib/transport'],
  'pino/lib/tools.js': ['./transport'],
  'prom-client/index.js': ['./lib/pushgateway', './lib/cluster'],
  // Numbers are exact enough.
  'protobufjs/src/util/minimal.js': ['long'],
};

const unusedLeftOut = {
  name: 'unused-left-out',
  setup({ onResolve, onLoad }) {
    const users = Object.entries(unused);
    onResolve({ filter: /^[^/]/ }, ({ path, importer }) => {
      const isUnused = users.some(
        ([user, names]) => importer.endsWith(`/node_modules/${user}`) && names.includes(path),
      );
      return isUnused ? { path, namespace: 'unused' } : undefined;
    });
    onLoad({ filter: /^/, namespace: 'unused' }, ({ path }) => ({
      contents: `module.exports = () => { throw new Error(${JSON.stringify(`${path} is not part of the program`)}); };`,
    }));
  },
};

const node = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  logLevel: 'warning',
  external: ['better-sqlite3'],
};

await Promise.all([
  // One file whose functions are compiled when they are first called; the launcher hands it what a module of Node is given. Its
  // characters are ASCII, so that reading it as Latin-1 is right, and costs a byte each in memory.
  build({
    ...node,
    entryPoints: { program: 'src/cli/main.ts' },
    outdir: join(outdir, 'src/cli'),
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    charset: 'ascii',
    minifyWhitespace: true,
    minifySyntax: true,
    external: ['better-sqlite3/package.json'],
    plugins: [chevrotainWithin, sqliteWithin, unusedLeftOut],
    define: { 'import.meta.url': 'importMetaUrl' },
    // Compiled by itself, a script has nobody who imports for it: what is imported later is required.
    supported: { 'dynamic-import': false },
    banner: { js: '(function (require, __filename, __dirname, importMetaUrl) {' },
    footer: { js: '})' },
  }),
  build({ ...node, entryPoints: { main: 'src/cli/launcher.ts' }, outdir: join(outdir, 'src/cli'), format: 'cjs' }),
  build({
    ...node,
    entryPoints: ['src/index.ts', 'src/matchers.ts'],
    outbase: '.',
    outdir,
    format: 'esm',
    splitting: true,
    banner: {
      js: "import { createRequire as createRequireForBundle } from 'node:module'; const require = createRequireForBundle(import.meta.url);",
    },
  }),
  build({
    entryPoints: ['src/ui/graph.ts', 'src/ui/graph.html', 'src/ui/graph.css'],
    loader: { '.html': 'copy' },
    outbase: 'src/ui',
    outdir: join(outdir, 'ui'),
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    logLevel: 'warning',
  }),
]);

// Which functions the compiler keeps are those that a start has called: so a server is started here, with nothing to remember.
const { status } = spawnSync(process.execPath, ['--input-type=module', '--eval', writeCodeCache, resolve(outdir)], {
  stdio: ['ignore', 'inherit', 'inherit'],
  timeout: 60_000,
});
process.exit(status ?? 1);
