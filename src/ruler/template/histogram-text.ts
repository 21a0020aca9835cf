import { formatFloatCompact } from '../../model/go-float.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import { negativeBucket, positiveBucket } from '../../model/native-histogram-bounds.ts';

/** A native histogram as Prometheus prints it: `{count:3, sum:2.5, (0.5,1]:3}`, its buckets from low to high. */
export function histogramText(histogram: NativeHistogram): string {
  const { count, sum, zeroCount, zeroThreshold, negative, positive } = histogram;
  const parts = [`count:${formatFloatCompact(count)}`, `sum:${formatFloatCompact(sum)}`];
  const bounds = (lower: number, upper: number): string => `${formatFloatCompact(lower)},${formatFloatCompact(upper)}`;
  for (let at = negative.indexes.length - 1; at >= 0; at--) {
    const bucket = negativeBucket(histogram, at);
    if (bucket.count !== 0) parts.push(`[${bounds(bucket.lower, bucket.upper)}):${formatFloatCompact(bucket.count)}`);
  }
  if (zeroCount !== 0) parts.push(`[${bounds(-zeroThreshold, zeroThreshold)}]:${formatFloatCompact(zeroCount)}`);
  for (let at = 0; at < positive.indexes.length; at++) {
    const bucket = positiveBucket(histogram, at);
    if (bucket.count === 0) continue;
    // The first custom bucket begins at -Inf.
    const opening = histogram.usesCustomBuckets && positive.indexes[at] === 0 ? '[' : '(';
    parts.push(`${opening}${bounds(bucket.lower, bucket.upper)}]:${formatFloatCompact(bucket.count)}`);
  }
  return `{${parts.join(', ')}}`;
}
