import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { Limits, type TenantLimits } from '../../src/limits/limits.ts';
import { Annotations } from '../../src/model/annotations.ts';
import { ManualClock } from '../../src/model/clock.ts';
import type { SeriesSet } from '../../src/model/series-source.ts';
import type { TenantId } from '../../src/model/tenant.ts';
import { type ProvisionedGroup, Ruler, type RulerOptions } from '../../src/ruler/ruler.ts';
import { defaultRulerSettings, type RulerSettings } from '../../src/ruler/ruler-settings.ts';
import { filterRules, type RulesFilter } from '../../src/ruler/rules-filter.ts';
import { namespacesYaml } from '../../src/ruler/write-rule-group.ts';
import type { StoredRuleGroup } from '../../src/storage/types.ts';

const teamA = 'team-a' as TenantId;
const teamB = 'team-b' as TenantId;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** The part of a store that the ruler uses. */
class GroupStore {
  readonly #groups = new Map<TenantId, StoredRuleGroup[]>();
  readonly #progress = new Map<TenantId, ReadonlyMap<string, number>>();

  tenants(): TenantId[] {
    return [...this.#groups.keys()].sort();
  }

  async load(): Promise<void> {}

  select(): SeriesSet {
    return { labels: [], read: () => {} };
  }

  ruleProgress(tenant: TenantId): ReadonlyMap<string, number> {
    return this.#progress.get(tenant) ?? new Map();
  }

  setRuleProgress(tenant: TenantId, key: string, evaluatedMs: number): void {
    this.#progress.set(tenant, new Map(this.ruleProgress(tenant)).set(key, evaluatedMs));
  }

  deleteRuleProgress(tenant: TenantId, key: string): void {
    const progress = new Map(this.ruleProgress(tenant));
    progress.delete(key);
    this.#progress.set(tenant, progress);
  }

  ruleGroups(tenant: TenantId): readonly StoredRuleGroup[] {
    return this.#groups.get(tenant) ?? [];
  }

  setRuleGroup(tenant: TenantId, group: StoredRuleGroup): void {
    this.deleteRuleGroups(tenant, group.namespace, group.group);
    this.#groups.set(tenant, [...this.ruleGroups(tenant), group]);
  }

  deleteRuleGroups(tenant: TenantId, namespace: string, group?: string): boolean {
    const before = this.ruleGroups(tenant);
    const after = before.filter((one) => one.namespace !== namespace || (group !== undefined && one.group !== group));
    this.#groups.set(tenant, after);
    return after.length < before.length;
  }
}

/** A ruler whose queries all yield the number 1; `queries` are those it asked, `written` what it appended. */
function bench(
  limits: Partial<TenantLimits> = {},
  store = new GroupStore(),
  clock = new ManualClock(0),
  settings: Partial<RulerSettings> = {},
) {
  const queries: string[] = [];
  const written: string[] = [];
  const options: RulerOptions = {
    store,
    clock,
    limits: new Limits(limits),
    logger: silent,
    metrics: new Registry(),
    sink: { send: () => {} },
    settings: { ...defaultRulerSettings, ...settings },
    engine: {
      instant: async ({ tenant, query, timeMs }) => {
        queries.push(`${tenant} ${query}`);
        return {
          value: { kind: 'scalar', timestampMs: timeMs, value: 1 },
          annotations: new Annotations(),
          statistics: { totalQueryableSamples: 0, peakSamples: 0 },
        };
      },
    },
    appendRows: async (tenant, rows) => {
      for (const { labels, value, isStale } of rows) written.push(`${tenant} ${labels} ${isStale ? 'stale' : value}`);
      return [];
    },
  };
  return { ruler: new Ruler(options), store, clock, limits: options.limits, queries, written };
}

function groupYaml(name: string, record = 'r', expr = '1'): string {
  return `name: ${name}\nrules: [{record: "${record}", expr: "${expr}"}]\n`;
}

test('a group that is set is evaluated at once and each minute, printed as PromQL prints it', async () => {
  const { ruler, clock, queries, written } = bench();
  expect(await ruler.setGroup(teamA, 'ns', groupYaml('g', 'a:b', 'sum(up)by(job)/on()x'))).toEqual({ ok: true });
  await clock.advance(0);
  await clock.advance(2 * 60_000);
  expect(queries).toEqual(new Array(3).fill('team-a sum by (job) (up) / on () x'));
  expect(written).toEqual(new Array(3).fill('team-a {__name__="a:b"} 1'));
  await ruler.stop();
});

test.for([
  ['at once', undefined, 0],
  ['with the next poll, where changes wait for it', 60_000, 60_000],
] as const)(
  'a group that a limit comes to disable ends, and begins again without it, %s',
  async ([, pollIntervalMs, waitMs]) => {
    const { ruler, clock, limits, written } = bench({}, undefined, undefined, { pollIntervalMs });
    await ruler.start();
    for (const name of ['g', 'h']) await ruler.setGroup(teamA, 'ns', groupYaml(name, `r:${name}`));
    await clock.advance(waitMs);
    await clock.advance(120_000);
    const running = () => ruler.state(teamA).map(({ group }) => group.name);
    expect(running()).toEqual(['g', 'h']);
    written.length = 0;
    limits.overrideAll(new Map([[teamA, { disabledRuleGroups: [{ namespace: 'ns', name: 'g' }] }]]));
    await clock.advance(waitMs);
    expect(running()).toEqual(['h']);
    expect(written).toContain('team-a {__name__="r:g"} stale');
    limits.overrideAll(new Map());
    await clock.advance(waitMs);
    expect(running()).toEqual(['g', 'h']);
    await ruler.stop();
  },
);

test('tenants have their own groups', async () => {
  const { ruler, clock, written } = bench();
  await ruler.setGroup(teamA, 'ns', groupYaml('g', 'ra'));
  await ruler.setGroup(teamB, 'ns', groupYaml('g', 'rb'));
  await clock.advance(0);
  expect(written).toEqual(['team-a {__name__="ra"} 1', 'team-b {__name__="rb"} 1']);
  await ruler.deleteTenant(teamA);
  expect([ruler.tenants(), ruler.listGroups(teamA).size, ruler.listGroups(teamB).size]).toEqual([[teamB], 0, 1]);
  await ruler.stop();
});

test('groups are there again after a restart, and evaluated at their slots', async () => {
  const before = bench();
  await before.ruler.setGroup(teamA, 'ns', groupYaml('g'));
  await before.ruler.stop();
  const after = bench({}, before.store, before.clock);
  await after.ruler.start();
  await after.clock.advance(0);
  expect(after.queries).toEqual([]);
  await after.clock.advance(60_000);
  expect(after.queries).toEqual(['team-a 1']);
  await after.ruler.stop();
});

test('a stored rule that is no longer PromQL fails alone', async () => {
  const { ruler, store, clock, queries } = bench();
  const group = { name: 'g', intervalMs: 0, limit: 0, labels: {} };
  const rules = [{ kind: 'recording', name: 'r', expr: 'sum(', labels: {} }];
  store.setRuleGroup(teamA, { namespace: 'a', group: 'g', definition: JSON.stringify({ ...group, rules }) });
  rules[0]!.expr = 'sum(up)';
  store.setRuleGroup(teamA, { namespace: 'b', group: 'g', definition: JSON.stringify({ ...group, rules }) });
  await ruler.start();
  await clock.advance(60_000);
  expect(queries.sort()).toEqual(['team-a sum(', 'team-a sum(up)']);
  await ruler.stop();
});

test('lists namespaces and groups in order, all or of one namespace', async () => {
  const { ruler } = bench();
  for (const [namespace, name] of [
    ['z', 'b'],
    ['a', 'c'],
    ['z', 'a'],
  ] as const) {
    await ruler.setGroup(teamA, namespace, groupYaml(name));
  }
  const names = (yaml: string): string[] =>
    [...yaml.matchAll(/^(?:(\w+):| {4}- name: (\w+))$/gm)].map(([, a, b]) => a ?? b!);
  expect(names(namespacesYaml(ruler.listGroups(teamA)))).toEqual(['a', 'c', 'z', 'a', 'b']);
  expect(names(namespacesYaml(ruler.listGroups(teamA, 'a')))).toEqual(['a', 'c']);
  expect(ruler.listGroups(teamA, 'nope').size).toBe(0);
  expect(ruler.getGroup(teamA, 'z', 'a')?.name).toBe('a');
  expect(ruler.getGroup(teamA, 'a', 'a')).toBeUndefined();
  await ruler.stop();
});

describe('deleting', () => {
  test('a group ends its series and its evaluations', async () => {
    const { ruler, clock, written } = bench();
    await ruler.setGroup(teamA, 'ns', groupYaml('g'));
    await clock.advance(0);
    await ruler.deleteGroup(teamA, 'ns', 'g');
    await clock.advance(120_000);
    expect(written).toEqual(['team-a {__name__="r"} 1', 'team-a {__name__="r"} stale']);
    expect(ruler.state(teamA)).toEqual([]);
  });

  test('a namespace says whether it was there', async () => {
    const { ruler } = bench();
    await ruler.setGroup(teamA, 'ns', groupYaml('g'));
    expect([await ruler.deleteNamespace(teamA, 'ns'), await ruler.deleteNamespace(teamA, 'ns')]).toEqual([true, false]);
  });

  test('a group that is not there is no error', async () => {
    await expect(bench().ruler.deleteGroup(teamA, 'ns', 'g')).resolves.toBeUndefined();
  });
});

describe('limits', () => {
  test('on rules of a group', async () => {
    const { ruler } = bench({ rulerMaxRulesPerRuleGroup: 1 });
    const two = 'name: g\nrules: [{record: a, expr: "1"}, {record: b, expr: "1"}]';
    expect(await ruler.setGroup(teamA, 'ns', two)).toEqual({
      ok: false,
      message: 'per-user rules per rule group limit (limit: 1 actual: 2) exceeded',
    });
  });

  test('on groups, where a replaced one counts twice', async () => {
    const { ruler } = bench({ rulerMaxRuleGroupsPerTenant: 1 });
    expect(await ruler.setGroup(teamA, 'ns', groupYaml('g'))).toEqual({ ok: true });
    const message = 'per-user rule groups limit (limit: 1 actual: 2) exceeded';
    expect(await ruler.setGroup(teamA, 'ns', groupYaml('g'))).toEqual({ ok: false, message });
    expect(await ruler.setGroup(teamA, 'ns', groupYaml('h'))).toEqual({ ok: false, message });
    await ruler.stop();
  });
});

const refused: [yaml: string, message: string][] = [
  ['name: [', 'unable to decoded rule group'],
  [groupYaml('g', 'r', 'sum('), ''],
  // Experimental functions are off, as in Cortex.
  [groupYaml('g', 'r', 'sort_by_label(up)'), ''],
];
test.for(refused)('%j is refused with %j and changes nothing', async ([yaml, message]) => {
  const { ruler } = bench();
  expect(await ruler.setGroup(teamA, 'ns', yaml)).toEqual({ ok: false, message });
  expect(ruler.listGroups(teamA).size).toBe(0);
});

describe('the rules page', () => {
  const everything: RulesFilter = {
    ruleNames: [],
    groupNames: [],
    namespaces: [],
    type: '',
    state: '',
    health: '',
    matcherSets: [],
    pageSize: undefined,
    pageToken: '',
  };

  const alerts = 'name: al\nrules: [{alert: A, expr: "1"}, {alert: B, expr: "1"}, {record: c, expr: "1"}]';
  const cases: [filter: Partial<RulesFilter>, shown: string][] = [
    [{}, 'n1/al[A B c] n1/x[r] n2/y[s]'],
    [{ type: 'alert' }, 'n1/al[A B]'],
    [{ type: 'record' }, 'n1/al[c] n1/x[r] n2/y[s]'],
    [{ state: 'firing' }, 'n1/al[A B]'],
    [{ state: 'inactive' }, ''],
    [{ health: 'ok' }, 'n1/al[A B c] n1/x[r] n2/y[s]'],
    [{ health: 'err' }, ''],
    [{ ruleNames: ['B', 's'] }, 'n1/al[B] n2/y[s]'],
    [{ groupNames: ['x'] }, 'n1/x[r]'],
    [{ namespaces: ['n2'] }, 'n2/y[s]'],
    // Pages go by the hash of namespace and name: n1;x, n2;y, n1;al.
    [{ pageSize: 2 }, 'n1/x[r] n2/y[s] next'],
    [{ pageSize: 9 }, 'n1/al[A B c] n1/x[r] n2/y[s]'],
    [{ pageSize: 1, pageToken: 'zzz' }, ''],
  ];
  test.for(cases)('%j shows %s', async ([filter, shown]) => {
    const { ruler, clock } = bench();
    await ruler.setGroup(teamA, 'n2', groupYaml('y', 's'));
    await ruler.setGroup(teamA, 'n1', groupYaml('x'));
    await ruler.setGroup(teamA, 'n1', alerts);
    await clock.advance(0);
    const { groups, nextToken } = filterRules(ruler.state(teamA), { ...everything, ...filter });
    const texts = groups.map(
      ({ namespace, group, rules }) => `${namespace}/${group.name}[${rules.map(({ rule }) => rule.name).join(' ')}]`,
    );
    expect([...texts, ...(nextToken === '' ? [] : ['next'])].join(' ')).toBe(shown);
    await ruler.stop();
  });
});

describe('with -pocket.rules-wait-for-poll', () => {
  test('changes are noticed at the next poll, and evaluated at their slots', async () => {
    const { ruler, clock, written } = bench({}, undefined, undefined, { pollIntervalMs: 20_000 });
    await ruler.start();
    await ruler.setGroup(teamA, 'ns', groupYaml('g'));
    await clock.advance(19_999);
    expect([ruler.listGroups(teamA).size, ruler.state(teamA)]).toEqual([1, []]);
    await clock.advance(1);
    expect(ruler.state(teamA).map(({ group }) => group.name)).toEqual(['g']);
    expect(written).toEqual([]);
    await clock.advance(60_000);
    expect(written).toEqual(['team-a {__name__="r"} 1']);
    await ruler.deleteGroup(teamA, 'ns', 'g');
    expect(ruler.state(teamA)).toHaveLength(1);
    await clock.advance(20_000);
    expect(ruler.state(teamA)).toEqual([]);
    await ruler.stop();
  });
});

test('a group that is set as it was goes on undisturbed', async () => {
  const { ruler, clock, queries } = bench();
  await ruler.setGroup(teamA, 'ns', groupYaml('g'));
  await clock.advance(0);
  await ruler.setGroup(teamA, 'ns', groupYaml('g'));
  await clock.advance(0);
  expect(queries).toEqual(['team-a 1']);
  await ruler.stop();
});

const tenantSettings: [what: string, settings: Partial<RulerSettings>, limits: Partial<TenantLimits>, ran: string[]][] =
  [
    ['everybody', {}, {}, ['team-a', 'team-b']],
    ['enabled tenants', { enabledTenants: ['team-a'] }, {}, ['team-a']],
    ['those that are not disabled', { disabledTenants: ['team-a'] }, {}, ['team-b']],
    ['nobody whose group is disabled', {}, { disabledRuleGroups: [{ namespace: 'ns', name: 'g' }] }, []],
  ];
test.for(tenantSettings)('rules run for %s', async ([, settings, limits, ran]) => {
  const { ruler } = bench(limits, undefined, undefined, settings);
  for (const tenant of [teamA, teamB]) await ruler.setGroup(tenant, 'ns', groupYaml('g'));
  expect(ruler.runningTenants()).toEqual(ran);
  expect(ruler.tenants()).toEqual([teamA, teamB]);
  await ruler.stop();
});

describe('provisioned groups', () => {
  const provisioned = (name: string, expr = '1'): ProvisionedGroup => ({
    namespace: 'ns',
    source: 'ns.yaml',
    group: {
      name,
      intervalMs: 0,
      queryOffsetMs: undefined,
      limit: 0,
      labels: {},
      rules: [{ kind: 'recording', name, expr, labels: {} }],
    },
  });

  test('run and are shown, and are no part of what is configured', async () => {
    const { ruler, clock, written } = bench();
    await ruler.setGroup(teamA, 'ns', groupYaml('g'));
    await ruler.setProvisionedGroups(teamA, [provisioned('g'), provisioned('h')]);
    await clock.advance(0);
    expect(written.sort()).toEqual(['g', 'h', 'r'].map((name) => `team-a {__name__="${name}"} 1`));
    expect(
      ruler
        .state(teamA)
        .map(({ group, provision }) => `${group.name} ${provision?.source}`)
        .sort(),
    ).toEqual(['g ns.yaml', 'g undefined', 'h ns.yaml']);
    expect([...ruler.listGroups(teamA).values()].flat().map(({ name }) => name)).toEqual(['g']);
    await ruler.stop();
  });

  test('are replaced as a whole: one that stays is not disturbed, one that goes ends its series', async () => {
    const { ruler, clock, written, queries } = bench();
    await ruler.setProvisionedGroups(teamA, [provisioned('stays'), provisioned('changes'), provisioned('goes')]);
    await clock.advance(0);
    queries.length = 0;
    written.length = 0;
    await ruler.setProvisionedGroups(teamA, [provisioned('stays'), provisioned('changes', '2')]);
    await clock.advance(1);
    expect(queries).toEqual(['team-a 2']);
    expect(written).toEqual(['team-a {__name__="goes"} stale', 'team-a {__name__="changes"} 1']);
    await ruler.setProvisionedGroups(teamA, [{ ...provisioned('stays'), error: 'line 3: no' }]);
    expect(ruler.state(teamA).map(({ provision }) => provision)).toEqual([{ source: 'ns.yaml', error: 'line 3: no' }]);
    await ruler.stop();
  });

  test('are left when the tenant deletes its own', async () => {
    const { ruler } = bench();
    await ruler.setGroup(teamA, 'ns', groupYaml('own'));
    await ruler.setProvisionedGroups(teamA, [provisioned('given')]);
    await ruler.deleteNamespace(teamA, 'ns');
    expect(ruler.state(teamA).map(({ group }) => group.name)).toEqual(['given']);
    await ruler.stop();
  });
});
