/** After so many rounds the choice of pivots is taken for hopeless, and what is left is sorted: nobody's values take quadratic time. */
const ROUND_LIMIT = 64;

/**
 * Moves the numbers at `[from, to)` so that the one of rank `rank` (from 0, ascending) stands at `from + rank`, smaller ones
 * before it and larger ones behind it: Hoare's selection, in linear time where sorting takes more. No NaN among them.
 */
export function selectRank(values: Float64Array, from: number, to: number, rank: number): void {
  const place = from + rank;
  let low = from;
  let high = to - 1;
  for (let round = 0; low < high; round++) {
    if (round === ROUND_LIMIT) {
      values.subarray(low, high + 1).sort();
      return;
    }
    const pivot = values[place]!;
    let left = low;
    let right = high;
    while (left <= right) {
      while (values[left]! < pivot) left += 1;
      while (values[right]! > pivot) right -= 1;
      if (left > right) break;
      const larger = values[left]!;
      values[left++] = values[right]!;
      values[right--] = larger;
    }
    if (right < place) low = left;
    if (left > place) high = right;
  }
}

/** The smallest number at `[from, to)`, which is not empty. */
export function smallestOf(values: Float64Array, from: number, to: number): number {
  let smallest = values[from]!;
  for (let i = from + 1; i < to; i++) if (values[i]! < smallest) smallest = values[i]!;
  return smallest;
}

/** Moves the NaN at `[from, to)` to the front and returns how many there are. */
export function moveNanToFront(values: Float64Array, from: number, to: number): number {
  let place = from;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    if (!Number.isNaN(value)) continue;
    values[i] = values[place]!;
    values[place++] = value;
  }
  return place - from;
}
