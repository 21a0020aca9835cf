import { formatFloatCompact } from '../../model/go-float.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import { negativeBucket, positiveBucket } from '../../model/native-histogram-bounds.ts';

/** A native histogram as `count_values` writes it into a label: `{count:4, sum:5, (0.5,1]:1, (1,2]:3}`. */
export function histogramLabel(histogram: NativeHistogram): string {
  const { count, sum, positive, negative, zeroCount, zeroThreshold, usesCustomBuckets } = histogram;
  const parts = [`count:${formatFloatCompact(count)}`, `sum:${formatFloatCompact(sum)}`];
  for (let at = negative.indexes.length - 1; at >= 0; at--) {
    const bucket = negativeBucket(histogram, at);
    if (bucket.count !== 0)
      parts.push(
        `[${formatFloatCompact(bucket.lower)},${formatFloatCompact(bucket.upper)}):${formatFloatCompact(bucket.count)}`,
      );
  }
  if (zeroCount !== 0)
    parts.push(
      `[${formatFloatCompact(-zeroThreshold)},${formatFloatCompact(zeroThreshold)}]:${formatFloatCompact(zeroCount)}`,
    );
  for (let at = 0; at < positive.indexes.length; at++) {
    const bucket = positiveBucket(histogram, at);
    const opening = usesCustomBuckets && positive.indexes[at] === 0 ? '[' : '(';
    if (bucket.count !== 0) {
      parts.push(
        `${opening}${formatFloatCompact(bucket.lower)},${formatFloatCompact(bucket.upper)}]:${formatFloatCompact(bucket.count)}`,
      );
    }
  }
  return `{${parts.join(', ')}}`;
}
