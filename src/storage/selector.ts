import type { Labels } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import type { Work } from '../model/work.ts';
import type { LabelPair } from './label-index.ts';
import { intersect, type Postings, subtract, union } from './postings.ts';
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
  const sorted = yield* data.order.sort(yield* matchingSeries(data, matchers));
  const seriesRefs: SeriesRef[] = [];
  const labels: Labels[] = [];
  for (let i = 0; i < sorted.length; i++) {
    const series = data.seriesByRef[sorted[i]!];
    // It went at a pause.
    if (series === undefined) continue;
    seriesRefs.push(series.ref);
    labels.push(series.labels);
    if (i % PAUSE_EVERY === PAUSE_EVERY - 1) yield;
  }
  if (version === data.selections.version) {
    const selection = { seriesRefs, labels };
    data.selections.add(key, selection);
    return selection;
  }
  const isThere = (seriesRef: SeriesRef) => data.seriesByRef[seriesRef] !== undefined;
  return {
    seriesRefs: seriesRefs.filter(isThere),
    labels: labels.filter((_labels, i) => isThere(seriesRefs[i]!)),
  };
}

/**
 * Matchers whose values are known are looked up and intersected, the shortest list first. Among what is left the others
 * are tried value by value, each value once. With nothing to look up, the first matcher that an absent label does not
 * pass is tried on all values of its label.
 */
function* matchingSeries(data: TenantData, matchers: readonly Matcher[]): Work<Postings> {
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
  const refsEnd = data.seriesByRef.length;
  const lists = scanned ? [union(scanned, refsEnd)] : known.map(({ name, values }) => lookUp(data, name, values));
  let candidates = lists.length === 0 ? allSeries(data) : intersect(lists);
  for (const matcher of filters) {
    const isByValue = data.labels.values(matcher.name).size * 2 < candidates.length;
    candidates = yield* (isByValue ? filterByValues : filterByMatcher)(data, candidates, matcher);
  }
  return candidates;
}

function lookUp(data: TenantData, name: string, values: readonly string[]): Postings {
  const pairs: LabelPair[] = [];
  for (const value of new Set(values)) {
    const pair = data.labels.find(name, value);
    if (pair) pairs.push(pair);
  }
  return union(pairs, data.seriesByRef.length);
}

/** The pairs of the matcher's label whose values pass; those whose values do not with `passes` false. */
function* scan(data: TenantData, matcher: Matcher, passes = true): Work<LabelPair[]> {
  const pairs: LabelPair[] = [];
  let triedCount = 0;
  for (const pair of data.labels.values(matcher.name).values()) {
    let verdict = matcher.tryMatch(pair.value);
    while (verdict === undefined) {
      yield;
      verdict = matcher.tryMatch(pair.value);
    }
    if (verdict === passes) pairs.push(pair);
    triedCount += 1;
    if (triedCount % PAUSE_EVERY === 0) yield;
  }
  return pairs;
}

function allSeries(data: TenantData): SeriesRef[] {
  const seriesRefs: SeriesRef[] = [];
  for (let seriesRef = 1; seriesRef < data.seriesByRef.length; seriesRef++) {
    if (data.seriesByRef[seriesRef] !== undefined) seriesRefs.push(seriesRef);
  }
  return seriesRefs;
}

/** For a label with fewer values than there are candidates. */
function* filterByValues(data: TenantData, candidates: Postings, matcher: Matcher): Work<Postings> {
  const hasAbsent = matcher.matches('');
  const pairs = yield* scan(data, matcher, !hasAbsent);
  const listed = union(pairs, data.seriesByRef.length);
  return hasAbsent ? subtract(candidates, listed) : intersect([candidates, listed]);
}

function* filterByMatcher(data: TenantData, candidates: Postings, matcher: Matcher): Work<Postings> {
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
