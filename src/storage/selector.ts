import type { Matcher } from '../model/matcher.ts';
import type { Work } from '../model/work.ts';
import type { LabelPair } from './label-index.ts';
import { matchersKey, type Selection } from './selection-cache.ts';
import type { TenantData } from './tenant-data.ts';
import type { SeriesRef } from './types.ts';

/** Between pauses of a selection: so many label values or series take about a millisecond. */
const PAUSE_EVERY = 2048;

/**
 * The series that pass all `matchers`, sorted by labels. Frozen. Series may come and go at a pause: those that are gone at
 * the end are not in it, those that came may be.
 */
export function* selectSeries(data: TenantData, matchers: readonly Matcher[]): Work<Selection> {
  const key = matchersKey(matchers);
  const known = data.selections.get(key);
  if (known) return known;
  const { version } = data.selections;
  let found = yield* matchingSeries(data, matchers);
  // New series are many after a start, and placing them is what takes longest.
  if (found.length >= PAUSE_EVERY) yield* data.order.update();
  const isUnchanged = version === data.selections.version;
  if (!isUnchanged) found = found.filter((seriesRef) => data.seriesByRef[seriesRef] !== undefined);
  const seriesRefs = data.order.sort(found);
  const selection = { seriesRefs, labels: seriesRefs.map((seriesRef) => data.series(seriesRef).labels) };
  if (isUnchanged) data.selections.add(key, selection);
  return selection;
}

/**
 * Matchers whose values are known are looked up and intersected, the shortest list first. Among what is left the others
 * are tried value by value, each value once. With nothing to look up, the first matcher that an absent label does not
 * pass is tried on all values of its label.
 */
function* matchingSeries(data: TenantData, matchers: readonly Matcher[]): Work<readonly SeriesRef[]> {
  const known: { name: string; values: readonly string[] }[] = [];
  const filters: Matcher[] = [];
  for (const matcher of matchers) {
    // An absent label is the empty value, and such series stand in no list.
    if (matcher.values === undefined || matcher.matches('')) filters.push(matcher);
    else known.push({ name: matcher.name, values: matcher.values });
  }
  let scanned: LabelPair[] | undefined;
  if (known.length === 0) {
    const first = filters.findIndex((matcher) => !matcher.matches(''));
    if (first >= 0) scanned = yield* scan(data, filters.splice(first, 1)[0]!);
  }
  const lists = scanned ? [union(scanned)] : known.map(({ name, values }) => lookUp(data, name, values));
  let candidates = lists.length === 0 ? allSeries(data) : intersect(lists);
  for (const matcher of filters) candidates = yield* filterByMatcher(data, candidates, matcher);
  return candidates;
}

function lookUp(data: TenantData, name: string, values: readonly string[]): SeriesRef[] {
  const pairs: LabelPair[] = [];
  for (const value of new Set(values)) {
    const pair = data.labels.find(name, value);
    if (pair) pairs.push(pair);
  }
  return union(pairs);
}

function* scan(data: TenantData, matcher: Matcher): Work<LabelPair[]> {
  const pairs: LabelPair[] = [];
  let triedCount = 0;
  for (const pair of data.labels.values(matcher.name).values()) {
    let verdict = matcher.tryMatch(pair.value);
    while (verdict === undefined) {
      yield;
      verdict = matcher.tryMatch(pair.value);
    }
    if (verdict) pairs.push(pair);
    triedCount += 1;
    if (triedCount % PAUSE_EVERY === 0) yield;
  }
  return pairs;
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

function allSeries(data: TenantData): SeriesRef[] {
  const seriesRefs: SeriesRef[] = [];
  for (let seriesRef = 1; seriesRef < data.seriesByRef.length; seriesRef++) {
    if (data.seriesByRef[seriesRef] !== undefined) seriesRefs.push(seriesRef);
  }
  return seriesRefs;
}

function* filterByMatcher(data: TenantData, candidates: readonly SeriesRef[], matcher: Matcher): Work<SeriesRef[]> {
  const verdicts = new Map<string, boolean>();
  const passing: SeriesRef[] = [];
  for (let i = 0; i < candidates.length; i++) {
    const seriesRef = candidates[i]!;
    const value = data.seriesByRef[seriesRef]?.labels.get(matcher.name);
    // It went at a pause.
    if (value === undefined) continue;
    let verdict = verdicts.get(value);
    if (verdict === undefined) {
      verdict = matcher.tryMatch(value);
      while (verdict === undefined) {
        yield;
        verdict = matcher.tryMatch(value);
      }
      verdicts.set(value, verdict);
    }
    if (verdict) passing.push(seriesRef);
    if (i % PAUSE_EVERY === PAUSE_EVERY - 1) yield;
  }
  return passing;
}
