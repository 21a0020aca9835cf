import { compareText, type Labels } from '../model/labels.ts';
import type { Work } from '../model/work.ts';
import type { Selection } from './selection-cache.ts';
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
  return yield* listOfAny(data, request.selectors, '', namesOf);
}

export function* queryLabelValues(
  data: TenantData,
  request: LabelRequest & { readonly labelName: string },
): Work<string[]> {
  if (isAfterData(data, request)) return [];
  const { labelName, selectors } = request;
  if (selectors.length === 0) return [...data.labels.values(labelName).keys()].sort(compareText);
  return yield* listOfAny(data, selectors, `=${labelName}`, (series) => valuesOf(series, labelName));
}

type ListTexts = (series: readonly Labels[]) => Work<Set<string>>;

/** What was listed of a selection: names by an empty key, values of a label by one that names it. Kept as long as the selection is. */
const known = new WeakMap<Selection, Map<string, readonly string[]>>();
/** Of longer lists, and of more of them, a selection keeps none: they would be larger than the selection. */
const KEPT_TEXTS = 4096;
const KEPT_LISTS = 16;

/** What `list` lists of the series that pass any of `selectors`. The caller's. */
function* listOfAny(
  data: TenantData,
  selectors: LabelRequest['selectors'],
  key: string,
  list: ListTexts,
): Work<string[]> {
  const texts = new Set<string>();
  for (const matchers of selectors) {
    const ofSelection = yield* listOf(yield* selectSeries(data, matchers), key, list);
    if (selectors.length === 1) return ofSelection.slice();
    for (const text of ofSelection) texts.add(text);
  }
  return [...texts].sort(compareText);
}

function* listOf(selection: Selection, key: string, list: ListTexts): Work<readonly string[]> {
  const kept = known.get(selection)?.get(key);
  if (kept !== undefined) return kept;
  const texts = [...(yield* list(selection.labels))].sort(compareText);
  const lists = known.get(selection) ?? new Map<string, readonly string[]>();
  if (texts.length <= KEPT_TEXTS && lists.size < KEPT_LISTS) known.set(selection, lists.set(key, texts));
  return texts;
}

function* namesOf(series: readonly Labels[]): Work<Set<string>> {
  const names = new Set<string>();
  let previous: Labels | undefined;
  for (let at = 0; at < series.length; at++) {
    const labels = series[at]!;
    // Series that follow each other mostly have the same names at the same places.
    for (let i = 0; i < labels.size; i++) {
      const name = labels.nameAt(i);
      if (previous === undefined || i >= previous.size || previous.nameAt(i) !== name) names.add(name);
    }
    previous = labels;
    if (at % SERIES_AT_ONCE === SERIES_AT_ONCE - 1) yield;
  }
  return names;
}

function* valuesOf(series: readonly Labels[], labelName: string): Work<Set<string>> {
  const values = new Set<string>();
  for (let at = 0; at < series.length; at++) {
    const value = series[at]!.get(labelName);
    if (value !== '') values.add(value);
    if (at % SERIES_AT_ONCE === SERIES_AT_ONCE - 1) yield;
  }
  return values;
}

/** Between pauses. */
const SERIES_AT_ONCE = 1024;

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

function isAfterData(data: TenantData, { startMs }: LabelRequest): boolean {
  return startMs >= data.oldestMs && startMs > data.newestMs;
}
