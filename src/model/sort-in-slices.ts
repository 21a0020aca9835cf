import type { Work } from './work.ts';

/** So many are sorted in about a millisecond, even by a comparison of labels. */
const RUN_LENGTH = 512;

/**
 * `items` in the order of `compare`, equal ones as they stood: what `Array.sort` gives, with pauses. Neighbouring runs,
 * each sorted in one go, are merged two and two until one is left. Most lists have that order before.
 */
export function* sortInSlices<Item>(items: readonly Item[], compare: (a: Item, b: Item) => number): Work<Item[]> {
  const { length } = items;
  if (yield* isSorted(items, compare)) return items.slice();
  let sorted: Item[] = [];
  for (let start = 0; start < length; start += RUN_LENGTH) {
    for (const item of items.slice(start, start + RUN_LENGTH).sort(compare)) sorted.push(item);
    yield;
  }
  for (let runLength = RUN_LENGTH; runLength < length; runLength *= 2) {
    const merged: Item[] = [];
    for (let start = 0; start < length; start += 2 * runLength) {
      const middle = Math.min(start + runLength, length);
      const end = Math.min(middle + runLength, length);
      let left = start;
      let right = middle;
      if (right === end || compare(sorted[middle - 1]!, sorted[middle]!) <= 0) {
        while (left < end) merged.push(sorted[left++]!);
        yield;
        continue;
      }
      while (left < middle || right < end) {
        const takesLeft = right === end || (left < middle && compare(sorted[left]!, sorted[right]!) <= 0);
        merged.push(takesLeft ? sorted[left++]! : sorted[right++]!);
        if (merged.length % RUN_LENGTH === 0) yield;
      }
    }
    sorted = merged;
  }
  return sorted;
}

function* isSorted<Item>(items: readonly Item[], compare: (a: Item, b: Item) => number): Work<boolean> {
  for (let i = 1; i < items.length; i++) {
    if (compare(items[i - 1]!, items[i]!) > 0) return false;
    if (i % RUN_LENGTH === 0) yield;
  }
  return true;
}
