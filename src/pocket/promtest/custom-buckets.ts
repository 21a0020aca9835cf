import { PocketCortexError } from '../../model/errors.ts';
import { parseGoFloat } from '../../model/go-float.ts';
import { type Labels, METRIC_NAME } from '../../model/labels.ts';
import { CUSTOM_BUCKETS_SCHEMA, NativeHistogram } from '../../model/native-histogram.ts';
import { compact } from '../../model/native-histogram-buckets.ts';

/** What the series of a classic histogram say about one moment. */
interface Moment {
  readonly countsByBound: Map<number, number>;
  count: number | undefined;
  sum: number;
}

/** Puts the series of classic histograms together to native ones with custom buckets. */
export class ClassicHistograms {
  readonly #moments = new Map<string, { labels: Labels; byTime: Map<number, Moment> }>();

  /** Adds a float of any series; those that are no part of a classic histogram are passed over. */
  add(labels: Labels, timestampMs: number, value: number): void {
    const [, base, part] = /^(.+)_(bucket|count|sum)$/.exec(labels.metricName) ?? [];
    if (base === undefined) return;
    const bound = part === 'bucket' ? parseGoFloat(labels.get('le')) : 0;
    if (bound === undefined || Number.isNaN(bound)) return;
    const moment = this.#momentOf(labels.with(METRIC_NAME, base).with('le', ''), timestampMs);
    if (part === 'count') moment.count = value;
    else if (part === 'sum') moment.sum = value;
    else if (!moment.countsByBound.has(bound)) moment.countsByBound.set(bound, value);
  }

  /**
   * Each histogram at each of its times, ascending.
   * @throws {PocketCortexError} `bad-data` for counts that are not cumulative
   */
  *histograms(): Iterable<{ labels: Labels; timestampMs: number; histogram: NativeHistogram }> {
    for (const { labels, byTime } of this.#moments.values()) {
      for (const [timestampMs, moment] of [...byTime].sort(([a], [b]) => a - b)) {
        yield { labels, timestampMs, histogram: histogramOf(moment) };
      }
    }
  }

  #momentOf(labels: Labels, timestampMs: number): Moment {
    let histogram = this.#moments.get(labels.key);
    if (!histogram) {
      histogram = { labels, byTime: new Map() };
      this.#moments.set(labels.key, histogram);
    }
    let moment = histogram.byTime.get(timestampMs);
    if (!moment) {
      moment = { countsByBound: new Map(), count: undefined, sum: 0 };
      histogram.byTime.set(timestampMs, moment);
    }
    return moment;
  }
}

function histogramOf({ countsByBound, count: givenCount, sum }: Moment): NativeHistogram {
  const buckets = [...countsByBound].sort(([a], [b]) => a - b);
  const count = givenCount ?? buckets.at(-1)?.[1] ?? 0;
  // What is above the last bound is in a bucket of its own, said or not.
  if (buckets.at(-1)?.[0] !== Infinity) buckets.push([Infinity, count]);
  let below = 0;
  const counts = buckets.map(([, cumulated]) => {
    const own = cumulated - below;
    if (!(own >= 0)) throw new PocketCortexError('bad-data', 'counts of a classic histogram do not rise with le');
    below = cumulated;
    return own;
  });
  if (below !== count)
    throw new PocketCortexError('bad-data', 'the count of a classic histogram is not its last bucket');
  return compact(
    new NativeHistogram({
      schema: CUSTOM_BUCKETS_SCHEMA,
      count,
      sum,
      positive: { indexes: Int32Array.from(counts, (_, i) => i), counts: Float64Array.from(counts) },
      customBounds: Float64Array.from(buckets.slice(0, -1), ([bound]) => bound),
    }),
  );
}
