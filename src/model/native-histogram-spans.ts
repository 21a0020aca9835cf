import type { BucketCounts } from './native-histogram.ts';

/**
 * A run of `length` buckets without a gap, as histograms are sent and stored. The first span's `offset` is its first
 * index, a later one's is the gap to the span before.
 */
export interface BucketSpan {
  readonly offset: number;
  readonly length: number;
}

/** The indexes that `spans` cover. The caller has checked that their lengths are sane. */
export function indexesOfSpans(spans: readonly BucketSpan[]): Int32Array {
  let total = 0;
  for (const { length } of spans) total += length;
  const indexes = new Int32Array(total);
  let index = 0;
  let at = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length; i++) indexes[at++] = index++;
  }
  return indexes;
}

/** The fewest spans that cover exactly these indexes. */
export function spansOfBuckets({ indexes }: BucketCounts): BucketSpan[] {
  const spans: BucketSpan[] = [];
  let end = 0;
  for (let at = 0; at < indexes.length; ) {
    const start = indexes[at]!;
    let length = 1;
    while (at + length < indexes.length && indexes[at + length] === start + length) length += 1;
    spans.push({ offset: start - end, length });
    end = start + length;
    at += length;
  }
  return spans;
}
