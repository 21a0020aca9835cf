import type { LabelPair } from './label-index.ts';
import type { SeriesRef } from './types.ts';

/** Lists of series, ascending, each series once. Frozen, as some are those of the index itself. */
export type Postings = readonly SeriesRef[];

/**
 * All series that have one of these pairs of one label: no series has two, so nothing stands in two lists. `refsEnd` is above all
 * series of the tenant.
 */
export function union(pairs: readonly LabelPair[], refsEnd: number): Postings {
  if (pairs.length === 1) return pairs[0]!.seriesRefs;
  let count = 0;
  for (const { seriesRefs } of pairs) count += seriesRefs.length;
  const all = new Uint32Array(count);
  if (count * SORT_COST < refsEnd) {
    let at = 0;
    for (const { seriesRefs } of pairs) for (const seriesRef of seriesRefs) all[at++] = seriesRef;
    return Array.from(all.sort());
  }
  const isIn = new Uint8Array(refsEnd);
  for (const { seriesRefs } of pairs) for (const seriesRef of seriesRefs) isIn[seriesRef] = 1;
  return marked(isIn, count);
}

/** Looking at so many marks takes as long as sorting one number in. */
const SORT_COST = 32;

/** The numbers that are marked, of which there are `count`. */
function marked(marks: Uint8Array, count: number): number[] {
  const numbers = new Array<number>(count);
  let at = 0;
  for (let number = 0; at < count; number++) if (marks[number] === 1) numbers[at++] = number;
  return numbers;
}

/** Sorts numbers below `end`, each of which is there once, for as little as it takes. */
export function sortNumbers(numbers: Uint32Array, end: number): Iterable<number> & ArrayLike<number> {
  if (numbers.length * SORT_COST < end) return numbers.sort();
  const isIn = new Uint8Array(end);
  for (let i = 0; i < numbers.length; i++) isIn[numbers[i]!] = 1;
  return marked(isIn, numbers.length);
}

/** The series that stand in all of `lists`, of which there is one at least. */
export function intersect(lists: readonly Postings[]): Postings {
  const byLength = lists.slice().sort((a, b) => a.length - b.length);
  let result = byLength[0]!;
  for (const list of byLength.slice(1)) result = intersectTwo(result, list);
  return result;
}

/** Those of `list` that do not stand in `without`. */
export function subtract(list: Postings, without: Postings): Postings {
  if (without.length === 0) return list;
  const left: SeriesRef[] = [];
  let at = 0;
  for (const seriesRef of list) {
    while (at < without.length && without[at]! < seriesRef) at += 1;
    if (without[at] !== seriesRef) left.push(seriesRef);
  }
  return left;
}

/** Both ascending, `short` not longer than `long`. */
function intersectTwo(short: Postings, long: Postings): Postings {
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
