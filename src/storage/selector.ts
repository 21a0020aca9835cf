import type { Matcher } from '../model/matcher.ts';
import type { LabelPair } from './label-index.ts';
import type { MemorySeries } from './memory-series.ts';
import { matchersKey, type Selection } from './selection-cache.ts';
import type { TenantData } from './tenant-data.ts';
import type { SeriesRef } from './types.ts';

/** The series that pass all `matchers`, sorted by labels. Frozen. */
export function selectSeries(data: TenantData, matchers: readonly Matcher[]): Selection {
  const key = matchersKey(matchers);
  const known = data.selections.get(key);
  if (known) return known;
  const series = data.order.sort(matchingSeries(data, matchers));
  const selection = { series, labels: series.map(({ labels }) => labels) };
  data.selections.add(key, selection);
  return selection;
}

/**
 * Matchers whose values are known are looked up and intersected, the shortest list first. Among what is left the others
 * are tried value by value, each value once. With nothing to look up, the first matcher that an absent label does not
 * pass is tried on all values of its label.
 */
function matchingSeries(data: TenantData, matchers: readonly Matcher[]): MemorySeries[] {
  const lists: SeriesRef[][] = [];
  const filters: Matcher[] = [];
  for (const matcher of matchers) {
    // An absent label is the empty value, and such series stand in no list.
    if (matcher.values === undefined || matcher.matches('')) filters.push(matcher);
    else lists.push(lookUp(data, matcher.name, matcher.values));
  }
  if (lists.length === 0) {
    const scanned = filters.findIndex((matcher) => !matcher.matches(''));
    if (scanned >= 0) lists.push(scan(data, filters.splice(scanned, 1)[0]!));
  }
  const candidates = lists.length === 0 ? allSeries(data) : resolve(data, intersect(lists));
  return filters.reduce(filterByMatcher, candidates);
}

function lookUp(data: TenantData, name: string, values: readonly string[]): SeriesRef[] {
  const pairs: LabelPair[] = [];
  for (const value of new Set(values)) {
    const pair = data.labels.find(name, value);
    if (pair) pairs.push(pair);
  }
  return union(pairs);
}

function scan(data: TenantData, matcher: Matcher): SeriesRef[] {
  const pairs: LabelPair[] = [];
  for (const pair of data.labels.values(matcher.name).values()) if (matcher.matches(pair.value)) pairs.push(pair);
  return union(pairs);
}

/** Ascending. No series has two values of one label, so nothing stands in two lists. */
function union(pairs: readonly LabelPair[]): SeriesRef[] {
  if (pairs.length === 1) return pairs[0]!.seriesRefs;
  const all: SeriesRef[] = [];
  for (const { seriesRefs } of pairs) for (const seriesRef of seriesRefs) all.push(seriesRef);
  return pairs.length === 0 ? all : Array.from(Uint32Array.from(all).sort());
}

function intersect(lists: SeriesRef[][]): SeriesRef[] {
  const byLength = lists.sort((a, b) => a.length - b.length);
  let result = byLength[0]!;
  for (const list of byLength.slice(1)) result = intersectTwo(result, list);
  return result;
}

/** Both ascending, `short` not longer than `long`. */
function intersectTwo(short: readonly SeriesRef[], long: readonly SeriesRef[]): SeriesRef[] {
  const both: SeriesRef[] = [];
  let at = 0;
  for (const seriesRef of short) {
    // Strides that double, then a binary search within the last one: near-linear for lists of one length, logarithmic
    // for a short one against a long one.
    let stride = 1;
    while (at + stride < long.length && long[at + stride]! < seriesRef) stride *= 2;
    let low = at + (stride >>> 1);
    let high = Math.min(long.length, at + stride + 1);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (long[middle]! < seriesRef) low = middle + 1;
      else high = middle;
    }
    at = low;
    if (at === long.length) break;
    if (long[at] === seriesRef) both.push(seriesRef);
  }
  return both;
}

function allSeries(data: TenantData): MemorySeries[] {
  return data.seriesByRef.filter((series) => series !== undefined);
}

function resolve(data: TenantData, seriesRefs: readonly SeriesRef[]): MemorySeries[] {
  return seriesRefs.map((seriesRef) => data.series(seriesRef));
}

function filterByMatcher(candidates: MemorySeries[], matcher: Matcher): MemorySeries[] {
  const verdicts = new Map<string, boolean>();
  return candidates.filter(({ labels }) => {
    const value = labels.get(matcher.name);
    let passes = verdicts.get(value);
    if (passes === undefined) {
      passes = matcher.matches(value);
      verdicts.set(value, passes);
    }
    return passes;
  });
}
