import { parseGoFloat } from '../../model/go-float.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import { LabelMemo } from '../operators/label-memo.ts';
import { forEachSeries } from '../operators/label-work.ts';
import { dropMetricName } from '../operators/metric-name.ts';

export const BUCKET_LABEL = 'le';

/** Which series are buckets of which classic histograms, by their labels alone. Frozen. */
export interface BucketLayout {
  /** Of each histogram: without `le`, in the order of their first series. */
  readonly labels: readonly Labels[];
  /** The same without the metric name. */
  readonly unnamed: readonly Labels[];
  /** The number of a histogram by the key of its labels. */
  readonly byKey: ReadonlyMap<string, number>;
  /** The series of each histogram, ascending by upper bound. */
  readonly members: readonly Int32Array[];
  /** The upper bound of each series. */
  readonly bounds: Float64Array;
  /** Series whose `le` is missing or no number. */
  readonly malformed: readonly number[];
}

const known = new LabelMemo<BucketLayout>();

export function bucketLayout(series: readonly Labels[]): Work<BucketLayout> {
  return known.of(series, '', () => layOut(series));
}

function* layOut(series: readonly Labels[]): Work<BucketLayout> {
  const labels: Labels[] = [];
  const byKey = new Map<string, number>();
  const unsorted: number[][] = [];
  const bounds = new Float64Array(series.length);
  const malformed: number[] = [];
  yield* forEachSeries(series, (own, index) => {
    const bound = parseBound(own.get(BUCKET_LABEL));
    if (bound === undefined) {
      malformed.push(index);
      return;
    }
    bounds[index] = bound;
    const histogram = own.with(BUCKET_LABEL, '');
    let number = byKey.get(histogram.key);
    if (number === undefined) {
      number = labels.length;
      byKey.set(histogram.key, number);
      labels.push(histogram);
      unsorted.push([]);
    }
    unsorted[number]!.push(index);
  });
  const members: Int32Array[] = [];
  const unnamed: Labels[] = [];
  yield* forEachSeries(labels, (histogram, number) => {
    const inOrder = unsorted[number]!.sort((a, b) => compareBounds(bounds[a]!, bounds[b]!));
    members.push(Int32Array.from(inOrder));
    unnamed.push(dropMetricName(histogram));
  });
  return { labels, unnamed, byKey, members, bounds, malformed };
}

function compareBounds(a: number, b: number): number {
  if (a < b) return -1;
  return a > b ? 1 : 0;
}

/** Go refuses a number that is too large for a float; ours reads it as infinity. */
function parseBound(text: string): number | undefined {
  const bound = parseGoFloat(text);
  return bound !== undefined && !Number.isFinite(bound) && /\d/.test(text) ? undefined : bound;
}
