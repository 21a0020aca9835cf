import { formatFloatForJson } from '../model/go-float.ts';
import type { NativeHistogram } from '../model/native-histogram.ts';
import { negativeBucket, positiveBucket } from '../model/native-histogram-bounds.ts';

/** Which ends a bucket includes, as the first number of its array says it. */
const UPPER = 0;
const LOWER = 1;
const BOTH = 3;

/**
 * `{"count":"3","sum":"2.5","buckets":[[0,"0.5","1","3"]]}`: buckets from low to high with their ends and count, empty
 * ones left out, and all of `buckets` with them.
 */
export function histogramJson(histogram: NativeHistogram): string {
  const { count, sum, zeroThreshold, zeroCount, positive, negative } = histogram;
  let buckets = '';
  const add = (ends: number, lower: number, upper: number, bucketCount: number): void => {
    if (bucketCount === 0) return;
    const numbers = [lower, upper, bucketCount].map((number) => `"${formatFloatForJson(number)}"`);
    buckets += `${buckets === '' ? '' : ','}[${ends},${numbers.join(',')}]`;
  };
  for (let at = negative.indexes.length - 1; at >= 0; at--) {
    const bucket = negativeBucket(histogram, at);
    const upper = bucket.upper < 0 && bucket.upper > -zeroThreshold ? -zeroThreshold : bucket.upper;
    add(LOWER, bucket.lower, upper, bucket.count);
  }
  if (zeroCount > 0) add(BOTH, -zeroThreshold, zeroThreshold, zeroCount);
  for (let at = 0; at < positive.indexes.length; at++) {
    const bucket = positiveBucket(histogram, at);
    const lower = bucket.lower > 0 && bucket.lower < zeroThreshold ? zeroThreshold : bucket.lower;
    // The first custom bucket begins at -Inf.
    const isFirst = histogram.usesCustomBuckets && positive.indexes[at] === 0;
    add(isFirst ? BOTH : UPPER, lower, bucket.upper, bucket.count);
  }
  const text = `{"count":"${formatFloatForJson(count)}","sum":"${formatFloatForJson(sum)}"`;
  return buckets === '' ? `${text}}` : `${text},"buckets":[${buckets}]}`;
}
