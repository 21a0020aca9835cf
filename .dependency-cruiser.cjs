// Proves the floors of ARCHITECTURE.md: dependencies point down, no circles, no files that nobody imports.

/** The floors, ground first; a floor may import itself and what stands before it. */
const floors = [
  ['model', '^src/model/'],
  ['grammar', '^grammar/'],
  ['wire', '^src/wire/'],
  ['storage', '^src/storage/'],
  ['promql', '^src/promql/'],
  ['limits', '^src/limits/'],
  ['config', '^src/config/'],
  ['ingest', '^src/ingest/'],
  ['ruler', '^src/ruler/'],
  ['alertmanager', '^src/alertmanager/'],
  ['http', '^src/http/'],
  ['pocket', '^src/pocket/'],
  ['server', '^src/server\\.ts$'],
  ['index', '^src/(index|matchers)\\.ts$'],
  ['cli', '^src/cli/'],
];

const upward = floors.slice(0, -1).map(([name, path], index) => ({
  name: `${name}-imports-nothing-above`,
  severity: 'error',
  from: { path },
  to: { path: floors.slice(index + 1).map(([, above]) => above) },
}));

/** Floors that stand side by side: the engine names what it needs and imports no storage, nor the wire. */
const apart = [
  ['promql', ['^src/storage/', '^src/wire/']],
  ['storage', ['^grammar/', '^src/wire/']],
  ['wire', ['^grammar/']],
  ['limits', ['^src/promql/', '^src/storage/', '^grammar/']],
].map(([name, path]) => ({
  name: `${name}-stands-apart`,
  severity: 'error',
  from: { path: `^src/${name}/` },
  to: { path },
}));

module.exports = {
  forbidden: [
    ...upward,
    ...apart,
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'nobody-imports-this-file',
      severity: 'error',
      from: { orphan: true, pathNot: ['\\.d\\.ts$', '^src/(index|matchers|cli/main|cli/launcher|ui/graph)\\.ts$'] },
      to: {},
    },
    {
      name: 'reachable-from-an-entry',
      severity: 'error',
      from: { path: '^src/(index|matchers|cli/main|cli/launcher|ui/graph)\\.ts$' },
      to: {
        path: '^(src|grammar)/',
        pathNot: ['\\.d\\.ts$', '^src/(index|matchers|cli/main|cli/launcher|ui/graph)\\.ts$'],
        reachable: false,
      },
    },
    {
      name: 'kernels-import-the-model-only',
      severity: 'error',
      from: { path: '^src/promql/kernels/' },
      to: { pathNot: ['^src/promql/kernels/', '^src/model/'] },
    },
    {
      name: 'the-page-imports-the-model-only',
      severity: 'error',
      from: { path: '^src/ui/' },
      to: { pathNot: ['^src/ui/', '^src/model/'] },
    },
    {
      name: 'nobody-imports-the-page',
      severity: 'error',
      from: { pathNot: '^src/ui/' },
      to: { path: '^src/ui/' },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js'],
      conditionNames: ['import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
