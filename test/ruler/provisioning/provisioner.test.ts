import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../../src/model/clock.ts';
import type { TenantId } from '../../../src/model/tenant.ts';
import { Provisioner } from '../../../src/ruler/provisioning/provisioner.ts';
import type { ProvisionedGroup } from '../../../src/ruler/ruler.ts';
import type { TenantListener } from '../../../src/storage/types.ts';

/** The longest that a change is not noticed, and the time that it has to stay as it is. */
const NOTICED_MS = 15_000 + 200;

let folder: string;
let clock: ManualClock;
let metrics: Registry;
let tenants: TenantId[];
let listener: TenantListener;
let provided: Map<string, readonly ProvisionedGroup[]>;
let logged: unknown[];
let provisioner: Provisioner;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pocket-cortex-rules-'));
  clock = new ManualClock(1_000_000);
  metrics = new Registry();
  tenants = ['team-a', 'team-b', 'guest'] as TenantId[];
  provided = new Map();
  logged = [];
});
afterEach(async () => {
  await provisioner.stop();
  rmSync(folder, { recursive: true });
});

async function start(): Promise<void> {
  const log = (fields: object, message: string) => logged.push([message, fields]);
  provisioner = new Provisioner({
    folder,
    store: {
      tenants: () => tenants,
      watchTenants: (given) => {
        listener = given;
      },
    },
    ruler: {
      setProvisionedGroups: async (tenant, groups) => {
        provided.set(tenant, groups);
      },
    },
    clock,
    logger: { info: log, error: log },
    metrics,
  });
  await provisioner.start();
}

/** A file of one group of one rule. */
const fileOf = (name: string): string => `groups: [{name: ${name}, rules: [{record: ${name}, expr: "1"}]}]`;

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** What every tenant has: `file/group`, with the file's error. */
function inForce(): Record<string, string[]> {
  const textOf = ({ namespace, group, error }: ProvisionedGroup) =>
    `${namespace} ${group.name}${error === undefined ? '' : ` (${error})`}`;
  return Object.fromEntries([...provided].map(([tenant, groups]) => [tenant, groups.map(textOf)]));
}

async function okFiles(): Promise<unknown> {
  const { values } = await metrics.getSingleMetric('pocket_cortex_provisioned_rules_file_ok')!.get();
  return Object.fromEntries(values.map(({ labels, value }) => [labels['file'], value]));
}

test('gives each tenant the groups of the folders that its name fits', async () => {
  write('_all/b.yaml', fileOf('b'));
  write('_all/a.yml', fileOf('a'));
  write('_all/notes.md', 'nothing');
  write('_all/.hidden.yaml', fileOf('hidden'));
  write('team-*/t.yaml', fileOf('t'));
  write('guest/g.yaml', fileOf('g'));
  await start();
  expect(inForce()).toEqual({
    'team-a': ['_all/a.yml a', '_all/b.yaml b', 'team-*/t.yaml t'],
    'team-b': ['_all/a.yml a', '_all/b.yaml b', 'team-*/t.yaml t'],
    guest: ['_all/a.yml a', '_all/b.yaml b', 'guest/g.yaml g'],
  });
  expect(provided.get('guest')![0]).toEqual({
    namespace: '_all/a.yml',
    source: '_all/a.yml',
    group: {
      name: 'a',
      intervalMs: 0,
      queryOffsetMs: undefined,
      limit: 0,
      labels: {},
      rules: [{ kind: 'recording', name: 'a', expr: '1', labels: {} }],
    },
  });
});

test('fills in the tenant', async () => {
  write('_all/a.yaml', 'groups: [{name: a, labels: {customer: "{{tenant}}"}, rules: [{record: a, expr: "1"}]}]');
  await start();
  expect([...provided].map(([tenant, [first]]) => [tenant, first!.group.labels])).toEqual(
    tenants.map((tenant) => [tenant, { customer: tenant }]),
  );
});

test('a tenant that appears gets them with its first write, without a look at the folder', async () => {
  write('_all/a.yaml', fileOf('a'));
  await start();
  provided.clear();
  listener('late' as TenantId, 'appeared');
  await clock.advance(0);
  expect(inForce()).toEqual({ late: ['_all/a.yaml a'] });
});

test('leaves out who is in except.txt, and takes them in again', async () => {
  write('_all/a.yaml', fileOf('a'));
  write('_all/except.txt', '# not these\nteam-* # all of them\nnobody\n');
  await start();
  expect(inForce()).toEqual({ 'team-a': [], 'team-b': [], guest: ['_all/a.yaml a'] });
  write('_all/except.txt', 'guest\n');
  await clock.advance(NOTICED_MS);
  expect(inForce()).toEqual({ 'team-a': ['_all/a.yaml a'], 'team-b': ['_all/a.yaml a'], guest: [] });
  write('_all/except.txt', 'not a tenant\n');
  await clock.advance(NOTICED_MS);
  expect([inForce()['guest'], provisioner.state().files.map(({ path, error }) => [path, error])]).toEqual([
    [],
    [
      ['_all/a.yaml', ''],
      ['_all/except.txt', 'no tenant can be named "not a tenant"'],
    ],
  ]);
});

