import { SampleColumns } from '../../src/model/columns.ts';
import { Labels } from '../../src/model/labels.ts';
import type { Matcher } from '../../src/model/matcher.ts';
import { NativeHistogram } from '../../src/model/native-histogram.ts';
import { compact } from '../../src/model/native-histogram-buckets.ts';
import type { TenantId } from '../../src/model/tenant.ts';
import type { AppendBatch, AppendOptions, AppendOutcome, Store } from '../../src/storage/types.ts';

/** What a sample may be in tests; a histogram is read back without empty buckets. */
export type TestValue = number | 'stale' | NativeHistogram;

/** Labels of a series and its samples. */
export type TestRun = readonly [
  labels: Readonly<Record<string, string>>,
  samples: readonly (readonly [timestampMs: number, value: TestValue])[],
];

export const IN_ORDER_ONLY: AppendOptions = { outOfOrderWindowMs: 0, maxExemplars: 0 };

/** A batch of these runs; creates the series. */
export function batchOf(store: Store, tenant: TenantId, runs: readonly TestRun[]): AppendBatch {
  const columns = new SampleColumns();
  const samplesStart = [0];
  const seriesRefs: number[] = [];
  for (const [labels, samples] of runs) {
    seriesRefs.push(store.createSeries(tenant, Labels.fromRecord(labels)));
    for (const [timestampMs, value] of samples) {
      if (value === 'stale') columns.pushStaleMarker(timestampMs);
      else if (value instanceof NativeHistogram) columns.pushHistogram(timestampMs, value);
      else columns.push(timestampMs, value);
    }
    samplesStart.push(columns.count);
  }
  return {
    seriesRefs: Uint32Array.from(seriesRefs),
    samplesStart: Uint32Array.from(samplesStart),
    timestampsMs: columns.timestampsMs.slice(0, columns.count),
    values: columns.values.slice(0, columns.count),
    histograms: columns.histograms,
    exemplars: [],
    metadata: [],
  };
}

export function appendRuns(
  store: Store,
  tenant: TenantId,
  runs: readonly TestRun[],
  options: AppendOptions = IN_ORDER_ONLY,
): AppendOutcome {
  return store.append(tenant, batchOf(store, tenant, runs), options);
}

/** What a selection reads, by the labels' text; a staleness marker is `'stale'`. */
export function readAll(
  store: Store,
  tenant: TenantId,
  matchers: readonly Matcher[] = [],
  { startMs = -Infinity, endMs = Infinity }: { startMs?: number; endMs?: number } = {},
): Record<string, (readonly [number, TestValue])[]> {
  const set = store.select({ tenant, matchers, startMs, endMs });
  const columns = new SampleColumns();
  const all: Record<string, (readonly [number, TestValue])[]> = {};
  for (const [index, labels] of set.labels.entries()) {
    set.read(index, columns);
    const samples: (readonly [number, TestValue])[] = [];
    for (let i = 0; i < columns.count; i++) {
      const histogram = columns.histograms?.[i];
      const float = columns.isStale(i) ? 'stale' : columns.values[i]!;
      samples.push([columns.timestampsMs[i]!, histogram ? compact(histogram) : float]);
    }
    all[labels.toString()] = samples;
  }
  return all;
}
