import { describe, expect, test } from 'vitest';
import { SampleColumns } from '../../../src/model/columns.ts';
import { Labels } from '../../../src/model/labels.ts';
import { createMatcher } from '../../../src/model/matcher.ts';
import { FAKE_TENANT, type TenantId } from '../../../src/model/tenant.ts';
import { MemorySource } from '../../../src/pocket/promtest/memory-source.ts';

const up = Labels.fromRecord({ __name__: 'up', job: 'a' });
const other = Labels.fromRecord({ __name__: 'up', job: 'b' });

function everything(source: MemorySource, tenant: TenantId = FAKE_TENANT, range = { startMs: 0, endMs: 1e9 }) {
  const set = source.select({ tenant, matchers: [createMatcher('__name__', '=', 'up')], ...range });
  const into = new SampleColumns(1);
  return set.labels.map((labels, series) => {
    set.read(series, into);
    const samples = Array.from({ length: into.count }, (_, i) =>
      into.isStale(i) ? [into.timestampsMs[i], 'stale'] : [into.timestampsMs[i], into.values[i]],
    );
    return [labels.toString(), samples];
  });
}

describe('a memory source', () => {
  test('gives series in the order of their labels, with samples of the range at both its ends', () => {
    const source = new MemorySource();
    const points = [1, 2, 3, 4].map((value) => ({ kind: 'float' as const, value }));
    source.addPoints(other, points, { startMs: 0, stepMs: 1000 });
    source.addPoints(up, [{ kind: 'absent' }, { kind: 'stale' }, { kind: 'float', value: 7 }], {
      startMs: 0,
      stepMs: 1000,
    });
    expect(everything(source, FAKE_TENANT, { startMs: 1000, endMs: 2000 })).toEqual([
      [
        '{__name__="up", job="a"}',
        [
          [1000, 'stale'],
          [2000, 7],
        ],
      ],
      [
        '{__name__="up", job="b"}',
        [
          [1000, 2],
          [2000, 3],
        ],
      ],
    ]);
  });

  test('leaves out series without a sample in the range', () => {
    const source = new MemorySource();
    source.addPoints(up, [{ kind: 'float', value: 1 }], { startMs: 5000, stepMs: 1 });
    expect(everything(source, FAKE_TENANT, { startMs: 0, endMs: 4999 })).toEqual([]);
    expect(everything(source, FAKE_TENANT, { startMs: 5001, endMs: 9000 })).toEqual([]);
  });

  test('appends columns and never changes what it handed out', () => {
    const source = new MemorySource();
    const samples = new SampleColumns();
    samples.push(1, 10);
    source.add(up, samples);
    samples.clear();
    samples.push(2, 20);
    source.add(up, samples);
    samples.values[0] = 99;
    expect(everything(source)).toEqual([
      [
        '{__name__="up", job="a"}',
        [
          [1, 10],
          [2, 20],
        ],
      ],
    ]);
    expect(() => source.add(up, samples)).toThrow('samples of a memory source come in order');
  });

  test('belongs to one tenant', () => {
    const source = new MemorySource('team-a' as TenantId);
    source.addPoints(up, [{ kind: 'float', value: 1 }], { startMs: 0, stepMs: 1 });
    expect(everything(source)).toEqual([]);
    expect(everything(source, 'team-a' as TenantId)).toHaveLength(1);
  });
});
