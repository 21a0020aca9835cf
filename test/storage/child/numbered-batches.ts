import type { TenantId } from '../../../src/model/tenant.ts';
import type { Store } from '../../../src/storage/types.ts';
import { appendRuns, readAll, type TestRun } from '../../support/store-batches.ts';

const TENANT = 'team-a' as TenantId;
const SERIES_COUNT = 12;
const STEP_MS = 1000;
const WINDOW = { outOfOrderWindowMs: 1_800_000, maxExemplars: 0 };

/** Batch N: a sample at second N for every series, a late one, and every 10th time a series nobody saw before. */
export function appendBatchNumber(store: Store, batch: number): Promise<void> {
  const runs: TestRun[] = [];
  for (let series = 0; series < SERIES_COUNT; series++)
    runs.push([named(series), [[batch * STEP_MS, value(batch, series)]]]);
  runs.push([
    { __name__: 'late' },
    [
      [batch * STEP_MS, batch],
      [batch * STEP_MS - 2500, -batch],
    ],
  ]);
  if (batch % 10 === 0) runs.push([{ __name__: 'fresh', batch: String(batch) }, [[batch * STEP_MS, batch]]]);
  return appendRuns(store, TENANT, runs, WINDOW).committed;
}

/** What is wrong with a store that had the batches `acknowledged`, and perhaps all up to `lastSent`. */
export function problemsOf(store: Store, acknowledged: readonly number[], lastSent: number): string[] {
  const problems: string[] = [];
  const all = readAll(store, TENANT);
  const wanted = new Map<string, Map<number, number>>();
  const allowed = new Map<string, Map<number, number>>();
  for (let batch = 1; batch <= lastSent; batch++) {
    for (const [name, timestampMs, sample] of samplesOf(batch)) {
      setIn(allowed, name, timestampMs, sample);
    }
  }
  for (const batch of acknowledged) {
    for (const [name, timestampMs, sample] of samplesOf(batch)) setIn(wanted, name, timestampMs, sample);
  }
  for (const [name, samples] of wanted) {
    const found = new Set(all[name]?.map(([timestampMs]) => timestampMs));
    for (const timestampMs of samples.keys()) {
      if (!found.has(timestampMs)) problems.push(`${name} has no sample at ${timestampMs}`);
    }
  }
  for (const [name, samples] of Object.entries(all)) {
    let previousMs = -Infinity;
    for (const [timestampMs, sample] of samples) {
      if (timestampMs <= previousMs) problems.push(`${name} has ${timestampMs} twice, or out of order`);
      if (allowed.get(name)?.get(timestampMs) !== sample) problems.push(`${name} says ${sample} at ${timestampMs}`);
      previousMs = timestampMs;
    }
  }
  return problems;
}

function* samplesOf(batch: number): Generator<[name: string, timestampMs: number, value: number]> {
  for (let series = 0; series < SERIES_COUNT; series++) {
    yield [`{__name__="m", series="${series}"}`, batch * STEP_MS, value(batch, series)];
  }
  yield ['{__name__="late"}', batch * STEP_MS, batch];
  yield ['{__name__="late"}', batch * STEP_MS - 2500, -batch];
  if (batch % 10 === 0) yield [`{__name__="fresh", batch="${batch}"}`, batch * STEP_MS, batch];
}

function named(series: number): Record<string, string> {
  return { __name__: 'm', series: String(series) };
}

function value(batch: number, series: number): number {
  return series % 2 === 0 ? batch * series : Math.sin(batch + series);
}

function setIn(map: Map<string, Map<number, number>>, name: string, timestampMs: number, sample: number): void {
  const samples = map.get(name) ?? new Map<number, number>();
  samples.set(timestampMs, sample);
  map.set(name, samples);
}
