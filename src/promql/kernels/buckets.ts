/**
 * The buckets of one classic histogram at one step, ascending by upper bound: `counts[i]` observations were at most
 * `bounds[i]`. A kernel's working room: filled, repaired and read again and again.
 */
export interface Buckets {
  bounds: Float64Array;
  counts: Float64Array;
  count: number;
}

export function createBuckets(capacity: number): Buckets {
  return { bounds: new Float64Array(capacity), counts: new Float64Array(capacity), count: 0 };
}

/** Counts that fell from one bucket to the next and were lifted: where, and by how much at most. */
export interface Repair {
  isForced: boolean;
  lowestBound: number;
  highestBound: number;
  largestDifference: number;
}

/** Differences below this share of the counts are taken for rounding errors and evened out silently. */
const ROUNDING_TOLERANCE = 1e-12;
const SURELY_MORE = 1e-9;
const SURELY_ABOVE_ZERO = 1e-300;
const SMALLEST_NORMAL = 2 ** -1022;

/**
 * `histogram_quantile` of classic buckets, by linear interpolation inside the bucket that holds the rank. Repairs
 * `buckets` in place and adds what it had to do to `repair`. NaN without a +Inf bucket, with fewer than two buckets and
 * without observations.
 */
export function bucketQuantile(q: number, buckets: Buckets, repair: Repair): number {
  if (Number.isNaN(q)) return NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  if (buckets.bounds[buckets.count - 1] !== Infinity) return NaN;
  joinEqualBounds(buckets);
  const repaired = makeMonotonic(buckets);
  if (buckets.count < 2) return NaN;
  const { bounds, counts, count } = buckets;
  const last = count - 1;
  const observations = counts[last]!;
  if (observations === 0) return NaN;
  if (repaired) addRepair(repair, repaired);
  let rank = q * observations;
  const bucket = firstReaching(counts, last, rank);
  // In the bucket without an upper end, the best that can be said is its lower one.
  if (bucket === last) return bounds[last - 1]!;
  if (bucket === 0 && bounds[0]! <= 0) return bounds[0]!;
  let start = 0;
  let inside = counts[bucket]!;
  if (bucket > 0) {
    start = bounds[bucket - 1]!;
    inside -= counts[bucket - 1]!;
    rank -= counts[bucket - 1]!;
  }
  return start + (bounds[bucket]! - start) * (rank / inside);
}

/** `histogram_fraction` of classic buckets: the share of observations in `(lower, upper]`. */
export function bucketFraction(lower: number, upper: number, buckets: Buckets): number {
  if (buckets.bounds[buckets.count - 1] !== Infinity) return NaN;
  joinEqualBounds(buckets);
  const observations = buckets.counts[buckets.count - 1]!;
  if (observations === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return NaN;
  if (lower >= upper) return 0;
  return (rankOf(upper, buckets) - rankOf(lower, buckets)) / observations;
}

/** How many observations lie below `value`, by linear interpolation; never more than all. */
function rankOf(value: number, { bounds, counts, count }: Buckets): number {
  const observations = counts[count - 1]!;
  let below = 0;
  // Without a bucket that ends at or below zero, the first one is taken to begin at zero.
  let start = bounds[0]! <= 0 ? -Infinity : 0;
  for (let i = 0; i < count; i++) {
    const end = bounds[i]!;
    if (start >= value) return Math.min(below, observations);
    if (end > value) {
      // A bucket without a lower end cannot be interpolated in: all of it counts.
      if (start === -Infinity) return Math.min(counts[i]!, observations);
      return Math.min(below + ((counts[i]! - below) * (value - start)) / (end - start), observations);
    }
    below = counts[i]!;
    start = end;
  }
  return observations;
}

function joinEqualBounds(buckets: Buckets): void {
  const { bounds, counts, count } = buckets;
  let kept = 0;
  for (let i = 1; i < count; i++) {
    if (bounds[i] === bounds[kept]) {
      counts[kept] = counts[kept]! + counts[i]!;
    } else {
      kept += 1;
      bounds[kept] = bounds[i]!;
      counts[kept] = counts[i]!;
    }
  }
  buckets.count = kept + 1;
}

const forced: Repair = { isForced: false, lowestBound: Infinity, highestBound: -Infinity, largestDifference: 0 };

/** Lifts counts that are below their predecessor; returns what was more than rounding, borrowed until the next call. */
function makeMonotonic({ bounds, counts, count }: Buckets): Repair | undefined {
  forced.isForced = false;
  forced.lowestBound = Infinity;
  forced.highestBound = -Infinity;
  forced.largestDifference = 0;
  let previous = counts[0]!;
  for (let i = 1; i < count; i++) {
    const current = counts[i]!;
    if (current === previous) continue;
    // Most buckets hold clearly more than the ones below.
    if (current > SURELY_ABOVE_ZERO && current - previous > SURELY_MORE * (current + previous)) {
      previous = current;
      continue;
    }
    if (isAlmostEqual(previous, current)) {
      counts[i] = previous;
    } else if (current < previous) {
      counts[i] = previous;
      forced.isForced = true;
      forced.lowestBound = Math.min(forced.lowestBound, bounds[i]!);
      forced.highestBound = Math.max(forced.highestBound, bounds[i]!);
      forced.largestDifference = Math.max(forced.largestDifference, previous - current);
    } else {
      previous = current;
    }
  }
  return forced.isForced ? forced : undefined;
}

function isAlmostEqual(a: number, b: number): boolean {
  if (Number.isNaN(a) && Number.isNaN(b)) return true;
  const sum = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < SMALLEST_NORMAL) return difference < ROUNDING_TOLERANCE * SMALLEST_NORMAL;
  return difference / Math.min(sum, Number.MAX_VALUE) < ROUNDING_TOLERANCE;
}

function addRepair(total: Repair, added: Repair): void {
  total.isForced = true;
  total.lowestBound = Math.min(total.lowestBound, added.lowestBound);
  total.highestBound = Math.max(total.highestBound, added.highestBound);
  total.largestDifference = Math.max(total.largestDifference, added.largestDifference);
}

/** The first bucket of those before `last` whose count reaches `rank`, else `last`. */
function firstReaching(counts: Float64Array, last: number, rank: number): number {
  let low = 0;
  let high = last;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (counts[middle]! >= rank) high = middle;
    else low = middle + 1;
  }
  return low;
}
