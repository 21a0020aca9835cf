import { compareText, type Labels } from '../model/labels.ts';
import type { MemorySeries } from './memory-series.ts';
import { selectSeries } from './selector.ts';
import type { TenantData } from './tenant-data.ts';
import type { LabelRequest } from './types.ts';

/**
 * What ranges mean here is what an ingester of Cortex makes of them (`metadataQueryRange`): a range that begins before
 * the oldest sample of the tenant filters nothing, so that a dashboard over an old range still finds its labels. Any
 * other range leaves out series without a sample in it, but no name and no value, unless it lies wholly after the data.
 */
export function querySeries(data: TenantData, { selectors, startMs, endMs }: LabelRequest): Labels[] {
  const isFiltered = startMs >= data.oldestMs;
  const found = selectAny(data, selectors);
  return found
    .filter((series) => series.hasSamples && (!isFiltered || (series.maxMs >= startMs && series.minMs <= endMs)))
    .map(({ labels }) => labels);
}

export function queryLabelNames(data: TenantData, request: LabelRequest): string[] {
  if (isAfterData(data, request)) return [];
  if (request.selectors.length === 0) return [...data.labels.names].sort(compareText);
  const names = new Set<string>();
  for (const { labels } of selectAny(data, request.selectors)) for (const [name] of labels) names.add(name);
  return [...names].sort(compareText);
}

export function queryLabelValues(data: TenantData, request: LabelRequest & { readonly labelName: string }): string[] {
  if (isAfterData(data, request)) return [];
  const { labelName, selectors } = request;
  if (selectors.length === 0) return [...data.labels.values(labelName).keys()].sort(compareText);
  const values = new Set<string>();
  for (const { labels } of selectAny(data, selectors)) {
    const value = labels.get(labelName);
    if (value !== '') values.add(value);
  }
  return [...values].sort(compareText);
}

/** The series that pass any of `selectors` (all without one), sorted by labels, each once. */
export function selectAny(data: TenantData, selectors: LabelRequest['selectors']): readonly MemorySeries[] {
  if (selectors.length <= 1) return selectSeries(data, selectors[0] ?? []).series;
  const found = new Set<MemorySeries>();
  for (const matchers of selectors) for (const series of selectSeries(data, matchers).series) found.add(series);
  return data.order.sort([...found]);
}

function isAfterData(data: TenantData, { startMs }: LabelRequest): boolean {
  return startMs >= data.oldestMs && startMs > data.newestMs;
}
