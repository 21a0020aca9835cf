// Builds dist/: the command line, the library, the page. Usage: node esbuild.config.mjs [--outdir FOLDER]
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const { outdir } = parseArgs({ options: { outdir: { type: 'string', default: 'dist' } } }).values;
rmSync(outdir, { recursive: true, force: true });
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
    const contents = `import * as chevrotain from ${JSON.stringify(library)}; export const loadChevrotain = () => chevrotain;`;
    onLoad({ filter: /grammar\/chevrotain\.ts$/ }, () => ({ contents, resolveDir: '.' }));
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
    plugins: [chevrotainWithin],
    define: { 'import.meta.url': 'importMetaUrl' },
    // Compiled by itself, a script has nobody who imports for it: what is imported later is required.
    supported: { 'dynamic-import': false },
    banner: { js: '(function (require, __filename, __dirname, importMetaUrl) {' },
    footer: { js: '})' },
  }),
  build({ ...node, entryPoints: { main: 'src/cli/launcher.ts' }, outdir: join(outdir, 'src/cli'), format: 'esm' }),
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
