import { type BucketCounts, type NativeHistogram, NO_BUCKETS } from './native-histogram.ts';
import { exponentialBound } from './native-histogram-bounds.ts';

/** Whether both have the same buckets, whatever is in them. */
export function haveSameLayout(a: BucketCounts, b: BucketCounts): boolean {
  if (a.indexes === b.indexes) return true;
  if (a.indexes.length !== b.indexes.length) return false;
  for (let i = 0; i < a.indexes.length; i++) if (a.indexes[i] !== b.indexes[i]) return false;
  return true;
}

/** Every index that one of both has, ascending: one of theirs when it has all. */
export function unionOfIndexes(a: BucketCounts, b: BucketCounts): Int32Array {
  if (b.indexes.length === 0 || haveSameLayout(a, b)) return a.indexes;
  if (a.indexes.length === 0) return b.indexes;
  const union = new Int32Array(a.indexes.length + b.indexes.length);
  let count = 0;
  let atA = 0;
  let atB = 0;
  while (atA < a.indexes.length || atB < b.indexes.length) {
    const indexA = atA < a.indexes.length ? a.indexes[atA]! : Infinity;
    const indexB = atB < b.indexes.length ? b.indexes[atB]! : Infinity;
    union[count++] = Math.min(indexA, indexB);
    if (indexA <= indexB) atA += 1;
    if (indexB <= indexA) atB += 1;
  }
  return union.subarray(0, count);
}

/** `counts` of `buckets` at the places of `indexes`, which has all of theirs; 0 elsewhere. May be the counts themselves. */
export function spreadOver(indexes: Int32Array, { indexes: own }: BucketCounts, counts: Float64Array): Float64Array {
  if (own === indexes) return counts;
  const spread = new Float64Array(indexes.length);
  let at = 0;
  for (let i = 0; i < indexes.length && at < own.length; i++) {
    if (own[at] === indexes[i]) spread[i] = counts[at++]!;
  }
  return spread;
}

/** The buckets of `a` with `sign` times those of `b`. */
export function combineBuckets(a: BucketCounts, b: BucketCounts, sign: 1 | -1): BucketCounts {
  if (b.indexes.length === 0) return a;
  const indexes = unionOfIndexes(a, b);
  const ofA = spreadOver(indexes, a, a.counts);
  const ofB = spreadOver(indexes, b, b.counts);
  const counts = new Float64Array(indexes.length);
  for (let i = 0; i < counts.length; i++) counts[i] = ofA[i]! + sign * ofB[i]!;
  return { indexes, counts };
}

/** Whether some bucket is not empty. */
export function isPopulated({ counts }: BucketCounts): boolean {
  for (let i = 0; i < counts.length; i++) if (counts[i] !== 0) return true;
  return false;
}

/** Without empty buckets. */
export function compactBuckets(buckets: BucketCounts): BucketCounts {
  if (!buckets.counts.includes(0)) return buckets;
  let populated = 0;
  for (const count of buckets.counts) if (count !== 0) populated += 1;
  const indexes = new Int32Array(populated);
  const counts = new Float64Array(populated);
  let at = 0;
  for (let i = 0; i < buckets.counts.length; i++) {
    if (buckets.counts[i] === 0) continue;
    indexes[at] = buckets.indexes[i]!;
    counts[at++] = buckets.counts[i]!;
  }
  return { indexes, counts };
}

/** Where bucket `index` of schema `from` goes in the coarser schema `to`. */
export function coarserIndex(index: number, from: number, to: number): number {
  return ((index - 1) >> (from - to)) + 1;
}

/** The buckets of schema `from` merged to those of the coarser schema `to`. */
export function coarserBuckets(buckets: BucketCounts, from: number, to: number): BucketCounts {
  if (from === to || buckets.indexes.length === 0) return buckets;
  return mergeBuckets(buckets, (index) => coarserIndex(index, from, to));
}

/** Buckets put together by `target`, which never falls as the index rises. */
export function mergeBuckets({ indexes, counts }: BucketCounts, target: (index: number) => number): BucketCounts {
  const merged = new Int32Array(indexes.length);
  const sums = new Float64Array(indexes.length);
  let last = -1;
  for (let i = 0; i < indexes.length; i++) {
    const index = target(indexes[i]!);
    if (last < 0 || merged[last] !== index) merged[++last] = index;
    sums[last]! += counts[i]!;
  }
  return { indexes: merged.subarray(0, last + 1), counts: sums.subarray(0, last + 1) };
}

/** The lowest bucket of `schema` that is known to reach beyond `threshold`; what is asked next is mostly the same. */
const known = { schema: NaN, threshold: NaN, outsideFrom: Infinity };

function isOutside(index: number, schema: number, threshold: number): boolean {
  if (schema !== known.schema || threshold !== known.threshold) {
    known.schema = schema;
    known.threshold = threshold;
    known.outsideFrom = Infinity;
  }
  if (index >= known.outsideFrom) return true;
  if (exponentialBound(index, schema) <= threshold) return false;
  known.outsideFrom = index;
  return true;
}

/** Without the first buckets that lie within `threshold` of zero. */
export function bucketsOutside(buckets: BucketCounts, schema: number, threshold: number): BucketCounts {
  const { indexes, counts } = buckets;
  let first = 0;
  while (first < indexes.length && !isOutside(indexes[first]!, schema, threshold)) first += 1;
  if (first === 0) return buckets;
  return first === indexes.length ? NO_BUCKETS : { indexes: indexes.subarray(first), counts: counts.subarray(first) };
}

/** Without empty buckets: for results of operations that leave some. */
export function compact(histogram: NativeHistogram): NativeHistogram {
  const positive = compactBuckets(histogram.positive);
  const negative = compactBuckets(histogram.negative);
  if (positive === histogram.positive && negative === histogram.negative) return histogram;
  return histogram.with({ positive, negative });
}

/** At the coarser exponential schema. */
export function reduceResolution(histogram: NativeHistogram, schema: number): NativeHistogram {
  if (schema === histogram.schema) return histogram;
  return histogram.with({
    schema,
    positive: coarserBuckets(histogram.positive, histogram.schema, schema),
    negative: coarserBuckets(histogram.negative, histogram.schema, schema),
  });
}