test('a file that changes, comes or goes', async () => {
  write('_all/a.yaml', fileOf('a'));
  await start();
  tenants = ['guest' as TenantId];
  const seen: unknown[] = [];
  const steps: (() => void)[] = [
    () => write('_all/a.yaml', fileOf('changed')),
    () => write('guest/new.yaml', fileOf('new')),
    () => rmSync(join(folder, '_all/a.yaml')),
    () => rmSync(join(folder, 'guest'), { recursive: true }),
  ];
  for (const step of steps) {
    step();
    await clock.advance(NOTICED_MS);
    seen.push(inForce()['guest']);
  }
  expect(seen).toEqual([
    ['_all/a.yaml changed'],
    ['_all/a.yaml changed', 'guest/new.yaml new'],
    ['guest/new.yaml new'],
    [],
  ]);
});

test('a file that was moved over another, and a link that points elsewhere as in Kubernetes', async () => {
  write('..2026_01/a.yaml', fileOf('january'));
  write('..2026_02/a.yaml', fileOf('february'));
  symlinkSync('..2026_01', join(folder, '..data'));
  symlinkSync('..data', join(folder, '_all'));
  write('guest/a.yaml', fileOf('old'));
  await start();
  expect(inForce()['guest']).toEqual(['_all/a.yaml january', 'guest/a.yaml old']);
  symlinkSync('..2026_02', join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  write('guest/.a.yaml.tmp', fileOf('new'));
  renameSync(join(folder, 'guest/.a.yaml.tmp'), join(folder, 'guest/a.yaml'));
  await clock.advance(NOTICED_MS);
  expect(inForce()['guest']).toEqual(['_all/a.yaml february', 'guest/a.yaml new']);
});

test('a file that is being written is let be until it stays as it is', async () => {
  write('_all/a.yaml', fileOf('a'));
  await start();
  write('_all/a.yaml', '');
  await clock.advance(15_000);
  write('_all/a.yaml', fileOf('hal'));
  await clock.advance(200);
  write('_all/a.yaml', fileOf('half'));
  await clock.advance(200);
  expect(inForce()['guest']).toEqual(['_all/a.yaml a']);
  await clock.advance(200);
  expect(inForce()['guest']).toEqual(['_all/a.yaml half']);
});

test('a file with an error keeps its last good form, and says so everywhere', async () => {
  write('_all/a.yaml', fileOf('a'));
  write('_all/b.yaml', 'groups: {}');
  await start();
  const never = '1:9: expected a list';
  expect(inForce()['guest']).toEqual(['_all/a.yaml a']);
  write('_all/a.yaml', 'groups: [{name: a}]');
  await clock.advance(NOTICED_MS);
  const error = "1:10: rule group 'a' has no rules";
  expect(inForce()['guest']).toEqual([`_all/a.yaml a (${error})`]);
  expect(await okFiles()).toEqual({ '_all/a.yaml': 0, '_all/b.yaml': 0 });
  expect(provisioner.state()).toEqual({
    folder,
    error: '',
    files: [
      { path: '_all/a.yaml', groupNames: ['a'], error, loadedAtMs: 1_000_000 },
      { path: '_all/b.yaml', groupNames: [], error: never, loadedAtMs: undefined },
    ],
  });
  write('_all/a.yaml', fileOf('a2'));
  await clock.advance(NOTICED_MS);
  expect(inForce()['guest']).toEqual(['_all/a.yaml a2']);
  expect(await okFiles()).toEqual({ '_all/a.yaml': 1, '_all/b.yaml': 0 });
  expect(logged).toEqual([
    ['provisioned rules are in force', { file: '_all/a.yaml', groupCount: 1 }],
    ['provisioned rules cannot be used', { file: '_all/b.yaml', err: never }],
    ['provisioned rules stay in their last good form', { file: '_all/a.yaml', err: error }],
    ['provisioned rules are in force', { file: '_all/a.yaml', groupCount: 1 }],
  ]);
});

test('two groups of one name in a file are an error, under different namespaces too', async () => {
  const group = '[{name: g, rules: [{record: a, expr: "1"}]}]';
  write('_all/a.yaml', `one: ${group}\ntwo: ${group}`);
  await start();
  expect(provisioner.state().files.map(({ error }) => error)).toEqual(['groupname: "g" is repeated in the same file']);
});

test('what stands where nobody is named is told of', async () => {
  write('a.yaml', fileOf('a'));
  write('team a/b.yaml', fileOf('b'));
  mkdirSync(join(folder, '_all/c.yaml'), { recursive: true });
  await start();
  expect(provisioner.state().files.map(({ path, error }) => [path, error])).toEqual([
    ['_all/c.yaml', expect.stringContaining('EISDIR')],
    ['a.yaml', 'it stands in no folder: _all is for every tenant, other folders are named as their tenants'],
    ['team a/b.yaml', 'no tenant can be named as its folder is: "team a"'],
  ]);
});

test('while the folder is away all stays as it is', async () => {
  write('_all/a.yaml', fileOf('a'));
  await start();
  const away = `${folder}-away`;
  renameSync(folder, away);
  await clock.advance(NOTICED_MS);
  expect([inForce()['guest'], provisioner.state().error]).toEqual([
    ['_all/a.yaml a'],
    expect.stringContaining('ENOENT'),
  ]);
  const folderOk = metrics.getSingleMetric('pocket_cortex_provisioned_rules_folder_ok')!;
  expect((await folderOk.get()).values.map(({ value }) => value)).toEqual([0]);
  renameSync(away, folder);
  write('_all/a.yaml', fileOf('back'));
  await clock.advance(NOTICED_MS);
  expect([inForce()['guest'], provisioner.state().error]).toEqual([['_all/a.yaml back'], '']);
});
