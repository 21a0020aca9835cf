import type { BucketSpan } from '../../model/native-histogram-spans.ts';
import type { ExponentialBuckets } from './metrics.ts';

export interface SparseBuckets {
  readonly spans: readonly BucketSpan[];
  readonly counts: Float64Array;
}

/** Up to so many empty buckets are cheaper as zeros than as a new span (as in Prometheus's client library). */
const GAP_LIMIT = 2;

/**
 * Dense buckets of OpenTelemetry as spans and counts, `2^scaleDown` of them merged into one. OpenTelemetry counts
 * `(1, base]` as bucket 0, Prometheus as bucket 1. Empty buckets at the start are skipped, the last one is always there:
 * what comes out is, bucket for bucket, what Prometheus's receiver makes of it.
 */
export function sparseBuckets({ offset, counts }: ExponentialBuckets, scaleDown: number): SparseBuckets {
  if (counts.length === 0) return { spans: [], counts: new Float64Array(0) };
  const indexOf = (i: number): number => ((i + offset) >> scaleDown) + 1;
  const spans: { offset: number; length: number }[] = [{ offset: indexOf(0), length: 0 }];
  const kept: number[] = [];
  const put = (gap: number, count: number): void => {
    if (gap > GAP_LIMIT) spans.push({ offset: gap, length: 0 });
    else for (let i = 0; i < gap; i++) kept.push(0);
    const span = spans.at(-1)!;
    span.length += gap > GAP_LIMIT ? 1 : Math.max(0, gap) + 1;
    kept.push(count);
  };
  let merged = 0;
  let mergedIndex = indexOf(0);
  for (let i = 0; i < counts.length; i++) {
    const index = indexOf(i);
    if (index === mergedIndex) {
      merged += counts[i]!;
    } else if (merged === 0) {
      // The index stays behind: the empty buckets up to here become part of the next gap.
      merged = counts[i]!;
    } else {
      put(index - mergedIndex - 1, merged);
      merged = counts[i]!;
      mergedIndex = index;
    }
  }
  put(indexOf(counts.length - 1) - mergedIndex, merged);
  return { spans, counts: Float64Array.from(kept) };
}
