import { describe, expect, test } from 'vitest';
import { Labels } from '../../src/model/labels.ts';
import { createMatcher, type Matcher, type MatchOp } from '../../src/model/matcher.ts';
import type { TenantId } from '../../src/model/tenant.ts';
import { runAtOnce } from '../../src/model/work.ts';
import type { AppendOptions, Store } from '../../src/storage/types.ts';
import { appendRuns, batchOf, IN_ORDER_ONLY, readAll } from '../support/store-batches.ts';
import { setUpStore, storeVariants } from '../support/store-variants.ts';

const TENANT = 'team-a' as TenantId;
const OTHER = 'team-b' as TenantId;
const HOUR_MS = 3_600_000;
const EXEMPLARS: AppendOptions = { outOfOrderWindowMs: 0, maxExemplars: 3 };

describe.each(storeVariants)('a store $name', (variant) => {
  let store: Store;
  const { pause } = setUpStore(variant, (opened) => {
    store = opened;
  });

  test('gives back what was appended, in the order of labels', async () => {
    await appendRuns(store, TENANT, [
      [
        { __name__: 'up', job: 'b' },
        [
          [1000, 1],
          [2000, 'stale'],
          [3000, Number.NaN],
        ],
      ],
      [
        { __name__: 'up', job: 'a' },
        [
          [1000, 0.1],
          [2000, -0],
          [3000, Infinity],
        ],
      ],
    ]).committed;
    await pause();
    await appendRuns(store, TENANT, [[{ __name__: 'up', job: 'b' }, [[4000, 5]]]]).committed;
    expect(Object.entries(readAll(store, TENANT))).toEqual([
      [
        '{__name__="up", job="a"}',
        [
          [1000, 0.1],
          [2000, -0],
          [3000, Infinity],
        ],
      ],
      [
        '{__name__="up", job="b"}',
        [
          [1000, 1],
          [2000, 'stale'],
          [3000, Number.NaN],
          [4000, 5],
        ],
      ],
    ]);
  });

  test('reads a range with both its ends', async () => {
    appendRuns(store, TENANT, [
      [
        { a: '1' },
        [
          [1000, 1],
          [2000, 2],
          [3000, 3],
          [4000, 4],
        ],
      ],
    ]);
    await pause();
    appendRuns(store, TENANT, [
      [
        { a: '1' },
        [
          [5000, 5],
          [6000, 6],
        ],
      ],
    ]);
    expect(readAll(store, TENANT, [], { startMs: 2000, endMs: 5000 })).toEqual({
      '{a="1"}': [
        [2000, 2],
        [3000, 3],
        [4000, 4],
        [5000, 5],
      ],
    });
    expect(readAll(store, TENANT, [], { startMs: 4001, endMs: 4999 })).toEqual({ '{a="1"}': [] });
    expect(readAll(store, TENANT, [], { startMs: 6001, endMs: 9000 })).toEqual({});
  });

  test('keeps thousands of samples of a series over many chunks', async () => {
    const samples = Array.from({ length: 3000 }, (_, i) => [i * 15_000, i % 100] as const);
    for (let from = 0; from < samples.length; from += 170) {
      appendRuns(store, TENANT, [[{ a: '1' }, samples.slice(from, from + 170)]]);
      if (from % 850 === 0) await pause();
    }
    await pause();
    expect(readAll(store, TENANT)).toEqual({ '{a="1"}': samples });
    const part = readAll(store, TENANT, [], { startMs: 15_000 * 700, endMs: 15_000 * 1300 });
    expect(part).toEqual({ '{a="1"}': samples.slice(700, 1301) });
  });

  test('keeps label values that are no valid text, and timestamps beyond all bounds', async () => {
    const labels = { __name__: 'm', bad: '\udcff\udc80', 'odd name.é': '🎉' };
    await appendRuns(store, TENANT, [
      [
        labels,
        [
          [-(2 ** 63), 1],
          [-5, 2],
          [2 ** 63, 3],
        ],
      ],
    ]).committed;
    await pause();
    expect(readAll(store, TENANT)).toEqual({
      [Labels.fromRecord(labels).toString()]: [
        [-(2 ** 63), 1],
        [-5, 2],
        [2 ** 63, 3],
      ],
    });
  });

  describe('selectors', () => {
    const series = [
      { __name__: 'http_requests_total', method: 'GET', path: '/a' },
      { __name__: 'http_requests_total', method: 'POST', path: '/a' },
      { __name__: 'http_requests_total', method: 'GET', path: '/b', zone: 'x' },
      { __name__: 'up', job: 'api' },
    ];
    const [getA, postA, getB, up] = series.map((labels) => Labels.fromRecord(labels).toString());
    const cases: readonly (readonly [
      matchers: readonly (readonly [string, MatchOp, string])[],
      expected: unknown[],
    ])[] = [
      [[], [getA, getB, postA, up]],
      [[['__name__', '=', 'up']], [up]],
      [[['__name__', '=', 'nothing']], []],
      [[['method', '=', 'GET']], [getA, getB]],
      [
        [
          ['method', '=~', 'GET|POST'],
          ['path', '=', '/a'],
        ],
        [getA, postA],
      ],
      [[['method', '=~', 'G.*']], [getA, getB]],
      [[['method', '=~', '.+']], [getA, getB, postA]],
      [[['method', '!=', 'GET']], [postA, up]],
      [[['method', '!~', 'G.*|P.*']], [up]],
      [
        [
          ['__name__', '=~', 'http.*'],
          ['zone', '=', ''],
        ],
        [getA, postA],
      ],
      [
        [
          ['__name__', '=~', 'http.*'],
          ['zone', '!=', ''],
        ],
        [getB],
      ],
      [[['zone', '=~', 'x|']], [getA, getB, postA, up]],
      [
        [
          ['zone', '=~', 'y|'],
          ['path', '=~', '/.'],
        ],
        [getA, postA],
      ],
      [
        [
          ['zone', '=~', '.*'],
          ['job', '=', ''],
        ],
        [getA, getB, postA],
      ],
      [
        [
          ['no_such_label', '=', ''],
          ['job', '=', 'api'],
        ],
        [up],
      ],
      [[['no_such_label', '=~', '.+']], []],
    ];

    test.for(cases)('selects by %j', async ([texts, expected]) => {
      appendRuns(
        store,
        TENANT,
        series.map((labels) => [labels, [[0, 1]]]),
      );
      await pause();
      const matchers = texts.map(([name, op, value]) => createMatcher(name, op, value));
      const set = store.select({ tenant: TENANT, matchers, startMs: 0, endMs: 0 });
      expect(set.labels.map(String)).toEqual(expected);
      expect(
        runAtOnce(store.series({ tenant: TENANT, selectors: [matchers], startMs: 0, endMs: 0 })).map(String),
      ).toEqual(expected);
    });

    test('sees series that came after the same selection', async () => {
      const matchers: Matcher[] = [createMatcher('job', '=', 'api')];
      for (const instance of ['c', 'a', 'b']) {
        appendRuns(store, TENANT, [[{ job: 'api', instance }, [[0, 1]]]]);
        await pause();
        store.select({ tenant: TENANT, matchers, startMs: 0, endMs: 0 });
      }
      const set = store.select({ tenant: TENANT, matchers, startMs: 0, endMs: 0 });
      expect(set.labels.map((labels) => labels.get('instance'))).toEqual(['a', 'b', 'c']);
    });
  });

  test('lists series, label names and label values by selectors', async () => {
    appendRuns(store, TENANT, [
      [{ __name__: 'm', a: '1', env: 'dev' }, [[5000, 1]]],
      [{ __name__: 'm', a: '2', env: 'prod' }, [[6000, 1]]],
      [{ __name__: 'n', a: '1', zone: 'x' }, [[7000, 1]]],
    ]);
    await pause();
    const all = { tenant: TENANT, selectors: [], startMs: 0, endMs: 10_000 };
    const onlyM = { ...all, selectors: [[createMatcher('__name__', '=', 'm')]] };
    const both = { ...all, selectors: [[createMatcher('a', '=', '2')], [createMatcher('a', '=~', '.+')]] };
    expect(runAtOnce(store.labelNames(all))).toEqual(['__name__', 'a', 'env', 'zone']);
    expect(runAtOnce(store.labelNames(onlyM))).toEqual(['__name__', 'a', 'env']);
    expect(runAtOnce(store.labelValues({ ...all, labelName: 'a' }))).toEqual(['1', '2']);
    expect(runAtOnce(store.labelValues({ ...onlyM, labelName: 'env' }))).toEqual(['dev', 'prod']);
    expect(runAtOnce(store.labelValues({ ...all, labelName: 'none' }))).toEqual([]);
    expect(runAtOnce(store.series(both)).map((labels) => labels.get('__name__') + labels.get('a'))).toEqual([
      'm1',
      'm2',
      'n1',
    ]);
    expect(store.seriesCountOfMetric(TENANT, 'm')).toBe(2);
  });

  test('a list of names and values is another one when a series has come', async () => {
    const selectors = [[createMatcher('__name__', '=', 'm')]];
    const request = { tenant: TENANT, selectors, startMs: 0, endMs: 10_000 };
    const ask = () => [
      runAtOnce(store.labelNames(request)),
      runAtOnce(store.labelValues({ ...request, labelName: 'a' })),
      runAtOnce(store.labelValues({ ...request, labelName: '' })),
    ];
    appendRuns(store, TENANT, [[{ __name__: 'm', a: '2' }, [[5000, 1]]]]);
    await pause();
    const before = [['__name__', 'a'], ['2'], []];
    expect([ask(), ask()]).toEqual([before, before]);
    // What somebody does with an answer is not seen in the next.
    for (const texts of ask()) texts.push('none');
    appendRuns(store, TENANT, [[{ __name__: 'm', a: '1', zone: 'x' }, [[6000, 1]]]]);
    await pause();
    expect(ask()).toEqual([['__name__', 'a', 'zone'], ['1', '2'], []]);
  });

  test('filters series by a range within the data, and by no other', async () => {
    appendRuns(store, TENANT, [
      [{ a: '1' }, [[5000, 1]]],
      [{ a: '2' }, [[8000, 1]]],
    ]);
    await pause();
    const ask = (startMs: number, endMs: number) => {
      const request = { tenant: TENANT, selectors: [], startMs, endMs };
      return [
        runAtOnce(store.series(request)).length,
        runAtOnce(store.labelValues({ ...request, labelName: 'a' })).length,
      ];
    };
    expect({ before: ask(0, 1), across: ask(0, 5500), within: ask(5000, 6000), after: ask(9000, 9500) }).toEqual({
      before: [2, 2],
      across: [2, 2],
      within: [1, 2],
      after: [0, 0],
    });
  });

  test('keeps tenants apart', async () => {
    appendRuns(store, TENANT, [[{ a: '1' }, [[1000, 1]]]]);
    appendRuns(store, OTHER, [
      [{ a: '1' }, [[1000, 2]]],
      [{ a: '2' }, [[1000, 3]]],
    ]);
    store.setRuleGroup(OTHER, { namespace: 'n', group: 'g', definition: '{}' });
    await pause();
    expect(store.tenants()).toEqual([TENANT, OTHER]);
    expect(readAll(store, TENANT)).toEqual({ '{a="1"}': [[1000, 1]] });
    expect(readAll(store, OTHER)).toEqual({ '{a="1"}': [[1000, 2]], '{a="2"}': [[1000, 3]] });
    expect(store.ruleGroups(TENANT)).toEqual([]);
    expect(readAll(store, 'nobody' as TenantId)).toEqual({});
    store.deleteTenant(OTHER);
    await pause();
    expect(store.tenants()).toEqual([TENANT]);
    expect(readAll(store, OTHER)).toEqual({});
    expect(store.ruleGroups(OTHER)).toEqual([]);
    appendRuns(store, OTHER, [[{ a: '9' }, [[-HOUR_MS * 9, 4]]]]);
    await pause();
    expect(readAll(store, OTHER)).toEqual({ '{a="9"}': [[-HOUR_MS * 9, 4]] });
  });

  test('tells of tenants whose first write has committed, and of deleted ones', async () => {
    const told: unknown[] = [];
    store.watchTenants((tenant, change) => told.push([tenant, change]));
    store.createSeries('nobody' as TenantId, Labels.fromRecord({ a: '1' }));
    for (const valueMs of [1000, 2000]) {
      await appendRuns(store, TENANT, [[{ a: '1' }, [[valueMs, 1]]]]).committed;
      store.setRuleGroup(OTHER, { namespace: 'n', group: `g${valueMs}`, definition: '{}' });
    }
    store.deleteTenant(TENANT);
    store.deleteTenant('nobody' as TenantId);
    await appendRuns(store, TENANT, [[{ a: '1' }, [[1000, 1]]]]).committed;
    expect(told).toEqual([
      [TENANT, 'appeared'],
      [OTHER, 'appeared'],
      [TENANT, 'deleted'],
      ['nobody', 'deleted'],
      [TENANT, 'appeared'],
    ]);
  });

  test('finds a series by the bytes that named it', async () => {
    const view = new DataView(new TextEncoder().encode('some label bytes, and some other ones').buffer);
    const [first, second] = ['1', '2'].map((a) => store.createSeries(TENANT, Labels.fromRecord({ a })));
    const finder = store.seriesFinder(TENANT, 'fields');
    expect(finder.find(view, 0, 10)).toBe(0);
    finder.remember(view, 0, 10, first!);
    finder.remember(view, 10, 20, second!);
    expect([finder.find(view, 0, 11), finder.find(view, 1, 11), finder.find(view, 0, 10)]).toEqual([0, 0, first]);
    expect([finder.matchNext(view, 10, 19), finder.matchNext(view, 10, 30), finder.lastFound]).toEqual([0, 10, second]);
    expect(store.seriesFinder(TENANT, 'symbols').find(view, 0, 10)).toBe(0);
    expect(store.seriesFinder(OTHER, 'fields').find(view, 0, 10)).toBe(0);
    expect(finder.recheck(first!)).toBe(first);
    store.forgetSeriesBytes();
    expect([finder.find(view, 0, 10), finder.recheck(first!)]).toEqual([0, 0]);
  });

  test('finds nothing by bytes when the tenant is gone', () => {
    const view = new DataView(new ArrayBuffer(8));
    const finder = store.seriesFinder(TENANT, 'fields');
    const seriesRef = store.createSeries(TENANT, Labels.fromRecord({ a: '1' }));
    finder.remember(view, 0, 8, seriesRef);
    expect(finder.find(view, 0, 8)).toBe(seriesRef);
    store.deleteTenant(TENANT);
    expect([finder.find(view, 0, 8), finder.recheck(seriesRef)]).toEqual([0, 0]);
  });

  test('keeps the last exemplars, in order within a series', async () => {
    const append = (timestampMs: number, value: number, traceId: string) => {
      const batch = batchOf(store, TENANT, [[{ a: '1' }, []]]);
      const exemplar = { labels: [['trace_id', traceId]] as const, value, timestampMs };
      const exemplars = [{ seriesRef: batch.seriesRefs[0]!, exemplar }];
      return store.append(TENANT, { ...batch, exemplars }, EXEMPLARS).rejectedExemplars;
    };
    appendRuns(store, TENANT, [[{ a: '1' }, [[0, 1]]]]);
    expect(append(1000, 1, 'a')).toEqual([]);
    await pause();
    expect(append(1000, 1, 'a')).toEqual([{ index: 0, reason: 'duplicate' }]);
    expect(append(999, 1, 'late')).toEqual([{ index: 0, reason: 'out-of-order' }]);
    for (const [index, traceId] of ['b', 'c', 'd'].entries()) append(2000 + index, Number.NaN, traceId);
    await pause();
    const found = runAtOnce(store.exemplars(TENANT, [[createMatcher('a', '=', '1')]], { startMs: 2001, endMs: 5000 }));
    expect(found.map(({ labels, exemplars }) => [labels.toString(), exemplars])).toEqual([
      [
        '{a="1"}',
        [
          { labels: [['trace_id', 'c']], value: Number.NaN, timestampMs: 2001 },
          { labels: [['trace_id', 'd']], value: Number.NaN, timestampMs: 2002 },
        ],
      ],
    ]);
    const all = runAtOnce(store.exemplars(TENANT, [], { startMs: 0, endMs: 5000 }));
    expect(all[0]?.exemplars.map(({ timestampMs }) => timestampMs)).toEqual([2000, 2001, 2002]);
  });

  test('keeps each thing that is said of a metric once', async () => {
    const about = (metric: string, help: string) => ({ metric, type: 'counter' as const, help, unit: '' });
    const empty = batchOf(store, TENANT, []);
    store.append(TENANT, { ...empty, metadata: [about('b', 'one'), about('a', 'two')] }, IN_ORDER_ONLY);
    await pause();
    const again = [about('b', 'one'), about('b', 'other')];
    await store.append(TENANT, { ...empty, metadata: again }, IN_ORDER_ONLY).committed;
    await pause();
    expect(store.metadata(TENANT)).toEqual([about('a', 'two'), about('b', 'one'), about('b', 'other')]);
    expect(store.metadataOf(TENANT, 'b')).toMatchObject({ metricCount: 2, entries: { length: 2 } });
  });

  test('keeps rule groups by namespace', async () => {
    const group = (namespace: string, name: string, definition: string) => ({ namespace, group: name, definition });
    store.setRuleGroup(TENANT, group('two', 'x', '1'));
    store.setRuleGroup(TENANT, group('one', 'y', '2'));
    store.setRuleGroup(TENANT, group('one', 'x', '3'));
    store.setRuleGroup(TENANT, group('two', 'x', '4'));
    await pause();
    expect(store.tenants()).toEqual([TENANT]);
    expect(store.ruleGroups(TENANT)).toEqual([group('one', 'x', '3'), group('one', 'y', '2'), group('two', 'x', '4')]);
    expect(store.deleteRuleGroups(TENANT, 'one', 'z')).toBe(false);
    expect(store.deleteRuleGroups(TENANT, 'one')).toBe(true);
    expect(store.deleteRuleGroups(TENANT, 'two', 'x')).toBe(true);
    expect(store.ruleGroups(TENANT)).toEqual([]);
  });

  test("keeps the configuration of a tenant's Alertmanager", async () => {
    const first = { configuration: 'route: {}\n', templates: { 'a.tmpl': '{{ define "x" }}é{{ end }}' } };
    store.setAlertmanagerConfig(TENANT, first);
    store.setAlertmanagerConfig(OTHER, { configuration: '', templates: {} });
    await pause();
    expect(store.tenants()).toEqual([TENANT, OTHER]);
    expect(store.alertmanagerConfig(TENANT)).toEqual(first);
    expect(store.alertmanagerConfig(OTHER)).toEqual({ configuration: '', templates: {} });
    expect(store.alertmanagerConfig('nobody' as TenantId)).toBeUndefined();
    store.setAlertmanagerConfig(TENANT, { configuration: 'b', templates: {} });
    store.setAlertmanagerConfig('nobody' as TenantId, undefined);
    store.deleteTenant(OTHER);
    await pause();
    expect(store.alertmanagerConfig(TENANT)).toEqual({ configuration: 'b', templates: {} });
    expect(store.alertmanagerConfig(OTHER)).toBeUndefined();
    store.setAlertmanagerConfig(TENANT, undefined);
    await pause();
    expect(store.alertmanagerConfig(TENANT)).toBeUndefined();
  });

  test('writes what tenants have when told to, and counts what came since', async () => {
    appendRuns(store, TENANT, [
      [{ a: '1' }, [[1000, 1]]],
      [{ a: '2' }, [[2000, 1]]],
    ]);
    appendRuns(store, OTHER, [[{ a: '1' }, [[1000, 2]]]]);
    const counts = () => [TENANT, OTHER].map((tenant) => store.headSeriesCount(tenant));
    expect(counts()).toEqual([2, 1]);
    await store.flush([TENANT, 'nobody' as TenantId]);
    expect(store.hasChunks(TENANT)).toBe(true);
    expect(store.hasChunks('nobody' as TenantId)).toBe(false);
    expect(counts()).toEqual([0, 1]);
    expect(readAll(store, TENANT)).toEqual({ '{a="1"}': [[1000, 1]], '{a="2"}': [[2000, 1]] });
    appendRuns(store, TENANT, [[{ a: '2' }, [[3000, 2]]]]);
    expect(counts()).toEqual([1, 1]);
    await store.flush();
    expect(counts()).toEqual([0, 0]);
    expect(store.seriesCount(TENANT)).toBe(2);
    store.deleteTenant(TENANT);
    expect(store.hasChunks(TENANT)).toBe(false);
    expect(counts()).toEqual([0, 0]);
  });

  test('accounts for its memory', async () => {
    const before = store.usage();
    expect(before).toMatchObject({ decodedCacheBytes: 0, openSamplesBytes: 0, logBytes: 0 });
    const bytes = new Uint8Array(100_000);
    const seriesRef = store.createSeries(TENANT, Labels.fromRecord({ a: '1' }));
    store.seriesFinder(TENANT, 'fields').remember(new DataView(bytes.buffer), 0, bytes.length, seriesRef);
    appendRuns(store, TENANT, [[{ a: '1' }, [[1000, 1]]]]);
    const after = store.usage();
    expect(after.rawLabelsBytes - before.rawLabelsBytes).toBeGreaterThan(30_000);
    expect(after.openSamplesBytes).toBeGreaterThan(0);
    expect(after.logBytes).toBeGreaterThan(10);
    await store.checkpoint({ force: true });
    expect(store.usage().logBytes).toBe(0);
    readAll(store, TENANT);
    expect(store.usage().decodedCacheBytes).toBeGreaterThan(16);
    await pause();
  });

  test('counts', async () => {
    appendRuns(store, TENANT, [
      [
        { a: '1' },
        [
          [1000, 1],
          [2000, 1],
        ],
      ],
      [{ a: '2' }, [[3000, 1]]],
    ]);
    expect(store.statistics(TENANT)).toEqual({ seriesCount: 2, sampleCount: 3, newestSampleMs: 3000 });
    await pause();
    expect(store.seriesCount(TENANT)).toBe(2);
    expect(store.statistics(TENANT)).toMatchObject({ seriesCount: 2, newestSampleMs: 3000 });
    expect(store.statistics(OTHER)).toEqual({ seriesCount: 0, sampleCount: 0, newestSampleMs: -Infinity });
  });
});
