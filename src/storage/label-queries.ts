import { compareText, type Labels } from '../model/labels.ts';
import type { Work } from '../model/work.ts';
import { selectSeries } from './selector.ts';
import type { TenantData } from './tenant-data.ts';
import type { LabelRequest, SeriesRef } from './types.ts';

/**
 * What ranges mean here is what an ingester of Cortex makes of them (`metadataQueryRange`): a range that begins before
 * the oldest sample of the tenant filters nothing, so that a dashboard over an old range still finds its labels. Any
 * other range leaves out series without a sample in it, but no name and no value, unless it lies wholly after the data.
 */
export function* querySeries(data: TenantData, { selectors, startMs, endMs }: LabelRequest): Work<Labels[]> {
  const isFiltered = startMs >= data.oldestMs;
  const found = yield* selectAny(data, selectors);
  const labels: Labels[] = [];
  for (const seriesRef of found) {
    const series = data.series(seriesRef);
    if (!series.hasSamples || (isFiltered && (series.maxMs < startMs || series.minMs > endMs))) continue;
    labels.push(series.labels);
  }
  return labels;
}

export function* queryLabelNames(data: TenantData, request: LabelRequest): Work<string[]> {
  if (isAfterData(data, request)) return [];
  if (request.selectors.length === 0) return [...data.labels.names].sort(compareText);
  const names = new Set<string>();
  let previous: Labels | undefined;
  yield* forEachSeries(data, yield* selectAny(data, request.selectors), (labels) => {
    // Series that follow each other mostly have the same names at the same places.
    for (let i = 0; i < labels.size; i++) {
      const name = labels.nameAt(i);
      if (previous === undefined || i >= previous.size || previous.nameAt(i) !== name) names.add(name);
    }
    previous = labels;
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
  yield* forEachSeries(data, yield* selectAny(data, selectors), (labels) => {
    const value = labels.get(labelName);
    if (value !== '') values.add(value);
  });
  return [...values].sort(compareText);
}

/** The series that pass any of `selectors` (all without one), sorted by labels, each once. */
export function* selectAny(data: TenantData, selectors: LabelRequest['selectors']): Work<readonly SeriesRef[]> {
  if (selectors.length <= 1) return (yield* selectSeries(data, selectors[0] ?? [])).seriesRefs;
  const found = new Set<SeriesRef>();
  for (const matchers of selectors) {
    for (const seriesRef of (yield* selectSeries(data, matchers)).seriesRefs) found.add(seriesRef);
  }
  const sorted = yield* data.order.sort([...found]);
  return sorted.filter((seriesRef) => data.seriesByRef[seriesRef] !== undefined);
}

/** Between pauses. */
const SERIES_AT_ONCE = 1024;

function* forEachSeries(data: TenantData, found: readonly SeriesRef[], visit: (labels: Labels) => void): Work<void> {
  for (let i = 0; i < found.length; i++) {
    const series = data.seriesByRef[found[i]!];
    // It may have gone at a pause.
    if (series !== undefined) visit(series.labels);
    if (i % SERIES_AT_ONCE === SERIES_AT_ONCE - 1) yield;
  }
}

function isAfterData(data: TenantData, { startMs }: LabelRequest): boolean {
  return startMs >= data.oldestMs && startMs > data.newestMs;
}
