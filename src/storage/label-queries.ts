import { compareText, type Labels } from '../model/labels.ts';
import type { Work } from '../model/work.ts';
import type { MemorySeries } from './memory-series.ts';
import { selectSeries } from './selector.ts';
import type { TenantData } from './tenant-data.ts';
import type { LabelRequest } from './types.ts';

/**
 * What ranges mean here is what an ingester of Cortex makes of them (`metadataQueryRange`): a range that begins before
 * the oldest sample of the tenant filters nothing, so that a dashboard over an old range still finds its labels. Any
 * other range leaves out series without a sample in it, but no name and no value, unless it lies wholly after the data.
 */
export function* querySeries(data: TenantData, { selectors, startMs, endMs }: LabelRequest): Work<Labels[]> {
  const isFiltered = startMs >= data.oldestMs;
  const found = yield* selectAny(data, selectors);
  return found
    .filter((series) => series.hasSamples && (!isFiltered || (series.maxMs >= startMs && series.minMs <= endMs)))
    .map(({ labels }) => labels);
}

export function* queryLabelNames(data: TenantData, request: LabelRequest): Work<string[]> {
  if (isAfterData(data, request)) return [];
  if (request.selectors.length === 0) return [...data.labels.names].sort(compareText);
  const names = new Set<string>();
  yield* forEachSeries(yield* selectAny(data, request.selectors), ({ labels }) => {
    for (const [name] of labels) names.add(name);
  });
  return [...names].sort(compareText);
}

export function* queryLabelValues(
  data: TenantData,
  request: LabelRequest & { readonly labelName: string },
): Work<string[]> {
  if (isAfterData(data, request)) return [];
  const { labelName, selectors } = request;
  if (selectors.length === 0) return [...data.labels.values(labelName).keys()].sort(compareText);
  const values = new Set<string>();
  yield* forEachSeries(yield* selectAny(data, selectors), ({ labels }) => {
    const value = labels.get(labelName);
    if (value !== '') values.add(value);
  });
  return [...values].sort(compareText);
}

/** The series that pass any of `selectors` (all without one), sorted by labels, each once. */
export function* selectAny(data: TenantData, selectors: LabelRequest['selectors']): Work<readonly MemorySeries[]> {
  if (selectors.length <= 1) return (yield* selectSeries(data, selectors[0] ?? [])).series;
  const found = new Set<MemorySeries>();
  for (const matchers of selectors)
    for (const series of (yield* selectSeries(data, matchers)).series) found.add(series);
  return data.order.sort([...found].filter((series) => data.seriesByRef[series.ref] === series));
}

/** Between pauses. */
const SERIES_AT_ONCE = 1024;

function* forEachSeries(found: readonly MemorySeries[], visit: (series: MemorySeries) => void): Work<void> {
  for (let i = 0; i < found.length; i++) {
    visit(found[i]!);
    if (i % SERIES_AT_ONCE === SERIES_AT_ONCE - 1) yield;
  }
}

function isAfterData(data: TenantData, { startMs }: LabelRequest): boolean {
  return startMs >= data.oldestMs && startMs > data.newestMs;
}
